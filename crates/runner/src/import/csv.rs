//! One CSV file: a row for each run and recorded time.

use super::{Archive, Measured, PARTS, Run, clean, count};
use crate::protocol::Stage;
use anyhow::{Context as _, Result, anyhow, bail, ensure};
use serde_json::{Map, Number, Value};
use std::collections::HashMap;
use std::path::Path;

/// How the columns of a CSV file are to be understood.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// Their names and ours.
    pub renamed: Vec<(String, String)>,
    /// Which of them are hyperparameters of the optimizer.
    pub hyperparameters: Vec<String>,
}

/// The columns that mean something, each with other names that are in use.
const KNOWN: [(&str, &[&str]); 14] = [
    ("problem", &["testproblem", "workload"]),
    ("optimizer", &["optimizer_name"]),
    ("lr", &["learning_rate"]),
    ("seed", &["random_seed"]),
    ("epoch", &[]),
    ("step", &[]),
    ("batch", &["batch_size"]),
    ("stage", &[]),
    ("train_loss", &["training_loss"]),
    ("validation_loss", &["valid_loss", "val_loss"]),
    ("test_loss", &[]),
    ("train_metric", &["train_accuracy", "training_accuracy"]),
    ("validation_metric", &["validation_accuracy", "valid_accuracy", "val_accuracy"]),
    ("test_metric", &["test_accuracy"]),
];

/// Where the file's columns are.
struct Header {
    places: HashMap<&'static str, usize>,
    hyperparameters: Vec<(String, usize)>,
}

/// A row with its place.
struct Row<'a> {
    header: &'a Header,
    fields: &'a csv::StringRecord,
    titles: &'a csv::StringRecord,
    at: String,
}

/// All runs of a file, in the order in which they begin.
pub(super) fn read(path: &Path, columns: &Columns) -> Result<Archive> {
    let at = |line: u64| format!("{}:{line}", path.display());
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let titles = reader.headers().with_context(|| at(1))?.clone();
    let mut archive = Archive { files: 1, ..Archive::default() };
    let header = header(&titles, columns, &mut archive.notes).with_context(|| at(1))?;
    let mut places: HashMap<String, usize> = HashMap::new();
    for fields in reader.records() {
        let fields = fields.with_context(|| path.display().to_string())?;
        let line = fields.position().map_or(0, csv::Position::line);
        let row = Row { header: &header, fields: &fields, titles: &titles, at: at(line) };
        let (run, stage) = (row.run()?, row.stage()?);
        let place = *places.entry(run.spec().to_string()).or_insert_with(|| {
            archive.runs.push(run);
            archive.runs.len() - 1
        });
        let run = &mut archive.runs[place];
        if run.points.is_empty() {
            run.stage = stage;
        } else if run.stage != stage {
            bail!("{}: column `stage` is {stage:?}, in the rows of the same run before it {:?}", row.at, run.stage);
        }
        let point = row.point()?;
        let time = |p: &Measured| (p.epoch, p.step);
        if let Some(same) = run.points.iter().find(|p| time(p) == time(&point)) {
            let unit = if run.by_epoch { format!("epoch {}", same.epoch) } else { format!("step {}", same.step) };
            bail!("{}: a second row of {run}, {unit}; if a column tells them apart, name it with --hyper", row.at);
        }
        run.points.push(point);
    }
    let mut cut = 0;
    for run in &mut archive.runs {
        run.points.sort_by(|a, b| a.epoch.total_cmp(&b.epoch).then(a.step.cmp(&b.step)));
        cut += usize::from(complete(run).with_context(|| path.display().to_string())?);
    }
    if cut > 0 {
        archive.notes.push(format!(
            "in {} a loss stops: empty fields to the end are taken for NaN, divergence",
            count(cut, "run")
        ));
    }
    Ok(archive)
}

/// Losses that stop in a run are NaN from there on: so tools write them that leave NaN empty. Returns whether there are
/// such.
///
/// # Errors
/// If a loss is missing in between.
fn complete(run: &mut Run) -> Result<bool> {
    let mut cut = false;
    for (name, part) in PARTS {
        let Some(last) = run.points.iter().rposition(|p| part(p).is_some()) else { continue };
        if let Some(gap) = run.points[..last].iter().find(|p| part(p).is_none()) {
            let time = gap.epoch;
            bail!(
                "{run}: column `{name}` is empty at {time} and has numbers after it; a loss that is not finite is `NaN`"
            );
        }
        cut |= last + 1 < run.points.len();
        for point in &mut run.points[last + 1..] {
            let losses = [&mut point.train_loss, &mut point.validation_loss, &mut point.test_loss];
            let [train, validation, test] = losses;
            let loss = match name {
                "train_loss" => train,
                "validation_loss" => validation,
                _ => test,
            };
            *loss = Some(f64::NAN);
        }
    }
    Ok(cut)
}

fn header(titles: &csv::StringRecord, columns: &Columns, notes: &mut Vec<String>) -> Result<Header> {
    let known = || KNOWN.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let has = |name: &str| titles.iter().any(|t| t == name);
    for (theirs, ours) in &columns.renamed {
        ensure!(has(theirs), "--map {theirs}={ours}: there is no column `{theirs}`; there are {}", list(titles));
        ensure!(
            KNOWN.iter().any(|(name, _)| name == ours),
            "--map {theirs}={ours}: `{ours}` is no column of ours; allowed are {}",
            known()
        );
    }
    for name in &columns.hyperparameters {
        ensure!(has(name), "--hyper {name}: there is no such column; there are {}", list(titles));
    }
    let mut header = Header { places: HashMap::new(), hyperparameters: Vec::new() };
    let mut unknown = Vec::new();
    for (i, title) in titles.iter().enumerate() {
        if columns.hyperparameters.iter().any(|h| h == title) {
            header.hyperparameters.push((clean(title), i));
            continue;
        }
        let renamed = columns.renamed.iter().find(|(theirs, _)| theirs == title).map(|(_, ours)| ours.as_str());
        let name = renamed.unwrap_or(title);
        let Some((ours, _)) = KNOWN.iter().find(|(ours, others)| *ours == name || others.contains(&name)) else {
            unknown.push(format!("`{}`", clean(title)));
            continue;
        };
        if let Some(before) = header.places.insert(ours, i) {
            bail!("columns `{}` and `{title}` both mean `{ours}`: rename one of them", &titles[before]);
        }
    }
    let needed = ["problem", "optimizer", "lr", "seed"].into_iter().filter(|name| !header.places.contains_key(name));
    let mut missing: Vec<&str> = needed.collect();
    for either in [["epoch", "step"].as_slice(), &["test_loss", "validation_loss", "train_loss"]] {
        if either.iter().all(|name| !header.places.contains_key(name)) {
            missing.push(either[0]);
        }
    }
    ensure!(
        missing.is_empty(),
        "no column {}; there are {}; --map THEIRS=OURS says which of them it is",
        missing.join(", "),
        list(titles)
    );
    if !unknown.is_empty() {
        notes.push(format!(
            "columns without a meaning here: {}; --map THEIRS=OURS gives one ({}), --hyper NAME makes one a hyperparameter",
            unknown.join(", "),
            known()
        ));
    }
    Ok(header)
}

fn list(titles: &csv::StringRecord) -> String {
    titles.iter().map(|t| format!("`{}`", clean(t))).collect::<Vec<_>>().join(", ")
}

impl Row<'_> {
    /// The field of a column, and the column's own title; none if there is no such column.
    fn field(&self, name: &str) -> Option<(&str, &str)> {
        let i = *self.header.places.get(name)?;
        Some((self.fields.get(i)?, self.titles.get(i)?))
    }

    fn wrong(&self, title: &str, value: &str, allowed: &str) -> anyhow::Error {
        anyhow!("{}: column `{title}` is {value:?}, allowed is {allowed}", self.at)
    }

    fn name(&self, name: &str) -> Result<String> {
        let (value, title) = self.field(name).unwrap_or_default();
        Some(clean(value)).filter(|v| !v.is_empty()).ok_or_else(|| self.wrong(title, value, "a name"))
    }

    fn whole(&self, name: &str) -> Result<Option<u64>> {
        let Some((value, title)) = self.field(name).filter(|(value, _)| !value.is_empty()) else { return Ok(None) };
        // Tables of floating point write 42.0.
        let number: f64 = value.parse().map_err(|_| self.wrong(title, value, "a whole number >= 0"))?;
        let whole = number.fract() == 0.0 && (0.0..9e15).contains(&number);
        if whole { Ok(Some(number as u64)) } else { Err(self.wrong(title, value, "a whole number >= 0")) }
    }

    /// A measured value: none where the field is empty.
    fn number(&self, name: &str) -> Result<Option<f64>> {
        let Some((value, title)) = self.field(name).filter(|(value, _)| !value.is_empty()) else { return Ok(None) };
        value.parse().map(Some).map_err(|_| self.wrong(title, value, "a number, NaN, inf or -inf"))
    }

    /// What the row says of its run, without a point yet.
    fn run(&self) -> Result<Run> {
        let (value, title) = self.field("lr").unwrap_or_default();
        let rate = value.parse().ok().filter(|lr: &f64| lr.is_finite() && *lr > 0.0);
        let allowed = "a number > 0 (for a method without a learning rate: 1)";
        let lr = rate.ok_or_else(|| self.wrong(title, value, allowed))?;
        let (value, title) = self.field("seed").unwrap_or_default();
        let seed = self.whole("seed")?.ok_or_else(|| self.wrong(title, value, "a whole number >= 0"))?;
        let of = |(name, i): &(String, usize)| (name.clone(), typed(self.fields.get(*i).unwrap_or_default()));
        Ok(Run {
            problem: self.name("problem")?,
            problem_settings: Map::new(),
            optimizer: self.name("optimizer")?,
            hyperparameters: self.header.hyperparameters.iter().map(of).filter(|(_, v)| !v.is_null()).collect(),
            lr,
            seed,
            batch: self.whole("batch")?,
            settings: Map::new(),
            budget: None,
            by_epoch: self.header.places.contains_key("epoch"),
            stage: String::new(),
            points: Vec::new(),
        })
    }

    fn stage(&self) -> Result<String> {
        let Some((value, title)) = self.field("stage") else { return Ok(String::new()) };
        let words = [Stage::Screen, Stage::Search, Stage::Confirm, Stage::Default].map(Stage::word);
        if value.is_empty() || value.split('+').all(|word| words.contains(&word)) {
            return Ok(value.to_owned());
        }
        Err(self.wrong(title, value, &format!("nothing, or one of {}, or several joined by +", words.join(", "))))
    }

    fn point(&self) -> Result<Measured> {
        let (epoch, step) = (self.number("epoch")?, self.whole("step")?);
        if let (Some(epoch), Some((value, title))) = (epoch, self.field("epoch"))
            && !(epoch.is_finite() && epoch >= 0.0)
        {
            return Err(self.wrong(title, value, "a number >= 0"));
        }
        let needed = if self.header.places.contains_key("epoch") { epoch } else { step.map(|s| s as f64) };
        let Some(time) = needed else {
            let unit = if self.header.places.contains_key("epoch") { "epoch" } else { "step" };
            let (value, title) = self.field(unit).unwrap_or_default();
            return Err(self.wrong(title, value, "a number >= 0"));
        };
        let metric = |name: &str| Ok::<_, anyhow::Error>(self.number(name)?.unwrap_or(f64::NAN));
        Ok(Measured {
            step: step.unwrap_or(time.round() as u64),
            epoch: time,
            train_loss: self.number("train_loss")?,
            validation_loss: self.number("validation_loss")?,
            test_loss: self.number("test_loss")?,
            train_metric: metric("train_metric")?,
            validation_metric: metric("validation_metric")?,
            test_metric: metric("test_metric")?,
        })
    }
}

/// A hyperparameter: a number, a truth value or a word; nothing if the field is empty.
fn typed(text: &str) -> Value {
    match text {
        "" => Value::Null,
        "true" | "True" => true.into(),
        "false" | "False" => false.into(),
        _ => match text.parse().ok().and_then(Number::from_f64) {
            Some(number) => number.into(),
            None => clean(text).into(),
        },
    }
}
