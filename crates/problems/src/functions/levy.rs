//! Levy's function.

use super::forms::separable;
use super::{Function, Start};
use crate::math::sin;
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};
use std::f64::consts::{PI, TAU};

/// Waves on a bowl, higher with the distance from the minimum; the coordinates do not meet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Levy {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Levy {
    fn default() -> Self {
        Levy { dim: 2, start: Start::default() }
    }
}

impl Function for Levy {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "levy",
        formula: "sin^2(pi w_1) + sum_{i<dim} (w_i - 1)^2 (1 + 10 sin^2(pi w_i + 1)) \
                  + (w_dim - 1)^2 (1 + sin^2(2 pi w_dim)), w_i = 1 + (x_i - 1) / 4",
        source: "Surjanovic & Bingham, Virtual Library of Simulation Experiments",
        teaches: "waves that grow with the distance",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "multimodal"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-10.0, 10.0)], ..Facts::global(0.0, vec![vec![1.0; self.dim]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![-4.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, n) = (R::of, x.len());
        separable(x, g, |i, x| {
            let d = (x - c(1.0)) / c(4.0);
            // The wave on the bowl: amplitude, frequency and phase, at w = 1 + d.
            let (height, wave, phase) = if i < n { (10.0, PI, 1.0) } else { (1.0, TAU, 0.0) };
            let angle = c(wave) * (c(1.0) + d) + c(phase);
            let ripple = c(1.0) + c(height) * sin(angle) * sin(angle);
            let mut f = d * d * ripple;
            let mut slope = c(2.0) * d * ripple + d * d * c(height * wave) * sin(c(2.0) * angle);
            if i == 1 {
                let angle = c(PI) * d;
                f += sin(angle) * sin(angle);
                slope += c(PI) * sin(c(2.0) * angle);
            }
            (f, slope / c(4.0))
        })
    }
}
