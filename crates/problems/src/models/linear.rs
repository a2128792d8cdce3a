//! Linear regression.

use super::{Loss, Model, Network, goal::Goal};
use crate::data::{DataSpec, Splits};
use crate::problem::{Problem, ProblemError};
use crate::{Context, Family, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A number as a weighted sum of the features and an offset, `f = w x + b`; starts at zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Linear {
    /// A data set with numbers as targets.
    pub data: DataSpec,
    /// [`Squared`](Loss::Squared), [`Huber`](Loss::Huber) or [`Absolute`](Loss::Absolute).
    pub loss: Loss,
    /// Where Huber's loss turns from a parabola into a line, `> 0`, in standard deviations of the target.
    pub delta: f64,
}

impl Default for Linear {
    fn default() -> Self {
        Linear { data: DataSpec::Name("diabetes".into()), loss: Loss::Squared, delta: 1.0 }
    }
}

impl Family for Linear {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "linear",
        formula: "mean of 1/2 (y - (w x + b))^2, or of Huber's loss, or of |y - (w x + b)|",
        source: "Legendre 1805; Huber 1964",
        teaches: "convex; the condition number of the data sets the pace",
        hypers: &[
            Hyper::new("loss", Range::OneOf(&["squared", "huber", "absolute"]), "how a residual counts"),
            Hyper::new("delta", Range::Positive, "where Huber's loss turns linear, in sd of the target"),
        ],
        tags: &["data", "convex", "regression", "sparse"],
    };
    fn data(&self) -> Option<&DataSpec> {
        Some(&self.data)
    }
    fn build<R: Real>(&self, context: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        Ok(Arc::new(self.network(context.splits(&self.data)?)?))
    }
}

impl Model for Linear {
    fn network<R: Real>(&self, splits: Arc<Splits<R>>) -> Result<Network<R>, ProblemError> {
        Network::linear(splits, Goal::Targets { loss: self.loss, delta: self.delta })
    }
}
