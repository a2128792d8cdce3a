//! Jennrich and Sampson's exponentials.

use super::residuals::{Residuals, unknown};
use crate::functions::{Function, Start};
use crate::math::exp;
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// Two exponentials that are to be one line. The residuals do not vanish, and at the start they are large.
///
/// The minimum is known for 10 residuals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JennrichSampson {
    /// The number of residuals, `>= 2`.
    pub residuals: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for JennrichSampson {
    fn default() -> Self {
        JennrichSampson { residuals: 10, start: Start::default() }
    }
}

impl Function for JennrichSampson {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "jennrich-sampson",
        formula: "sum_{i<=residuals} (2 + 2 i - exp(i x) - exp(i y))^2",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 6",
        teaches: "large residuals at the minimum",
        hypers: &[Hyper::new("residuals", Range::AtLeast(2), "number of residuals"), Start::HYPER],
        tags: &["function", "2d", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        if self.residuals != 10 {
            return unknown();
        }
        let minimiser = vec![0.257_825_213_670_364_1; 2];
        Facts { domain: vec![(0.0, 0.5)], ..Facts::global(124.362_182_355_614_85, vec![minimiser]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.3, 0.4]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for JennrichSampson {
    fn count(&self) -> usize {
        self.residuals
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let i = R::of(i as f64);
        let (a, b) = (exp(i * x[0]), exp(i * x[1]));
        (R::of(2.0) + R::of(2.0) * i - (a + b), [-i * a, -i * b].into_iter().enumerate())
    }
}
