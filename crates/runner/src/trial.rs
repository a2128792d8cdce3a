//! A trial: everything that decides a result, and nothing else. A record is a function of its trial.

use crate::lab::Lab;
use crate::needs::Offer;
use crate::record::{Outcome, Point, Summary, Timings};
use crate::running::{Machine, Running};
use anyhow::{Context as _, Result, anyhow};
use downhill::{Need, Schedule};
use downhill_problems::{Part, Precision as Scalar, Sampler, Sampling, SplitSpec, Stream, Streams};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Raised whenever a change of the code changes the numbers of a trial: records of another version are other trials.
pub const NUMERICS: u32 = 1;

/// How long a trial runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Budget {
    /// Steps of the optimizer.
    Steps(u64),
    /// Passes over the training examples.
    Epochs(u64),
}

impl Budget {
    /// How many, of whichever.
    pub fn count(self) -> u64 {
        let (Budget::Steps(n) | Budget::Epochs(n)) = self;
        n
    }
}

/// The scalar that a trial computes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Single.
    #[default]
    F32,
    /// Double.
    F64,
}

/// Where along a trial it is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recording {
    /// How many points beside the start, at most; without effect on [`Spacing::At`]. With 0 nothing is measured, not even the
    /// start: no study has that.
    pub points: u64,
    /// How they lie.
    pub spacing: Spacing,
}

/// How recorded points lie along the steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spacing {
    /// Each a fixed factor after the one before: dense where curves bend.
    Log,
    /// Evenly.
    Linear,
    /// After these, in the unit of the budget, and at the end: `{ at = [1, 2, 5, 10] }`.
    At(Vec<u64>),
}

impl Default for Recording {
    fn default() -> Self {
        Recording { points: 16, spacing: Spacing::Log }
    }
}

impl Recording {
    /// # Errors
    /// If a point lies beyond the trial.
    pub fn check(&self, budget: Budget) -> Result<(), String> {
        let Spacing::At(list) = &self.spacing else { return Ok(()) };
        let (n, unit) = match budget {
            Budget::Steps(n) => (n, "steps"),
            Budget::Epochs(n) => (n, "epochs"),
        };
        match list.iter().find(|at| !(1..=n).contains(at)) {
            Some(at) => Err(format!("`spacing.at` has {at}, allowed is 1 to the trial's {n} {unit}")),
            None => Ok(()),
        }
    }

    /// Whether a trial can have a point after so many units of its budget; certain only where points are given.
    pub fn reaches(&self, at: u64, budget: Budget) -> bool {
        let n = budget.count();
        match &self.spacing {
            Spacing::At(list) => at == n || list.contains(&at),
            Spacing::Log | Spacing::Linear => (1..=n).contains(&at),
        }
    }

    /// The steps to measure at, ascending, from 0 to `total`, where the budget's unit is so many steps.
    pub fn steps(&self, total: u64, unit: u64) -> Vec<u64> {
        if self.points == 0 {
            return Vec::new();
        }
        let points = self.points.min(total.max(1));
        let spaced = |at: &dyn Fn(f64) -> f64| -> Vec<u64> {
            (1..points).map(|i| at(i as f64 / points as f64).round() as u64).collect()
        };
        let mut steps = match &self.spacing {
            Spacing::Linear => spaced(&|share| share * total as f64),
            Spacing::Log => spaced(&|share| libm::pow(total as f64, share)),
            Spacing::At(list) => list.iter().map(|n| n * unit).filter(|&step| step < total).collect(),
        };
        steps.extend([0, total]);
        steps.sort_unstable();
        steps.dedup();
        steps
    }
}

/// A JSON object under way.
struct Text(Vec<u8>);

impl Text {
    /// An entry whose maps, if it has any, are sorted as they are.
    fn put(&mut self, name: &str, value: &impl Serialize) {
        self.0.push(if self.0.is_empty() { b'{' } else { b',' });
        self.0.extend([b"\"", name.as_bytes(), b"\":"].concat());
        // Nothing that a trial holds fails, and a vector takes all.
        drop(serde_json::to_writer(&mut self.0, value));
    }

    /// An entry whose keys are to be sorted.
    fn table(&mut self, name: &str, value: &impl Serialize) {
        self.put(name, &serde_json::to_value(value).unwrap_or_default());
    }

    fn end(mut self) -> String {
        self.0.push(b'}');
        String::from_utf8(self.0).unwrap_or_default()
    }
}

/// Everything that decides a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// The problem's table, defaults resolved; trials of one arm share it.
    pub problem: Arc<Value>,
    /// sha256 of the problem's data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Arc<str>>,
    /// The optimizer's table, defaults resolved.
    pub optimizer: Arc<Value>,
    /// The base learning rate.
    pub lr: f64,
    /// Multiplies it, step by step.
    pub schedule: Schedule,
    /// The horizon of the schedule, if not the budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<Budget>,
    /// How long it runs.
    pub budget: Budget,
    /// The validation loss to reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
    /// Whether it ends there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stop_at_target: bool,
    /// Which examples a step sees.
    pub sampling: Sampling,
    /// Which examples are kept from training.
    pub split: SplitSpec,
    /// Numbers the random streams.
    pub seed: u64,
    /// Streams that do not vary with the seed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<Stream>,
    /// The scalar.
    pub precision: Precision,
    /// Where it is measured.
    pub recording: Recording,
    /// [`NUMERICS`] when it was planned.
    pub numerics: u32,
    /// The instruction set of matrix products: other sets round differently.
    pub kernel: Arc<str>,
}

impl Trial {
    /// The canonical text: keys sorted, defaults resolved. Equal text, equal record.
    pub fn canonical(&self) -> String {
        // The text of `serde_json::to_value(self)`, whose maps are sorted, without that value: planning is mostly this. Numbers are
        // written shortest and read back exactly.
        let Trial { budget, data, fixed, horizon, kernel, lr, numerics, optimizer, precision, problem, .. } = self;
        let Trial { recording, sampling, schedule, seed, split, stop_at_target, target, .. } = self;
        let mut text = Text(Vec::with_capacity(1024));
        text.table("budget", budget);
        data.iter().for_each(|data| text.put("data", data));
        (!fixed.is_empty()).then(|| text.put("fixed", fixed));
        horizon.iter().for_each(|horizon| text.table("horizon", horizon));
        text.put("kernel", kernel);
        text.put("lr", lr);
        text.put("numerics", numerics);
        text.put("optimizer", optimizer);
        text.put("precision", precision);
        text.put("problem", problem);
        text.table("recording", recording);
        text.table("sampling", sampling);
        text.table("schedule", schedule);
        text.put("seed", seed);
        text.table("split", split);
        stop_at_target.then(|| text.put("stop_at_target", stop_at_target));
        target.iter().for_each(|target| text.put("target", target));
        text.end()
    }

    /// Names the trial: the beginning of the sha256 of its canonical text, 16 hexadecimal digits.
    pub fn key(&self) -> String {
        let digest = Sha256::digest(self.canonical());
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Builds problem and optimizer, ready for the first step.
    ///
    /// # Errors
    /// If a name, a field or a value is wrong, the data cannot be read, or the pair is impossible.
    pub fn start(&self, lab: &Lab) -> Result<Box<dyn Running>> {
        match self.precision {
            Precision::F32 => self.start_in::<f32>(lab),
            Precision::F64 => self.start_in::<f64>(lab),
        }
    }

    fn start_in<R: Scalar>(&self, lab: &Lab) -> Result<Box<dyn Running>> {
        let family = lab.families.configure(&self.problem)?;
        let streams = Streams::new(family.stream_key(), self.seed).with_fixed(&self.fixed);
        let problem = family.build::<R>(&lab.world.context(&self.split, &streams))?;
        let configured = lab.optimizers.configure(&self.optimizer)?;
        let (name, needs) = (configured.facts.name, configured.needs());
        let offer = Offer { facts: &problem.facts(), examples: problem.examples(), sampling: self.sampling };
        if let Some(refusal) = offer.refuses(&needs) {
            return Err(anyhow!("{name} on {}: {refusal}", family.facts.name));
        }
        let optimizer = configured.build::<R>(&problem.layout()).with_context(|| name)?;
        let sampler = Sampler::new(self.sampling, problem.examples(), &streams)?;
        let per_epoch = (problem.examples() > 0).then(|| sampler.steps_per_epoch());
        let steps = |budget: Budget| match (budget, per_epoch) {
            (Budget::Steps(n), _) => Ok(n),
            (Budget::Epochs(n), Some(per_epoch)) => n
                .checked_mul(per_epoch)
                .with_context(|| format!("{n} epochs of {per_epoch} steps each are more steps than can be counted")),
            (Budget::Epochs(_), None) => {
                Err(anyhow!("{} has no examples, hence no epochs: give `steps`", family.facts.name))
            }
        };
        let (total, horizon) = (steps(self.budget)?, steps(self.horizon.unwrap_or(self.budget))?);
        let mut machine = Machine::<R>::new(self, problem, optimizer, (streams, sampler), (total, horizon));
        if needs.contains(&Need::FullBatch) {
            machine.remember();
        }
        Ok(Box::new(machine))
    }

    /// Runs it from start to end.
    ///
    /// # Errors
    /// As [`start`](Self::start); what happens after the first step is the record's outcome.
    pub fn run(&self, lab: &Lab) -> Result<Record> {
        let mut running = self.start(lab)?;
        running.advance(u64::MAX);
        Ok(running.record())
    }
}

/// A trial with its result: a line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`Trial::key`].
    pub key: String,
    /// What was run.
    pub trial: Trial,
    /// What it came to.
    pub summary: Summary,
    /// How it went.
    pub curve: Vec<Point>,
    /// Where the time went.
    pub timings: Timings,
}

impl Record {
    /// The record of a trial that could not be run.
    pub fn failed(trial: &Trial, reason: String) -> Self {
        let summary = Summary::new(Outcome::Failed { reason }, &[], None, 0, 0);
        Record { key: trial.key(), trial: trial.clone(), summary, curve: Vec::new(), timings: Timings::default() }
    }
}

/// The kernel class of this machine: what matrix products round like.
pub fn kernel_class() -> String {
    let level = downhill::isa::Isa::available().into_iter().next_back();
    format!("{}-{}", std::env::consts::ARCH, level.map_or("baseline".into(), |l| format!("{l:?}").to_lowercase()))
}

/// The parts that a problem of that kind measures: a plain function has one.
pub fn parts(examples: usize) -> &'static [Part] {
    if examples == 0 { &[Part::Train] } else { &Part::ALL }
}
