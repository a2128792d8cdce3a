//! Rare features: logistic regression on Zipf's law.

use crate::math::{normal, uniform};
use crate::problem::{Batch, Facts, Info, Measures, Metric, Part, Problem, ProblemError, Sample, Scratch};
use crate::{Context, Family, FamilyFacts, Rng, Stream, Streams};
use downhill::{Hyper, Layout, Range, Real, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Logistic regression on features as rare as words: the `j`-th is there (1, else 0) with probability `min(1, 2/j)`.
///
/// ```text
/// mean over examples of log(1 + exp(-y w.x)),  P(y = 1) = 1 / (1 + exp(-w*.x)),  w*_j ~ log(max(1, j/2)) N(0, 1)
/// ```
///
/// The rarer a feature, the more it says: its planted weight grows with the logarithm of its rarity, the inverse
/// document frequency of Spärck Jones 1972. About 15 of 2000 features are there in an example. Data and `w*` are drawn
/// from `instance` alone; validation and test have a quarter of `examples` each. The start is 0. An evaluation costs as
/// many operations as the batch has features, and one pass over the gradient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Zipf {
    /// The number of features, `>= 2`.
    pub dim: usize,
    /// The number of training examples, `>= 4`.
    pub examples: usize,
    /// Which of the random data sets.
    pub instance: u64,
}

impl Default for Zipf {
    fn default() -> Self {
        Zipf { dim: 2000, examples: 20_000, instance: 0 }
    }
}

impl Family for Zipf {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "zipf",
        formula: "mean of log(1 + exp(-y w.x)), P(x_j = 1) = min(1, 2/j)",
        source: "after the sparse setting of Duchi, Hazan & Singer 2011, JMLR 12",
        teaches: "rare features want their own learning rate: Adagrad against SGD",
        hypers: &[
            Hyper::new("dim", Range::AtLeast(2), "number of features"),
            Hyper::new("examples", Range::AtLeast(4), "number of training examples"),
            Hyper::new("instance", Range::AtLeast(0), "which of the random data sets"),
        ],
        tags: &["synthetic", "nd", "convex", "classification", "sparse"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        Ok(Arc::new(Examples::draw(self)))
    }
}

/// The features that are there, example by example: training, then validation, then test.
struct Examples {
    dim: usize,
    train: usize,
    /// Where each example's features end.
    ends: Vec<usize>,
    features: Vec<u32>,
    positive: Vec<bool>,
}

impl Examples {
    fn draw(zipf: &Zipf) -> Self {
        let mut rng = Streams::new("zipf, data", zipf.instance).rng(Stream::Noise);
        let planted: Vec<f64> = (0..zipf.dim).map(|j| -libm::log(presence(j)) * normal(&mut rng)).collect();
        let n = zipf.examples + 2 * (zipf.examples / 4);
        let mut rows = vec![Vec::new(); n];
        for j in 0..zipf.dim {
            let mut row = gap(j, &mut rng);
            while row < n {
                rows[row].push(j as u32);
                row += 1 + gap(j, &mut rng);
            }
        }
        let label = |row: &Vec<u32>| {
            let score: f64 = row.iter().map(|&j| planted[j as usize]).sum();
            uniform(&mut rng) < 1.0 / (1.0 + libm::exp(-score))
        };
        let positive = rows.iter().map(label).collect();
        let ends = rows
            .iter()
            .scan(0, |end, row| {
                Some({
                    *end += row.len();
                    *end
                })
            })
            .collect();
        Examples { dim: zipf.dim, train: zipf.examples, ends, features: rows.concat(), positive }
    }

    /// Adds the gradient of one example, divided by the batch size, to `g` if there is one; gives loss and whether
    /// the sign of the score is right.
    fn example<R: Real>(&self, row: usize, x: &[R], g: Option<(&mut [R], f64)>) -> (f64, bool) {
        let begin = if row == 0 { 0 } else { self.ends[row - 1] };
        let features = &self.features[begin..self.ends[row]];
        let mut score = R::ZERO;
        for &j in features {
            score += x[j as usize];
        }
        let sign = if self.positive[row] { 1.0 } else { -1.0 };
        let margin = sign * score.to_f64();
        // log(1 + exp(-m)) = max(-m, 0) + log(1 + exp(-|m|)): no overflow.
        let e = libm::exp(-margin.abs());
        if let Some((g, batch)) = g {
            let wrong = if margin > 0.0 { e } else { 1.0 } / (1.0 + e);
            let slope = R::of(-sign * wrong / batch);
            for &j in features {
                g[j as usize] += slope;
            }
        }
        ((-margin).max(0.0) + libm::log1p(e), margin > 0.0)
    }
}

/// The probability that feature `j` (from 0) is there.
fn presence(j: usize) -> f64 {
    (2.0 / (j + 1) as f64).min(1.0)
}

/// How many examples in a row lack feature `j` (from 0): geometric, so one draw for each example that has it.
fn gap(j: usize, rng: &mut Rng) -> usize {
    match presence(j) {
        1.0 => 0,
        p => (libm::log(1.0 - uniform(rng)) / libm::log(1.0 - p)) as usize,
    }
}

impl Info for Examples {
    fn layout(&self) -> Layout {
        Layout::new().block("w", [self.dim], Role::Head)
    }
    fn examples(&self) -> usize {
        self.train
    }
    fn facts(&self) -> Facts {
        let metric = Some(Metric { name: "accuracy", higher_is_better: true });
        Facts { lower_bound: Some(0.0), metric, ..Facts::default() }
    }
}

impl<R: Real> Problem<R> for Examples {
    fn start(&self, _: &mut Rng, x: &mut [R]) {
        x.fill(R::ZERO);
    }
    fn eval(&self, x: &[R], sample: &Sample<'_>, g: &mut [R], _: &mut Scratch<R>) -> R {
        g.fill(R::ZERO);
        let mut total = |rows: &mut dyn ExactSizeIterator<Item = usize>| {
            let batch = rows.len() as f64;
            rows.map(|row| self.example(row, x, Some((&mut *g, batch))).0).sum::<f64>() / batch
        };
        R::of(match sample.batch {
            Batch::All => total(&mut (0..self.train)),
            Batch::Rows(rows) => total(&mut rows.iter().map(|&row| row as usize)),
        })
    }
    fn measure(&self, x: &[R], part: Part, _: &mut Scratch<R>) -> Measures {
        let kept = self.train / 4;
        let rows = match part {
            Part::Train => 0..self.train,
            Part::Validation => self.train..self.train + kept,
            Part::Test => self.train + kept..self.train + 2 * kept,
        };
        let (n, mut loss, mut right) = (rows.len() as f64, 0.0, 0);
        for row in rows {
            let (one, hit) = self.example(row, x, None);
            loss += one;
            right += usize::from(hit);
        }
        Measures { objective: loss / n, loss: loss / n, metric: Some(right as f64 / n) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_follow_zipfs_law() {
        let examples = Examples::draw(&Zipf::default());
        let n = examples.positive.len() as f64;
        for j in [0, 1, 2, 9, 99, 999] {
            let found = examples.features.iter().filter(|&&f| f == j).count() as f64;
            let p = (2.0 / f64::from(j + 1)).min(1.0);
            assert!((found - n * p).abs() <= 5.0 * (n * p * (1.0 - p)).sqrt(), "feature {j}: {found} of {n}");
        }
    }

    /// Mean loss of one pass, each example judged before it is learnt from, at the best of three learning rates.
    fn progressive(examples: &Examples, rates: [f64; 3], rate: impl Fn(f64, f64) -> f64) -> f64 {
        let pass = |lr: f64| {
            let [mut x, mut g, mut sum] = [const { Vec::new() }; 3].map(|mut v| {
                v.resize(examples.dim, 0.0);
                v
            });
            let mut total = 0.0;
            for row in 0..examples.train {
                g.fill(0.0);
                total += examples.example(row, &x, Some((&mut g, 1.0))).0;
                for ((x, &g), sum) in x.iter_mut().zip(&g).zip(&mut sum).filter(|((_, g), _)| **g != 0.0) {
                    *sum += g * g;
                    *x -= rate(lr, *sum) * g;
                }
            }
            total / examples.train as f64
        };
        rates.map(pass).into_iter().fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn a_learning_rate_for_each_feature_pays() {
        for instance in 0..3 {
            let examples = Examples::draw(&Zipf { instance, ..Zipf::default() });
            let sgd = progressive(&examples, [0.03, 0.1, 0.3], |lr, _| lr);
            let adagrad = progressive(&examples, [0.1, 0.3, 1.0], |lr, sum| lr / sum.sqrt());
            assert!(adagrad < 0.9 * sgd, "instance {instance}: Adagrad {adagrad}, SGD {sgd}");
        }
    }
}
