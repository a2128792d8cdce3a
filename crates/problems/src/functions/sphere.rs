//! The sphere.

use super::forms::separable;
use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// The same curvature everywhere: a learning rate of 1/2 is there in one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sphere {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Sphere {
    fn default() -> Self {
        Sphere { dim: 10, start: Start::default() }
    }
}

impl Function for Sphere {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "sphere",
        formula: "sum_i x_i^2",
        source: "De Jong 1975",
        teaches: "the simplest valley; exact step counts",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "convex", "quadratic"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-5.12, 5.12)], ..Facts::global(0.0, vec![vec![0.0; self.dim]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        separable(x, g, |_, x| (x * x, R::of(2.0) * x))
    }
}
