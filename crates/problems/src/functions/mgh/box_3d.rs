//! Box's function of three coordinates.

use super::residuals::Residuals;
use crate::functions::{Function, Start};
use crate::math::exp;
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// Two exponentials against two that are known, and the weight of the difference.
///
/// Beside the two minimisers that [`known`](Function::known) lists there is a line of them, `(a, a, 0)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Box3d {
    /// The number of residuals, `>= 3`.
    pub residuals: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Box3d {
    fn default() -> Self {
        Box3d { residuals: 10, start: Start::default() }
    }
}

impl Function for Box3d {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "box-3d",
        formula: "sum_{i<=residuals} (exp(-t x) - exp(-t y) - z (exp(-t) - exp(-10 t)))^2, t = i / 10",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 12",
        teaches: "a line of minima beside two points",
        hypers: &[Hyper::new("residuals", Range::AtLeast(3), "number of residuals"), Start::HYPER],
        tags: &["function", "3d", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        Facts {
            domain: vec![(0.0, 12.0), (0.0, 12.0), (-2.0, 22.0)],
            ..Facts::global(0.0, vec![vec![1.0, 10.0, 1.0], vec![10.0, 1.0, -1.0]])
        }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.0, 10.0, 20.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for Box3d {
    fn count(&self) -> usize {
        self.residuals
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let t = R::of(i as f64 / 10.0);
        let (a, b, d) = (exp(-t * x[0]), exp(-t * x[1]), exp(-t) - exp(-R::of(10.0) * t));
        (a - b - x[2] * d, [-t * a, t * b, -d].into_iter().enumerate())
    }
}
