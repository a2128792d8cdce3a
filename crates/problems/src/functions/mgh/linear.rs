//! Three linear systems with more equations than unknowns.

use super::residuals::{Residuals, enough};
use crate::functions::{Function, Start};
use crate::{Facts, FamilyFacts, ProblemError};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// A round bowl in disguise: one step along the slope ends at the minimum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinearFullRank {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// The number of residuals, `>= dim`.
    pub residuals: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for LinearFullRank {
    fn default() -> Self {
        LinearFullRank { dim: 10, residuals: 20, start: Start::default() }
    }
}

impl Function for LinearFullRank {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "linear-full-rank",
        formula: "sum_{i<=dim} (x_i - s - 1)^2 + (residuals - dim) (s + 1)^2, s = 2 / residuals sum_j x_j",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 32",
        teaches: "a bowl that is round, with residuals left over",
        hypers: &[
            Hyper::new("dim", Range::AtLeast(1), "number of coordinates"),
            Hyper::new("residuals", Range::AtLeast(1), "number of residuals"),
            Start::HYPER,
        ],
        tags: &["function", "nd", "convex", "quadratic", "least-squares", "mgh"],
    };
    fn check(&self) -> Result<(), ProblemError> {
        enough(self.dim, self.residuals)
    }
    fn known(&self) -> Facts {
        Facts {
            domain: vec![(-2.0, 2.0)],
            ..Facts::global((self.residuals - self.dim) as f64, vec![vec![-1.0; self.dim]])
        }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for LinearFullRank {
    fn count(&self) -> usize {
        self.residuals
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (c, n) = (R::of, x.len());
        let share = c(2.0 / self.residuals as f64);
        let all = x.iter().fold(-c(1.0), |r, &x| r - share * x);
        let own = (i <= n).then(|| (i - 1, c(1.0)));
        (if i <= n { x[i - 1] + all } else { all }, (0..n).map(move |j| (j, -share)).chain(own))
    }
}

/// All residuals see the same sum: a valley with a flat bottom in all directions but one, and steep across it.
///
/// Of the minimisers, a plane, [`known`](Function::known) lists the one nearest to 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinearRank1 {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// The number of residuals, `>= dim`.
    pub residuals: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for LinearRank1 {
    fn default() -> Self {
        LinearRank1 { dim: 10, residuals: 20, start: Start::default() }
    }
}

impl Function for LinearRank1 {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "linear-rank-1",
        formula: "sum_{i<=residuals} (i sum_j j x_j - 1)^2",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 33",
        teaches: "a plane of minima",
        hypers: &[
            Hyper::new("dim", Range::AtLeast(1), "number of coordinates"),
            Hyper::new("residuals", Range::AtLeast(1), "number of residuals"),
            Start::HYPER,
        ],
        tags: &["function", "nd", "convex", "quadratic", "singular", "least-squares", "mgh"],
    };
    fn check(&self) -> Result<(), ProblemError> {
        enough(self.dim, self.residuals)
    }
    fn known(&self) -> Facts {
        let m = self.residuals as f64;
        let minimiser = nearest(self.dim, 3.0 / (2.0 * m + 1.0), 1..=self.dim);
        Facts { domain: vec![(-2.0, 2.0)], ..Facts::global(m * (m - 1.0) / (2.0 * (2.0 * m + 1.0)), vec![minimiser]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for LinearRank1 {
    fn count(&self) -> usize {
        self.residuals
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        weighted(i as f64, x, 1..=x.len())
    }
}

/// As [`LinearRank1`], but the first and last residual are constant, and the first and last coordinate count for
/// nothing.
///
/// Of the minimisers, a plane, [`known`](Function::known) lists the one nearest to 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinearRank1Zero {
    /// The number of coordinates, `>= 3`.
    pub dim: usize,
    /// The number of residuals, `>= dim`.
    pub residuals: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for LinearRank1Zero {
    fn default() -> Self {
        LinearRank1Zero { dim: 10, residuals: 20, start: Start::default() }
    }
}

impl Function for LinearRank1Zero {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "linear-rank-1-zero",
        formula: "2 + sum_{1<i<residuals} ((i - 1) sum_{1<j<dim} j x_j - 1)^2",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 34",
        teaches: "coordinates that count for nothing",
        hypers: &[
            Hyper::new("dim", Range::AtLeast(3), "number of coordinates"),
            Hyper::new("residuals", Range::AtLeast(3), "number of residuals"),
            Start::HYPER,
        ],
        tags: &["function", "nd", "convex", "quadratic", "singular", "least-squares", "mgh"],
    };
    fn check(&self) -> Result<(), ProblemError> {
        enough(self.dim, self.residuals)
    }
    fn known(&self) -> Facts {
        let m = self.residuals as f64;
        let minimiser = nearest(self.dim, 3.0 / (2.0 * m - 3.0), 2..=self.dim - 1);
        let minimum = (m * m + 3.0 * m - 6.0) / (2.0 * (2.0 * m - 3.0));
        Facts { domain: vec![(-2.0, 2.0)], ..Facts::global(minimum, vec![minimiser]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for LinearRank1Zero {
    fn count(&self) -> usize {
        self.residuals
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let weight = if i == self.residuals { 0.0 } else { (i - 1) as f64 };
        weighted(weight, x, 2..=x.len() - 1)
    }
}

/// `weight sum_j j x_j - 1` over some of the coordinates, from 1, and its row.
fn weighted<R: Real>(weight: f64, x: &[R], over: RangeInclusive<usize>) -> (R, impl Iterator<Item = (usize, R)>) {
    let slope = move |j: usize| R::of(weight * j as f64);
    (over.clone().fold(-R::ONE, |r, j| r + slope(j) * x[j - 1]), over.map(move |j| (j - 1, slope(j))))
}

/// The shortest vector with `sum_j j x_j = sum` over some of the coordinates, from 1; all others are 0.
fn nearest(dim: usize, sum: f64, over: RangeInclusive<usize>) -> Vec<f64> {
    let squares: f64 = over.clone().map(|j| (j * j) as f64).sum();
    (1..=dim).map(|j| if over.contains(&j) { j as f64 * sum / squares } else { 0.0 }).collect()
}
