//! A hole in a plain.

use super::{Function, Start};
use crate::math::exp;
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// A narrow hole in a plain that is flat to eight digits: the gradient at the start is 9e-8.
///
/// Methods that divide by the size of past gradients walk at once; others stand still.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plateau {
    /// Where to start.
    pub start: Start,
}

impl Function for Plateau {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "plateau",
        formula: "-exp(-x^2 / 2)",
        source: "this project",
        teaches: "vanishing gradients; what eps does",
        hypers: &[Start::HYPER],
        tags: &["function", "1d", "plateau"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-8.0, 8.0)], ..Facts::global(-1.0, vec![vec![0.0]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![6.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let x = x[0];
        let e = exp(-(x * x) / R::of(2.0));
        g[0] = x * e;
        -e
    }
}
