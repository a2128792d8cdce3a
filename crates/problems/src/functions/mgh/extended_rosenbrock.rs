//! Rosenbrock's valley, many times.

use super::residuals::Residuals;
use crate::functions::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// As many independent valleys of [`Rosenbrock`](crate::functions::Rosenbrock) as there are pairs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExtendedRosenbrock {
    /// The number of pairs of coordinates, `>= 1`.
    pub pairs: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for ExtendedRosenbrock {
    fn default() -> Self {
        ExtendedRosenbrock { pairs: 5, start: Start::default() }
    }
}

impl Function for ExtendedRosenbrock {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "extended-rosenbrock",
        formula: "sum over pairs: 100 (y - x^2)^2 + (1 - x)^2",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 21",
        teaches: "a curved valley in many dimensions, block by block",
        hypers: &[Hyper::new("pairs", Range::AtLeast(1), "number of pairs of coordinates"), Start::HYPER],
        tags: &["function", "nd", "valley", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-2.048, 2.048)], ..Facts::global(0.0, vec![vec![1.0; 2 * self.pairs]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        [-1.2, 1.0].repeat(self.pairs)
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for ExtendedRosenbrock {
    fn count(&self) -> usize {
        2 * self.pairs
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (c, at) = (R::of, (i - 1) / 2 * 2);
        let (a, b) = (x[at], x[at + 1]);
        let (r, row) = match i % 2 {
            1 => (c(10.0) * (b - a * a), [-c(20.0) * a, c(10.0)]),
            _ => (c(1.0) - a, [-c(1.0), c(0.0)]),
        };
        (r, row.into_iter().enumerate().map(move |(j, slope)| (at + j, slope)))
    }
}
