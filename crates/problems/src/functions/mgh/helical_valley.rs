//! The helical valley.

use super::residuals::Residuals;
use crate::functions::{Function, Start};
use crate::math::atan;
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// A valley that winds around the third axis like the thread of a screw.
///
/// The thread ends at the half plane `x = 0, y < 0`, across which the value jumps; on it, the side `x > 0` is given. On
/// the axis itself there is no slope, and NaN is given for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HelicalValley {
    /// Where to start.
    pub start: Start,
}

impl Function for HelicalValley {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "helical-valley",
        formula: "100 (z - 10 t)^2 + 100 (sqrt(x^2 + y^2) - 1)^2 + z^2, \
                  t the angle of (x, y) in turns, from -1/4 to 3/4",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 7",
        teaches: "a valley that winds",
        hypers: &[Start::HYPER],
        tags: &["function", "3d", "valley", "kink", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-2.0, 2.0)], ..Facts::global(0.0, vec![vec![1.0, 0.0, 0.0]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![-1.0, 0.0, 0.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for HelicalValley {
    fn count(&self) -> usize {
        3
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let c = R::of;
        let (square, z) = (x[0] * x[0] + x[1] * x[1], x[2]);
        let radius = square.sqrt();
        let (r, row) = match i {
            1 => {
                let across = c(100.0 / TAU) / square;
                (c(10.0) * (z - c(10.0) * turns(x[0], x[1])), [across * x[1], -across * x[0], c(10.0)])
            }
            2 => (c(10.0) * (radius - c(1.0)), [c(10.0) * x[0] / radius, c(10.0) * x[1] / radius, c(0.0)]),
            _ => (z, [c(0.0), c(0.0), c(1.0)]),
        };
        (r, row.into_iter().enumerate())
    }
}

/// The angle of a point, in turns: from -1/4 to 1/4 on the right, to 3/4 on the left.
fn turns<R: Real>(x: R, y: R) -> R {
    if x > R::ZERO {
        atan(y / x) * R::of(1.0 / TAU)
    } else if x < R::ZERO {
        atan(y / x) * R::of(1.0 / TAU) + R::of(0.5)
    } else {
        R::of(0.25) * y.sign()
    }
}
