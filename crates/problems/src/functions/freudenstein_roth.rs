//! The function of Freudenstein and Roth.

use super::forms::squares;
use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// Two residuals that vanish together at (5, 4); another minimum at a height of 49 catches whoever comes from the
/// customary start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FreudensteinRoth {
    /// Where to start.
    pub start: Start,
}

impl Function for FreudensteinRoth {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "freudenstein-roth",
        formula: "(x - 13 + ((5 - y) y - 2) y)^2 + (x - 29 + ((y + 1) y - 14) y)^2",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 2",
        teaches: "a local minimum that looks like the bottom",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "multimodal", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        let traps = vec![(vec![11.412_778_986_902_094, -0.896_805_253_274_476_5], 48.984_253_679_240_02)];
        Facts { domain: vec![(-15.0, 15.0)], traps, ..Facts::global(0.0, vec![vec![5.0, 4.0]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.5, -2.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, x, y) = (R::of, x[0], x[1]);
        let residuals = [
            (x - c(13.0) + ((c(5.0) - y) * y - c(2.0)) * y, [c(1.0), (c(10.0) - c(3.0) * y) * y - c(2.0)]),
            (x - c(29.0) + ((y + c(1.0)) * y - c(14.0)) * y, [c(1.0), (c(3.0) * y + c(2.0)) * y - c(14.0)]),
        ];
        squares(&residuals, g)
    }
}
