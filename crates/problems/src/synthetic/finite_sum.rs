//! Regressions on Gaussian data, of any condition.

use super::rotation::Rotation;
use super::spectrum::Spectrum;
use super::{Link, around, at_least_1, newton};
use crate::math::normal;
use crate::problem::{Batch, Facts, Info, Measures, Part, Problem, ProblemError, Sample, Scratch};
use crate::{Context, Family, FamilyFacts, Rng, Stream, Streams};
use downhill::{Hyper, Layout, Range, Real, real};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

/// Minima are looked for up to so many coordinates: that takes `O(examples dim^2)`.
const CHEAP: usize = 200;

/// A linear prediction `a.x` from Gaussian features, with targets that come from a planted one.
///
/// ```text
/// f(x) = mean over examples of loss(a.x, y),  a ~ N(0, Q' diag(h) Q),  h from 1 to 1 / kappa in even ratios
/// ```
///
/// The [`Link`] has losses and targets. The planted weights make predictions of variance 1, so that `noise` is in their
/// unit. With fewer examples than coordinates, or without noise, the training loss can be 0: it is interpolated, and
/// gradients of batches vanish at the minimum as well. All data are drawn from `instance`; validation and test have a
/// quarter of `examples` each. The start is drawn from N(0, 1/dim).
///
/// The minimum is known without noise (the planted weights; but for logistic loss, which then has none), and for squared and
/// logistic loss up to 200 coordinates and as many examples at least, by Newton's method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FiniteSum {
    /// How targets are made, and what is lost.
    pub loss: Link,
    /// The number of features, `>= 1`.
    pub dim: usize,
    /// The number of training examples, `>= 4`.
    pub examples: usize,
    /// The ratio of the largest variance of the features to the smallest, `>= 1`.
    pub kappa: f64,
    /// The scale of the targets' noise, in standard deviations of the planted prediction, `>= 0`.
    pub noise: f64,
    /// How many features are turned together, `>= 1`; `dim` or more turns all.
    pub block: usize,
    /// Which of the random data sets.
    pub instance: u64,
}

impl Default for FiniteSum {
    fn default() -> Self {
        let loss = Link::default();
        FiniteSum { loss, dim: 20, examples: 1000, kappa: 100.0, noise: 0.1, block: 20, instance: 0 }
    }
}

impl Family for FiniteSum {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "finite-sum",
        formula: "mean of loss(a.x, y), a ~ N(0, Q' diag(h) Q), h from 1 to 1/kappa, y from planted weights",
        source: "as in Johnson & Zhang 2013, NIPS; interpolation: Ma, Bassily & Belkin 2018, arXiv:1712.06559",
        teaches: "noise of batches that vanishes at the minimum, or does not; convex losses and others",
        hypers: &[
            Hyper::new("loss", Range::OneOf(Link::WORDS), "how targets are made, and what is lost"),
            Hyper::new("dim", Range::AtLeast(1), "number of features"),
            Hyper::new("examples", Range::AtLeast(4), "number of training examples"),
            Hyper::new("kappa", Range::Positive, "ratio of the features' variances, at least 1"),
            Hyper::new("noise", Range::NonNegative, "scale of the targets' noise, in sd of the prediction"),
            Hyper::new("block", Range::AtLeast(1), "how many features are turned together; 1 turns none"),
            Hyper::new("instance", Range::AtLeast(0), "which of the random data sets"),
        ],
        tags: &["synthetic", "nd", "finite-sum", "ill-conditioned"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        at_least_1("kappa", self.kappa)?;
        Ok(Arc::new(self.draw::<R>()))
    }
}

impl FiniteSum {
    fn draw<R: Real>(&self) -> Regression<R> {
        let &FiniteSum { loss, dim, examples, kappa, noise, block, instance } = self;
        let mut rng = Streams::new("finite-sum, data", instance).rng(Stream::Noise);
        let rotation = Rotation::draw(dim, block, &mut rng);
        let h = Spectrum::LogUniform.curvatures(dim, kappa, 0);
        let mut planted: Vec<f64> = (0..dim).map(|_| normal(&mut rng)).collect();
        let variance: f64 = planted.iter().zip(&h).map(|(w, h)| h * w * w).sum();
        planted.iter_mut().for_each(|w| *w /= libm::sqrt(variance));
        rotation.undo(&mut planted);
        let mut points = |n: usize| {
            let (mut a, mut y) = (Vec::with_capacity(n * dim), Vec::with_capacity(n));
            for _ in 0..n {
                let mut row: Vec<f64> = h.iter().map(|h| libm::sqrt(*h) * normal(&mut rng)).collect();
                rotation.undo(&mut row);
                y.push(loss.target(real::dot(&row, &planted), noise, &mut rng));
                a.extend(row.into_iter().map(R::of));
            }
            Points { a, y }
        };
        let parts = [points(examples), points(examples / 4), points(examples / 4)];
        Regression { family: self.clone(), parts, planted, facts: OnceLock::new() }
    }
}

struct Regression<R> {
    family: FiniteSum,
    parts: [Points<R>; 3],
    planted: Vec<f64>,
    /// Made when they are asked for.
    facts: OnceLock<Facts>,
}

/// Features, row by row, and targets.
struct Points<R> {
    a: Vec<R>,
    y: Vec<f64>,
}

impl<R: Real> Regression<R> {
    /// Calls `each` with the features, loss, slope and curvature of examples.
    fn visit(&self, x: &[R], part: Part, batch: Batch<'_>, mut each: impl FnMut(&[R], [f64; 3])) {
        let Points { a, y } = &self.parts[part as usize];
        let mut one = |i: usize| {
            let a = &a[i * self.family.dim..(i + 1) * self.family.dim];
            each(a, self.family.loss.loss(real::dot(a, x), y[i]));
        };
        match batch {
            Batch::All => (0..y.len()).for_each(one),
            Batch::Rows(rows) => rows.iter().for_each(|&i| one(i as usize)),
        }
    }

    fn size(&self, batch: Batch<'_>) -> f64 {
        match batch {
            Batch::All => self.parts[0].y.len() as f64,
            Batch::Rows(rows) => rows.len() as f64,
        }
    }

    fn mean(&self, x: &[R], part: Part) -> f64 {
        let mut sum = 0.0;
        self.visit(x, part, Batch::All, |_, [loss, ..]| sum += loss);
        sum / self.parts[part as usize].y.len() as f64
    }
}

impl Regression<f64> {
    fn minimiser(&self) -> Option<Vec<f64>> {
        let (&FiniteSum { loss, dim, noise, .. }, n) = (&self.family, self.parts[0].y.len());
        match loss {
            Link::Squared | Link::Cauchy | Link::Phase if noise == 0.0 => Some(self.planted.clone()),
            Link::Squared | Link::Logistic if dim <= CHEAP.min(n) => {
                newton::minimum(self.planted.clone(), |x, g, h| self.add_curvature(x, g, h))
            }
            _ => None,
        }
    }

    /// Adds gradient and Hessian to zeros.
    fn add_curvature(&self, x: &[f64], g: &mut [f64], h: &mut [f64]) {
        let n = self.parts[0].y.len() as f64;
        self.visit(x, Part::Train, Batch::All, |a, [_, slope, curvature]| {
            for ((g, a_i), row) in g.iter_mut().zip(a).zip(h.chunks_mut(a.len())) {
                *g += slope / n * a_i;
                row.iter_mut().zip(a).for_each(|(h, a_j)| *h += curvature / n * a_i * a_j);
            }
        });
    }

    fn known(&self) -> Facts {
        let common = Facts { lower_bound: Some(0.0), curved: true, ..Facts::default() };
        let Some(x) = self.minimiser() else { return common };
        let (minimum, domain) = (self.mean(&x, Part::Train), vec![around(&x)]);
        let other = (self.family.loss == Link::Phase).then(|| x.iter().map(|x| -x).collect());
        let minimisers = std::iter::once(x).chain(other).collect();
        Facts { minimum: Some(minimum), minimisers, domain, ..common }
    }
}

impl<R: Real> Info for Regression<R> {
    fn layout(&self) -> Layout {
        Layout::vector(self.family.dim)
    }
    fn examples(&self) -> usize {
        self.parts[0].y.len()
    }
    fn facts(&self) -> Facts {
        // Of the data in double precision, also where features are rounded to single.
        let known = self.facts.get_or_init(|| self.family.draw::<f64>().known());
        known.clone()
    }
}

impl<R: Real> Problem<R> for Regression<R> {
    fn start(&self, rng: &mut Rng, x: &mut [R]) {
        let scale = 1.0 / libm::sqrt(self.family.dim as f64);
        x.fill_with(|| R::of(scale * normal(rng)));
    }
    fn eval(&self, x: &[R], sample: &Sample<'_>, g: &mut [R], _: &mut Scratch<R>) -> R {
        let (mut sum, n) = (0.0, self.size(sample.batch));
        g.fill(R::ZERO);
        self.visit(x, Part::Train, sample.batch, |a, [loss, slope, _]| {
            sum += loss;
            let slope = R::of(slope / n);
            g.iter_mut().zip(a).for_each(|(g, &a)| *g += slope * a);
        });
        R::of(sum / n)
    }
    fn hessian_vector(&self, x: &[R], v: &[R], sample: &Sample<'_>, hv: &mut [R], _: &mut Scratch<R>) -> Option<()> {
        let n = self.size(sample.batch);
        hv.fill(R::ZERO);
        self.visit(x, Part::Train, sample.batch, |a, [_, _, curvature]| {
            let along = R::of(curvature / n * real::dot(a, v));
            hv.iter_mut().zip(a).for_each(|(hv, &a)| *hv += along * a);
        });
        Some(())
    }
    fn measure(&self, x: &[R], part: Part, _: &mut Scratch<R>) -> Measures {
        let loss = self.mean(x, part);
        Measures { objective: loss, loss, metric: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minima_are_known_where_there_are_any() {
        use Link::{Cauchy, Logistic, Phase, Squared};
        for (loss, noise, dim, known) in [
            (Squared, 0.1, 20, true),
            (Squared, 0.1, 101, false),
            (Squared, 0.0, 101, true),
            (Logistic, 1.0, 5, true),
            (Logistic, 0.0, 5, false),
            (Cauchy, 0.0, 5, true),
            (Cauchy, 0.1, 5, false),
            (Phase, 0.0, 5, true),
        ] {
            let facts = FiniteSum { loss, noise, dim, examples: 100, ..FiniteSum::default() }.draw::<f32>().facts();
            assert_eq!(facts.minimum.is_some(), known, "{loss:?}, {noise}, {dim}: {facts:?}");
            assert!(facts.minimum.is_none_or(|m| (m == 0.0) == (noise == 0.0)), "{loss:?}, {noise}: {facts:?}");
        }
    }

    #[test]
    fn predictions_vary_as_much_as_noise_of_1() {
        let family = FiniteSum { loss: Link::Squared, noise: 2.0, examples: 20_000, ..FiniteSum::default() };
        let targets = &family.draw::<f64>().parts[0].y;
        let variance = targets.iter().map(|y| y * y).sum::<f64>() / 20_000.0;
        assert!((variance - 5.0).abs() < 0.3, "{variance}");
    }
}
