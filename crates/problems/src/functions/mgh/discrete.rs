//! A boundary value problem, as differences and as an integral.

use super::residuals::{Residuals, Root};
use crate::functions::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// The differential equation `u'' = (u + t + 1)^3 / 2` between two zeros, by differences: each coordinate meets its
/// neighbours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DiscreteBoundaryValue {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
    #[serde(skip)]
    root: Root,
}

impl Default for DiscreteBoundaryValue {
    fn default() -> Self {
        DiscreteBoundaryValue { dim: 10, start: Start::default(), root: Root::default() }
    }
}

impl Function for DiscreteBoundaryValue {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "discrete-boundary-value",
        formula: "sum_i (2 x_i - x_{i-1} - x_{i+1} + h^2 (x_i + i h + 1)^3 / 2)^2, \
                  h = 1 / (dim + 1), x_0 = x_{dim+1} = 0",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 28",
        teaches: "news that travels from neighbour to neighbour",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "ill-conditioned", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        self.root.facts(self, bent(self.dim), (-1.0, 1.0))
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        bent(self.dim)
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for DiscreteBoundaryValue {
    fn count(&self) -> usize {
        self.dim
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (c, n) = (R::of, x.len());
        let h = 1.0 / (n + 1) as f64;
        let y = move |k: usize| if (1..=n).contains(&k) { x[k - 1] } else { R::ZERO };
        let u = y(i) + c(i as f64 * h + 1.0);
        let r = c(2.0) * y(i) - y(i - 1) - y(i + 1) + c(h * h / 2.0) * u * u * u;
        let bend = c(2.0) + c(1.5 * h * h) * u * u;
        let row = (i.max(2) - 1..=(i + 1).min(n)).map(move |k| (k - 1, if k == i { bend } else { -c(1.0) }));
        (r, row)
    }
}

/// The same curve as of [`DiscreteBoundaryValue`], by an integral: every coordinate meets every other, and the bowl is
/// round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DiscreteIntegralEquation {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
    #[serde(skip)]
    root: Root,
}

impl Default for DiscreteIntegralEquation {
    fn default() -> Self {
        DiscreteIntegralEquation { dim: 10, start: Start::default(), root: Root::default() }
    }
}

impl Function for DiscreteIntegralEquation {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "discrete-integral-equation",
        formula: "sum_i (x_i + h/2 sum_j t_min(i,j) (1 - t_max(i,j)) (x_j + t_j + 1)^3)^2, \
                  t_j = j h, h = 1 / (dim + 1)",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 29",
        teaches: "the same solution from a kinder formula",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        self.root.facts(self, bent(self.dim), (-1.0, 1.0))
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        bent(self.dim)
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for DiscreteIntegralEquation {
    fn count(&self) -> usize {
        self.dim
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (c, n) = (R::of, x.len());
        let h = 1.0 / (n + 1) as f64;
        let t = move |j: usize| j as f64 * h;
        let kernel = move |j: usize| c(0.5 * h * t(i.min(j)) * (1.0 - t(i.max(j))));
        let u = move |j: usize| x[j - 1] + c(t(j) + 1.0);
        let r = (1..=n).fold(x[i - 1], |sum, j| sum + kernel(j) * u(j) * u(j) * u(j));
        (r, (1..=n).map(move |j| (j - 1, c(3.0) * kernel(j) * u(j) * u(j))).chain([(i - 1, c(1.0))]))
    }
}

/// The start of both: a parabola through the zeros.
fn bent(dim: usize) -> Vec<f64> {
    let t = |i: usize| i as f64 / (dim + 1) as f64;
    (1..=dim).map(|i| t(i) * (t(i) - 1.0)).collect()
}
