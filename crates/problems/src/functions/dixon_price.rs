//! The function of Dixon and Price.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// Each coordinate's best value hangs on the one before. The sign of the last is free: two minima.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DixonPrice {
    /// The number of coordinates, `>= 2`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for DixonPrice {
    fn default() -> Self {
        DixonPrice { dim: 4, start: Start::default() }
    }
}

impl Function for DixonPrice {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "dixon-price",
        formula: "(x_1 - 1)^2 + sum_{i>1} i (2 x_i^2 - x_{i-1})^2",
        source: "Dixon & Price 1989, JOTA 60(2)",
        teaches: "a chain of valleys with a flat rest near the origin",
        hypers: &[Hyper::new("dim", Range::AtLeast(2), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "valley", "saddle", "least-squares"],
    };
    fn known(&self) -> Facts {
        // x_i = 2^(-(2^i - 2) / 2^i) = 2^(2^(1 - i) - 1).
        let minimiser: Vec<f64> = (0..self.dim).map(|i| libm::exp2(libm::exp2(-(i as f64)) - 1.0)).collect();
        let mut mirrored = minimiser.clone();
        mirrored[self.dim - 1] *= -1.0;
        Facts { domain: vec![(-10.0, 10.0)], ..Facts::global(0.0, vec![minimiser, mirrored]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let c = R::of;
        let d = x[0] - c(1.0);
        let mut f = d * d;
        g[0] = c(2.0) * d;
        for i in 1..x.len() {
            let (weight, r) = (R::of((i + 1) as f64), c(2.0) * x[i] * x[i] - x[i - 1]);
            f += weight * r * r;
            g[i - 1] += -c(2.0) * weight * r;
            g[i] = c(8.0) * weight * r * x[i];
        }
        f
    }
}
