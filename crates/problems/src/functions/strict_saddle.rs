//! A strict saddle.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};
use std::f64::consts::SQRT_2;

/// A saddle at the origin between two valleys. The customary start lies almost on the line that leads into it: the time to
/// leave grows with the logarithm of the distance from that line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StrictSaddle {
    /// Where to start.
    pub start: Start,
}

impl Function for StrictSaddle {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "strict-saddle",
        formula: "x^2 - y^2 + y^4 / 4",
        source: "after Jin et al. 2017, arXiv:1703.00887",
        teaches: "saddles are left, but slowly",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "saddle"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-2.0, 2.0)], ..Facts::global(-1.0, vec![vec![0.0, SQRT_2], vec![0.0, -SQRT_2]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0, 1e-6]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, x, y) = (R::of, x[0], x[1]);
        g[0] = c(2.0) * x;
        g[1] = y * y * y - c(2.0) * y;
        x * x - y * y + y * y * y * y / c(4.0)
    }
}
