//! Bags of words: an embedding of which a step sees a few rows.

use super::Link;
use crate::math::{normal, uniform};
use crate::problem::{Batch, Facts, Info, Measures, Metric, Part, Problem, ProblemError, Sample, Scratch};
use crate::{Context, Family, FamilyFacts, Rng, Stream, Streams};
use downhill::{Hyper, Layout, Range, Real, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Classification of short texts by the mean of their words' embeddings and a linear head, as fastText does it.
///
/// ```text
/// mean over texts of log(1 + e^(-y f)),  f = w.(mean over words of E_word) + b,  P(word j) ~ j^-exponent
/// ```
///
/// Word `j` has a planted opinion `o_j ~ N(0, 1)`, and `P(y = 1) = 1 / (1 + e^-4s)`, `s` the sum of a text's opinions over
/// the square root of its length. A batch has a gradient for the rows of its own words only, and a rare word is seen
/// rarely: the embedding is where learning rates of their own pay. Texts and opinions are drawn from `instance`; validation
/// and test have a quarter of `examples` each. `E` and `w` start from N(0, 1/dim), `b` from 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bag {
    /// The number of different words, `>= 2`.
    pub words: usize,
    /// The length of an embedding, `>= 1`.
    pub dim: usize,
    /// Words in a text, `>= 1`.
    pub length: usize,
    /// The number of training texts, `>= 4`.
    pub examples: usize,
    /// How fast words get rare, `>= 0`: 1 is Zipf's law, with 0 all are equally frequent.
    pub exponent: f64,
    /// Which of the random data sets.
    pub instance: u64,
}

impl Default for Bag {
    fn default() -> Self {
        Bag { words: 1000, dim: 8, length: 10, examples: 2000, exponent: 1.0, instance: 0 }
    }
}

impl Family for Bag {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "bag",
        formula: "mean of log(1 + e^(-y f)), f = w.(mean of the words' embeddings) + b, P(word j) ~ j^-exponent",
        source: "the model of Joulin et al. 2017, arXiv:1607.01759, on Zipf's law",
        teaches: "sparse rows of an embedding: frequent words learn at once, rare ones need larger steps",
        hypers: &[
            Hyper::new("words", Range::AtLeast(2), "number of different words"),
            Hyper::new("dim", Range::AtLeast(1), "length of an embedding"),
            Hyper::new("length", Range::AtLeast(1), "words in a text"),
            Hyper::new("examples", Range::AtLeast(4), "number of training texts"),
            Hyper::new("exponent", Range::NonNegative, "how fast words get rare; 1 is Zipf's law"),
            Hyper::new("instance", Range::AtLeast(0), "which of the random data sets"),
        ],
        tags: &["synthetic", "nd", "classification", "sparse", "finite-sum"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        let mut rng = Streams::new("bag, data", self.instance).rng(Stream::Noise);
        let opinions: Vec<f64> = (0..self.words).map(|_| normal(&mut rng)).collect();
        let mut total = 0.0;
        let up_to: Vec<f64> = (0..self.words)
            .map(|j| {
                total += libm::pow((j + 1) as f64, -self.exponent);
                total
            })
            .collect();
        let scale = 4.0 / libm::sqrt(self.length as f64);
        let mut texts = |n: usize| {
            let mut texts = Texts { words: Vec::with_capacity(n * self.length), labels: Vec::with_capacity(n) };
            for _ in 0..n {
                let mut score = 0.0;
                for _ in 0..self.length {
                    let at = total * uniform(&mut rng);
                    let word = up_to.partition_point(|&sum| sum <= at).min(self.words - 1);
                    score += opinions[word];
                    texts.words.push(word as u32);
                }
                texts.labels.push(Link::Logistic.target(scale * score, 1.0, &mut rng));
            }
            texts
        };
        let parts = [texts(self.examples), texts(self.examples / 4), texts(self.examples / 4)];
        Ok(Arc::new(Classifier { shape: [self.words, self.dim], length: self.length, parts }))
    }
}

struct Classifier {
    /// Of the embedding.
    shape: [usize; 2],
    length: usize,
    parts: [Texts; 3],
}

struct Texts {
    /// `length` a text.
    words: Vec<u32>,
    /// 1 or -1.
    labels: Vec<f64>,
}

/// The parameters, or their gradient.
struct Blocks<T> {
    embedding: T,
    head: T,
    bias: T,
}

impl Classifier {
    fn blocks<'a, R>(&self, x: &'a [R]) -> Blocks<&'a [R]> {
        let [words, dim] = self.shape;
        let (embedding, rest) = x.split_at(words * dim);
        let (head, bias) = rest.split_at(dim);
        Blocks { embedding, head, bias }
    }

    fn blocks_mut<'a, R>(&self, x: &'a mut [R]) -> Blocks<&'a mut [R]> {
        let [words, dim] = self.shape;
        let (embedding, rest) = x.split_at_mut(words * dim);
        let (head, bias) = rest.split_at_mut(dim);
        Blocks { embedding, head, bias }
    }

    /// The output for a text, whose mean embedding `mean` receives.
    fn output<R: Real>(&self, x: &Blocks<&[R]>, words: &[u32], mean: &mut [R]) -> f64 {
        mean.fill(R::ZERO);
        for &word in words {
            let row = &x.embedding[word as usize * mean.len()..][..mean.len()];
            mean.iter_mut().zip(row).for_each(|(mean, &e)| *mean += e);
        }
        let share = R::of(1.0 / words.len() as f64);
        mean.iter_mut().for_each(|mean| *mean *= share);
        let dot: f64 = x.head.iter().zip(&*mean).map(|(w, m)| w.to_f64() * m.to_f64()).sum();
        dot + x.bias[0].to_f64()
    }
}

impl Texts {
    fn words(&self, i: usize, length: usize) -> &[u32] {
        &self.words[i * length..(i + 1) * length]
    }
}

impl Info for Classifier {
    fn layout(&self) -> Layout {
        let [_, dim] = self.shape;
        Layout::new().block("embedding", self.shape, Role::Embedding).block("w", [1, dim], Role::Head).block(
            "b",
            [1],
            Role::Bias,
        )
    }
    fn examples(&self) -> usize {
        self.parts[0].labels.len()
    }
    fn facts(&self) -> Facts {
        let metric = Some(Metric { name: "accuracy", higher_is_better: true });
        Facts { lower_bound: Some(0.0), metric, ..Facts::default() }
    }
}

impl<R: Real> Problem<R> for Classifier {
    fn start(&self, rng: &mut Rng, x: &mut [R]) {
        let scale = 1.0 / libm::sqrt(self.shape[1] as f64);
        let Blocks { embedding, head, bias } = self.blocks_mut(x);
        embedding.iter_mut().chain(head).for_each(|x| *x = R::of(scale * normal(rng)));
        bias.fill(R::ZERO);
    }
    fn eval(&self, x: &[R], sample: &Sample<'_>, g: &mut [R], scratch: &mut Scratch<R>) -> R {
        g.fill(R::ZERO);
        let (x, g, texts) = (self.blocks(x), self.blocks_mut(g), &self.parts[Part::Train as usize]);
        let n = match sample.batch {
            Batch::All => texts.labels.len(),
            Batch::Rows(rows) => rows.len(),
        };
        let (mean, share, mut sum) = (scratch.take(x.head.len()), R::of(1.0 / self.length as f64), 0.0);
        let mut one = |i: usize| {
            let words = texts.words(i, self.length);
            let f = self.output(&x, words, mean);
            let [loss, slope, _] = Link::Logistic.loss(f, texts.labels[i]);
            sum += loss;
            let slope = R::of(slope / n as f64);
            g.bias[0] += slope;
            g.head.iter_mut().zip(&*mean).for_each(|(g, &mean)| *g += slope * mean);
            for &word in words {
                let row = &mut g.embedding[word as usize * mean.len()..][..mean.len()];
                row.iter_mut().zip(x.head).for_each(|(g, &w)| *g += slope * share * w);
            }
        };
        match sample.batch {
            Batch::All => (0..n).for_each(one),
            Batch::Rows(rows) => rows.iter().for_each(|&i| one(i as usize)),
        }
        R::of(sum / n as f64)
    }
    fn measure(&self, x: &[R], part: Part, scratch: &mut Scratch<R>) -> Measures {
        let (x, texts) = (self.blocks(x), &self.parts[part as usize]);
        let (mean, mut sum, mut right) = (scratch.take(x.head.len()), 0.0, 0);
        for (i, &y) in texts.labels.iter().enumerate() {
            let f = self.output(&x, texts.words(i, self.length), mean);
            sum += Link::Logistic.loss(f, y)[0];
            right += usize::from(y * f > 0.0);
        }
        let n = texts.labels.len() as f64;
        Measures { objective: sum / n, loss: sum / n, metric: Some(right as f64 / n) }
    }
}
