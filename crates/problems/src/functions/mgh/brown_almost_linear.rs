//! Brown's almost linear function.

use super::residuals::Residuals;
use crate::functions::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// All residuals are linear but the last, a product. Beside the minima, which are 0, a valley runs out to a height
/// of 1.
///
/// The minimisers are `(a, ..., a, a^(1-dim))` for the roots `a` of `dim a^dim - (dim + 1) a^(dim-1) + 1`: 1, one
/// below, and for an odd dimension a negative one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrownAlmostLinear {
    /// The number of coordinates, `>= 2`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for BrownAlmostLinear {
    fn default() -> Self {
        BrownAlmostLinear { dim: 10, start: Start::default() }
    }
}

impl Function for BrownAlmostLinear {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "brown-almost-linear",
        formula: "sum_{i<dim} (x_i + sum_j x_j - (dim + 1))^2 + (prod_j x_j - 1)^2",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 27",
        teaches: "one product among lines",
        hypers: &[Hyper::new("dim", Range::AtLeast(2), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "multimodal", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        let n = self.dim as f64;
        let p = |a: f64| libm::pow(a, n - 1.0) * (n * a - (n + 1.0)) + 1.0;
        let place = |a: f64| [vec![a; self.dim - 1], vec![n + 1.0 - n * a]].concat();
        // Between 1 and the root below it, the polynomial is least at 1 - 1 / n^2.
        let mut roots = vec![1.0, bisect(p, 0.0, 1.0 - 1.0 / (n * n))];
        if self.dim % 2 == 1 {
            roots.push(bisect(p, 0.0, -1.0));
        }
        let domain = [vec![(-2.0, 2.0); self.dim - 1], vec![(-1.0, 2.0 * n + 1.0)]].concat();
        Facts { domain, ..Facts::global(0.0, roots.into_iter().map(place).collect()) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.5; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for BrownAlmostLinear {
    fn count(&self) -> usize {
        self.dim
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (c, n) = (R::of, x.len());
        let others = move |j: usize| x.iter().enumerate().fold(R::ONE, |p, (k, &x)| if k == j { p } else { p * x });
        let r = if i < n {
            x.iter().fold(x[i - 1] - c((n + 1) as f64), |sum, &x| sum + x)
        } else {
            x.iter().fold(R::ONE, |p, &x| p * x) - c(1.0)
        };
        let slope = move |j: usize| match i {
            _ if i == n => others(j),
            _ if i == j + 1 => c(2.0),
            _ => c(1.0),
        };
        (r, (0..n).map(move |j| (j, slope(j))))
    }
}

/// Where `p` changes its sign, between a point where it is positive and one where it is negative.
fn bisect(p: impl Fn(f64) -> f64, mut positive: f64, mut negative: f64) -> f64 {
    for _ in 0..200 {
        let middle = 0.5 * (positive + negative);
        *(if p(middle) > 0.0 { &mut positive } else { &mut negative }) = middle;
    }
    0.5 * (positive + negative)
}
