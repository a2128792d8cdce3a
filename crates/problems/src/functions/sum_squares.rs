//! Sum of weighted squares.

use super::forms::separable;
use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// Curvature that grows with the coordinate's number; the largest is `2 dim`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SumSquares {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for SumSquares {
    fn default() -> Self {
        SumSquares { dim: 10, start: Start::default() }
    }
}

impl Function for SumSquares {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "sum-squares",
        formula: "sum_i i x_i^2",
        source: "Surjanovic & Bingham, Virtual Library of Simulation Experiments",
        teaches: "one learning rate for unlike coordinates",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "convex", "quadratic"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-10.0, 10.0)], ..Facts::global(0.0, vec![vec![0.0; self.dim]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        separable(x, g, |i, x| {
            let slope = R::of(i as f64) * x;
            (slope * x, R::of(2.0) * slope)
        })
    }
}
