//! Bohachevsky's first function.

use super::forms::separable;
use super::{Function, Start};
use crate::math::{cos, sin};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// A bowl with ripples; the nearest of its many traps are known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bohachevsky {
    /// Where to start.
    pub start: Start,
}

impl Function for Bohachevsky {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "bohachevsky",
        formula: "x^2 + 2 y^2 - 0.3 cos(3 pi x) - 0.4 cos(4 pi y) + 0.7",
        source: "Bohachevsky, Johnson & Stein 1986; Jamil & Yang 2013, arXiv:1308.4008, no. 18",
        teaches: "ripples that matter only near the bottom",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "multimodal"],
    };
    fn known(&self) -> Facts {
        let traps = [1.0, -1.0].map(|sign| {
            let (x, y) = (0.618_612_067_827_950_1 * sign, 0.469_527_545_668_492_3 * sign);
            [(vec![x, 0.0], 0.412_926_830_275_815_1), (vec![0.0, y], 0.469_882_414_921_395_95)]
        });
        Facts { domain: vec![(-100.0, 100.0)], traps: traps.concat(), ..Facts::global(0.0, vec![vec![0.0, 0.0]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![2.0, 2.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let c = R::of;
        separable(x, g, |i, x| {
            let (bowl, ripple, wave) = if i == 1 { (1.0, 0.3, 3.0 * PI) } else { (2.0, 0.4, 4.0 * PI) };
            let angle = c(wave) * x;
            (c(bowl) * x * x + c(ripple) * (c(1.0) - cos(angle)), c(2.0 * bowl) * x + c(ripple * wave) * sin(angle))
        })
    }
}
