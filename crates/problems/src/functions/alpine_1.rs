//! Alpine ridges.

use super::forms::separable;
use super::{Function, Start};
use crate::math::{cos, sin};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};
use std::f64::consts::{PI, TAU};

/// Valleys with sharp bottoms, at 0 and wherever `sin x = -0.1`: all of them equally deep, in every coordinate. In a
/// bottom the slope given is the mean of both sides.
///
/// Of its `8^dim` minimisers, [`known`](Function::known) lists those with equal coordinates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alpine1 {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Alpine1 {
    fn default() -> Self {
        Alpine1 { dim: 2, start: Start::default() }
    }
}

impl Function for Alpine1 {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "alpine-1",
        formula: "sum_i |x_i sin x_i + 0.1 x_i|",
        source: "Jamil & Yang 2013, arXiv:1308.4008",
        teaches: "valleys with a sharp bottom",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "multimodal", "kink"],
    };
    fn known(&self) -> Facts {
        let a = libm::asin(0.1);
        let bottoms = [0.0, -a, TAU - a, -TAU - a, PI + a, PI + a + TAU, PI + a - TAU, PI + a - 2.0 * TAU];
        let minimisers = bottoms.map(|x| vec![x; self.dim]).to_vec();
        Facts { domain: vec![(-10.0, 10.0)], ..Facts::global(0.0, minimisers) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![3.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        separable(x, g, |_, x| {
            let (wave, u) = (sin(x) + R::of(0.1), x * (sin(x) + R::of(0.1)));
            (u.abs(), u.sign() * (wave + x * cos(x)))
        })
    }
}
