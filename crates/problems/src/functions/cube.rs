//! Leon's function: a cubic valley.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// A valley along a cubic parabola, steeper than [`Rosenbrock`](super::Rosenbrock)'s.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cube {
    /// Where to start.
    pub start: Start,
}

impl Function for Cube {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "cube",
        formula: "100 (y - x^3)^2 + (1 - x)^2",
        source: "Leon 1966; Jamil & Yang 2013, arXiv:1308.4008",
        teaches: "a valley that bends and twists",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "valley", "least-squares"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-1.2, 1.2)], ..Facts::global(0.0, vec![vec![1.0, 1.0]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![-1.2, 1.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, x2) = (R::of, x[0] * x[0]);
        let (a, b) = (x[1] - x2 * x[0], c(1.0) - x[0]);
        g[0] = -c(600.0) * a * x2 - c(2.0) * b;
        g[1] = c(200.0) * a;
        c(100.0) * a * a + b * b
    }
}
