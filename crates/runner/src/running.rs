//! A trial under way: it can stop at any step, be saved, and go on bit for bit.

use crate::answers::{Answers, Asked, rows};
use crate::record::{Outcome, Point, Summary, Timings};
use crate::trial::{Record, Trial, parts};
use anyhow::{Result, ensure};
use cpu_time::ThreadTime;
use downhill::{Optimizer, Real, Role, State, Step, real};
use downhill_problems::{Measures, Precision, Problem, Sample, Sampler, Scratch, Stream, Streams};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

/// The objective may rise this many times above where it started before a trial counts as diverged.
const DIVERGED: f64 = 1e3;

/// A trial under way, whatever its precision.
pub trait Running: Send {
    /// Goes on until `to_step` steps are taken, or the trial ends. Returns whether it has ended.
    fn advance(&mut self, to_step: u64) -> bool;
    /// Everything needed to go on, bit for bit.
    fn save(&mut self) -> Vec<u8>;
    /// Goes on from there. The trial must be the same.
    ///
    /// # Errors
    /// If the bytes are not of this trial.
    fn load(&mut self, bytes: &[u8]) -> Result<()>;
    /// The curve so far.
    fn curve(&self) -> &[Point];
    /// The steps of the whole trial.
    fn total(&self) -> u64;
    /// The points of the whole trial, its start included.
    fn points(&self) -> usize;
    /// The record as of now; [`Outcome::Finished`] if it has not ended.
    fn record(&mut self) -> Record;
}

/// The state of a trial, in one precision.
pub(crate) struct Machine<R: Real> {
    trial: Trial,
    problem: Arc<dyn Problem<R>>,
    optimizer: Box<dyn Optimizer<R>>,
    streams: Streams,
    sampler: Sampler,
    /// Steps to measure at, ascending.
    agenda: Vec<u64>,
    weights: Vec<Range<usize>>,
    total: u64,
    horizon: u64,
    scratch: Scratch<R>,
    g: Vec<R>,
    /// The point of the method's last own question on the whole batch, with loss and gradient: what it may step to.
    asked: Option<Asked<R>>,
    /// The parameters before a recorded step, and the readout.
    before: Vec<R>,
    x: Vec<R>,
    progress: Progress,
    timings: Timings,
}

/// What changes from step to step, beside parameters and optimizer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Progress {
    t: u64,
    evaluations: u64,
    examples: u64,
    /// The method has asked for the next step's gradient already, and paid for it.
    paid: bool,
    first_objective: Option<f64>,
    outcome: Option<Outcome>,
    curve: Vec<Point>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    key: String,
    progress: Progress,
    x: State,
    optimizer: State,
    timings: Timings,
}

/// Parameters saved and loaded as a [`State`].
struct Parameters<'a, R>(&'a mut [R]);
impl<R: Real> Optimizer<R> for Parameters<'_, R> {
    fn step(&mut self, _: &mut [R], _: &[R], _: &mut Step<'_, R>) {}
    fn visit(&mut self, visit: &mut downhill::Visit<'_>) {
        visit.vector("x", self.0);
    }
}

impl<R: Precision> Machine<R> {
    pub(crate) fn new(
        trial: &Trial,
        problem: Arc<dyn Problem<R>>,
        optimizer: Box<dyn Optimizer<R>>,
        (streams, sampler): (Streams, Sampler),
        (total, horizon): (u64, u64),
    ) -> Self {
        let layout = problem.layout();
        let mut x = vec![R::ZERO; layout.len()];
        problem.start(&mut streams.rng(Stream::Start), &mut x);
        let weights = layout.blocks().iter().filter(|b| b.role != Role::Bias).map(|b| b.range.clone()).collect();
        Machine {
            trial: trial.clone(),
            problem,
            optimizer,
            streams,
            sampler,
            agenda: trial.recording.steps(total, total / trial.budget.count().max(1)),
            weights,
            total,
            horizon,
            scratch: Scratch::new(),
            g: vec![R::ZERO; x.len()],
            asked: None,
            before: vec![R::ZERO; x.len()],
            x,
            progress: Progress::default(),
            timings: Timings::default(),
        }
    }

    /// For a method on the whole batch, which steps to points where it has asked for the gradient: the gradient there is
    /// neither computed nor counted twice.
    pub(crate) fn remember(&mut self) {
        self.asked = Some(Asked::new(self.x.len()));
    }

    /// The gradient at `x` for step `t`, into `self.g`.
    fn gradient(&mut self, t: u64) -> R {
        let clock = Instant::now();
        let batch = self.sampler.batch(t);
        if !std::mem::take(&mut self.progress.paid) {
            self.progress.evaluations += 1;
            self.progress.examples += rows(batch, self.problem.examples());
        } else if let Some(loss) = self.asked.as_ref().and_then(|asked| asked.answer(&mut self.g)) {
            return loss;
        }
        let sample = Sample { batch, t, streams: &self.streams };
        let loss = self.problem.eval(&self.x, &sample, &mut self.g, &mut self.scratch);
        self.timings.gradient += clock.elapsed().as_secs_f64();
        loss
    }

    /// One step. Returns the objective over the batch before it.
    fn step(&mut self, t: u64, loss: R, lr: f64) {
        let clock = Instant::now();
        let batch = self.sampler.batch(t);
        self.asked.iter_mut().for_each(Asked::forget);
        let mut oracle = Answers {
            problem: &*self.problem,
            sample: Sample { batch, t, streams: &self.streams },
            scratch: &mut self.scratch,
            asked: self.asked.as_mut(),
            evaluations: &mut self.progress.evaluations,
            examples: &mut self.progress.examples,
            seconds: 0.0,
        };
        self.optimizer.step(&mut self.x, &self.g, &mut Step { t, lr, loss, oracle: &mut oracle });
        let asked = oracle.seconds;
        self.timings.gradient += asked;
        self.timings.optimizer += clock.elapsed().as_secs_f64() - asked;
        self.progress.paid = self.asked.as_ref().is_some_and(|asked| asked.is_about(&self.x));
    }

    /// Measures after `t` steps. At step 0 the gradient of the first step is taken, and not counted.
    fn measure(&mut self, t: u64, lr: f64) {
        let clock = Instant::now();
        if t == 0 {
            let sample = Sample { batch: self.sampler.batch(1), t: 1, streams: &self.streams };
            self.problem.eval(&self.x, &sample, &mut self.g, &mut self.scratch);
        }
        let update_norm = if t == 0 { 0.0 } else { distance(&self.x, &self.before) };
        let at = self.optimizer.readout(&self.x, &mut self.before);
        let examples = self.problem.examples();
        let mut measured = [Measures::default(); 3];
        for (&part, out) in parts(examples).iter().zip(&mut measured) {
            *out = self.problem.measure(at, part, &mut self.scratch);
        }
        if examples == 0 {
            measured = [measured[0]; 3];
        }
        let [train, validation, test] = measured;
        let metric = |m: &Measures| m.metric.unwrap_or(f64::NAN);
        let point = Point {
            step: t,
            epoch: if examples == 0 { t as f64 } else { self.progress.examples as f64 / examples as f64 },
            evaluations: self.progress.evaluations,
            examples: self.progress.examples,
            lr,
            train_objective: train.objective,
            train_loss: train.loss,
            train_metric: metric(&train),
            validation_loss: validation.loss,
            validation_metric: metric(&validation),
            test_loss: test.loss,
            test_metric: metric(&test),
            share: share(at, &self.weights),
            nonzero: nonzero(at, &self.weights),
            gradient_norm: real::norm(&self.g),
            update_norm,
            parameter_norm: real::norm(at),
            x: if at.len() <= 2 { at.iter().map(|x| x.to_f64()).collect() } else { Vec::new() },
        };
        self.progress.curve.push(point);
        self.timings.evaluation += clock.elapsed().as_secs_f64();
    }

    /// Whether a step's objective and gradient are still sane numbers.
    fn diverged(&mut self, loss: R) -> bool {
        let loss = loss.to_f64();
        let first = *self.progress.first_objective.get_or_insert(loss);
        // A sum of squares is finite only if every summand is; `norm` in f64 cannot overflow for f32 gradients.
        !loss.is_finite() || loss > first.abs().max(1.0) * DIVERGED + first || !real::norm(&self.g).is_finite()
    }

    /// Whether the study ends the trial at this point.
    fn reached(&self, point: &Point) -> bool {
        self.trial.stop_at_target && self.trial.target.is_some_and(|target| point.validation_loss <= target)
    }

    /// One step of the trial: gradient, update, measurement. Returns how it ended, if it did.
    fn turn(&mut self) -> Option<Outcome> {
        let t = self.progress.t + 1;
        let lr = self.trial.lr * self.trial.schedule.factor(t - 1, self.horizon);
        if t == 1 && !self.agenda.is_empty() {
            self.measure(0, lr);
        }
        let recorded = self.agenda.binary_search(&t).is_ok();
        let loss = self.gradient(t);
        if self.diverged(loss) {
            return Some(Outcome::Diverged { step: t });
        }
        if recorded {
            self.before.copy_from_slice(&self.x);
        }
        self.step(t, loss, lr);
        self.progress.t = t;
        if recorded {
            self.measure(t, lr);
            let point = self.progress.curve.last()?;
            if !point.is_finite() {
                return Some(Outcome::Diverged { step: t });
            }
            if self.reached(point) {
                return Some(Outcome::Reached { step: t });
            }
        }
        (t == self.total).then_some(Outcome::Finished)
    }
}

impl<R: Precision> Running for Machine<R> {
    fn advance(&mut self, to_step: u64) -> bool {
        let (wall, cpu) = (Instant::now(), ThreadTime::now());
        while self.progress.outcome.is_none() && self.progress.t < to_step.min(self.total) {
            self.progress.outcome = self.turn();
        }
        self.timings.wall += wall.elapsed().as_secs_f64();
        // `elapsed` would panic if that clock went back.
        self.timings.cpu += ThreadTime::now().as_duration().saturating_sub(cpu.as_duration()).as_secs_f64();
        self.progress.outcome.is_some() || self.progress.t >= self.total
    }

    fn save(&mut self) -> Vec<u8> {
        let saved = Saved {
            key: self.trial.key(),
            progress: self.progress.clone(),
            x: State::save(&mut Parameters(&mut self.x)),
            optimizer: State::save(&mut *self.optimizer),
            timings: self.timings,
        };
        serde_json::to_vec(&saved).unwrap_or_default()
    }

    fn load(&mut self, bytes: &[u8]) -> Result<()> {
        let saved: Saved = serde_json::from_slice(bytes)?;
        ensure!(saved.key == self.trial.key(), "saved by trial {}, this is {}", saved.key, self.trial.key());
        saved.x.load(&mut Parameters(&mut self.x))?;
        saved.optimizer.load(&mut *self.optimizer)?;
        (self.progress, self.timings) = (saved.progress, saved.timings);
        Ok(())
    }

    fn curve(&self) -> &[Point] {
        &self.progress.curve
    }

    fn total(&self) -> u64 {
        self.total
    }
    fn points(&self) -> usize {
        self.agenda.len()
    }

    fn record(&mut self) -> Record {
        let outcome = self.progress.outcome.clone().unwrap_or(Outcome::Finished);
        let bytes = State::bytes(&mut *self.optimizer) as u64;
        let summary = Summary::new(outcome, &self.progress.curve, self.trial.target, self.progress.evaluations, bytes);
        Record {
            key: self.trial.key(),
            trial: self.trial.clone(),
            summary,
            curve: self.progress.curve.clone(),
            timings: self.timings,
        }
    }
}

fn distance<R: Real>(a: &[R], b: &[R]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a.to_f64() - b.to_f64()).powi(2)).sum::<f64>().sqrt()
}

/// The share of weights that are not exactly 0.
fn nonzero<R: Real>(x: &[R], weights: &[Range<usize>]) -> f64 {
    let all: usize = weights.iter().map(Range::len).sum();
    let kept = weights.iter().flat_map(|w| &x[w.clone()]).filter(|x| **x != R::ZERO).count();
    kept as f64 / all as f64
}

/// The largest squared weight over the sum of all.
fn share<R: Real>(x: &[R], weights: &[Range<usize>]) -> f64 {
    let largest = weights.iter().flat_map(|w| &x[w.clone()]).map(|x| x.to_f64().powi(2)).fold(0.0, f64::max);
    let all: f64 = weights.iter().map(|w| real::sum(&x[w.clone()], |x| x * x)).sum();
    if all > 0.0 { largest / all } else { 0.0 }
}
