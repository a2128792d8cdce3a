//! The function of the Gulf Research and Development Company.

use super::residuals::Residuals;
use crate::functions::{Function, Start};
use crate::math::{exp, ln, pow};
use crate::{Facts, FamilyFacts, ProblemError};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// A distribution of shares over a shifted power.
///
/// In print the base of the power is `y_i m i x_2`; the collection's own code, and everyone since, has `y_i - x_2`, as
/// here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gulf {
    /// The number of residuals, `>= 3` and `<= 100`.
    pub residuals: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Gulf {
    fn default() -> Self {
        Gulf { residuals: 99, start: Start::default() }
    }
}

impl Function for Gulf {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "gulf",
        formula: "sum_{i<=residuals} (exp(-|y_i - b|^c / a) - i / 100)^2, y_i = 25 + (-50 ln(i / 100))^(2/3)",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 11",
        teaches: "powers and exponentials far from each other in size",
        hypers: &[Hyper::new("residuals", Range::AtLeast(3), "number of residuals"), Start::HYPER],
        tags: &["function", "3d", "ill-conditioned", "least-squares", "mgh"],
    };
    fn check(&self) -> Result<(), ProblemError> {
        match self.residuals {
            3..=100 => Ok(()),
            m => Err(ProblemError(format!("`residuals` is {m}, allowed are 3 to 100"))),
        }
    }
    fn known(&self) -> Facts {
        Facts { domain: vec![(1.0, 100.0), (0.0, 25.6), (0.0, 5.0)], ..Facts::global(0.0, vec![vec![50.0, 25.0, 1.5]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![5.0, 2.5, 0.15]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for Gulf {
    fn count(&self) -> usize {
        self.residuals
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (c, share) = (R::of, i as f64 / 100.0);
        let away = c(25.0 + libm::pow(-50.0 * libm::log(share), 2.0 / 3.0)) - x[1];
        let power = pow(away.abs(), x[2]) / x[0];
        let slope = exp(-power) * power;
        // No slope is given at away = 0, which is right for powers over 1.
        let row = match away.abs() > R::ZERO {
            true => [slope / x[0], slope * x[2] / away, -slope * ln(away.abs())],
            false => [c(0.0); 3],
        };
        (exp(-power) - c(share), row.into_iter().enumerate())
    }
}
