//! The Gaussian function.

use super::residuals::Residuals;
use crate::functions::{Function, Start};
use crate::math::exp;
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// The density, rounded.
const Y: [f64; 15] = [
    0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989, 0.3521, 0.2420, 0.1295, 0.0540, 0.0175, 0.0044,
    0.0009,
];

/// A bell through fifteen rounded points of the normal density: the start is nearly the minimum, and the value is tiny.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gaussian {
    /// Where to start.
    pub start: Start,
}

impl Function for Gaussian {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "gaussian",
        formula: "sum_{i<=15} (a exp(-b (t_i - c)^2 / 2) - y_i)^2, t_i = (8 - i) / 2",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 9",
        teaches: "a start so good that little is left to do",
        hypers: &[Start::HYPER],
        tags: &["function", "3d", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        let minimiser = vec![0.398_956_137_838_756_7, 1.000_019_084_487_805_7, 0.0];
        let domain = vec![(0.0, 1.0), (0.0, 3.0), (-1.0, 1.0)];
        Facts { domain, ..Facts::global(1.127_932_769_619_011_3e-8, vec![minimiser]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.4, 1.0, 0.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for Gaussian {
    fn count(&self) -> usize {
        Y.len()
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let c = R::of;
        let away = c((8.0 - i as f64) / 2.0) - x[2];
        let bell = exp(-x[1] * away * away / c(2.0));
        let row = [bell, -c(0.5) * x[0] * away * away * bell, x[0] * x[1] * away * bell];
        (x[0] * bell - c(Y[i - 1]), row.into_iter().enumerate())
    }
}
