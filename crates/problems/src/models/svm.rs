//! The linear support vector machine.

use super::{Loss, Model, Network, goal::Goal};
use crate::data::{DataSpec, Splits};
use crate::problem::{Problem, ProblemError};
use crate::{Context, Family, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A linear classifier with a margin: one class against the rest, as in LIBLINEAR, each class an output and their
/// losses added up (two classes share one output); starts at zero. The customary `l2` is the problem's penalty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Svm {
    /// A data set with classes as targets.
    pub data: DataSpec,
    /// [`Hinge`](Loss::Hinge) or [`SquaredHinge`](Loss::SquaredHinge).
    pub loss: Loss,
}

impl Default for Svm {
    fn default() -> Self {
        Svm { data: DataSpec::Name("digits".into()), loss: Loss::Hinge }
    }
}

impl Family for Svm {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "svm",
        formula: "mean of sum_j max(0, 1 - y_j f_j), or of its squares, f = w x + b, y_j = +-1",
        source: "Cortes & Vapnik 1995",
        teaches: "convex with kinks; examples beyond the margin give no gradient",
        hypers: &[Hyper::new("loss", Range::OneOf(&["hinge", "squared-hinge"]), "how a short margin counts")],
        tags: &["data", "convex", "classification", "sparse"],
    };
    fn data(&self) -> Option<&DataSpec> {
        Some(&self.data)
    }
    fn build<R: Real>(&self, context: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        Ok(Arc::new(self.network(context.splits(&self.data)?)?))
    }
}

impl Model for Svm {
    fn network<R: Real>(&self, splits: Arc<Splits<R>>) -> Result<Network<R>, ProblemError> {
        Network::linear(splits, Goal::of(self.loss))
    }
}
