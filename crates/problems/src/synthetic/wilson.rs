//! Where adaptive methods find another minimum, and a worse one.

use crate::data::{Csr, Labels, Matrix, Portion, Splits};
use crate::math::uniform;
use crate::models::{Linear, Model};
use crate::problem::{Problem, ProblemError};
use crate::{Context, Family, FamilyFacts, Rng, Stream, Streams};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// [`Linear`] regression with more features than examples: the label itself, two that are always 1, and five of each
/// example's own.
///
/// ```text
/// y = +-1, P(y = 1) = share;  x = (y, 1, 1, 0 .. 0, 1, a, a, a, a, 0 .. 0),  a = 1 if y = -1, else 0
/// ```
///
/// There are many minima of loss 0. From zero, gradient descent and momentum go to the one of the smallest norm, which leans on
/// the first feature; methods that divide by the size of each coordinate's gradients go to one with all weights of the same
/// size, which takes new examples, whose own features nobody has seen, for `y = 1`. The model's offset is one more feature
/// that is always 1. Labels are drawn from `instance`; validation and test have 1000 examples each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wilson {
    /// The number of training examples, `>= 4`.
    pub examples: usize,
    /// The share of `y = 1`, above a half and below 1.
    pub share: f64,
    /// Which of the random data sets.
    pub instance: u64,
}

impl Default for Wilson {
    fn default() -> Self {
        Wilson { examples: 100, share: 0.6, instance: 0 }
    }
}

/// Features that all examples have.
const COMMON: usize = 3;
/// Features of each example alone.
const OWN: usize = 5;
/// Examples of validation, and of test.
const KEPT: usize = 1000;

impl Family for Wilson {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "wilson",
        formula: "mean of 1/2 (y - (w x + b))^2, x = (y, 1, 1, five of its own), y = +-1",
        source: "Wilson et al. 2017, arXiv:1705.08292, section 3.3",
        teaches: "the same training loss, another minimum: adaptive methods fail on new examples",
        hypers: &[
            Hyper::new("examples", Range::AtLeast(4), "number of training examples"),
            Hyper::new("share", Range::Positive, "share of y = 1, between a half and 1"),
            Hyper::new("instance", Range::AtLeast(0), "which of the random data sets"),
        ],
        tags: &["synthetic", "convex", "regression", "sparse", "overparameterized"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        if !(0.5 < self.share && self.share < 1.0) {
            return Err(ProblemError(format!("`share` is {}, allowed is 0.5 < value < 1", self.share)));
        }
        Ok(Arc::new(Linear::default().network(Arc::new(self.draw::<R>()))?))
    }
}

impl Wilson {
    fn draw<R: Real>(&self) -> Splits<R> {
        let mut rng = Streams::new("wilson, data", self.instance).rng(Stream::Noise);
        let width = COMMON + OWN * self.examples;
        let train = self.portion(self.examples, width, true, &mut rng);
        let validation = self.portion(KEPT, width, false, &mut rng);
        let test = self.portion(KEPT, width, false, &mut rng);
        Splits { train, validation, test, width, classes: 0 }
    }

    /// So many examples; those of training have features of their own, the others' are nobody's weights.
    fn portion<R: Real>(&self, examples: usize, width: usize, own: bool, rng: &mut Rng) -> Portion<R> {
        let mut x = Csr { starts: vec![0], columns: Vec::new(), values: Vec::new(), width };
        let mut labels = Vec::with_capacity(examples);
        for example in 0..examples {
            let positive = uniform(rng) < self.share;
            let y = if positive { R::ONE } else { -R::ONE };
            x.columns.extend(0..COMMON as u32);
            x.values.extend([y, R::ONE, R::ONE]);
            if own {
                let first = (COMMON + OWN * example) as u32;
                let count = if positive { 1 } else { OWN };
                x.columns.extend((first..).take(count));
                x.values.extend(std::iter::repeat_n(R::ONE, count));
            }
            x.starts.push(x.columns.len());
            labels.push(y);
        }
        Portion { x: Matrix::Sparse(x), y: Labels::Numbers(labels) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Batch, Part, Sample, Scratch};

    /// Test loss after full-batch steps, where the training loss is next to nothing.
    fn new_examples(step: impl Fn(&mut f64, f64, &mut f64)) -> f64 {
        let network = Linear::default().network::<f64>(Arc::new(Wilson::default().draw())).expect("numbers");
        let problem: &dyn Problem<f64> = &network;
        let (streams, n) = (Streams::new("wilson", 0), problem.layout().len());
        let (mut x, mut g, mut state, mut scratch) = (vec![0.0; n], vec![0.0; n], vec![0.0; n], Scratch::new());
        for t in 1..=6000 {
            let sample = Sample { batch: Batch::All, t, streams: &streams };
            problem.eval(&x, &sample, &mut g, &mut scratch);
            x.iter_mut().zip(&g).zip(&mut state).for_each(|((x, &g), s)| step(x, g, s));
        }
        assert!(problem.measure(&x, Part::Train, &mut scratch).loss < 1e-4);
        problem.measure(&x, Part::Test, &mut scratch).loss
    }

    #[test]
    fn new_examples_tell_two_minima_apart() {
        let descent = new_examples(|x, g, _| *x -= 0.3 * g);
        let adagrad = new_examples(|x, g, sum| {
            *sum += g * g;
            if g != 0.0 {
                *x -= 0.1 * g / sum.sqrt();
            }
        });
        assert!(descent < 0.01 && adagrad > 0.2, "descent {descent}, Adagrad {adagrad}");
    }
}
