//! Trid.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// A quadratic whose coordinates are chained; its condition number grows as `dim^2`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trid {
    /// The number of coordinates, `>= 2`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Trid {
    fn default() -> Self {
        Trid { dim: 6, start: Start::default() }
    }
}

impl Function for Trid {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "trid",
        formula: "sum_i (x_i - 1)^2 - sum_{i>1} x_i x_{i-1}",
        source: "Surjanovic & Bingham, Virtual Library of Simulation Experiments",
        teaches: "coupled coordinates; a minimum far from the start",
        hypers: &[Hyper::new("dim", Range::AtLeast(2), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "convex", "quadratic"],
    };
    fn known(&self) -> Facts {
        let n = self.dim as f64;
        let minimiser = (1..=self.dim).map(|i| (i * (self.dim + 1 - i)) as f64).collect();
        Facts { domain: vec![(-n * n, n * n)], ..Facts::global(-n * (n + 4.0) * (n - 1.0) / 6.0, vec![minimiser]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let n = x.len();
        let mut f = R::ZERO;
        for i in 0..n {
            let (d, before) = (x[i] - R::ONE, if i > 0 { x[i - 1] } else { R::ZERO });
            let after = if i + 1 < n { x[i + 1] } else { R::ZERO };
            f += d * d - x[i] * before;
            g[i] = R::of(2.0) * d - before - after;
        }
        f
    }
}
