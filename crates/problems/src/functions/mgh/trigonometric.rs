//! The trigonometric function.

use super::residuals::Residuals;
use crate::functions::{Function, Start};
use crate::math::{cos, sin};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// Sums of waves that vanish together at 0, and elsewhere; from the start, many methods end in one of the minima that
/// are not 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trigonometric {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Trigonometric {
    fn default() -> Self {
        Trigonometric { dim: 10, start: Start::default() }
    }
}

impl Function for Trigonometric {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "trigonometric",
        formula: "sum_i (dim - sum_j cos x_j + i (1 - cos x_i) - sin x_i)^2",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 26",
        teaches: "local minima that are nearly as deep",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "multimodal", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-1.0, 1.0)], ..Facts::global(0.0, vec![vec![0.0; self.dim]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0 / self.dim as f64; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for Trigonometric {
    fn count(&self) -> usize {
        self.dim
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let c = R::of;
        let (k, here) = (c(i as f64), x[i - 1]);
        let all = x.iter().fold(R::ZERO, |sum, &x| sum + (c(1.0) - cos(x)));
        let own = (i - 1, k * sin(here) - cos(here));
        let row = x.iter().enumerate().map(|(j, &x)| (j, sin(x))).chain([own]);
        (all + k * (c(1.0) - cos(here)) - sin(here), row)
    }
}
