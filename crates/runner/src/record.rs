//! What a trial leaves behind: one summary, and the points of its curve.

use serde::{Deserialize, Serialize};

/// One measurement along a trial, taken after `step` steps. A row of `curves.csv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Steps taken.
    pub step: u64,
    /// Passes over the training examples; equal to `step` for a plain function.
    pub epoch: f64,
    /// Calls of the gradient so far.
    pub evaluations: u64,
    /// Gradients of single examples so far: `evaluations` times the batch size.
    pub examples: u64,
    /// The learning rate of the step just taken (of the first step, at step 0).
    #[serde(with = "number")]
    pub lr: f64,
    /// What the gradient descends, over the training part: data loss and penalty.
    #[serde(with = "number")]
    pub train_objective: f64,
    /// The data loss over the training part.
    #[serde(with = "number")]
    pub train_loss: f64,
    /// The metric over the training part; NaN if the problem has none.
    #[serde(with = "number")]
    pub train_metric: f64,
    /// The data loss over the validation part: selects.
    #[serde(with = "number")]
    pub validation_loss: f64,
    /// The metric over the validation part.
    #[serde(with = "number")]
    pub validation_metric: f64,
    /// The data loss over the test part: is reported.
    #[serde(with = "number")]
    pub test_loss: f64,
    /// The metric over the test part.
    #[serde(with = "number")]
    pub test_metric: f64,
    /// The largest share of one weight in the squared norm of all weights but biases, 0 to 1.
    #[serde(with = "number")]
    pub share: f64,
    /// The share of weights that are not exactly 0, of all but biases; NaN in records from before it was measured.
    #[serde(default = "nan", with = "number")]
    pub nonzero: f64,
    /// Euclidean norm of the gradient of the step just taken (of the first step, at step 0).
    #[serde(with = "number")]
    pub gradient_norm: f64,
    /// Euclidean norm of the step just taken; 0 at step 0.
    #[serde(with = "number")]
    pub update_norm: f64,
    /// Euclidean norm of the parameters.
    #[serde(with = "number")]
    pub parameter_norm: f64,
    /// The point itself, for problems of one or two parameters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub x: Vec<f64>,
}

pub(crate) fn nan() -> f64 {
    f64::NAN
}

impl Point {
    /// Test loss minus training loss: how much worse the model does on new data.
    pub fn gap_loss(&self) -> f64 {
        self.test_loss - self.train_loss
    }
    /// Training metric minus test metric.
    pub fn gap_metric(&self) -> f64 {
        self.train_metric - self.test_metric
    }
    /// Whether every loss is a finite number.
    pub fn is_finite(&self) -> bool {
        [self.train_objective, self.train_loss, self.validation_loss, self.test_loss].iter().all(|x| x.is_finite())
    }
}

/// How a trial ended. Divergence is data, not an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The budget is spent.
    Finished,
    /// The target was reached, and the study stops there.
    Reached {
        /// After so many steps.
        step: u64,
    },
    /// The objective or the gradient is no longer a sane number.
    Diverged {
        /// At this step.
        step: u64,
    },
    /// It could not be run to its end: a refusal, a panic.
    Failed {
        /// In words.
        reason: String,
    },
}

impl Outcome {
    /// One word, as in `trials.csv`.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Finished => "finished",
            Outcome::Reached { .. } => "reached",
            Outcome::Diverged { .. } => "diverged",
            Outcome::Failed { .. } => "failed",
        }
    }
    /// The step at which it ended early.
    pub fn step(&self) -> Option<u64> {
        match self {
            Outcome::Reached { step } | Outcome::Diverged { step } => Some(*step),
            _ => None,
        }
    }
}

/// What a trial came to, computed from its curve alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// How it ended.
    pub outcome: Outcome,
    /// The last point that was measured.
    pub last: Option<Point>,
    /// The point of the lowest validation loss.
    pub best: Option<Point>,
    /// How far the validation loss has risen since `best`, at the end; 0 if `best` is the end.
    #[serde(with = "number")]
    pub rise: f64,
    /// The first recorded step at which the target was met.
    pub steps_to_target: Option<u64>,
    /// Calls of the gradient.
    pub evaluations: u64,
    /// Bytes that the optimizer remembers.
    pub state_bytes: u64,
}

impl Summary {
    /// From a finished curve. `target` is a validation loss.
    pub fn new(outcome: Outcome, curve: &[Point], target: Option<f64>, evaluations: u64, state_bytes: u64) -> Self {
        let finite = || curve.iter().filter(|p| p.is_finite());
        let best = finite().min_by(|a, b| a.validation_loss.total_cmp(&b.validation_loss)).cloned();
        let last = curve.last().cloned();
        let rise = match (&best, &last) {
            (Some(best), Some(last)) => last.validation_loss - best.validation_loss,
            _ => f64::NAN,
        };
        let met = target.and_then(|target| finite().find(|p| p.validation_loss <= target));
        Summary { outcome, last, best, rise, steps_to_target: met.map(|p| p.step), evaluations, state_bytes }
    }
}

/// Where the time of a trial went, in seconds. Never part of a result: kept apart in `timings.csv`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// From start to end, on the clock.
    pub wall: f64,
    /// Of this thread's processor time.
    pub cpu: f64,
    /// In measuring losses and metrics.
    pub evaluation: f64,
    /// In gradients.
    pub gradient: f64,
    /// In the optimizer.
    pub optimizer: f64,
}

/// Numbers in JSON, with text for what JSON cannot say: NaN and the infinities are results too.
pub mod number {
    use serde::de::{Deserializer, Error, Visitor};
    use serde::ser::Serializer;
    use std::fmt::{Formatter, Result as Written};

    /// A number, or `"NaN"`, `"inf"`, `"-inf"`.
    pub fn serialize<S: Serializer>(x: &f64, s: S) -> Result<S::Ok, S::Error> {
        if x.is_finite() { s.serialize_f64(*x) } else { s.serialize_str(&x.to_string()) }
    }

    /// The reverse.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = f64;
            fn expecting(&self, f: &mut Formatter) -> Written {
                f.write_str("a number, \"NaN\", \"inf\" or \"-inf\"")
            }
            fn visit_f64<E: Error>(self, x: f64) -> Result<f64, E> {
                Ok(x)
            }
            fn visit_u64<E: Error>(self, x: u64) -> Result<f64, E> {
                Ok(x as f64)
            }
            fn visit_i64<E: Error>(self, x: i64) -> Result<f64, E> {
                Ok(x as f64)
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<f64, E> {
                text.parse().map_err(E::custom)
            }
        }
        d.deserialize_any(Number)
    }
}
