//! Broyden's two banded systems.

use super::residuals::{Residuals, Root};
use crate::functions::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// Quadratics that each hold a coordinate between its neighbours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BroydenTridiagonal {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
    #[serde(skip)]
    root: Root,
}

impl Default for BroydenTridiagonal {
    fn default() -> Self {
        BroydenTridiagonal { dim: 10, start: Start::default(), root: Root::default() }
    }
}

impl Function for BroydenTridiagonal {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "broyden-tridiagonal",
        formula: "sum_i ((3 - 2 x_i) x_i - x_{i-1} - 2 x_{i+1} + 1)^2, x_0 = x_{dim+1} = 0",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 30",
        teaches: "a chain of neighbours",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        self.root.facts(self, vec![-1.0; self.dim], (-2.0, 2.0))
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![-1.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for BroydenTridiagonal {
    fn count(&self) -> usize {
        self.dim
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (c, n) = (R::of, x.len());
        let y = move |k: usize| if (1..=n).contains(&k) { x[k - 1] } else { R::ZERO };
        let r = (c(3.0) - c(2.0) * y(i)) * y(i) - y(i - 1) - c(2.0) * y(i + 1) + c(1.0);
        let slope = move |k: usize| match i {
            _ if k < i => -c(1.0),
            _ if k > i => -c(2.0),
            _ => c(3.0) - c(4.0) * y(i),
        };
        (r, (i.max(2) - 1..=(i + 1).min(n)).map(move |k| (k - 1, slope(k))))
    }
}

/// Cubics in a coordinate, and quadratics in its five neighbours before and one behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BroydenBanded {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
    #[serde(skip)]
    root: Root,
}

impl Default for BroydenBanded {
    fn default() -> Self {
        BroydenBanded { dim: 10, start: Start::default(), root: Root::default() }
    }
}

impl Function for BroydenBanded {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "broyden-banded",
        formula: "sum_i (x_i (2 + 5 x_i^2) + 1 - sum_{j != i, i-5 <= j <= i+1} x_j (1 + x_j))^2",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 31",
        teaches: "a wide band of neighbours",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        self.root.facts(self, vec![-1.0; self.dim], (-2.0, 2.0))
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![-1.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for BroydenBanded {
    fn count(&self) -> usize {
        self.dim
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (c, here) = (R::of, i - 1);
        let own = x[here] * (c(2.0) + c(5.0) * x[here] * x[here]) + c(1.0);
        let near = here.saturating_sub(5)..(here + 2).min(x.len());
        let r = near.clone().filter(|&j| j != here).fold(own, |r, j| r - x[j] * (c(1.0) + x[j]));
        let slope = move |j: usize| match j == here {
            true => c(2.0) + c(15.0) * x[j] * x[j],
            false => -c(1.0) - c(2.0) * x[j],
        };
        (r, near.map(move |j| (j, slope(j))))
    }
}
