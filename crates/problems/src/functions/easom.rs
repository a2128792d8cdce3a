//! Easom's function.

use super::{Function, Start};
use crate::math::{cos, exp, sin};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// A hole in a plain: a few units away from it the gradient is too small for the numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Easom {
    /// Where to start.
    pub start: Start,
}

impl Function for Easom {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "easom",
        formula: "-cos x cos y exp(-(x - pi)^2 - (y - pi)^2)",
        source: "Easom 1990; Jamil & Yang 2013, arXiv:1308.4008, no. 50",
        teaches: "gradients that vanish; a plateau in two dimensions",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "plateau", "multimodal"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-100.0, 100.0)], ..Facts::global(-1.0, vec![vec![PI, PI]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.5, 1.5]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, x, y) = (R::of, x[0], x[1]);
        let (u, v) = (x - c(PI), y - c(PI));
        let (cx, cy, e) = (cos(x), cos(y), exp(-(u * u) - v * v));
        g[0] = cy * e * (sin(x) + c(2.0) * u * cx);
        g[1] = cx * e * (sin(y) + c(2.0) * v * cy);
        -(cx * cy * e)
    }
}
