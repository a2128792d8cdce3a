//! The hiker's hillside.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// A steep slope, a valley, and a terrace on the way: at 0 the ground is flat, but it is no valley.
///
/// From 6 a learning rate of 0.01 walks down; one of 0.1 jumps away for good.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hiker {
    /// Where to start.
    pub start: Start,
}

impl Function for Hiker {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "hiker",
        formula: "x^4 - 3 x^3 + 2",
        source: "textbook example of gradient descent",
        teaches: "what one step does; a learning rate that jumps away; a flat place that is no minimum",
        hypers: &[Start::HYPER],
        tags: &["function", "1d"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-2.0, 6.5)], ..Facts::global(-6.54296875, vec![vec![2.25]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![6.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, x) = (R::of, x[0]);
        g[0] = c(4.0) * x * x * x - c(9.0) * x * x;
        x * x * x * x - c(3.0) * x * x * x + c(2.0)
    }
}
