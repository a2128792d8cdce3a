//! Mini-batches: which training examples a step sees, as a pure function of its number.

use crate::problem::{Batch, ProblemError};
use crate::rng::{Rng, Stream, Streams};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

/// How the examples of a step are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sampling {
    /// In which order examples come.
    pub order: Order,
    /// Examples a step, from 1 to the number of training examples; without effect on [`Order::Full`].
    pub batch: usize,
    /// What becomes of the examples that fill no batch; without effect on [`Order::Full`].
    #[serde(skip_serializing_if = "Remainder::is_kept")]
    pub remainder: Remainder,
}

impl Default for Sampling {
    fn default() -> Self {
        Sampling { order: Order::Shuffled, batch: 32, remainder: Remainder::Keep }
    }
}

/// What becomes of the examples that are left when an epoch's full batches are dealt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remainder {
    /// They are the epoch's last batch, a smaller one.
    #[default]
    Keep,
    /// No step sees them in this epoch, as in DeepOBS: all batches are of one size.
    Drop,
}

impl Remainder {
    fn is_kept(&self) -> bool {
        *self == Remainder::Keep
    }
}

/// In which order examples come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// A fresh permutation each epoch, which sees every example exactly once, but for a [remainder](Remainder) that is
    /// dropped.
    #[default]
    Shuffled,
    /// One permutation, the same in every epoch; batches as in [`Order::Shuffled`].
    Fixed,
    /// Independent uniform draws: a batch may hold an example twice.
    Replacement,
    /// All examples in every step.
    Full,
}

/// Deals out batches. Stopping and going on needs no state: batch `t` depends on nothing but `t`.
///
/// ```
/// use downhill_problems::{Batch, Sampler, Sampling, Streams};
/// let mut sampler = Sampler::new(Sampling { batch: 4, ..Sampling::default() }, 10, &Streams::new("example", 0))?;
/// assert_eq!(sampler.steps_per_epoch(), 3);
/// let sizes: Vec<_> = (1..=3)
///     .map(|t| match sampler.batch(t) {
///         Batch::Rows(rows) => rows.len(),
///         Batch::All => 10,
///     })
///     .collect();
/// assert_eq!(sizes, [4, 4, 2]);
/// # Ok::<(), downhill_problems::ProblemError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sampler {
    sampling: Sampling,
    examples: usize,
    /// At the beginning of the stream `batches`.
    rng: Rng,
    rows: Vec<u32>,
    /// The epoch whose permutation `rows` holds.
    epoch: Option<u64>,
}

impl Sampler {
    /// For a problem with so many training examples; with none (a plain function) every batch is [`Batch::All`].
    ///
    /// # Errors
    /// If the batch is empty or larger than the training part.
    pub fn new(sampling: Sampling, examples: usize, streams: &Streams) -> Result<Self, ProblemError> {
        let sampling = if examples == 0 { Sampling { order: Order::Full, ..sampling } } else { sampling };
        if sampling.order != Order::Full && !(1..=examples).contains(&sampling.batch) {
            let batch = sampling.batch;
            return Err(ProblemError(format!(
                "`batch` is {batch}, but there are {examples} training examples: allowed is 1 to {examples}"
            )));
        }
        if u32::try_from(examples).is_err() {
            return Err(ProblemError(format!("{examples} training examples are more than 2^32 - 1")));
        }
        Ok(Sampler { sampling, examples, rng: streams.rng(Stream::Batches), rows: Vec::new(), epoch: None })
    }

    /// Steps until every example was seen once; with replacement, until as many were drawn as there are. A remainder
    /// that is dropped takes no step.
    pub fn steps_per_epoch(&self) -> u64 {
        let Sampling { order, batch, remainder } = self.sampling;
        match (order, remainder) {
            (Order::Full, _) => 1,
            (_, Remainder::Keep) => self.examples.div_ceil(batch) as u64,
            (_, Remainder::Drop) => (self.examples / batch) as u64,
        }
    }

    /// The examples of step `t`, from 1. Allocates at the first call only.
    pub fn batch(&mut self, t: u64) -> Batch<'_> {
        let (epoch, step) = ((t - 1) / self.steps_per_epoch(), (t - 1) % self.steps_per_epoch());
        match self.sampling.order {
            Order::Full => return Batch::All,
            Order::Replacement => {
                self.draw(t);
                return Batch::Rows(&self.rows);
            }
            Order::Shuffled => self.permute(epoch),
            Order::Fixed => self.permute(0),
        }
        let start = step as usize * self.sampling.batch;
        let end = self.examples.min(start + self.sampling.batch);
        Batch::Rows(&self.rows[start..end])
    }

    fn stream(&self, t: u64) -> Rng {
        let mut rng = self.rng.clone();
        rng.set_stream(t); // as `Streams::at`, without hashing the key again
        rng
    }

    fn draw(&mut self, t: u64) {
        let mut rng = self.stream(t);
        self.rows.clear();
        self.rows.extend((0..self.sampling.batch).map(|_| below(&mut rng, self.examples)));
    }

    /// Fisher and Yates, from the identity.
    fn permute(&mut self, epoch: u64) {
        if self.epoch == Some(epoch) {
            return;
        }
        let mut rng = self.stream(epoch);
        self.rows.clear();
        self.rows.extend(0..self.examples as u32);
        for i in (1..self.examples).rev() {
            let j = below(&mut rng, i + 1);
            self.rows.swap(i, j as usize);
        }
        self.epoch = Some(epoch);
    }
}

/// A uniform number in `0..n`, up to a bias of `n / 2^64`. Our own: the numbers must never change.
pub(crate) fn below(rng: &mut Rng, n: usize) -> u32 {
    ((u128::from(rng.next_u64()) * n as u128) >> 64) as u32
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sampler(order: Order, batch: usize, examples: usize) -> Sampler {
        Sampler::new(Sampling { order, batch, ..Sampling::default() }, examples, &Streams::new("test", 3)).unwrap()
    }
    fn rows(sampler: &mut Sampler, t: u64) -> Vec<u32> {
        match sampler.batch(t) {
            Batch::Rows(rows) => rows.to_vec(),
            Batch::All => panic!("all"),
        }
    }
    fn epoch(sampler: &mut Sampler, epoch: u64) -> Vec<u32> {
        let n = sampler.steps_per_epoch();
        (epoch * n + 1..=(epoch + 1) * n).flat_map(|t| rows(sampler, t)).collect()
    }

    #[test]
    fn an_epoch_sees_every_example_once() {
        for order in [Order::Shuffled, Order::Fixed] {
            let mut sampler = sampler(order, 7, 24);
            let (first, second) = (epoch(&mut sampler, 0), epoch(&mut sampler, 1));
            assert_eq!(first == second, order == Order::Fixed);
            for mut seen in [first, second] {
                seen.sort_unstable();
                assert!(seen.into_iter().eq(0..24), "{order:?}");
            }
        }
    }

    #[test]
    fn a_dropped_remainder_changes_no_other_batch() {
        for order in [Order::Shuffled, Order::Fixed] {
            let sampling = Sampling { order, batch: 7, remainder: Remainder::Drop };
            let mut dropping = Sampler::new(sampling, 24, &Streams::new("test", 3)).unwrap();
            assert_eq!((dropping.steps_per_epoch(), sampler(order, 7, 24).steps_per_epoch()), (3, 4));
            let (mut keeping, mut missed) = (sampler(order, 7, 24), vec![]);
            for e in 0..4 {
                let (all, most) = (epoch(&mut keeping, e), epoch(&mut dropping, e));
                assert_eq!(all[..21], most, "{order:?}");
                missed.push(all[21..].to_vec());
            }
            missed.dedup();
            assert_eq!(missed.len() == 1, order == Order::Fixed, "{missed:?}");
        }
    }

    #[test]
    fn a_batch_depends_on_its_step_alone() {
        for order in [Order::Shuffled, Order::Fixed, Order::Replacement] {
            let mut forward = sampler(order, 5, 23);
            let batches: Vec<_> = (1..=20).map(|t| rows(&mut forward, t)).collect();
            for t in [20, 3, 11, 1, 12, 2] {
                assert_eq!(rows(&mut sampler(order, 5, 23), t), batches[t as usize - 1], "{order:?} {t}");
                assert_eq!(rows(&mut forward, t), batches[t as usize - 1], "{order:?} {t}");
            }
        }
    }

    #[test]
    fn permutations_are_uniform() {
        // 6 orders of 3 examples over 6000 epochs: 1000 each, with a standard deviation of 29.
        let mut sampler = sampler(Order::Shuffled, 3, 3);
        let mut counts = std::collections::BTreeMap::new();
        for e in 0..6000 {
            *counts.entry(epoch(&mut sampler, e)).or_insert(0u32) += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|&c| (880..1120).contains(&c)), "{counts:?}");
    }

    #[test]
    fn replacement_covers_and_repeats() {
        let mut sampler = sampler(Order::Replacement, 10, 10);
        let drawn: Vec<_> = (1..=100).flat_map(|t| rows(&mut sampler, t)).collect();
        assert!((0..10).all(|i| (60..140).contains(&drawn.iter().filter(|&&d| d == i).count())));
        assert!((1..=100).any(|t| {
            let batch = rows(&mut sampler, t);
            (1..10).any(|i| batch[i..].contains(&batch[i - 1]))
        }));
    }

    #[test]
    fn value_stability() {
        // Results of committed studies stand on these numbers.
        assert_eq!(rows(&mut sampler(Order::Shuffled, 8, 100), 1), [55, 90, 59, 34, 82, 44, 0, 36]);
        assert_eq!(rows(&mut sampler(Order::Replacement, 8, 100), 1), [2, 74, 3, 57, 77, 0, 47, 72]);
    }

    #[test]
    fn sizes_are_checked() {
        let streams = Streams::new("test", 0);
        for batch in [0, 11] {
            let error = Sampler::new(Sampling { batch, ..Sampling::default() }, 10, &streams).unwrap_err().0;
            assert!(error.contains(&batch.to_string()) && error.contains("10"), "{error}");
        }
        let mut plain = Sampler::new(Sampling::default(), 0, &streams).unwrap();
        assert!(matches!(plain.batch(5), Batch::All));
        assert!(matches!(sampler(Order::Full, 0, 10).batch(2), Batch::All));
    }
}
