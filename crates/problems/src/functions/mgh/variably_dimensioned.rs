//! The variably dimensioned function.

use super::residuals::Residuals;
use crate::functions::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// A bowl, and a fourth power along one direction: stiffer with the dimension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VariablyDimensioned {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for VariablyDimensioned {
    fn default() -> Self {
        VariablyDimensioned { dim: 10, start: Start::default() }
    }
}

impl Function for VariablyDimensioned {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "variably-dimensioned",
        formula: "sum_i (x_i - 1)^2 + s^2 + s^4, s = sum_i i (x_i - 1)",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 25",
        teaches: "one direction that is much steeper than all others",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "convex", "ill-conditioned", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-2.0, 2.0)], ..Facts::global(0.0, vec![vec![1.0; self.dim]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        (1..=self.dim).map(|j| 1.0 - j as f64 / self.dim as f64).collect()
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for VariablyDimensioned {
    fn count(&self) -> usize {
        self.dim + 2
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (c, n) = (R::of, x.len());
        let s = x.iter().enumerate().fold(R::ZERO, |s, (j, &x)| s + c((j + 1) as f64) * (x - c(1.0)));
        let (r, places) = match i {
            _ if i <= n => (x[i - 1] - c(1.0), i - 1..i),
            _ if i == n + 1 => (s, 0..n),
            _ => (s * s, 0..n),
        };
        let slope = move |j: usize| match i {
            _ if i <= n => c(1.0),
            _ if i == n + 1 => c((j + 1) as f64),
            _ => c(2.0 * (j + 1) as f64) * s,
        };
        (r, places.map(move |j| (j, slope(j))))
    }
}
