//! Hager's function.

use super::forms::separable;
use super::{Function, Start};
use crate::math::exp;
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// Strictly convex and not quadratic: exponentials against lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hager {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Hager {
    fn default() -> Self {
        Hager { dim: 10, start: Start::default() }
    }
}

impl Function for Hager {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "hager",
        formula: "sum_i exp(x_i) - sqrt(i) x_i",
        source: "CUTEst, HAGER",
        teaches: "convex, smooth, not quadratic",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "convex"],
    };
    fn known(&self) -> Facts {
        let numbers = || (1..=self.dim).map(|i| i as f64);
        let minimiser = numbers().map(|i| 0.5 * libm::log(i)).collect();
        let minimum = numbers().map(|i| libm::sqrt(i) * (1.0 - 0.5 * libm::log(i))).sum();
        Facts { domain: vec![(-3.0, 3.0)], ..Facts::global(minimum, vec![minimiser]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        separable(x, g, |i, x| {
            let (e, root) = (exp(x), R::of(libm::sqrt(i as f64)));
            (e - root * x, e - root)
        })
    }
}
