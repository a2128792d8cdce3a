//! Matyas' function.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// A quadratic at 45 degrees to the axes: the curvatures are 0.04 along the diagonal and 1 across.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Matyas {
    /// Where to start.
    pub start: Start,
}

impl Function for Matyas {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "matyas",
        formula: "0.26 (x^2 + y^2) - 0.48 x y",
        source: "Jamil & Yang 2013, arXiv:1308.4008, no. 71",
        teaches: "a shallow valley between the axes",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "convex", "quadratic"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-10.0, 10.0)], ..Facts::global(0.0, vec![vec![0.0, 0.0]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![5.0, -5.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, x, y) = (R::of, x[0], x[1]);
        g[0] = c(0.52) * x - c(0.48) * y;
        g[1] = c(0.52) * y - c(0.48) * x;
        c(0.26) * (x * x + y * y) - c(0.48) * x * y
    }
}
