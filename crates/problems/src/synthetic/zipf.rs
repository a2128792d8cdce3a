//! Rare features: logistic regression on Zipf's law.

use crate::data::{Csr, Labels, Matrix, Portion, Splits};
use crate::math::{normal, uniform};
use crate::models::{Logistic, Model};
use crate::problem::{Problem, ProblemError};
use crate::{Context, Family, FamilyFacts, Rng, Stream, Streams};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// [`Logistic`] regression on features as rare as words: the `j`-th is there (1, else 0) with probability
/// `min(1, 2/j)`.
///
/// ```text
/// P(y = 1) = 1 / (1 + exp(-w*.x)),  w*_j ~ log(max(1, j/2)) N(0, 1)
/// ```
///
/// The rarer a feature, the more it says: its planted weight grows with the logarithm of its rarity, the inverse
/// document frequency of Spärck Jones 1972. About 15 of 2000 features are there in an example. Data and `w*` are drawn
/// from `instance` alone; validation and test have a quarter of `examples` each.
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
        formula: "mean of log(1 + e^(-y f)), f = w x + b, y = +-1, P(x_j = 1) = min(1, 2/j)",
        source: "after the sparse setting of Duchi, Hazan & Singer 2011, JMLR 12",
        teaches: "rare features want their own learning rate: Adagrad against SGD",
        hypers: &[
            Hyper::new("dim", Range::AtLeast(2), "number of features"),
            Hyper::new("examples", Range::AtLeast(4), "number of training examples"),
            Hyper::new("instance", Range::AtLeast(0), "which of the random data sets"),
        ],
        tags: &["synthetic", "convex", "classification", "sparse"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        Ok(Arc::new(Logistic::default().network(Arc::new(self.draw::<R>()))?))
    }
}

impl Zipf {
    fn draw<R: Real>(&self) -> Splits<R> {
        let mut rng = Streams::new("zipf, data", self.instance).rng(Stream::Noise);
        let planted: Vec<f64> = (0..self.dim).map(|j| -libm::log(presence(j)) * normal(&mut rng)).collect();
        let kept = self.examples / 4;
        let mut rows = vec![Vec::new(); self.examples + 2 * kept];
        for j in 0..self.dim {
            let mut row = gap(j, &mut rng);
            while row < rows.len() {
                rows[row].push(j as u32);
                row += 1 + gap(j, &mut rng);
            }
        }
        let mut portion = |rows: &[Vec<u32>]| {
            let mut x = Csr { starts: vec![0], columns: rows.concat(), values: Vec::new(), width: self.dim };
            x.values = vec![R::ONE; x.columns.len()];
            let mut labels = Vec::with_capacity(rows.len());
            for row in rows {
                x.starts.push(x.starts[labels.len()] + row.len());
                let score: f64 = row.iter().map(|&j| planted[j as usize]).sum();
                labels.push(u32::from(uniform(&mut rng) < 1.0 / (1.0 + libm::exp(-score))));
            }
            Portion { x: Matrix::Sparse(x), y: Labels::Classes(labels) }
        };
        let (train, rest) = rows.split_at(self.examples);
        let (validation, test) = rest.split_at(kept);
        let (train, validation, test) = (portion(train), portion(validation), portion(test));
        Splits { train, validation, test, width: self.dim, classes: 2 }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Batch, Sample, Scratch};

    #[test]
    fn features_follow_zipfs_law() {
        let splits = Zipf::default().draw::<f32>();
        let Matrix::Sparse(x) = splits.train.x else { panic!("sparse") };
        let n = (x.starts.len() - 1) as f64;
        for j in [0, 1, 2, 9, 99, 999] {
            let found = x.columns.iter().filter(|&&column| column == j).count() as f64;
            let p = (2.0 / f64::from(j + 1)).min(1.0);
            assert!((found - n * p).abs() <= 5.0 * (n * p * (1.0 - p)).sqrt(), "feature {j}: {found} of {n}");
        }
    }

    /// Mean loss of one pass, each example judged before it is learnt from, at the best of three learning rates.
    fn progressive(problem: &dyn Problem<f64>, rates: [f64; 3], rate: impl Fn(f64, f64) -> f64) -> f64 {
        let (streams, n) = (Streams::new("zipf", 0), problem.layout().len());
        let pass = |lr: f64| {
            let (mut x, mut g, mut squares, mut scratch) = (vec![0.0; n], vec![0.0; n], vec![0.0; n], Scratch::new());
            let mut total = 0.0;
            for row in 0..problem.examples() as u32 {
                let sample = Sample { batch: Batch::Rows(&[row]), t: 1, streams: &streams };
                total += problem.eval(&x, &sample, &mut g, &mut scratch);
                for ((x, &g), sum) in x.iter_mut().zip(&g).zip(&mut squares).filter(|((_, g), _)| **g != 0.0) {
                    *sum += g * g;
                    *x -= rate(lr, *sum) * g;
                }
            }
            total / problem.examples() as f64
        };
        rates.map(pass).into_iter().fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn a_learning_rate_for_each_feature_pays() {
        for instance in 0..3 {
            let splits = Arc::new(Zipf { instance, ..Zipf::default() }.draw());
            let problem = Logistic::default().network(splits).expect("two classes");
            let sgd = progressive(&problem, [0.03, 0.1, 0.3], |lr, _| lr);
            let adagrad = progressive(&problem, [0.1, 0.3, 1.0], |lr, sum| lr / sum.sqrt());
            assert!(adagrad < 0.9 * sgd, "instance {instance}: Adagrad {adagrad}, SGD {sgd}");
        }
    }
}
