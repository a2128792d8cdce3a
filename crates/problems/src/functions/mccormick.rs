//! McCormick's function.

use super::{Function, Start};
use crate::math::{cos, sin};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};
use std::f64::consts::FRAC_PI_3;

/// A wave on an incline. Outside its box it falls without end, towards (-inf, -inf).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct McCormick {
    /// Where to start.
    pub start: Start,
}

impl Function for McCormick {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "mccormick",
        formula: "sin(x + y) + (x - y)^2 - 1.5 x + 2.5 y + 1",
        source: "McCormick 1976; Jamil & Yang 2013, arXiv:1308.4008, no. 72",
        teaches: "a minimum within a box only",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "multimodal", "unbounded"],
    };
    fn known(&self) -> Facts {
        // In u = x + y and v = x - y it is sin u + u / 2 + (v - 1)^2: stationary where cos u = -1/2 and v = 1.
        const SIN_60: f64 = 0.866_025_403_784_438_6;
        Facts {
            domain: vec![(-1.5, 4.0), (-3.0, 4.0)],
            traps: vec![(vec![0.5 + 2.0 * FRAC_PI_3, -0.5 + 2.0 * FRAC_PI_3], 2.0 * FRAC_PI_3 - SIN_60)],
            lower_bound: None,
            ..Facts::global(-FRAC_PI_3 - SIN_60, vec![vec![0.5 - FRAC_PI_3, -0.5 - FRAC_PI_3]])
        }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.0, 0.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, x, y) = (R::of, x[0], x[1]);
        let (slope, d) = (cos(x + y), x - y);
        g[0] = slope + c(2.0) * d - c(1.5);
        g[1] = slope - c(2.0) * d + c(2.5);
        sin(x + y) + d * d - c(1.5) * x + c(2.5) * y + c(1.0)
    }
}
