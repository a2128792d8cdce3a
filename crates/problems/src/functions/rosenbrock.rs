//! Rosenbrock's valley.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// A narrow curved valley: easy to find, slow to follow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rosenbrock {
    /// Where to start.
    pub start: Start,
}

impl Function for Rosenbrock {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "rosenbrock",
        formula: "100 (y - x^2)^2 + (1 - x)^2",
        source: "Rosenbrock 1960, The Computer Journal 3(3); Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 1",
        teaches: "a narrow curved valley",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "valley", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-2.048, 2.048)], ..Facts::global(0.0, vec![vec![1.0, 1.0]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![-1.2, 1.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let c = R::of;
        let (a, b) = (x[1] - x[0] * x[0], c(1.0) - x[0]);
        g[0] = -c(400.0) * x[0] * a - c(2.0) * b;
        g[1] = c(200.0) * a;
        c(100.0) * a * a + b * b
    }
}
