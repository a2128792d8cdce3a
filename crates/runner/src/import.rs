//! Runs of other harnesses as results of ours: a folder that `report`, `compare` and `replay` read like one of a sweep.
//!
//! A run is told apart by all that its source says of it but the measured values; its key is the sha256 of that text. It
//! is none of our trials: no problem can be built from it, no gradient was counted, and its seeds pair with nobody's.

mod csv;
mod deepobs;
mod json;

use crate::record::{Outcome, Point, Summary};
use crate::rows::{CurveRow, TrialRow, canonical_order, optimizer_label, problem_label};
use crate::stats::usable;
use crate::store::{write_atomically, write_csv};
use crate::table::{count, quoted};
use crate::{Lab, protocol::Stage};
use anyhow::{Context as _, Result, bail, ensure};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::{fmt, fs};

pub use csv::Columns;

/// What an archive is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The JSON files of DeepOBS, 1.1 and later: one a run, in folders.
    Deepobs,
    /// One CSV file: a row for each run and recorded epoch.
    Csv,
}

/// `[imported]` of `study.toml`: where the runs come from, and what they lack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Imported {
    /// `deepobs` or `csv`.
    pub format: String,
    /// The path, as it was given.
    pub from: String,
    /// What else was given on the command line.
    #[serde(default)]
    pub options: Vec<String>,
    /// How many files were read.
    pub files: usize,
    /// Problems without validation data: there test data choose.
    #[serde(default)]
    pub without_validation: Vec<String>,
    /// Problems without test data: there validation data, or else training data, are reported.
    #[serde(default)]
    pub without_test: Vec<String>,
}

impl Imported {
    /// The command that reads the archive again.
    pub fn command(&self, name: &str) -> String {
        let words = [&self.from, "--format", &self.format, "--name", name];
        let words = words.into_iter().chain(self.options.iter().map(String::as_str)).map(quoted);
        format!("downhill import {}", words.collect::<Vec<_>>().join(" "))
    }

    /// What missing parts mean for what is reported, in sentences.
    pub fn threats(&self) -> Vec<String> {
        let (validation, test) = (&self.without_validation, &self.without_test);
        let both: Vec<String> = validation.iter().filter(|p| test.contains(p)).cloned().collect();
        let only = |these: &[String]| these.iter().filter(|p| !both.contains(p)).cloned().collect::<Vec<String>>();
        let say = |these: &[String], what: &str| (!these.is_empty()).then(|| format!("{what}: {}.", these.join(", ")));
        let chosen = "Selected on test data, which are what is reported, for want of validation data";
        let reported = "Reported on validation data, which selected, for want of test data";
        let trained = "Selected and reported on training data, for want of others";
        let rest = [say(&only(validation), chosen), say(&only(test), reported), say(&both, trained)];
        rest.into_iter().flatten().collect()
    }
}

/// Learning rates of an arm that are closer than this, relative to them, are one: the finest grid that anyone runs is a
/// thousand times coarser, and single precision nearly ten times finer.
const SAME: f64 = 1e-6;

/// Runs, with what their reader has to say.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    /// The runs, each once.
    runs: Vec<Run>,
    /// How many files were read.
    files: usize,
    /// What was left out or taken for something, in words for the user.
    pub notes: Vec<String>,
}

/// One training.
#[derive(Clone, Debug)]
struct Run {
    problem: String,
    problem_settings: Map<String, Value>,
    optimizer: String,
    /// All but the learning rate.
    hyperparameters: Map<String, Value>,
    lr: f64,
    seed: u64,
    batch: Option<u64>,
    /// What else decides it.
    settings: Map<String, Value>,
    /// How long it should have been; none if the source does not say.
    budget: Option<f64>,
    /// Whether that is in epochs; else in steps.
    by_epoch: bool,
    /// As in [`TrialRow::stage`].
    stage: String,
    /// Ascending in time; at least one.
    points: Vec<Measured>,
}

/// What was measured at one time. A loss that is not measured is none, a metric NaN.
#[derive(Clone, Copy, Debug, Default)]
struct Measured {
    step: u64,
    epoch: f64,
    train_loss: Option<f64>,
    validation_loss: Option<f64>,
    test_loss: Option<f64>,
    train_metric: f64,
    validation_metric: f64,
    test_metric: f64,
}

/// One of the losses.
type Loss = fn(&Measured) -> Option<f64>;

/// The losses by their names.
const PARTS: [(&str, Loss); 3] =
    [("train_loss", |p| p.train_loss), ("validation_loss", |p| p.validation_loss), ("test_loss", |p| p.test_loss)];

impl Archive {
    /// Reads an archive: `format`, or what the path looks like. `columns` says how a CSV file is to be understood.
    ///
    /// # Errors
    /// Names file, line, column or key, what was found, and what is allowed.
    pub fn read(path: &Path, format: Option<Format>, columns: &Columns) -> Result<(Self, Format)> {
        let looks = if path.extension().is_some_and(|e| e == "csv") { Format::Csv } else { Format::Deepobs };
        let format = format.unwrap_or(looks);
        let mut archive = match format {
            Format::Csv => csv::read(path, columns)?,
            Format::Deepobs => deepobs::read(path)?,
        };
        if archive.runs.is_empty() {
            let what = if format == Format::Csv { "rows" } else { "JSON files of runs" };
            bail!("{}: no {what}; --format says how it is written: deepobs or csv", path.display());
        }
        archive.parts()?;
        archive.rates()?;
        archive.budgets();
        archive.stages();
        Ok((archive, format))
    }

    /// Whether a part is measured must not vary within a problem: what is chosen by and reported would not be the same.
    fn parts(&self) -> Result<()> {
        let mut first: BTreeMap<String, &Run> = BTreeMap::new();
        for run in &self.runs {
            let before = *first.entry(run.problem_table().to_string()).or_insert(run);
            let differs = PARTS.iter().find(|(_, part)| run.has(*part) != before.has(*part));
            if let Some((name, part)) = differs {
                let (with, without) = if run.has(*part) { (run, before) } else { (before, run) };
                bail!("{with} has a `{name}`, {without} none: import them one by one");
            }
        }
        Ok(())
    }

    /// A chosen rate is often run again from a note of it, with fewer digits: the same rate, and the shortest way to write
    /// it is taken.
    fn rates(&mut self) -> Result<()> {
        let lrs: Vec<f64> = self.runs.iter().map(|r| r.lr).collect();
        let mut arms: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (i, run) in self.runs.iter().enumerate() {
            arms.entry(run.arm()).or_default().push(i);
        }
        let mut joined = 0;
        for places in arms.values_mut() {
            places.sort_by(|&a, &b| lrs[a].total_cmp(&lrs[b]));
            for near in places.chunk_by(|&a, &b| lrs[b] <= lrs[a] * (1.0 + SAME)) {
                let (first, last) = (near[0], near[near.len() - 1]);
                if lrs[first] == lrs[last] {
                    continue;
                }
                joined += 1;
                let shortest = near.iter().map(|&i| lrs[i]).min_by_key(|lr| lr.to_string().len());
                let mut seeds: HashMap<u64, usize> = HashMap::new();
                for &i in near {
                    let run = &mut self.runs[i];
                    if let Some(other) = seeds.insert(run.seed, i) {
                        bail!(
                            "{run} and lr {}: the same rate but for its last digits, run twice: leave one out",
                            lrs[other]
                        );
                    }
                    run.lr = shortest.unwrap_or(run.lr);
                }
            }
        }
        if joined > 0 {
            let rates = count(joined, "learning rate");
            self.notes.push(format!("{rates} written with more and with fewer digits: each is taken for one"));
        }
        Ok(())
    }

    /// Where a source says no budget: the longest run of the same arm, so that one which was cut short is seen to be.
    fn budgets(&mut self) {
        let mut longest: HashMap<String, f64> = HashMap::new();
        for run in self.runs.iter().filter(|r| r.budget.is_none()) {
            let most = longest.entry(run.arm()).or_default();
            *most = most.max(run.end());
        }
        for run in self.runs.iter_mut().filter(|r| r.budget.is_none()) {
            run.budget = longest.get(&run.arm()).copied();
        }
    }

    /// Seeds that one rate of an arm has and no other were run when that rate was chosen: they chose nothing.
    fn stages(&mut self) {
        let mut arms: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (i, run) in self.runs.iter().enumerate().filter(|(_, r)| r.stage.is_empty()) {
            arms.entry(run.arm()).or_default().push(i);
        }
        let mut confirmed = 0;
        for places in arms.values() {
            let mut rates: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
            for run in places.iter().map(|&i| &self.runs[i]) {
                rates.entry(run.lr.to_bits()).or_default().insert(run.seed);
            }
            let Some(fresh) = fresh(&rates) else { continue };
            confirmed += 1;
            for &i in places {
                let stage = if fresh.contains(&self.runs[i].seed) { Stage::Confirm } else { Stage::Search };
                self.runs[i].stage = stage.word().to_owned();
            }
        }
        if confirmed > 0 {
            self.notes.push(format!(
                "{confirmed} times an optimizer on a problem has seeds at one learning rate alone: that rate is taken for \
                 the chosen one, and those seeds for what is reported"
            ));
        }
    }

    /// Writes the results folder, all but the report.
    ///
    /// # Errors
    /// If the folder holds results of a sweep, or cannot be written.
    pub fn write(&self, dir: &Path, question: &str, imported: Imported, lab: &Lab) -> Result<()> {
        let study = dir.join("study.toml");
        let ours = fs::read_to_string(&study).is_ok_and(|text| !text.contains("[imported]"));
        ensure!(
            !ours && !dir.join("journal.jsonl").exists(),
            "{} holds the results of a sweep: give another --out or --name",
            dir.display()
        );
        #[derive(Serialize)]
        struct StudyFile<'a> {
            question: &'a str,
            imported: Imported,
        }
        let lacks = |part: Loss| {
            let without = self.runs.iter().filter(|r| !r.has(part));
            without.map(|r| problem_label(&r.problem_table(), lab)).collect::<BTreeSet<_>>()
        };
        let (validation, test) = (lacks(|p| p.validation_loss), lacks(|p| p.test_loss));
        let mut rows: Vec<(TrialRow, Vec<CurveRow>)> = Vec::new();
        for run in &self.runs {
            let label = problem_label(&run.problem_table(), lab);
            rows.push(run.rows(validation.contains(&label), test.contains(&label), lab));
        }
        rows.sort_by(|(a, _), (b, _)| canonical_order(a, b));
        let (trials, curves): (Vec<TrialRow>, Vec<Vec<CurveRow>>) = rows.into_iter().unzip();
        fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let imported = Imported {
            files: self.files,
            without_validation: validation.into_iter().collect(),
            without_test: test.into_iter().collect(),
            ..imported
        };
        write_csv(&dir.join("trials.csv"), &trials)?;
        write_csv(&dir.join("curves.csv"), curves.into_iter().flatten())?;
        let text = toml::to_string(&StudyFile { question, imported }).context("study.toml")?;
        let lost = trials.iter().filter(|t| !usable(t)).count();
        let head = format!(
            "# Imported by downhill {}: {}, {lost} of them lost.\n\n",
            env!("CARGO_PKG_VERSION"),
            count(trials.len(), "run")
        );
        write_atomically(&study, (head + &text).as_bytes())
    }

    /// How many runs there are.
    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }
}

impl Run {
    /// Whether a part is measured.
    fn has(&self, part: Loss) -> bool {
        self.points.iter().any(|p| part(p).is_some())
    }

    /// When it ended, in the unit of its budget.
    fn end(&self) -> f64 {
        self.points.last().map_or(0.0, |p| if self.by_epoch { p.epoch } else { p.step as f64 })
    }

    fn problem_table(&self) -> Value {
        named(&self.problem, &self.problem_settings)
    }

    fn optimizer_table(&self) -> Value {
        named(&self.optimizer, &self.hyperparameters)
    }

    /// The canonical text: keys sorted, as of our own trials.
    fn spec(&self) -> Value {
        let mut spec = self.settings.clone();
        spec.extend(self.batch.map(|batch| ("sampling".to_owned(), json!({ "batch": batch }))));
        let unit = if self.by_epoch { "epochs" } else { "steps" };
        spec.extend(self.budget.map(|budget| ("budget".to_owned(), json!({ unit: budget }))));
        spec.insert("imported".into(), true.into());
        spec.insert("problem".into(), self.problem_table());
        spec.insert("optimizer".into(), self.optimizer_table());
        spec.insert("lr".into(), self.lr.into());
        spec.insert("seed".into(), self.seed.into());
        Value::Object(spec)
    }

    /// What all rates and seeds of one tuning have in common.
    fn arm(&self) -> String {
        let mut spec = self.spec();
        if let Some(fields) = spec.as_object_mut() {
            fields.remove("lr");
            fields.remove("seed");
            if self.budget.is_none() {
                fields.remove("budget");
            }
        }
        spec.to_string()
    }

    /// The rows of both tables. Where validation data are missing, test data stand in for them, and the reverse.
    fn rows(&self, without_validation: bool, without_test: bool, lab: &Lab) -> (TrialRow, Vec<CurveRow>) {
        let bad =
            |p: &Measured| [p.train_loss, p.validation_loss, p.test_loss].into_iter().flatten().any(|l| !l.is_finite());
        let diverged = self.points.iter().position(bad);
        let shown = &self.points[..diverged.map_or(self.points.len(), |at| at + 1)];
        let points: Vec<Point> = shown.iter().map(|p| self.point(p, without_validation, without_test)).collect();
        let end = shown.last().map_or(0.0, |p| if self.by_epoch { p.epoch } else { p.step as f64 });
        let budget = self.budget.unwrap_or(end);
        let unit = if self.by_epoch { "epochs" } else { "steps" };
        let outcome = match diverged {
            Some(at) => Outcome::Diverged { step: self.points[at].step },
            None if end < budget => Outcome::Failed { reason: format!("ends after {end} of {budget} {unit}") },
            None => Outcome::Finished,
        };
        let spec = self.spec().to_string();
        let key: String = Sha256::digest(&spec).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let curve = points.iter().map(|p| CurveRow::new(&key, p)).collect();
        let row = TrialRow {
            problem: problem_label(&self.problem_table(), lab).into(),
            optimizer: optimizer_label(&self.optimizer_table(), lab).into(),
            lr: self.lr,
            batch: self.batch.unwrap_or(0),
            budget: format!("{budget} {unit}").into(),
            seed: self.seed,
            stage: self.stage.as_str().into(),
            key: key.into(),
            spec: spec.as_str().into(),
            ..TrialRow::measured(&summary(outcome, &points))
        };
        (row, curve)
    }

    fn point(&self, p: &Measured, without_validation: bool, without_test: bool) -> Point {
        let (train, nan) = ((p.train_loss, p.train_metric), f64::NAN);
        let (own_validation, own_test) = ((p.validation_loss, p.validation_metric), (p.test_loss, p.test_metric));
        let (validation, test) = match (without_validation, without_test) {
            (true, true) => (train, train),
            (true, false) => (own_test, own_test),
            (false, true) => (own_validation, own_validation),
            (false, false) => (own_validation, own_test),
        };
        Point {
            step: p.step,
            epoch: p.epoch,
            evaluations: 0,
            examples: 0,
            lr: self.lr,
            train_objective: train.0.unwrap_or(nan),
            train_loss: train.0.unwrap_or(nan),
            train_metric: train.1,
            validation_loss: validation.0.unwrap_or(nan),
            validation_metric: validation.1,
            test_loss: test.0.unwrap_or(nan),
            test_metric: test.1,
            share: nan,
            nonzero: nan,
            gradient_norm: nan,
            update_norm: nan,
            parameter_norm: nan,
            x: Vec::new(),
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}, lr {}, seed {}", self.optimizer, self.problem, self.lr, self.seed)
    }
}

/// The seeds that exactly one rate has beside those that it shares with others; none if there are such at several rates
/// or at none.
fn fresh(rates: &BTreeMap<u64, BTreeSet<u64>>) -> Option<BTreeSet<u64>> {
    let own = rates.iter().filter_map(|(rate, seeds)| {
        let others = rates.iter().filter(|(r, _)| *r != rate).flat_map(|(_, seeds)| seeds).copied().collect();
        let own = seeds - &others;
        (!own.is_empty()).then_some((own, seeds))
    });
    match &own.collect::<Vec<_>>()[..] {
        // A rate that shares no seed with the others was not chosen among them.
        [(own, seeds)] if own.len() < seeds.len() => Some(own.clone()),
        _ => None,
    }
}

/// As [`Summary::new`], for runs whose training loss need not be known.
fn summary(outcome: Outcome, points: &[Point]) -> Summary {
    let finite = points.iter().filter(|p| p.validation_loss.is_finite());
    let best = finite.min_by(|a, b| a.validation_loss.total_cmp(&b.validation_loss));
    let rise = best.zip(points.last()).map_or(f64::NAN, |(best, last)| last.validation_loss - best.validation_loss);
    Summary { best: best.cloned(), rise, ..Summary::new(outcome, points, None, 0, 0) }
}

fn named(name: &str, fields: &Map<String, Value>) -> Value {
    let mut table = fields.clone();
    table.insert("name".into(), name.into());
    Value::Object(table)
}

/// A name from a file as one line of printable text.
fn clean(name: &str) -> String {
    let printable: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    printable.split_whitespace().collect::<Vec<_>>().join(" ")
}
