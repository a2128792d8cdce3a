//! Salomon's function.

use super::{Function, Start};
use crate::math::{cos, sin};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// Rings around a tip, as of a cone: at the minimum there is no gradient, and 0 is given for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Salomon {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Salomon {
    fn default() -> Self {
        Salomon { dim: 2, start: Start::default() }
    }
}

impl Function for Salomon {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "salomon",
        formula: "1 - cos(2 pi r) + 0.1 r, r = sqrt(sum_i x_i^2)",
        source: "Salomon 1996; Jamil & Yang 2013, arXiv:1308.4008",
        teaches: "rings around a tip",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "multimodal", "kink"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-100.0, 100.0)], ..Facts::global(0.0, vec![vec![0.0; self.dim]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![5.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, mut square) = (R::of, R::ZERO);
        for &x in x {
            square += x * x;
        }
        let r = square.sqrt();
        let slope = if r > R::ZERO { (c(TAU) * sin(c(TAU) * r) + c(0.1)) / r } else { R::ZERO };
        for (g, &x) in g.iter_mut().zip(x) {
            *g = slope * x;
        }
        c(1.0) - cos(c(TAU) * r) + c(0.1) * r
    }
}
