//! Bard's function.

use super::residuals::Residuals;
use crate::functions::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// The measurements.
const Y: [f64; 15] = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39];

/// Fifteen measurements and a quotient. Far out, where two coordinates go to minus infinity, another minimum waits at
/// 17.4286.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bard {
    /// Where to start.
    pub start: Start,
}

impl Function for Bard {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "bard",
        formula: "sum_{i<=15} (y_i - a - i / ((16 - i) b + min(i, 16 - i) c))^2",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 8",
        teaches: "a fit with a second minimum at infinity",
        hypers: &[Start::HYPER],
        tags: &["function", "3d", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        let minimiser = vec![0.082_410_559_749_788_98, 1.133_036_092_029_722_5, 2.343_695_178_642_536];
        let domain = vec![(-1.0, 1.0), (0.5, 3.0), (0.5, 4.0)];
        Facts { domain, ..Facts::global(8.214_877_306_578_98e-3, vec![minimiser]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0; 3]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for Bard {
    fn count(&self) -> usize {
        Y.len()
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let [u, v, w] = [i, 16 - i, i.min(16 - i)].map(|k| R::of(k as f64));
        let below = v * x[1] + w * x[2];
        let pull = u / (below * below);
        (R::of(Y[i - 1]) - (x[0] + u / below), [-R::ONE, pull * v, pull * w].into_iter().enumerate())
    }
}
