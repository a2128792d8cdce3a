//! Softmax regression.

use super::{Loss, Model, Network, goal::Goal};
use crate::data::{DataSpec, Splits};
use crate::problem::{Problem, ProblemError};
use crate::{Context, Family, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Multinomial logistic regression: one output a class, also for two classes; starts at zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Softmax {
    /// A data set with classes as targets.
    pub data: DataSpec,
}

impl Default for Softmax {
    fn default() -> Self {
        Softmax { data: DataSpec::Name("digits".into()) }
    }
}

impl Family for Softmax {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "softmax",
        formula: "mean of log(sum_j e^(f_j)) - f_y, f = w x + b",
        source: "Cox 1966; Bridle 1990",
        teaches: "convex, flat along one direction, the first model of classification",
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

impl Model for Softmax {
    fn network<R: Real>(&self, splits: Arc<Splits<R>>) -> Result<Network<R>, ProblemError> {
        Network::linear(splits, Goal::of(Loss::CrossEntropy))
    }
}
