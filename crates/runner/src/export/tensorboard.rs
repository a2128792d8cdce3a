//! TensorBoard: a folder with a run for each trial, `PROBLEM/OPTIMIZER/lr RATE/seed SEED KEY`.
//!
//! A run is a trial, not an arm: TensorBoard draws one line a run and tag, and the seeds of an arm would lie on one another
//! in it. All before `seed` is the arm, so that a filter for it takes its seeds together; the key, by which `downhill again`
//! knows the trial, keeps trials apart that differ in nothing that the path says.
//!
//! Each number of a point becomes a scalar at its step: `train_loss` as `train/loss`, `gradient_norm` as `gradient/norm`. A
//! measure that is nowhere in a trial (NaN at every point, as a metric that the problem has not) is left out. Scalars of
//! TensorBoard are single precision. A trial whose curve the study did not keep has its last point alone. Settings and
//! outcome go to the page HParams, where the seeds of an arm are one group. No clock was read at the points, so that every
//! event says the time 0: the horizontal axis to choose is the step.

use super::event::{
    self, Event, Hyperparameters, Kind as Set, Metadata, PluginData, Session, SessionEnd, SessionStart, Setting,
    Summary, What,
};
use super::{SCHEMA, target};
use crate::columns::{CURVES, Column, Kind, Row, Rows, TRIALS, Value};
use anyhow::{Context as _, Result, bail};
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// Lies in each folder that this wrote.
const MARK: &str = "downhill-export.toml";

/// Writes a run for each trial of a folder of results into the folder `out`; returns the number of runs.
///
/// # Errors
/// If a table cannot be read, curves are not in the order of their trials, or `out` cannot be written or is something
/// else.
pub fn write(dir: &Path, out: &Path) -> Result<usize> {
    target::check(out, |path| path.join(MARK).exists())?;
    target::folder(out, |out| {
        let (mut points, mut runs) = (Rows::open(dir, CURVES)?.peekable(), 0);
        for trial in Rows::open(dir, TRIALS)? {
            let trial = trial?;
            let mut curve = Vec::new();
            let belongs = |row: &Result<Row>| row.as_ref().map_or(true, |row| row.text("key") == trial.text("key"));
            while let Some(point) = points.next_if(belongs) {
                curve.push(point?);
            }
            let folder = out.join(path(&trial));
            run(&folder, &trial, &curve).with_context(|| format!("cannot write {}", folder.display()))?;
            runs += 1;
        }
        if let Some(left) = points.next().transpose()? {
            bail!(
                "{}: curves.csv has points of trial {}, out of the order of trials.csv",
                dir.display(),
                left.text("key")
            );
        }
        let mark = out.join(MARK);
        let text = format!(
            "# Written by `downhill export`, which may replace this folder.\nschema = {SCHEMA}\nruns = {runs}\n"
        );
        fs::write(&mark, text).with_context(|| format!("cannot write {}", mark.display()))?;
        Ok(runs)
    })
}

/// The events of one trial.
fn run(folder: &Path, trial: &Row, curve: &[Row]) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = BufWriter::new(File::create(folder.join("events.out.tfevents.0000000000.downhill"))?);
    let mut say = |step: i64, what: What| event::append(&mut file, &Event { wall_time: 0.0, step, what: Some(what) });
    say(0, What::FileVersion("brain.Event:2".into()))?;
    say(0, plugin("_hparams_/session_start_info", Session::Start(start(trial))))?;
    let last = std::slice::from_ref(trial);
    let points = if curve.is_empty() { last } else { curve };
    let tags: Vec<&Column> = CURVES.columns.iter().filter(|c| c.kind == Kind::Number && shown(c, points)).collect();
    for point in points {
        let value = |column: &&Column| match point.get(column.name) {
            Value::Number(x) => Some(event::Value { simple_value: Some(*x as f32), ..named(&tag(column.name)) }),
            _ => None,
        };
        let values: Vec<_> = tags.iter().filter_map(value).collect();
        say(point.integer("step"), What::Summary(Summary { value: values }))?;
    }
    let status = if ["finished", "reached"].contains(&trial.text("outcome")) { 1 } else { 2 };
    say(0, plugin("_hparams_/session_end_info", Session::End(SessionEnd { status })))?;
    Ok(file.flush()?)
}

/// Whether a column says something at one of the points.
fn shown(column: &Column, points: &[Row]) -> bool {
    points.iter().any(|point| matches!(point.get(column.name), Value::Number(x) if !x.is_nan()))
}

/// `train/loss` for `train_loss`: TensorBoard makes a section of what stands before the slash.
fn tag(column: &str) -> String {
    column.replacen('_', "/", 1)
}

fn named(tag: &str) -> event::Value {
    event::Value { tag: tag.to_owned(), ..event::Value::default() }
}

fn plugin(tag: &str, session: Session) -> What {
    let content = prost::Message::encode_to_vec(&Hyperparameters { version: 0, data: Some(session) });
    let metadata = Metadata { plugin_data: Some(PluginData { plugin_name: "hparams".into(), content }) };
    What::Summary(Summary { value: vec![event::Value { metadata: Some(metadata), ..named(tag) }] })
}

/// What distinguishes trials, beside the seed.
const SETTINGS: [&str; 8] = ["problem", "optimizer", "lr", "schedule", "batch", "order", "precision", "budget"];

fn start(trial: &Row) -> SessionStart {
    let setting = |name: &str| {
        let kind = match trial.get(name) {
            Value::Missing => return None,
            Value::Integer(i) => Set::Number(*i as f64),
            Value::Number(x) => Set::Number(*x),
            Value::Text(text) => Set::Text(text.clone()),
        };
        Some((name.to_owned(), Setting { kind: Some(kind) }))
    };
    let named = SETTINGS.into_iter().chain(["seed", "stage", "arm"]);
    let group: Vec<String> = SETTINGS.iter().map(|name| word(trial.get(name))).collect();
    SessionStart { hparams: named.filter_map(setting).collect(), group_name: group.join(" ") }
}

fn word(value: &Value) -> String {
    match value {
        Value::Missing => String::new(),
        Value::Integer(i) => i.to_string(),
        Value::Number(x) => x.to_string(),
        Value::Text(text) => text.clone(),
    }
}

/// Where the run of a trial lies.
fn path(trial: &Row) -> PathBuf {
    let parts = [
        trial.text("problem").to_owned(),
        trial.text("optimizer").to_owned(),
        format!("lr {}", word(trial.get("lr"))),
        format!("seed {} {}", trial.integer("seed"), trial.text("key")),
    ];
    parts.iter().map(|part| folder_name(part)).collect()
}

/// A text as the name of a folder on any system: at most 100 bytes, without what one of them forbids.
fn folder_name(text: &str) -> String {
    let safe = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '-' } else { c };
    let mut name: String = text.chars().map(safe).collect();
    name.truncate(name.floor_char_boundary(100));
    let name = name.trim_matches(|c| c == '.' || c == ' ');
    if name.is_empty() { "-".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_have_names_that_every_system_takes() {
        assert_eq!(folder_name("mlp/digits hidden=[64]"), "mlp-digits hidden=[64]");
        assert_eq!([folder_name(".."), folder_name(""), folder_name("C:\\x ")], ["-", "-", "C--x"]);
        assert_eq!(folder_name(&"ü".repeat(80)).len(), 100);
    }

    #[test]
    fn tags_have_a_section() {
        assert_eq!(["train_loss", "gradient_norm", "lr"].map(tag), ["train/loss", "gradient/norm", "lr"]);
    }
}
