//! Qing's function.

use super::forms::separable;
use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// A double well in each coordinate, one farther out than the other; at 0 the gradient vanishes, too.
///
/// Of its `2^dim` minimisers, [`known`](Function::known) lists those whose coordinates have one sign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Qing {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Qing {
    fn default() -> Self {
        Qing { dim: 2, start: Start::default() }
    }
}

impl Function for Qing {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "qing",
        formula: "sum_i (x_i^2 - i)^2",
        source: "Qing 2006; Jamil & Yang 2013, arXiv:1308.4008",
        teaches: "many equal minima around a point without slope",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "multimodal", "saddle", "least-squares"],
    };
    fn known(&self) -> Facts {
        let minimiser = |sign: f64| (1..=self.dim).map(|i| sign * libm::sqrt(i as f64)).collect();
        Facts { domain: vec![(-500.0, 500.0)], ..Facts::global(0.0, vec![minimiser(1.0), minimiser(-1.0)]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.1; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        separable(x, g, |i, x| {
            let r = x * x - R::of(i as f64);
            (r * r, R::of(4.0) * r * x)
        })
    }
}
