//! Zakharov's function.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// A bowl with a wall of fourth order across one direction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Zakharov {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Zakharov {
    fn default() -> Self {
        Zakharov { dim: 4, start: Start::default() }
    }
}

impl Function for Zakharov {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "zakharov",
        formula: "sum_i x_i^2 + s^2 + s^4, s = sum_i i x_i / 2",
        source: "Jamil & Yang 2013, arXiv:1308.4008, no. 173",
        teaches: "curvature that grows with the distance",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "convex"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-5.0, 10.0)], ..Facts::global(0.0, vec![vec![0.0; self.dim]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let c = R::of;
        let weight = |i: usize| c(0.5 * (i + 1) as f64);
        let mut s = R::ZERO;
        for (i, &x) in x.iter().enumerate() {
            s += weight(i) * x;
        }
        let mut f = s * s + s * s * s * s;
        let slope = c(2.0) * s + c(4.0) * s * s * s;
        for (i, (g, &x)) in g.iter_mut().zip(x).enumerate() {
            f += x * x;
            *g = c(2.0) * x + slope * weight(i);
        }
        f
    }
}
