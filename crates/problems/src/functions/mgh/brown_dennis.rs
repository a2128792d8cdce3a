//! The function of Brown and Dennis.

use super::residuals::{Residuals, unknown};
use crate::functions::{Function, Start};
use crate::math::{cos, exp, sin};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// Each residual is itself a sum of two squares: the value at the minimum is large, and Gauss-Newton's model is wrong
/// there.
///
/// The minimum is known for 20 residuals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrownDennis {
    /// The number of residuals, `>= 4`.
    pub residuals: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for BrownDennis {
    fn default() -> Self {
        BrownDennis { residuals: 20, start: Start::default() }
    }
}

impl Function for BrownDennis {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "brown-dennis",
        formula: "sum_{i<=residuals} ((a + t b - exp(t))^2 + (c + d sin t - cos t)^2)^2, t = i / 5",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 16",
        teaches: "very large residuals at the minimum",
        hypers: &[Hyper::new("residuals", Range::AtLeast(4), "number of residuals"), Start::HYPER],
        tags: &["function", "4d", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        if self.residuals != 20 {
            return unknown();
        }
        let minimiser =
            vec![-11.594_439_904_762_165, 13.203_630_051_207_204, -0.403_439_488_176_859_5, 0.236_778_774_455_735_7];
        let domain = vec![(-30.0, 30.0), (-20.0, 20.0), (-6.0, 6.0), (-3.0, 3.0)];
        Facts { domain, ..Facts::global(85_822.201_626_356_34, vec![minimiser]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![25.0, 5.0, -5.0, -1.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for BrownDennis {
    fn count(&self) -> usize {
        self.residuals
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (two, t) = (R::of(2.0), R::of(i as f64 / 5.0));
        let (p, q) = (x[0] + t * x[1] - exp(t), x[2] + x[3] * sin(t) - cos(t));
        (p * p + q * q, [two * p, two * p * t, two * q, two * q * sin(t)].into_iter().enumerate())
    }
}
