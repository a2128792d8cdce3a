//! The lasso, with a certificate of how far it is from solved.

use super::spectrum::Spectrum;
use super::{around, at_least_1};
use crate::math::normal;
use crate::problem::{Facts, Info, Measures, Metric, Part, Problem, ProblemError, Sample, Scratch};
use crate::{Context, Family, FamilyFacts, Rng, Stream, Streams};
use downhill::{Hyper, Layout, Range, Real, real};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

/// Least squares with a price on every weight, which makes most of them 0: a sum of kinks.
///
/// ```text
/// f(x) = 1/(2 examples) |A x - b|^2 + lambda |x|_1,  b = A x* + 0.1 z,  x* with `support` entries of N(0, 1)
/// ```
///
/// `lambda` is `price` times the least one at which nothing pays and `x = 0` is the solution. At 0 the slope of a kink is
/// taken as 0. The metric is the duality gap, which no distance to the minimum exceeds: it needs no solution to be known.
/// Features are Gaussian, with variances from 1 to `1 / kappa`; they and `x*` are drawn from `instance`. There is one part,
/// and no batches. The start is drawn from N(0, 1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lasso {
    /// The number of features, `>= 1`.
    pub dim: usize,
    /// The number of rows of `A`, `>= 1`.
    pub examples: usize,
    /// The number of planted weights, `>= 1`; at most `dim` are.
    pub support: usize,
    /// `lambda`, in units of the least one that leaves nothing, `> 0`.
    pub price: f64,
    /// The ratio of the largest variance of the features to the smallest, `>= 1`.
    pub kappa: f64,
    /// Which of the random data sets.
    pub instance: u64,
}

impl Default for Lasso {
    fn default() -> Self {
        Lasso { dim: 50, examples: 100, support: 5, price: 0.1, kappa: 10.0, instance: 0 }
    }
}

impl Family for Lasso {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "lasso",
        formula: "1/(2n) |A x - b|^2 + lambda |x|_1",
        source: "Tibshirani 1996, JRSS B 58; gap: Kim et al. 2007, IEEE J. Sel. Topics Signal Process. 1",
        teaches: "subgradients: steps that do not shrink swing about kinks for ever",
        hypers: &[
            Hyper::new("dim", Range::AtLeast(1), "number of features"),
            Hyper::new("examples", Range::AtLeast(1), "number of rows"),
            Hyper::new("support", Range::AtLeast(1), "number of planted weights"),
            Hyper::new("price", Range::Positive, "lambda, in units of the least one that leaves nothing"),
            Hyper::new("kappa", Range::Positive, "ratio of the features' variances, at least 1"),
            Hyper::new("instance", Range::AtLeast(0), "which of the random data sets"),
        ],
        tags: &["synthetic", "nd", "convex", "kink"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        at_least_1("kappa", self.kappa)?;
        Ok(Arc::new(self.draw::<R>()))
    }
}

impl Lasso {
    fn draw<R: Real>(&self) -> Sparse<R> {
        let n = self.examples;
        let mut rng = Streams::new("lasso, data", self.instance).rng(Stream::Noise);
        let variances = Spectrum::LogUniform.curvatures(self.dim, self.kappa, 0);
        // In a random order: which feature is planted has nothing to do with its variance.
        let mut order: Vec<usize> = (0..self.dim).collect();
        (1..self.dim).rev().for_each(|i| order.swap(i, crate::sampling::below(&mut rng, i + 1) as usize));
        let columns: Vec<Vec<f64>> =
            order.iter().map(|&i| (0..n).map(|_| libm::sqrt(variances[i]) * normal(&mut rng)).collect()).collect();
        let mut b: Vec<f64> = (0..n).map(|_| 0.1 * normal(&mut rng)).collect();
        for column in columns.iter().take(self.support) {
            let w = normal(&mut rng);
            b.iter_mut().zip(column).for_each(|(b, a)| *b += w * a);
        }
        let steepest = columns.iter().map(|a| real::dot(a, &b).abs()).fold(0.0, f64::max);
        let lambda = self.price * steepest / n as f64;
        let cast = |x: Vec<f64>| x.into_iter().map(R::of).collect();
        let (columns, b) = (columns.into_iter().map(cast).collect(), cast(b));
        Sparse { family: self.clone(), columns, b, lambda, facts: OnceLock::new() }
    }
}

struct Sparse<R> {
    family: Lasso,
    /// Of `A`.
    columns: Vec<Vec<R>>,
    b: Vec<R>,
    lambda: f64,
    /// Made when they are asked for.
    facts: OnceLock<Facts>,
}

impl<R: Real> Sparse<R> {
    /// `A x - b`.
    fn residual(&self, x: &[R], r: &mut [R]) {
        r.iter_mut().zip(&self.b).for_each(|(r, &b)| *r = -b);
        for (&x, a) in x.iter().zip(&self.columns) {
            r.iter_mut().zip(a).for_each(|(r, &a)| *r += x * a);
        }
    }

    fn value(&self, x: &[R], r: &[R]) -> f64 {
        real::dot(r, r) / (2.0 * r.len() as f64) + self.lambda * real::sum(x, f64::abs)
    }

    /// The value less that of the dual, `|b|^2 / 2n - |b - u|^2 / 2n`, at the residual, shortened until no feature has
    /// more than its price: `|A' u| <= n lambda`.
    fn gap(&self, x: &[R], r: &[R]) -> f64 {
        let n = r.len() as f64;
        let steepest = self.columns.iter().map(|a| real::dot(a, r).abs()).fold(0.0, f64::max);
        let share = (n * self.lambda / steepest).min(1.0);
        // With u = -share r, b - u = b + share r.
        let dual = -share * (real::dot(&self.b, r) + 0.5 * share * real::dot(r, r)) / n;
        (self.value(x, r) - dual).max(0.0)
    }
}

impl Sparse<f64> {
    /// By coordinate descent, to a gap of 1e-14 of the value at 0, if that takes less than 20,000 rounds.
    fn solve(&self) -> Option<Vec<f64>> {
        let (mut x, mut r, n) = (vec![0.0; self.columns.len()], vec![0.0; self.b.len()], self.b.len() as f64);
        let enough = 1e-14 * real::dot(&self.b, &self.b) / (2.0 * n);
        for _ in 0..2000 {
            // Anew, so that rounding does not add up.
            self.residual(&x, &mut r);
            if self.gap(&x, &r) <= enough {
                return Some(x);
            }
            for _ in 0..10 {
                for (x, a) in x.iter_mut().zip(&self.columns) {
                    let curvature = real::dot(a, a) / n;
                    let wish = *x - real::dot(a, &r) / (n * curvature);
                    let next = wish.signum() * (wish.abs() - self.lambda / curvature).max(0.0);
                    r.iter_mut().zip(a).for_each(|(r, a)| *r += (next - *x) * a);
                    *x = next;
                }
            }
        }
        None
    }

    fn known(&self) -> Facts {
        let metric = Some(Metric { name: "duality gap", higher_is_better: false });
        let common = Facts { lower_bound: Some(0.0), metric, ..Facts::default() };
        let Some(x) = self.solve() else { return common };
        let mut r = vec![0.0; self.b.len()];
        self.residual(&x, &mut r);
        let minimum = self.value(&x, &r);
        let lower_bound = Some(minimum - self.gap(&x, &r));
        Facts { minimum: Some(minimum), domain: vec![around(&x)], minimisers: vec![x], lower_bound, ..common }
    }
}

impl<R: Real> Info for Sparse<R> {
    fn layout(&self) -> Layout {
        Layout::vector(self.columns.len())
    }
    fn facts(&self) -> Facts {
        // Of the data in double precision, also where they are rounded to single.
        self.facts.get_or_init(|| self.family.draw::<f64>().known()).clone()
    }
}

impl<R: Real> Problem<R> for Sparse<R> {
    fn start(&self, rng: &mut Rng, x: &mut [R]) {
        x.fill_with(|| R::of(normal(rng)));
    }
    fn eval(&self, x: &[R], _: &Sample<'_>, g: &mut [R], scratch: &mut Scratch<R>) -> R {
        let (r, lambda) = (scratch.take(self.b.len()), R::of(self.lambda));
        self.residual(x, r);
        let n = r.len() as f64;
        for ((g, &x), a) in g.iter_mut().zip(x).zip(&self.columns) {
            *g = R::of(real::dot(a, r) / n) + lambda * x.sign();
        }
        R::of(self.value(x, r))
    }
    fn measure(&self, x: &[R], _: Part, scratch: &mut Scratch<R>) -> Measures {
        let r = scratch.take(self.b.len());
        self.residual(x, r);
        let loss = self.value(x, r);
        Measures { objective: loss, loss, metric: Some(self.gap(x, r)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_certifies_the_distance_to_the_minimum() {
        let lasso = Lasso::default().draw::<f64>();
        let facts = lasso.facts();
        let (x, mut r) = (&facts.minimisers[0], vec![0.0; 100]);
        // Most weights are exactly 0, and not all are.
        assert!((1..25).contains(&x.iter().filter(|&&x| x != 0.0).count()), "{x:?}");
        let mut rng = Streams::new("lasso", 0).rng(Stream::Noise);
        for k in 0..100 {
            let spread = libm::pow(10.0, -0.1 * f64::from(k));
            let near: Vec<f64> = x.iter().map(|x| x + spread * normal(&mut rng)).collect();
            lasso.residual(&near, &mut r);
            let above = lasso.value(&near, &r) - facts.minimum.unwrap_or(f64::NAN);
            assert!(lasso.gap(&near, &r) >= above - 1e-14 && above >= -1e-14, "{spread}: {above}");
        }
        // At a price of 1 nothing pays.
        let dear = Lasso { price: 1.0, ..Lasso::default() }.draw::<f64>();
        assert!(dear.facts().minimisers[0].iter().all(|&x| x == 0.0));
    }
}
