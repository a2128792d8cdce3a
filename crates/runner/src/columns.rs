//! The columns of `trials.csv`, `curves.csv` and `timings.csv`: what each is, in which unit. Exports are typed by them, and
//! `docs/formats.md` is made of them.

use crate::store;
use anyhow::{Context as _, Result, bail, ensure};
use csv::StringRecord;
use serde::{Serialize, Serializer};
use std::io::Read;
use std::path::{Path, PathBuf};

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number of 64 bits.
    Integer,
    /// A double; `NaN`, `inf` and `-inf` are numbers too.
    Number,
    /// UTF-8.
    Text,
}

impl Kind {
    /// In a word, as in `docs/formats.md`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Text => "text",
        }
    }
}

/// One column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Its header.
    pub name: &'static str,
    /// The type of its cells.
    pub kind: Kind,
    /// Whether a cell may be empty: missing, null.
    pub optional: bool,
    /// What is counted or measured; empty where there is no unit.
    pub unit: &'static str,
    /// What it says, in words.
    pub meaning: &'static str,
}

const fn column(name: &'static str, kind: Kind, unit: &'static str, meaning: &'static str) -> Column {
    Column { name, kind, optional: false, unit, meaning }
}

const fn text(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Text, "", meaning)
}

const fn count(name: &'static str, unit: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Integer, unit, meaning)
}

const fn number(name: &'static str, unit: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Number, unit, meaning)
}

impl Column {
    const fn or_missing(self) -> Column {
        Column { optional: true, ..self }
    }
}

/// A table of results.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sheet {
    /// Its file, without `.csv`.
    pub name: &'static str,
    /// One row is this.
    pub row: &'static str,
    /// Its columns, in their order.
    pub columns: &'static [Column],
}

impl Sheet {
    /// Whether a folder of results has it: committed results have no timings.
    pub fn is_in(&self, dir: &Path) -> bool {
        self.name != TIMINGS.name || dir.join("timings.csv").exists()
    }
}

/// `trials.csv`.
pub const TRIALS: Sheet = Sheet {
    name: "trials",
    row: "a trial, sorted by problem, optimizer, further axes, learning rate, seed",
    columns: &[
        text("key", "the beginning of the sha256 of `spec`: what the trial is called everywhere"),
        text("problem", "family, data and the knobs that are not default: `mlp/digits hidden=[64]`"),
        text("optimizer", "name and the hyperparameters that are not default: `adam beta2=0.99`"),
        number("lr", "of the optimizer", "the base learning rate"),
        text("schedule", "the schedule as JSON"),
        count("batch", "examples", "in a step; 0 for all"),
        text("order", "of the examples: `shuffled`, `fixed`, `replacement` or `full`"),
        text("precision", "`f32` or `f64`"),
        text("budget", "`30 epochs` or `500 steps`"),
        count(
            "seed",
            "",
            "numbers the random streams; the same one means the same start and batches for all optimizers",
        ),
        text("stage", "what it was run for: `screen`, `search`, `confirm`, `default`, joined by `+`").or_missing(),
        text("arm", "what it was tuned with, where candidates differ in more than the rate").or_missing(),
        text("outcome", "`finished`, `reached` (its target), `diverged` or `failed`"),
        count("outcome_step", "steps", "where it ended early").or_missing(),
        text("reason", "why it failed").or_missing(),
        count("step", "steps", "taken at the last point; so are all measures until `parameter_norm`"),
        number("epoch", "epochs", "passes over the training examples; steps, for a plain function"),
        count("evaluations", "gradients", "calls of the gradient; 0 for an imported run, where they were not counted"),
        count("examples", "gradients of examples", "`evaluations` times the batch"),
        number(
            "train_objective",
            "of the loss",
            "what the gradient descends, over the training part: loss and penalty",
        ),
        number("train_loss", "of the loss", "over the training part, without penalty"),
        number("train_metric", "of the metric", "over the training part; NaN where the problem has no metric"),
        number("validation_loss", "of the loss", "over the part that chooses"),
        number("validation_metric", "of the metric", "over the part that chooses"),
        number("test_loss", "of the loss", "over the part that is reported"),
        number("test_metric", "of the metric", "over the part that is reported"),
        number("gap_loss", "of the loss", "test loss minus training loss"),
        number("gap_metric", "of the metric", "training metric minus test metric"),
        number("share", "0 to 1", "the largest share of one weight in the squared norm of all weights but biases"),
        number("nonzero", "0 to 1", "the share of weights but biases that are not exactly 0").or_missing(),
        number("parameter_norm", "of the parameters", "their Euclidean norm"),
        number("x0", "of the parameters", "where it ended, for problems of one or two parameters: the first")
            .or_missing(),
        number("x1", "of the parameters", "the second").or_missing(),
        count("best_step", "steps", "at the lowest validation loss; so are the next five"),
        number("best_epoch", "epochs", "there"),
        number("best_validation_loss", "of the loss", "the lowest"),
        number("best_validation_metric", "of the metric", "there"),
        number("best_test_loss", "of the loss", "there"),
        number("best_test_metric", "of the metric", "there"),
        number("onset_epoch", "epochs", "since when the validation loss has risen; missing if it ends lowest")
            .or_missing(),
        number("rise", "of the loss", "how far it has risen since"),
        count("steps_to_target", "steps", "the first recorded step at which the target was met").or_missing(),
        count("state_bytes", "bytes", "what the optimizer remembers from step to step"),
        text("spec", "the trial's canonical text, JSON: everything that decides the row, `numerics` among it"),
    ],
};

/// `curves.csv`.
pub const CURVES: Sheet = Sheet {
    name: "curves",
    row: "a point of a trial, in the order of the trials, steps ascending",
    columns: &[
        text("key", "the trial"),
        count("step", "steps", "taken"),
        number("epoch", "epochs", "passes over the training examples; steps, for a plain function"),
        count("evaluations", "gradients", "calls of the gradient so far"),
        count("examples", "gradients of examples", "so far"),
        number("lr", "of the optimizer", "the learning rate of the step just taken (of the first, at step 0)"),
        number(
            "train_objective",
            "of the loss",
            "what the gradient descends, over the training part: loss and penalty",
        ),
        number("train_loss", "of the loss", "over the training part, without penalty"),
        number("train_metric", "of the metric", "over the training part; NaN where the problem has no metric"),
        number("validation_loss", "of the loss", "over the part that chooses"),
        number("validation_metric", "of the metric", "over the part that chooses"),
        number("test_loss", "of the loss", "over the part that is reported"),
        number("test_metric", "of the metric", "over the part that is reported"),
        number("gap_loss", "of the loss", "test loss minus training loss"),
        number("gap_metric", "of the metric", "training metric minus test metric"),
        number("share", "0 to 1", "the largest share of one weight in the squared norm of all weights but biases"),
        number("gradient_norm", "of the gradient", "Euclidean, in the step just taken (in the first, at step 0)"),
        number("update_norm", "of the parameters", "Euclidean, of the step just taken; 0 at step 0"),
        number("parameter_norm", "of the parameters", "Euclidean"),
        number("x0", "of the parameters", "the point, for problems of one or two parameters: the first").or_missing(),
        number("x1", "of the parameters", "the second").or_missing(),
    ],
};

/// `timings.csv`.
pub const TIMINGS: Sheet = Sheet {
    name: "timings",
    row: "a trial: where its time went, beside whatever else ran. No ranking: `downhill time` measures steps alone",
    columns: &[
        text("key", "the trial"),
        number("wall", "seconds", "on the clock, from the first step to the last"),
        number("cpu", "seconds", "of processor time that the trial's thread had meanwhile"),
        number("evaluation", "seconds", "on the clock, in measuring losses and metrics"),
        number("gradient", "seconds", "on the clock, in gradients"),
        number("optimizer", "seconds", "on the clock, in the optimizer"),
    ],
};

/// All tables of results.
pub const SHEETS: [Sheet; 3] = [TRIALS, CURVES, TIMINGS];

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Missing,
    /// Of a column of [`Kind::Integer`].
    Integer(i64),
    /// Of a column of [`Kind::Number`].
    Number(f64),
    /// Of a column of [`Kind::Text`].
    Text(String),
}

/// In JSON, numbers that JSON has not are texts: `"NaN"`, `"inf"`, `"-inf"`.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Missing => s.serialize_none(),
            Value::Integer(i) => s.serialize_i64(*i),
            Value::Number(x) => crate::record::number::serialize(x, s),
            Value::Text(text) => s.serialize_str(text),
        }
    }
}

/// A row of a [`Sheet`].
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    sheet: Sheet,
    /// One a column.
    pub values: Vec<Value>,
}

impl Row {
    /// The cell of a column; [`Value::Missing`] where there is no such column.
    pub fn get(&self, name: &str) -> &Value {
        let at = self.sheet.columns.iter().position(|c| c.name == name);
        at.map_or(&Value::Missing, |i| &self.values[i])
    }
    /// The text of a cell; empty if it has none.
    pub fn text(&self, name: &str) -> &str {
        if let Value::Text(text) = self.get(name) { text } else { "" }
    }
    /// A whole number; 0 if the cell has none.
    pub fn integer(&self, name: &str) -> i64 {
        if let Value::Integer(i) = self.get(name) { *i } else { 0 }
    }
    /// Columns with their cells.
    pub fn cells(&self) -> impl Iterator<Item = (&'static Column, &Value)> {
        self.sheet.columns.iter().zip(&self.values)
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(self.cells().map(|(column, value)| (column.name, value)))
    }
}

/// The rows of a table one by one, packed or not, so that a table need not fit into memory.
pub struct Rows {
    sheet: Sheet,
    path: PathBuf,
    /// Where the file has each column; none of those that it lacks, as tables of older versions do.
    places: Vec<Option<usize>>,
    reader: csv::Reader<Box<dyn Read>>,
    record: StringRecord,
}

impl Rows {
    /// Opens a table in a folder of results.
    ///
    /// # Errors
    /// If it cannot be read, or lacks a column that is never empty.
    pub fn open(dir: &Path, sheet: Sheet) -> Result<Self> {
        let (path, mut reader) = store::csv_reader(&dir.join(sheet.name).with_extension("csv"))?;
        let headers = reader.headers().with_context(|| path.display().to_string())?;
        let places: Vec<Option<usize>> =
            sheet.columns.iter().map(|column| headers.iter().position(|h| h == column.name)).collect();
        // A table without rows has no header either.
        let lacks = sheet.columns.iter().zip(&places).find(|(column, at)| at.is_none() && !column.optional);
        if let Some((column, _)) = lacks.filter(|_| !headers.is_empty()) {
            bail!("{}: no column `{}`; write it again with `downhill sweep`", path.display(), column.name);
        }
        Ok(Rows { sheet, path, places, reader, record: StringRecord::new() })
    }

    fn read(&mut self) -> Result<Option<Row>> {
        if !self.reader.read_record(&mut self.record).with_context(|| self.path.display().to_string())? {
            return Ok(None);
        }
        let cell = |(column, at): (&Column, &Option<usize>)| {
            let text = at.and_then(|i| self.record.get(i)).unwrap_or_default();
            value(column, text).with_context(|| {
                let line = self.record.position().map_or(0, csv::Position::line);
                format!("{}:{line}", self.path.display())
            })
        };
        let values: Result<Vec<Value>> = self.sheet.columns.iter().zip(&self.places).map(cell).collect();
        Ok(Some(Row { sheet: self.sheet, values: values? }))
    }
}

impl Iterator for Rows {
    type Item = Result<Row>;
    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

fn value(column: &Column, text: &str) -> Result<Value> {
    let name = column.name;
    if text.is_empty() {
        ensure!(column.optional || column.kind == Kind::Text, "`{name}` is empty; allowed is a {}", column.kind.word());
        return Ok(if column.optional { Value::Missing } else { Value::Text(String::new()) });
    }
    let wrong = || format!("`{name}` is `{text}`; allowed is a {}", column.kind.word());
    Ok(match column.kind {
        Kind::Integer => Value::Integer(text.parse().with_context(wrong)?),
        Kind::Number => Value::Number(text.parse().with_context(wrong)?),
        Kind::Text => Value::Text(text.to_owned()),
    })
}

/// The columns of a table as Markdown.
///
/// # Errors
/// If there is no such table.
pub fn markdown(name: &str) -> Result<String> {
    let Some(sheet) = SHEETS.into_iter().find(|sheet| sheet.name == name) else {
        bail!("`{name}` is none of {}", SHEETS.map(|sheet| sheet.name).join(", "))
    };
    let mut text = format!("A row is {}.\n\n| column | type | unit | meaning |\n|---|---|---|---|\n", sheet.row);
    for Column { name, kind, optional, unit, meaning } in sheet.columns {
        let kind = if *optional { format!("{} or missing", kind.word()) } else { kind.word().to_owned() };
        text.push_str(&format!("| `{name}` | {kind} | {unit} | {meaning} |\n"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Outcome, Point, Summary};
    use crate::rows::{CurveRow, TimingRow, TrialRow};
    use serde_json::Value as Json;

    fn point() -> Point {
        let json = serde_json::json!({
            "step": 3, "epoch": 1.5, "evaluations": 4, "examples": 12, "lr": 0.1, "train_objective": 1.0, "train_loss": 0.5,
            "train_metric": 0.9, "validation_loss": 0.5, "validation_metric": 0.9, "test_loss": "inf", "test_metric": 0.9,
            "share": 0.5, "nonzero": 1.0, "gradient_norm": 1.0, "update_norm": 0.1, "parameter_norm": 2.0, "x": [1.0, 2.0]
        });
        serde_json::from_value(json).expect("a point")
    }

    /// The header that a row is written with.
    fn header<T: Serialize>(row: T) -> Vec<String> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.serialize(row).expect("a row");
        let bytes = writer.into_inner().expect("bytes");
        csv::Reader::from_reader(&*bytes).headers().expect("a header").iter().map(str::to_owned).collect()
    }

    #[test]
    fn every_column_that_is_written_is_described_in_its_order() {
        let point = point();
        let summary = Summary::new(Outcome::Finished, std::slice::from_ref(&point), None, 4, 8);
        let timings =
            TimingRow { key: "k".into(), wall: 1.0, cpu: 1.0, evaluation: 0.5, gradient: 0.25, optimizer: 0.25 };
        let written = [header(TrialRow::measured(&summary)), header(CurveRow::new("k", &point)), header(timings)];
        for (sheet, header) in SHEETS.iter().zip(written) {
            assert_eq!(sheet.columns.iter().map(|c| c.name).collect::<Vec<_>>(), header, "{}", sheet.name);
        }
    }

    #[test]
    fn types_and_gaps_are_those_of_the_rows() {
        let summary = Summary::new(Outcome::Finished, &[point()], None, 4, 8);
        let full = TrialRow {
            outcome_step: Some(3),
            onset_epoch: Some(1.0),
            steps_to_target: Some(3),
            ..TrialRow::measured(&summary)
        };
        let bare = TrialRow {
            x0: None,
            x1: None,
            outcome_step: None,
            onset_epoch: None,
            steps_to_target: None,
            ..full.clone()
        };
        let (full, bare) = (serde_json::to_value(full), serde_json::to_value(bare));
        let (full, bare) = (full.expect("a row"), bare.expect("a row"));
        for column in TRIALS.columns {
            let fits = match (&full[column.name], column.kind) {
                (Json::Number(n), Kind::Integer) => n.is_u64(),
                // JSON has no infinity, and serde none of it: null.
                (Json::Number(n), Kind::Number) => n.is_f64(),
                (Json::Null, Kind::Number) | (Json::String(_), Kind::Text) => true,
                _ => false,
            };
            assert!(fits, "{}: {}", column.name, full[column.name]);
            if column.kind == Kind::Integer {
                assert_eq!(bare[column.name].is_null(), column.optional, "{}", column.name);
            }
        }
    }

    #[test]
    fn cells_are_what_their_column_allows() {
        let (step, lr, stage) = (CURVES.columns[1], TRIALS.columns[3], TRIALS.columns[10]);
        assert_eq!(value(&lr, "1e-3").expect("a number"), Value::Number(1e-3));
        assert_eq!(value(&lr, "-inf").expect("a number"), Value::Number(f64::NEG_INFINITY));
        assert_eq!(value(&stage, "").expect("missing"), Value::Missing);
        for (column, text) in [(step, "1.5"), (step, ""), (lr, "fast"), (lr, "")] {
            let error = value(&column, text).expect_err("refused").to_string();
            assert!(error.contains(column.name) && error.contains(column.kind.word()), "{error}");
        }
    }
}
