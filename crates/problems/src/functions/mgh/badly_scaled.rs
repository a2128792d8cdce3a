//! Two functions whose coordinates differ by many orders of magnitude.

use super::residuals::Residuals;
use crate::functions::{Function, Start};
use crate::math::exp;
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// A hyperbola `x y = 1e-4` crossed by an exponential: at the minimum one coordinate is a million times the other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PowellBadlyScaled {
    /// Where to start.
    pub start: Start,
}

impl Function for PowellBadlyScaled {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "powell-badly-scaled",
        formula: "(1e4 x y - 1)^2 + (exp(-x) + exp(-y) - 1.0001)^2",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 3",
        teaches: "coordinates of very different size",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "ill-conditioned", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        const AT: [f64; 2] = [1.098_159_329_699_817_5e-5, 9.106_146_739_866_524];
        Facts { domain: vec![(-1.0, 10.0)], ..Facts::global(0.0, vec![AT.to_vec(), vec![AT[1], AT[0]]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.0, 1.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for PowellBadlyScaled {
    fn count(&self) -> usize {
        2
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let c = R::of;
        let (r, row) = match i {
            1 => (c(1e4) * x[0] * x[1] - c(1.0), [c(1e4) * x[1], c(1e4) * x[0]]),
            _ => (exp(-x[0]) + exp(-x[1]) - c(1.0001), [-exp(-x[0]), -exp(-x[1])]),
        };
        (r, row.into_iter().enumerate())
    }
}

/// A quadratic but for one product: one coordinate of the minimum is a million, the other two millionths.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrownBadlyScaled {
    /// Where to start.
    pub start: Start,
}

impl Function for BrownBadlyScaled {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "brown-badly-scaled",
        formula: "(x - 1e6)^2 + (y - 2e-6)^2 + (x y - 2)^2",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 4",
        teaches: "coordinates of very different size; what single precision leaves",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "ill-conditioned", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(0.0, 2e6), (0.0, 2.0)], ..Facts::global(0.0, vec![vec![1e6, 2e-6]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0, 1.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for BrownBadlyScaled {
    fn count(&self) -> usize {
        3
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let c = R::of;
        let (r, row) = match i {
            1 => (x[0] - c(1e6), [c(1.0), c(0.0)]),
            2 => (x[1] - c(2e-6), [c(0.0), c(1.0)]),
            _ => (x[0] * x[1] - c(2.0), [x[1], x[0]]),
        };
        (r, row.into_iter().enumerate())
    }
}
