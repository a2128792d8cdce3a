//! The sum of different powers.

use super::forms::separable;
use super::{Function, Start};
use crate::math::pow;
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// Flatter and flatter from coordinate to coordinate: all curvatures but the first vanish at the minimum, at different
/// speeds. Odd powers have a kink in a higher slope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DifferentPowers {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for DifferentPowers {
    fn default() -> Self {
        DifferentPowers { dim: 5, start: Start::default() }
    }
}

impl Function for DifferentPowers {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "different-powers",
        formula: "sum_i |x_i|^(i+1)",
        source: "Surjanovic & Bingham, Virtual Library of Simulation Experiments, SUMPOW",
        teaches: "curvature that vanishes at a speed of its own in each coordinate",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "convex", "singular", "kink"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-1.0, 1.0)], ..Facts::global(0.0, vec![vec![0.0; self.dim]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.5; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        separable(x, g, |i, x| {
            let power = pow(x.abs(), R::of(i as f64));
            (x.abs() * power, R::of((i + 1) as f64) * power * x.sign())
        })
    }
}
