//! Levy's function no. 13.

use super::{Function, Start};
use crate::math::sin;
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// Waves on a bowl, as of [`Levy`](super::Levy), but each coordinate ripples the other's parabola.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Levy13 {
    /// Where to start.
    pub start: Start,
}

impl Function for Levy13 {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "levy-13",
        formula: "sin^2(3 pi x) + (x - 1)^2 (1 + sin^2(3 pi y)) + (y - 1)^2 (1 + sin^2(2 pi y))",
        source: "Surjanovic & Bingham, Virtual Library of Simulation Experiments, LEVY13",
        teaches: "waves that couple the coordinates",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "multimodal"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-10.0, 10.0)], ..Facts::global(0.0, vec![vec![1.0, 1.0]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![-3.0, 3.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let c = R::of;
        let (u, v) = (x[0] - c(1.0), x[1] - c(1.0));
        // The square of a sine and its slope.
        let wave = |k: f64, x: R| (sin(c(k) * x) * sin(c(k) * x), c(k) * sin(c(2.0 * k) * x));
        let ((a, a1), (b, b1), (d, d1)) = (wave(3.0 * PI, x[0]), wave(3.0 * PI, x[1]), wave(2.0 * PI, x[1]));
        g[0] = a1 + c(2.0) * u * (c(1.0) + b);
        g[1] = u * u * b1 + c(2.0) * v * (c(1.0) + d) + v * v * d1;
        a + u * u * (c(1.0) + b) + v * v * (c(1.0) + d)
    }
}
