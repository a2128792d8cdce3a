//! Trials in which a cause is planted, without a look at what the diagnosis looks at.
//!
//! Where a planted fault did no harm there is nothing to name, and no case: a trial must end above the lowest training loss of
//! the whole grid by more than a tenth of the way from its start to it. (The diagnosis is told that lowest loss, and calls a
//! trial healthy below a twentieth: trials between the two are not judged.) Overfitting is harm on test data instead, which
//! the diagnosis never sees; minima that are not the deepest are told by where they are.

use anyhow::{Context as _, Result};
use runner::diagnosis::{Cause, Diagnosis, diagnose};
use runner::landscape::Landscape;
use runner::plan::{self, node};
use runner::rows::CurveRow;
use runner::trial::{Record, Recording, Spacing, Trial};
use runner::{Lab, Outcome, Point, sweep};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

/// The share of the way that a planted fault must have cost.
const HARM: f64 = 0.1;

/// A trial, what was planted in it, and what its curve was taken for: a row of `cases.csv`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Case {
    /// The trial's key.
    pub key: String,
    pub problem: String,
    /// Whether thresholds were set on its problem.
    pub seen: bool,
    pub optimizer: String,
    pub lr: f64,
    pub seed: u64,
    /// The lowest training loss of the problem that the diagnosis was told.
    pub known: Option<f64>,
    pub planted: String,
    pub found: String,
    /// What is found where no best loss of the problem is known.
    pub alone: String,
    pub evidence: String,
}

/// Where trials are run, and cases gathered.
pub(crate) struct Bench {
    pub lab: Lab,
    pub seen: bool,
    pub cases: Vec<Case>,
}

impl Bench {
    /// Rates far too small, best, last before the cliff and beyond it; rates that vanish, and rates that grow.
    pub(crate) fn rates(&mut self, name: &str, problem: &Value, budget: (&str, u64)) -> Result<()> {
        let grid = grid();
        let mut planned: Vec<(Trial, Cause)> = Vec::new();
        let mut searched: Vec<Record> = Vec::new();
        let same = || json!({});
        for optimizer in [
            json!({ "name": "sgd" }),
            json!({ "name": "sgd", "momentum": 0.9 }),
            json!({ "name": "adam" }),
            json!({ "name": "adagrad" }),
            json!({ "name": "sign-sgd" }),
            json!({ "name": "lion" }),
        ] {
            let adagrad = optimizer["name"] == "adagrad";
            let signs = optimizer["name"] == "sign-sgd" || optimizer["name"] == "lion";
            let records = self.run(&self.trials(problem, budget, &optimizer, &grid, same())?)?;
            let mean = |lr: f64| mean_validation(records.iter().filter(|r| r.trial.lr == lr));
            let best = grid.iter().copied().min_by(|a, b| mean(*a).total_cmp(&mean(*b))).context("an empty grid")?;
            let cliff = grid.iter().copied().find(|&lr| lr > best && mean(lr).is_infinite());
            let mut plant = |optimizer: &Value, rates: &[f64], more: Value, cause: Cause| -> Result<()> {
                planned.extend(self.trials(problem, budget, optimizer, rates, more)?.into_iter().map(|t| (t, cause)));
                Ok(())
            };
            plant(&optimizer, &[best], same(), Cause::Healthy)?;
            if let Some(cliff) = cliff {
                plant(&optimizer, &[cliff], same(), Cause::Cliff)?;
                let below = grid.iter().copied().rfind(|&lr| lr < cliff).filter(|&lr| lr > best);
                if let Some(below) = below {
                    plant(&optimizer, &[below], same(), Cause::Oscillating)?;
                }
            }
            if signs {
                // Steps of one length that is far too large: they jump over the minimum for ever.
                plant(&optimizer, &[30.0 * best, 100.0 * best], same(), Cause::Oscillating)?;
            } else if adagrad {
                // Its own decay: the rate falls with the number of steps.
                let decays = json!({ "name": "adagrad", "lr_decay": 1.0 });
                plant(&decays, &[0.03 * best, 0.1 * best], same(), Cause::RateVanished)?;
            } else {
                plant(&optimizer, &[1e-3 * best], same(), Cause::Crawling)?;
            }
            if optimizer == json!({ "name": "sgd" }) {
                // A schedule that falls by a factor of 10,000 while a tenth of the steps are taken.
                let falls = json!({ "schedule": { "name": "exponential", "gamma": 0.1, "per": 0.025 } });
                plant(&optimizer, &[0.1 * best], falls, Cause::RateVanished)?;
                // One that grows to twice the cliff along the way: it blows up when it passes it.
                let grows = json!({ "schedule": { "name": "linear", "start": 0.003, "end": 1.0, "over": 1.0 } });
                if let Some(cliff) = cliff {
                    plant(&optimizer, &[2.0 * cliff], grows.clone(), Cause::LateDivergence)?;
                }
            }
            searched.extend(records);
        }
        let usable = || searched.iter().filter(|r| !lost(r));
        let known = lowest(usable().map(|r| last(r, |p| p.train_loss)));
        let trials: Vec<Trial> = planned.iter().map(|(t, _)| t.clone()).collect();
        for (record, (_, cause)) in self.run(&trials)?.iter().zip(&planned) {
            let planted = match cause {
                Cause::Cliff | Cause::LateDivergence => lost(record),
                Cause::Healthy => !lost(record),
                _ => !lost(record) && left(record, |p| p.train_loss, known) > HARM,
            };
            if planted {
                self.judge(name, record, *cause, Some(known));
            }
        }
        Ok(())
    }

    /// A penalty so heavy that the model cannot follow the data.
    pub(crate) fn penalties(&mut self, name: &str, problem: &Value, epochs: u64) -> Result<()> {
        let free = self.tuned(problem, epochs)?;
        for l2 in [1.0, 3.0] {
            let mut heavy = problem.clone();
            heavy["penalty"] = json!({ "l2": l2 });
            self.underfit(name, &heavy, epochs, &free)?;
        }
        Ok(())
    }

    /// A model with one hidden unit.
    pub(crate) fn tiny(&mut self, name: &str, tiny: &Value, model: &Value, epochs: u64) -> Result<()> {
        let free = self.tuned(model, epochs)?;
        self.underfit(name, tiny, epochs, &free)
    }

    fn tuned(&self, problem: &Value, epochs: u64) -> Result<Vec<Record>> {
        let adam = json!({ "name": "adam" });
        self.run(&self.trials(problem, ("epochs", epochs), &adam, &[1e-3, 1e-2, 1e-1], json!({}))?)
    }

    fn underfit(&mut self, name: &str, problem: &Value, epochs: u64, free: &[Record]) -> Result<()> {
        let known = lowest(free.iter().map(|r| last(r, |p| p.train_loss)));
        let mut trials = Vec::new();
        for schedule in ["cosine", "constant"] {
            let more = json!({ "schedule": { "name": schedule } });
            trials.extend(self.trials(problem, ("epochs", epochs), &json!({ "name": "adam" }), &[3e-3, 1e-2], more)?);
        }
        for record in self.run(&trials)? {
            if !lost(&record) && left(&record, |p| p.train_loss, known) > HARM {
                self.judge(name, &record, Cause::Underfitting, Some(known));
            }
        }
        Ok(())
    }

    /// Descent from random starts. It is stuck where a careful descent from its end stays where it is, with more than a
    /// tenth of the way left to the known minimum; and healthy where that goes on to the minimum, nearly there.
    pub(crate) fn traps(&mut self, name: &str) -> Result<()> {
        let problem = json!({ "name": name, "start": "random" });
        let seeds: Vec<u64> = (0..12).collect();
        let mut count = BTreeMap::new();
        for (optimizer, rates) in [(json!({ "name": "sgd" }), [1e-3, 1e-2]), (json!({ "name": "adam" }), [1e-2, 1e-1])]
        {
            let trials = self.trials(&problem, ("steps", 3000), &optimizer, &rates, json!({ "seeds": seeds }))?;
            for record in self.run(&trials)?.iter().filter(|r| !lost(r)) {
                let Some(landscape) = Landscape::of_trial(&record.trial, &self.lab) else { continue };
                let (Some(end), Some(minimum)) = (record.summary.last.as_ref(), landscape.facts.minimum) else {
                    continue;
                };
                let start = record.curve.first().map_or(f64::NAN, |p| p.train_loss);
                let rest = rest(&landscape, &end.x);
                let moved = rest.iter().zip(&end.x).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                let left = (landscape.value(&rest) - minimum) / (start - minimum);
                let cause = match (moved < 0.01, left) {
                    (true, left) if left > HARM => Cause::Stuck,
                    (true, left) if left < 1e-3 => Cause::Healthy,
                    _ => continue,
                };
                let n = count.entry((optimizer.to_string(), cause)).or_insert(0);
                *n += 1;
                if *n <= 3 {
                    self.judge(name, record, cause, Some(minimum));
                }
            }
        }
        Ok(())
    }

    /// Starts where it is flat: after all its steps a trial is still within a tenth of its distance to the nearest minimum.
    pub(crate) fn flat(&mut self, name: &str) -> Result<()> {
        let problem = json!({ "name": name });
        let sgd = json!({ "name": "sgd" });
        for steps in [10, 100] {
            let trials = self.trials(&problem, ("steps", steps), &sgd, &[0.01, 0.1], json!({ "seeds": [0] }))?;
            for record in self.run(&trials)?.iter().filter(|r| !lost(r)) {
                let Some(landscape) = Landscape::of_trial(&record.trial, &self.lab) else { continue };
                let (Some(first), Some(end)) = (record.curve.first(), record.summary.last.as_ref()) else { continue };
                let to = |x: &[f64]| {
                    let distance = |at: &Vec<f64>| at.iter().zip(x).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                    lowest(landscape.facts.minimisers.iter().map(distance))
                };
                if to(&end.x) > 0.9 * to(&first.x) {
                    self.judge(name, record, Cause::Stuck, landscape.facts.minimum);
                }
            }
        }
        Ok(())
    }

    /// A large network on few data, for a long time: on test data it ends worse than it was, by more than a tenth of the
    /// way from its start to its lowest point.
    pub(crate) fn large(&mut self, name: &str, problem: &Value, share: f64, epochs: u64) -> Result<()> {
        let kept = (1.0 - share) / 2.0;
        let few = json!({ "split": { "validation": kept, "test": kept }, "batch": 16 });
        for (optimizer, lr) in [("adam", 1e-2), ("rmsprop", 1e-2), ("adam", 3e-3), ("nadam", 1e-2)] {
            let trials = self.trials(problem, ("epochs", epochs), &json!({ "name": optimizer }), &[lr], few.clone())?;
            for record in self.run(&trials)?.iter().filter(|r| !lost(r)) {
                if left(record, |p| p.test_loss, lowest(record.curve.iter().map(|p| p.test_loss))) > HARM {
                    self.judge(name, record, Cause::Overfitting, None);
                }
            }
        }
        Ok(())
    }

    /// The trials of one optimizer on a problem at some rates, with two seeds if `more` does not say otherwise: recorded in
    /// few points dense at the start, as studies do, and in many even ones.
    fn trials(
        &self,
        problem: &Value,
        budget: (&str, u64),
        optimizer: &Value,
        rates: &[f64],
        more: Value,
    ) -> Result<Vec<Trial>> {
        let rates: Vec<f64> = rates.iter().map(|lr| format!("{lr:.2e}").parse().unwrap_or(*lr)).collect();
        let mut study = Map::from_iter([
            ("problem".to_owned(), json!([problem])),
            (budget.0.to_owned(), json!(budget.1)),
            ("optimizer".to_owned(), json!([optimizer])),
            ("lr".to_owned(), json!(rates)),
            ("seeds".to_owned(), json!([0, 1])),
        ]);
        study.extend(more.as_object().cloned().unwrap_or_default());
        let entries: Vec<node::Entry> =
            study.into_iter().map(|(key, value)| node::Entry { key, value: node::Node::of(value) }).collect();
        let mut trials = plan::trials(&entries, &self.lab).map_err(|fault| anyhow::anyhow!("{}", fault.text))?;
        for trial in trials.iter_mut().filter(|t| t.seed % 2 == 1) {
            trial.recording = Recording { points: 40, spacing: Spacing::Linear };
        }
        Ok(trials)
    }

    fn run(&self, trials: &[Trial]) -> Result<Vec<Record>> {
        let mut records = BTreeMap::new();
        let jobs = sweep::cores();
        sweep::run(trials, &self.lab, jobs, &AtomicBool::new(false), |record| {
            records.insert(record.key.clone(), record);
            Ok(())
        })?;
        trials.iter().map(|t| records.get(&t.key()).cloned().context("a trial without a record")).collect()
    }

    /// Each trial once: a rate can be both the last before the cliff and a hundred times the best.
    fn judge(&mut self, name: &str, record: &Record, planted: Cause, known: Option<f64>) {
        if self.cases.iter().any(|c| c.key == record.key) {
            return;
        }
        let curve: Vec<CurveRow> = CurveRow::of(record).collect();
        let diverged = record.summary.outcome.step().filter(|_| lost(record));
        let found = diagnose(&curve, diverged, known);
        let word = |d: &Option<Diagnosis>| d.as_ref().map_or("none", |d| d.cause.word()).to_owned();
        self.cases.push(Case {
            key: record.key.clone(),
            problem: name.to_owned(),
            seen: self.seen,
            optimizer: runner::rows::optimizer_label(&record.trial.optimizer, &self.lab),
            lr: record.trial.lr,
            seed: record.trial.seed,
            known,
            planted: planted.word().to_owned(),
            found: word(&found),
            alone: word(&diagnose(&curve, diverged, None)),
            evidence: found.map(|d| d.evidence).unwrap_or_default(),
        });
    }
}

/// Half decades from 1e-5 to 100.
fn grid() -> Vec<f64> {
    (-10..=4).map(|k| format!("{:.2e}", 10f64.powf(f64::from(k) / 2.0)).parse().unwrap_or(1.0)).collect()
}

fn lost(record: &Record) -> bool {
    matches!(record.summary.outcome, Outcome::Diverged { .. })
}

fn last(record: &Record, of: impl Fn(&Point) -> f64) -> f64 {
    record.summary.last.as_ref().map_or(f64::INFINITY, of)
}

fn lowest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::INFINITY, f64::min)
}

/// Infinite if a seed was lost.
fn mean_validation<'r>(records: impl Iterator<Item = &'r Record>) -> f64 {
    let losses: Vec<f64> =
        records.map(|r| if lost(r) { f64::INFINITY } else { last(r, |p| p.validation_loss) }).collect();
    losses.iter().sum::<f64>() / losses.len() as f64
}

/// The share of the way from the start to the best value that is left at the end.
fn left(record: &Record, of: impl Fn(&Point) -> f64, best: f64) -> f64 {
    let start = record.curve.first().map_or(f64::NAN, &of);
    (last(record, of) - best) / (start - best)
}

/// Where a descent comes to rest whose every step lowers the value (Armijo's rule), from `x`.
fn rest(landscape: &Landscape, x: &[f64]) -> Vec<f64> {
    let (mut x, mut step) = (x.to_vec(), 1.0);
    let mut value = landscape.value(&x);
    for _ in 0..2000 {
        let g = landscape.gradient(&x);
        let square: f64 = g.iter().map(|g| g * g).sum();
        let lowered = std::iter::successors(Some(step), |s| Some(0.5 * s)).take(60).find_map(|s| {
            let to: Vec<f64> = x.iter().zip(&g).map(|(x, g)| x - s * g).collect();
            let new = landscape.value(&to);
            (new < value - 0.5 * s * square).then_some((s, to, new))
        });
        let Some((s, to, new)) = lowered else { break };
        (step, x, value) = (2.0 * s, to, new);
    }
    x
}
