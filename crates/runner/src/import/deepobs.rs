//! The JSON files of DeepOBS (Schneider, Balles & Hennig 2019, arXiv:1903.05499): one a run, in folders
//! `<problem>/<optimizer>/<hyperparameters>/random_seed__<seed>__<date>.json`. Values are those before training and
//! after each epoch.
//!
//! Version 1.1 has no validation part, and goes on writing NaN after a run has diverged. Later versions have one; there
//! the epochs after a divergence are filled with the values before training, which no run that goes on meets again to the
//! last bit: that tail is taken for what it is.

use super::json::{Number, quoted};
use super::{Archive, Measured, Run, clean, count};
use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What is read of a file. All else that it has, such as the loss of each batch, is skipped.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    train_losses: Vec<Number>,
    #[serde(default)]
    valid_losses: Vec<Number>,
    #[serde(default)]
    test_losses: Vec<Number>,
    #[serde(default)]
    train_accuracies: Vec<Number>,
    #[serde(default)]
    valid_accuracies: Vec<Number>,
    #[serde(default)]
    test_accuracies: Vec<Number>,
    testproblem: Option<String>,
    #[serde(alias = "optimizer_name")]
    optimizer: Option<String>,
    learning_rate: Option<f64>,
    #[serde(default)]
    hyperparams: Map<String, Value>,
    optimizer_hyperparams: Option<Map<String, Value>>,
    #[serde(alias = "l2_reg")]
    weight_decay: Option<f64>,
    batch_size: Option<u64>,
    num_epochs: Option<u64>,
    random_seed: Option<u64>,
    lr_sched_epochs: Option<Value>,
    lr_sched_factors: Option<Value>,
}

/// All runs below a folder, or that of one file. Of a run that was repeated, the one of the last name, which has the
/// date, counts.
pub(super) fn read(path: &Path) -> Result<Archive> {
    let mut files = Vec::new();
    collect(path, &mut files)?;
    files.sort();
    let mut archive = Archive { files: files.len(), ..Archive::default() };
    let (mut other, mut repeated) = (Vec::new(), Vec::new());
    let mut places: HashMap<String, usize> = HashMap::new();
    for file in &files {
        let Some(run) = run(file)? else {
            other.push(file);
            continue;
        };
        match places.get(&run.spec().to_string()) {
            Some(&at) => {
                repeated.push(file);
                archive.runs[at] = run;
            }
            None => {
                places.insert(run.spec().to_string(), archive.runs.len());
                archive.runs.push(run);
            }
        }
    }
    if let Some(first) = other.first() {
        let (files, have) = (count(other.len(), "file"), if other.len() == 1 { "has" } else { "have" });
        let first = first.display();
        archive.notes.push(format!("{files} {have} neither `train_losses` nor `test_losses`, no run, such as {first}"));
    }
    if let Some(first) = repeated.first() {
        let (runs, were) = (count(repeated.len(), "run"), if repeated.len() == 1 { "was" } else { "were" });
        archive.notes.push(format!("{runs} {were} repeated: the last by name counts, such as {}", first.display()));
    }
    Ok(archive)
}

/// The JSON files below a path.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let context = || format!("cannot read {}", path.display());
    if !fs::metadata(path).with_context(context)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(context)? {
        let entry = entry.with_context(context)?;
        // Links could lead in circles, or out of the archive.
        let kind = entry.file_type().with_context(context)?;
        if kind.is_dir() || (kind.is_file() && entry.path().extension().is_some_and(|e| e == "json")) {
            collect(&entry.path(), files)?;
        }
    }
    Ok(())
}

/// The run of a file; none if it is that of something else.
fn run(path: &Path) -> Result<Option<Run>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let file: File = serde_json::from_str(&quoted(&text)).with_context(|| {
        format!(
            "{}: no run of DeepOBS: an object with lists of numbers such as `test_losses` is expected",
            path.display()
        )
    })?;
    if file.train_losses.is_empty() && file.test_losses.is_empty() {
        return Ok(None);
    }
    file.run(path).with_context(|| path.display().to_string()).map(Some)
}

impl File {
    fn run(mut self, path: &Path) -> Result<Run> {
        // What the file does not say is in the folders above it.
        let above = |n: usize| Some(path.ancestors().nth(n)?.file_name()?.to_str()?.to_owned());
        let later = self.optimizer_hyperparams.is_some();
        let mut hyperparameters = self.optimizer_hyperparams.take().unwrap_or(std::mem::take(&mut self.hyperparams));
        let lr = hyperparameters.remove("lr").or_else(|| hyperparameters.remove("learning_rate"));
        let lr = match (self.learning_rate, lr) {
            (Some(lr), _) => lr,
            (None, Some(lr)) => lr.as_f64().with_context(|| format!("`lr` is {lr}, allowed is a number"))?,
            (None, None) => bail!("neither `learning_rate` nor `optimizer_hyperparams.lr` is there: give the file one"),
        };
        ensure!(lr.is_finite() && lr > 0.0, "`learning_rate` is {lr}, allowed is a number > 0");
        let name = |told: Option<String>, folder: usize, key: &str| {
            told.or_else(|| above(folder)).map(|n| clean(&n)).with_context(|| format!("`{key}` is missing"))
        };
        let problem = name(self.testproblem.take(), 3, "testproblem")?;
        let optimizer = name(self.optimizer.take(), 2, "optimizer")?;
        let seed = self.random_seed.context("`random_seed` is missing, or no whole number >= 0")?;
        let mut settings = Map::new();
        for (key, value) in [("lr_sched_epochs", &self.lr_sched_epochs), ("lr_sched_factors", &self.lr_sched_factors)] {
            settings.extend(value.clone().map(|v| (key.to_owned(), v)));
        }
        let mut points = self.points()?;
        let budget = self.num_epochs.unwrap_or(points.len() as u64 - 1);
        if later && let Some(at) = filled(&points) {
            points.truncate(at + 1);
            points[at].test_loss = Some(f64::NAN);
        }
        let problem_settings = self.weight_decay.map(|l2| ("l2".to_owned(), l2.into()));
        Ok(Run {
            problem,
            problem_settings: problem_settings.into_iter().collect(),
            optimizer,
            hyperparameters,
            lr,
            seed,
            batch: self.batch_size,
            settings,
            budget: Some(budget as f64),
            by_epoch: true,
            stage: String::new(),
            points,
        })
    }

    /// One a position of the lists, which must agree in length.
    fn points(&self) -> Result<Vec<Measured>> {
        let lists = [
            ("train_losses", &self.train_losses),
            ("valid_losses", &self.valid_losses),
            ("test_losses", &self.test_losses),
            ("train_accuracies", &self.train_accuracies),
            ("valid_accuracies", &self.valid_accuracies),
            ("test_accuracies", &self.test_accuracies),
        ];
        let length = lists.iter().map(|(_, list)| list.len()).max().unwrap_or(0);
        for (key, list) in lists {
            let n = list.len();
            ensure!(
                n == 0 || n == length,
                "`{key}` has {n} values, allowed is none or {length}, as the longest list has"
            );
        }
        let loss = |list: &[Number], i: usize| list.get(i).map(|n| n.0);
        let metric = |list: &[Number], i: usize| list.get(i).map_or(f64::NAN, |n| n.0);
        let point = |i: usize| Measured {
            step: i as u64,
            epoch: i as f64,
            train_loss: loss(&self.train_losses, i),
            validation_loss: loss(&self.valid_losses, i),
            test_loss: loss(&self.test_losses, i),
            train_metric: metric(&self.train_accuracies, i),
            validation_metric: metric(&self.valid_accuracies, i),
            test_metric: metric(&self.test_accuracies, i),
        };
        Ok((0..length).map(point).collect())
    }
}

/// Where a tail begins that repeats the values before training.
fn filled(points: &[Measured]) -> Option<usize> {
    let losses = |p: &Measured| [p.train_loss, p.validation_loss, p.test_loss].map(|l| l.map(f64::to_bits));
    let first = losses(points.first()?);
    let tail = points[1..].iter().rev().take_while(|p| losses(p) == first).count();
    (tail > 0).then(|| points.len() - tail)
}
