//! Logistic regression.

use super::{Loss, Model, Network, goal::Goal};
use crate::data::{DataSpec, Splits};
use crate::problem::{Problem, ProblemError};
use crate::{Context, Family, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Two classes by the sign of one output, `+1` for the second; starts at zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Logistic {
    /// A data set with two classes as targets.
    pub data: DataSpec,
}

impl Default for Logistic {
    fn default() -> Self {
        Logistic { data: DataSpec::Name("breast_cancer".into()) }
    }
}

impl Family for Logistic {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "logistic",
        formula: "mean of log(1 + e^(-y f)), f = w x + b, y = +-1",
        source: "Cox 1958",
        teaches: "convex; on separable data the weights grow for ever",
        hypers: &[],
        tags: &["data", "convex", "classification", "sparse"],
    };
    fn data(&self) -> Option<&DataSpec> {
        Some(&self.data)
    }
    fn build<R: Real>(&self, context: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        Ok(Arc::new(self.network(context.splits(&self.data)?)?))
    }
}

impl Model for Logistic {
    fn network<R: Real>(&self, splits: Arc<Splits<R>>) -> Result<Network<R>, ProblemError> {
        match splits.classes {
            0..=2 => Network::linear(splits, Goal::of(Loss::Logistic)),
            n => Err(ProblemError(format!("the data has {n} classes, logistic regression takes two: use `softmax`"))),
        }
    }
}
