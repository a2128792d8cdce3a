//! Biggs' six exponentials.

use super::residuals::Residuals;
use crate::functions::{Function, Start};
use crate::math::exp;
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// Three exponentials that are known, found again. From the start BFGS ends at 5.65565e-3, for 13 residuals, where two of
/// the three have become one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BiggsExp6 {
    /// The number of residuals, `>= 6`.
    pub residuals: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for BiggsExp6 {
    fn default() -> Self {
        BiggsExp6 { residuals: 13, start: Start::default() }
    }
}

impl Function for BiggsExp6 {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "biggs-exp6",
        formula: "sum_{i<=residuals} (x_3 exp(-t x_1) - x_4 exp(-t x_2) + x_6 exp(-t x_5) - y)^2, \
                  y = exp(-t) - 5 exp(-10 t) + 3 exp(-4 t), t = i / 10",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 18",
        teaches: "exponentials that can stand in for each other",
        hypers: &[Hyper::new("residuals", Range::AtLeast(6), "number of residuals"), Start::HYPER],
        tags: &["function", "6d", "multimodal", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        // Weight and rate of each exponential; they may stand in any order, but the second of a minimiser is
        // subtracted.
        const TERMS: [[f64; 2]; 3] = [[1.0, 1.0], [-5.0, 10.0], [3.0, 4.0]];
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let place = |order: [usize; 3]| {
            let [[w1, r1], [w2, r2], [w3, r3]] = order.map(|term| TERMS[term]);
            vec![r1, r2, w1, -w2, r3, w3]
        };
        Facts { domain: vec![(-6.0, 12.0)], ..Facts::global(0.0, orders.map(place).to_vec()) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0, 2.0, 1.0, 1.0, 1.0, 1.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for BiggsExp6 {
    fn count(&self) -> usize {
        self.residuals
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (c, t) = (R::of, R::of(i as f64 / 10.0));
        let y = exp(-t) - c(5.0) * exp(-c(10.0) * t) + c(3.0) * exp(-c(4.0) * t);
        let [p, q, s] = [x[0], x[1], x[4]].map(|rate| exp(-t * rate));
        let row = [-t * x[2] * p, t * x[3] * q, p, -q, -t * x[5] * s, s];
        (x[2] * p - x[3] * q + x[5] * s - y, row.into_iter().enumerate())
    }
}
