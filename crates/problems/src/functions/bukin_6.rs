//! Bukin's function no. 6.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// A ravine along a parabola, so sharp that its walls are vertical at the bottom. On the bottom, where there is no
/// slope across it, 0 is given for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bukin6 {
    /// Where to start.
    pub start: Start,
}

impl Function for Bukin6 {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "bukin-6",
        formula: "100 sqrt |y - 0.01 x^2| + 0.01 |x + 10|",
        source: "Bukin 1997; Jamil & Yang 2013, arXiv:1308.4008",
        teaches: "a narrow ravine that is not smooth",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "valley", "kink"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-15.0, -5.0), (-3.0, 3.0)], ..Facts::global(0.0, vec![vec![-10.0, 1.0]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![-8.0, 1.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let c = R::of;
        let (across, along) = (x[1] - c(0.01) * x[0] * x[0], x[0] + c(10.0));
        let root = across.abs().sqrt();
        let wall = if root > R::ZERO { c(50.0) * across.sign() / root } else { R::ZERO };
        g[0] = -c(0.02) * x[0] * wall + c(0.01) * along.sign();
        g[1] = wall;
        c(100.0) * root + c(0.01) * along.abs()
    }
}
