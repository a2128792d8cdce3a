//! The rows of `trials.csv`, `curves.csv` and `timings.csv`: what reports read, and all that they read. Measured
//! numbers are rounded to nine significant digits; `journal.jsonl` keeps every bit.

mod labels;
mod order;
mod spec;
mod text;

pub(crate) use labels::Labels;
pub use labels::{optimizer_label, problem_label};
pub(crate) use order::{Axes, axes, canonical_order, within};
pub use spec::Spec;
pub use text::Text;

use crate::lab::Lab;
use crate::protocol::Stage;
use crate::record::{Summary, nan};
use crate::trial::Record;
use serde::{Deserialize, Serialize};

/// One trial: a row of `trials.csv`. Losses and metrics that do not exist are NaN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialRow {
    /// The beginning of the sha256 of `spec`.
    pub key: Text,
    /// Family, data and the knobs that are not default: `mlp/digits hidden=[64]`.
    pub problem: Text,
    /// Name and the hyperparameters that are not default: `adam beta2=0.99`.
    pub optimizer: Text,
    /// The base learning rate.
    pub lr: f64,
    /// The schedule as JSON.
    pub schedule: Text,
    /// Examples a step; 0 for all.
    pub batch: u64,
    /// The order of examples.
    pub order: Text,
    /// `f32` or `f64`.
    pub precision: Text,
    /// Steps or epochs, as in the study.
    pub budget: Text,
    /// The seed.
    pub seed: u64,
    /// What it was run for: `screen`, `search`, `confirm`, `default`, joined by `+` where it is more than one; empty in a
    /// study without a protocol.
    #[serde(default)]
    pub stage: Text,
    /// What it was tuned with, where candidates differ in more than the rate.
    #[serde(default)]
    pub arm: Text,
    /// `finished`, `reached`, `diverged` or `failed`.
    pub outcome: Text,
    /// The step at which it ended early.
    pub outcome_step: Option<u64>,
    /// Why it failed.
    pub reason: Text,
    /// Steps taken at the last point.
    pub step: u64,
    /// Epochs at the last point.
    pub epoch: f64,
    /// Calls of the gradient.
    pub evaluations: u64,
    /// Gradients of single examples.
    pub examples: u64,
    /// At the last point: data loss and penalty over the training part.
    pub train_objective: f64,
    /// At the last point: data loss over the training part.
    pub train_loss: f64,
    /// At the last point.
    pub train_metric: f64,
    /// At the last point.
    pub validation_loss: f64,
    /// At the last point.
    pub validation_metric: f64,
    /// At the last point.
    pub test_loss: f64,
    /// At the last point.
    pub test_metric: f64,
    /// At the last point: test loss minus training loss.
    pub gap_loss: f64,
    /// At the last point: training metric minus test metric.
    pub gap_metric: f64,
    /// At the last point: the largest share of one weight in the squared norm.
    pub share: f64,
    /// At the last point: the share of weights that are not exactly 0; NaN in results from before it was measured.
    #[serde(default = "nan")]
    pub nonzero: f64,
    /// At the last point: norm of the parameters.
    pub parameter_norm: f64,
    /// Where it ended: the first coordinate, for problems of one or two.
    pub x0: Option<f64>,
    /// The second coordinate.
    pub x1: Option<f64>,
    /// The step of the lowest validation loss.
    pub best_step: u64,
    /// Its epoch.
    pub best_epoch: f64,
    /// The lowest validation loss.
    pub best_validation_loss: f64,
    /// The validation metric there.
    pub best_validation_metric: f64,
    /// The test loss there.
    pub best_test_loss: f64,
    /// The test metric there.
    pub best_test_metric: f64,
    /// The epoch since which the validation loss has risen; empty if it ends at its lowest.
    pub onset_epoch: Option<f64>,
    /// How far it has risen since.
    pub rise: f64,
    /// The first recorded step at which the target was met.
    pub steps_to_target: Option<u64>,
    /// Bytes that the optimizer remembers.
    pub state_bytes: u64,
    /// The trial's canonical text: everything that decides the row.
    pub spec: Spec,
}

/// One point: a row of `curves.csv`; fields as in [`crate::Point`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is explained at the field of the same name in Point")]
pub struct CurveRow {
    /// The trial.
    pub key: String,
    pub step: u64,
    pub epoch: f64,
    pub evaluations: u64,
    pub examples: u64,
    pub lr: f64,
    pub train_objective: f64,
    pub train_loss: f64,
    pub train_metric: f64,
    pub validation_loss: f64,
    pub validation_metric: f64,
    pub test_loss: f64,
    pub test_metric: f64,
    pub gap_loss: f64,
    pub gap_metric: f64,
    pub share: f64,
    pub gradient_norm: f64,
    pub update_norm: f64,
    pub parameter_norm: f64,
    /// The first coordinate, for problems of one or two.
    pub x0: Option<f64>,
    /// The second coordinate.
    pub x1: Option<f64>,
}

/// Where the time of one trial went, in seconds: a row of `timings.csv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is explained at the field of the same name in Timings")]
pub struct TimingRow {
    /// The trial.
    pub key: String,
    pub wall: f64,
    pub cpu: f64,
    pub evaluation: f64,
    pub gradient: f64,
    pub optimizer: f64,
}

impl TrialRow {
    /// The row of a record. The lab knows which knobs are default, and so need no mention.
    pub fn new(record: &Record, lab: &Lab) -> Self {
        let trial = &record.trial;
        TrialRow::labelled(record, problem_label(&trial.problem, lab), optimizer_label(&trial.optimizer, lab))
    }

    /// The same, where the labels are known.
    pub(crate) fn labelled(record: &Record, problem: String, optimizer: String) -> Self {
        let trial = &record.trial;
        let Axes(texts, batch) = axes(trial, problem, optimizer);
        let [problem, optimizer, schedule, order, precision, budget] = texts.map(Text::from);
        TrialRow {
            key: record.key.as_str().into(),
            problem,
            optimizer,
            lr: trial.lr,
            schedule,
            batch,
            order,
            precision,
            budget,
            seed: trial.seed,
            spec: trial.canonical().as_str().into(),
            ..TrialRow::measured(&record.summary)
        }
    }

    /// What a trial came to, with nothing yet of what it was.
    pub(crate) fn measured(summary: &Summary) -> Self {
        let reason = match &summary.outcome {
            crate::Outcome::Failed { reason } => reason,
            _ => "",
        };
        let last = |f: fn(&crate::Point) -> f64| summary.last.as_ref().map_or(f64::NAN, |p| rounded(f(p)));
        let end = |i: usize| summary.last.as_ref().and_then(|p| p.x.get(i)).copied().map(rounded);
        let best = |f: fn(&crate::Point) -> f64| summary.best.as_ref().map_or(f64::NAN, |p| rounded(f(p)));
        TrialRow {
            key: "".into(),
            problem: "".into(),
            optimizer: "".into(),
            lr: f64::NAN,
            schedule: "".into(),
            batch: 0,
            order: "".into(),
            precision: "".into(),
            budget: "".into(),
            seed: 0,
            stage: "".into(),
            arm: "".into(),
            outcome: summary.outcome.word().into(),
            outcome_step: summary.outcome.step(),
            reason: reason.into(),
            step: summary.last.as_ref().map_or(0, |p| p.step),
            epoch: last(|p| p.epoch),
            evaluations: summary.evaluations,
            examples: summary.last.as_ref().map_or(0, |p| p.examples),
            train_objective: last(|p| p.train_objective),
            train_loss: last(|p| p.train_loss),
            train_metric: last(|p| p.train_metric),
            validation_loss: last(|p| p.validation_loss),
            validation_metric: last(|p| p.validation_metric),
            test_loss: last(|p| p.test_loss),
            test_metric: last(|p| p.test_metric),
            gap_loss: last(crate::Point::gap_loss),
            gap_metric: last(crate::Point::gap_metric),
            share: last(|p| p.share),
            nonzero: last(|p| p.nonzero),
            parameter_norm: last(|p| p.parameter_norm),
            x0: end(0),
            x1: end(1),
            best_step: summary.best.as_ref().map_or(0, |p| p.step),
            best_epoch: best(|p| p.epoch),
            best_validation_loss: best(|p| p.validation_loss),
            best_validation_metric: best(|p| p.validation_metric),
            best_test_loss: best(|p| p.test_loss),
            best_test_metric: best(|p| p.test_metric),
            onset_epoch: (summary.rise > 0.0).then(|| best(|p| p.epoch)),
            rise: rounded(summary.rise),
            steps_to_target: summary.steps_to_target,
            state_bytes: summary.state_bytes,
            spec: "".into(),
        }
    }
}

impl TrialRow {
    /// Adds it to rows, keeping once what it has in common with the one before: of sorted rows, that is most of their text.
    pub(crate) fn join(mut self, rows: &mut Vec<Self>) {
        if let Some(before) = rows.last_mut() {
            for (own, other) in self.texts().into_iter().zip(before.texts()) {
                if own == other {
                    *own = other.clone();
                }
            }
        }
        rows.push(self);
    }

    fn texts(&mut self) -> [&mut Text; 12] {
        let TrialRow { problem, optimizer, schedule, order, precision, budget, .. } = self;
        let TrialRow { stage, arm, outcome, reason, spec, .. } = self;
        let [before, after] = spec.texts();
        [problem, optimizer, schedule, order, precision, budget, stage, arm, outcome, reason, before, after]
    }

    /// Whether it was run for that, alone or among others.
    pub fn is(&self, stage: Stage) -> bool {
        self.stage.split('+').any(|word| word == stage.word())
    }

    /// Whether it is an imported run, of another harness: gradients were not counted, and a seed means a split, a start and
    /// batches of its own for each optimizer.
    pub fn foreign(&self) -> bool {
        self.evaluations == 0
    }

    /// What it cost: calls of the gradient, or epochs (steps, where there are no epochs) if those were not counted.
    pub fn spent(&self) -> f64 {
        spent(self.evaluations, self.epoch)
    }

    /// Whether it was run to choose: any trial of a study without a protocol.
    pub fn searches(&self) -> bool {
        self.stage.is_empty() || self.is(Stage::Search)
    }
}

/// The unit of [`TrialRow::spent`]; of foreign runs that of their budget.
pub fn unit(trials: &[TrialRow]) -> &str {
    let foreign = trials.iter().all(TrialRow::foreign);
    let budget = trials.first().and_then(|t| t.budget.split_once(' ')).filter(|_| foreign);
    budget.map_or("gradients", |(_, unit)| unit)
}

fn spent(evaluations: u64, epoch: f64) -> f64 {
    if evaluations == 0 { epoch } else { evaluations as f64 }
}

impl CurveRow {
    /// What it took to come here, as [`TrialRow::spent`].
    pub fn spent(&self) -> f64 {
        spent(self.evaluations, self.epoch)
    }

    /// A numeric column of `curves.csv` by its name.
    pub fn column(&self, name: &str) -> Option<f64> {
        serde_json::to_value(self).ok()?.get(name)?.as_f64()
    }

    /// The rows of a record.
    pub fn of(record: &Record) -> impl Iterator<Item = Self> {
        record.curve.iter().map(|p| CurveRow::new(&record.key, p))
    }

    /// The row of a point.
    pub(crate) fn new(key: &str, p: &crate::Point) -> Self {
        CurveRow {
            key: key.to_owned(),
            step: p.step,
            epoch: rounded(p.epoch),
            evaluations: p.evaluations,
            examples: p.examples,
            lr: p.lr,
            train_objective: rounded(p.train_objective),
            train_loss: rounded(p.train_loss),
            train_metric: rounded(p.train_metric),
            validation_loss: rounded(p.validation_loss),
            validation_metric: rounded(p.validation_metric),
            test_loss: rounded(p.test_loss),
            test_metric: rounded(p.test_metric),
            gap_loss: rounded(p.gap_loss()),
            gap_metric: rounded(p.gap_metric()),
            share: rounded(p.share),
            gradient_norm: rounded(p.gradient_norm),
            update_norm: rounded(p.update_norm),
            parameter_norm: rounded(p.parameter_norm),
            x0: p.x.first().copied().map(rounded),
            x1: p.x.get(1).copied().map(rounded),
        }
    }
}

impl TimingRow {
    /// The row of a record.
    pub fn new(record: &Record) -> Self {
        let t = record.timings;
        let (wall, cpu) = (t.wall, t.cpu);
        TimingRow {
            key: record.key.clone(),
            wall,
            cpu,
            evaluation: t.evaluation,
            gradient: t.gradient,
            optimizer: t.optimizer,
        }
    }
}

/// Nine significant digits: all that an `f32` holds, and half the size of seventeen. The journal keeps every bit.
fn rounded(x: f64) -> f64 {
    format!("{x:.8e}").parse().unwrap_or(x)
}
