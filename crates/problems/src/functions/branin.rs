//! Branin's function.

use super::{Function, Start};
use crate::math::{cos, sin};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// Three minima of the same depth, in a bent valley under a wave.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Branin {
    /// Where to start.
    pub start: Start,
}

impl Function for Branin {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "branin",
        formula: "(y - 5.1 x^2 / (4 pi^2) + 5 x / pi - 6)^2 + 10 (1 - 1 / (8 pi)) cos x + 10",
        source: "Dixon & Szegő 1978; Jamil & Yang 2013, arXiv:1308.4008, no. 22",
        teaches: "several minima of the same depth",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "multimodal"],
    };
    fn known(&self) -> Facts {
        Facts {
            domain: vec![(-5.0, 10.0), (0.0, 15.0)],
            ..Facts::global(1.25 / PI, vec![vec![-PI, 12.275], vec![PI, 2.275], vec![3.0 * PI, 2.475]])
        }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![2.5, 12.5]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, x, y) = (R::of, x[0], x[1]);
        let (bend, slope, height) = (c(5.1 / (4.0 * PI * PI)), c(5.0 / PI), c(10.0 - 1.25 / PI));
        let r = y - bend * x * x + slope * x - c(6.0);
        g[0] = c(2.0) * r * (slope - c(2.0) * bend * x) - height * sin(x);
        g[1] = c(2.0) * r;
        r * r + height * cos(x) + c(10.0)
    }
}
