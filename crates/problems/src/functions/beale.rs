//! Beale's function.

use super::forms::squares;
use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// A curved valley on a plateau with steep corners.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Beale {
    /// Where to start.
    pub start: Start,
}

impl Function for Beale {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "beale",
        formula: "(1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 5",
        teaches: "a plateau with steep corners",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "plateau", "valley", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-4.5, 4.5)], ..Facts::global(0.0, vec![vec![3.0, 0.5]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0, 1.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, x, y) = (R::of, x[0], x[1]);
        let (y2, y3) = (y * y, y * y * y);
        let residuals = [
            (c(1.5) - x + x * y, [y - c(1.0), x]),
            (c(2.25) - x + x * y2, [y2 - c(1.0), c(2.0) * x * y]),
            (c(2.625) - x + x * y3, [y3 - c(1.0), c(3.0) * x * y2]),
        ];
        squares(&residuals, g)
    }
}
