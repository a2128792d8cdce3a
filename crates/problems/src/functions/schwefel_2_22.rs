//! Schwefel's function no. 2.22.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// A sum and a product of absolute values: a kink along every axis.
///
/// On an axis the slope given is the mean of both sides, that of 0 is 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schwefel222 {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Schwefel222 {
    fn default() -> Self {
        Schwefel222 { dim: 2, start: Start::default() }
    }
}

impl Function for Schwefel222 {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "schwefel-2-22",
        formula: "sum_i |x_i| + prod_i |x_i|",
        source: "Schwefel 1981; Jamil & Yang 2013, arXiv:1308.4008",
        teaches: "steps of one size around a kink: who reaches it?",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "kink"],
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
        // The product of all but one: those before it, kept in g, times those after it.
        let mut before = R::ONE;
        for (g, &x) in g.iter_mut().zip(x) {
            *g = before;
            before *= x.abs();
        }
        let (mut f, mut after) = (before, R::ONE);
        for (g, &x) in g.iter_mut().zip(x).rev() {
            f += x.abs();
            *g = x.sign() * (R::ONE + *g * after);
            after *= x.abs();
        }
        f
    }
}
