//! Rosenbrock's valley in many dimensions, chained.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// Every two neighbours form a valley of [`Rosenbrock`](super::Rosenbrock).
///
/// From four coordinates on there is a second minimum near `(-1, 1, ..., 1)` (Kok & Sandrock 2009); its place depends on
/// the dimension, and [`known`](Function::known) does not list it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChainedRosenbrock {
    /// The number of coordinates, `>= 2`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for ChainedRosenbrock {
    fn default() -> Self {
        ChainedRosenbrock { dim: 10, start: Start::default() }
    }
}

impl Function for ChainedRosenbrock {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "chained-rosenbrock",
        formula: "sum_{i<dim} 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2",
        source: "Rosenbrock 1960; Kok & Sandrock 2009, Evolutionary Computation 17(3)",
        teaches: "a curved valley in many dimensions",
        hypers: &[Hyper::new("dim", Range::AtLeast(2), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "valley", "multimodal", "least-squares"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-2.048, 2.048)], ..Facts::global(0.0, vec![vec![1.0; self.dim]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        [-1.2, 1.0].into_iter().cycle().take(self.dim).collect()
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let c = R::of;
        let mut f = R::ZERO;
        g.fill(R::ZERO);
        for i in 0..x.len() - 1 {
            let (a, b) = (x[i + 1] - x[i] * x[i], c(1.0) - x[i]);
            g[i] += -c(400.0) * x[i] * a - c(2.0) * b;
            g[i + 1] += c(200.0) * a;
            f += c(100.0) * a * a + b * b;
        }
        f
    }
}
