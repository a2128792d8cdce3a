//! Booth's function.

use super::forms::squares;
use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// A mild quadratic: the curvatures are 2 and 18.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Booth {
    /// Where to start.
    pub start: Start,
}

impl Function for Booth {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "booth",
        formula: "(x + 2 y - 7)^2 + (2 x + y - 5)^2",
        source: "Jamil & Yang 2013, arXiv:1308.4008, no. 17",
        teaches: "a mild quadratic off the origin",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "convex", "quadratic", "least-squares"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-10.0, 10.0)], ..Facts::global(0.0, vec![vec![1.0, 3.0]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.0, 0.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, x, y) = (R::of, x[0], x[1]);
        squares(&[(x + c(2.0) * y - c(7.0), [c(1.0), c(2.0)]), (c(2.0) * x + y - c(5.0), [c(2.0), c(1.0)])], g)
    }
}
