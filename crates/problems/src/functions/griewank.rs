//! Griewank's function.

use super::{Function, Start};
use crate::math::{cos, sin};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// A wide bowl under a product of waves: the more coordinates, the smoother.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Griewank {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Griewank {
    fn default() -> Self {
        Griewank { dim: 2, start: Start::default() }
    }
}

impl Function for Griewank {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "griewank",
        formula: "1 + sum_i x_i^2 / 4000 - prod_i cos(x_i / sqrt(i))",
        source: "Griewank 1981; Jamil & Yang 2013, arXiv:1308.4008, no. 59",
        teaches: "many shallow traps on a wide slope",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "multimodal"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-600.0, 600.0)], ..Facts::global(0.0, vec![vec![0.0; self.dim]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![100.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let c = R::of;
        let root = |i: usize| c(libm::sqrt((i + 1) as f64));
        // The product of all cosines but one: those before it, kept in g, times those after it.
        let mut before = R::ONE;
        for (i, (g, &x)) in g.iter_mut().zip(x).enumerate() {
            *g = before;
            before *= cos(x / root(i));
        }
        let (mut f, mut after) = (c(1.0) - before, R::ONE);
        for (i, (g, &x)) in g.iter_mut().zip(x).enumerate().rev() {
            let angle = x / root(i);
            f += x * x / c(4000.0);
            *g = x / c(2000.0) + *g * after * sin(angle) / root(i);
            after *= cos(angle);
        }
        f
    }
}
