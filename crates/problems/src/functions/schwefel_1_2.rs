//! Schwefel's function no. 1.2.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// The squares of all partial sums: a quadratic whose every coordinate meets every other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schwefel12 {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Schwefel12 {
    fn default() -> Self {
        Schwefel12 { dim: 10, start: Start::default() }
    }
}

impl Function for Schwefel12 {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "schwefel-1-2",
        formula: "sum_i (sum_{j<=i} x_j)^2",
        source: "Schwefel 1981; Jamil & Yang 2013, arXiv:1308.4008",
        teaches: "a dense quadratic, ill-conditioned between the axes",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "convex", "quadratic"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-100.0, 100.0)], ..Facts::global(0.0, vec![vec![0.0; self.dim]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (mut f, mut sum) = (R::ZERO, R::ZERO);
        for (&x, g) in x.iter().zip(&mut *g) {
            sum += x;
            f += sum * sum;
            *g = R::of(2.0) * sum;
        }
        // A coordinate is in all sums from its own on.
        let mut later = R::ZERO;
        for g in g.iter_mut().rev() {
            later += *g;
            *g = later;
        }
        f
    }
}
