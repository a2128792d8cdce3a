//! `downhill run`: one trial, with its curve while it runs.

use super::{Context, Format, Usage, say};
use crate::chart::chart;
use crate::diagnosis::{Cause, Diagnosis, diagnose};
use crate::lab::Lab;
use crate::landscape::Landscape;
use crate::plan::node::{Entry, Node};
use crate::plan::{self, SETTINGS};
use crate::record::{Outcome, Point};
use crate::rows::{CurveRow, optimizer_label, problem_label};
use crate::table::{Cell, Table, significant};
use crate::trial::{Record, Trial};
use anyhow::{Result, bail};
use serde_json::{Map, Value, json};
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Run one trial, and show its curve.
#[derive(clap::Args)]
pub struct Args {
    /// A name, or a table such as '{ name = "mlp", hidden = [64, 32] }'.
    #[arg(long, short)]
    problem: String,
    /// A name, as in `downhill data list`, a file or a folder, for problems on data.
    #[arg(long, short)]
    data: Option<String>,
    /// A name, or a table such as '{ name = "adam", beta2 = 0.99 }'.
    #[arg(long, short)]
    optimizer: String,
    /// The learning rate; without it, the optimizer's default.
    #[arg(long, allow_negative_numbers = true)]
    lr: Option<f64>,
    /// Passes over the training examples; without it, 10.
    #[arg(long)]
    epochs: Option<u64>,
    /// Steps, for plain functions; without it, 1000.
    #[arg(long)]
    steps: Option<u64>,
    /// Training examples a step.
    #[arg(long)]
    batch: Option<u64>,
    /// A name, or a table such as '{ name = "cosine", end = 0.01 }'.
    #[arg(long)]
    schedule: Option<String>,
    /// f32 or f64.
    #[arg(long)]
    precision: Option<String>,
    /// Numbers the random streams: split, start, batches, noise.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Any field of the optimizer or the problem, or a setting of a study, such as beta2=0.99 or penalty.l2=1e-3.
    #[arg(long, value_name = "FIELD=VALUE")]
    set: Vec<String>,
    /// Show no curve.
    #[arg(long, short)]
    quiet: bool,
    /// How the points are printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
///
/// # Errors
/// If a name, a field or a value is wrong.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let lab = &context.lab;
    let trial = trial(args, lab)?;
    let record = watched(&trial, lab, !args.quiet && args.format == Format::Table)?;
    say(&args.format.render(&points(&record))?);
    if args.format == Format::Table {
        say(&format!("{}\n{}", sentence(&record, lab), wrong(&record, lab)));
    }
    Ok(ExitCode::SUCCESS)
}

/// A study of one trial.
fn trial(args: &Args, lab: &Lab) -> Result<Trial> {
    let mut problem = named("--problem", &args.problem)?;
    problem.extend(args.data.clone().map(|d| ("data".to_owned(), Value::from(d))));
    let mut optimizer = named("--optimizer", &args.optimizer)?;
    let lr = args.lr.map_or(json!({ "relative": [1] }), |lr| json!([lr]));
    let mut study = Map::from_iter([
        ("seeds".to_owned(), json!([args.seed])),
        ("lr".to_owned(), lr),
        ("epochs".to_owned(), json!(args.epochs.unwrap_or(10))),
        ("steps".to_owned(), json!(args.steps.unwrap_or(1000))),
        ("points".to_owned(), json!(50)),
        ("spacing".to_owned(), json!("linear")),
    ]);
    // Given alone, the one is meant; given none, whichever the problem takes.
    match (args.epochs, args.steps) {
        (Some(_), None) => drop(study.remove("steps")),
        (None, Some(_)) => drop(study.remove("epochs")),
        _ => {}
    }
    study.extend(args.batch.map(|n| ("batch".to_owned(), json!(n))));
    study.extend(args.precision.clone().map(|p| ("precision".to_owned(), json!(p))));
    if let Some(schedule) = &args.schedule {
        study.insert("schedule".to_owned(), toml_value("--schedule", schedule)?);
    }
    for set in &args.set {
        let Some((key, value)) = set.split_once('=') else {
            bail!(Usage(format!("--set {set}: expected FIELD=VALUE")))
        };
        let value = toml_value(&format!("--set {key}"), value)?;
        let (field, value) = match key.split_once('.') {
            Some((table, field)) => (table, json!({ field: value })),
            None => (key, value),
        };
        owner(field, &mut optimizer, &mut problem, &mut study, lab)?.insert(field.to_owned(), value);
    }
    for table in [&mut optimizer, &mut problem, &mut study] {
        table.iter_mut().for_each(|(key, value)| one_value(key, value));
    }
    study.insert("optimizer".to_owned(), json!([optimizer]));
    study.insert("problem".to_owned(), json!([problem]));
    let entries: Vec<Entry> = study.into_iter().map(|(key, v)| Entry { key, value: Node::of(v) }).collect();
    let mut trials = plan::trials(&entries, lab).map_err(|fault| Usage(fault.text))?;
    match (trials.pop(), trials.len()) {
        (Some(trial), 0) => Ok(trial),
        (_, others) => bail!(Usage(format!("one trial was expected, these are {}: use `sweep`", others + 1))),
    }
}

/// In a study an array is an axis; on the command line it is one value.
pub(super) fn one_value(key: &str, value: &mut Value) {
    let list = ["wrap", "groups", "fixed", "seeds", "lr"].contains(&key);
    if value.is_array() && !list {
        *value = json!([value.take()]);
    }
}

/// `name`, or `{ name = "...", field = ... }`.
pub(super) fn named(option: &str, text: &str) -> Result<Map<String, Value>> {
    match toml_value(option, text)? {
        Value::Object(table) => Ok(table),
        name => Ok(Map::from_iter([("name".to_owned(), name)])),
    }
}

/// A TOML value; what is none is a text.
pub(super) fn toml_value(option: &str, text: &str) -> Result<Value> {
    #[derive(serde::Deserialize)]
    struct Holder {
        value: Value,
    }
    match toml::from_str::<Holder>(&format!("value = {text}")) {
        Ok(holder) => Ok(holder.value),
        Err(e) if text.starts_with(['{', '[', '"']) => bail!(Usage(format!("{option}: {}", e.message()))),
        Err(_) => Ok(Value::from(text)),
    }
}

type Fields = Map<String, Value>;

/// The table that a field belongs to: the optimizer's, the problem's, or the study's.
fn owner<'a>(
    field: &str,
    optimizer: &'a mut Fields,
    problem: &'a mut Fields,
    study: &'a mut Fields,
    lab: &Lab,
) -> Result<&'a mut Fields> {
    let name = |table: &Fields| json!({ "name": table.get("name").cloned().unwrap_or_default() });
    let fields = |value: Value| value.as_object().map(|t| t.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let of_optimizer =
        fields(lab.optimizers.configure(&name(optimizer)).map_err(|e| Usage(e.to_string()))?.canonical());
    let of_problem = fields(lab.families.configure(&name(problem)).map_err(|e| Usage(e.to_string()))?.canonical());
    let settings = SETTINGS.iter().map(|h| h.name).chain(["schedule", "split", "fixed"]);
    let has = |fields: &[String], more: &[&str]| fields.iter().any(|f| f == field) || more.contains(&field);
    if has(&of_optimizer, &["wrap", "groups"]) {
        Ok(optimizer)
    } else if has(&of_problem, &["penalty", "gradient_noise", "corruption"]) {
        Ok(problem)
    } else if settings.clone().any(|s| s == field) {
        Ok(study)
    } else {
        let known = [of_optimizer.join(", "), of_problem.join(", "), settings.collect::<Vec<_>>().join(", ")];
        bail!(Usage(format!(
            "--set {field}: unknown; the optimizer has {}, wrap, groups; the problem {}, penalty, gradient_noise, corruption; the study {}",
            known[0], known[1], known[2]
        )))
    }
}

/// Runs it, drawing the curve as it grows; on anything but a terminal, only at its end.
fn watched(trial: &Trial, lab: &Lab, show: bool) -> Result<Record> {
    const FRAME: Duration = Duration::from_millis(100);
    let live = show && std::io::stderr().is_terminal();
    let mut running = trial.start(lab)?;
    let (mut drawn, mut to, mut frame) = (0, 0, Instant::now());
    let total = running.total();
    loop {
        to += (total / 200).max(1);
        let ended = running.advance(to);
        if show && (ended || live && frame.elapsed() > FRAME) {
            let lines = chart(running.curve(), total);
            let back = if drawn == 0 { String::new() } else { format!("\x1b[{drawn}A\x1b[J") };
            eprintln!("{back}{}", lines.join("\n"));
            (drawn, frame) = (lines.len(), Instant::now());
        }
        if ended {
            return Ok(running.record());
        }
    }
}

/// Whether losses differ between the parts; a plain function has one part.
fn has_examples(record: &Record) -> bool {
    record.curve.iter().any(|p| p.test_loss != p.train_loss)
}

/// Some of the points, the first and the last among them.
fn points(record: &Record) -> Table {
    const MOST: usize = 11;
    type Column = (&'static str, &'static str, fn(&Point) -> f64);
    let all: &[Column] = &[
        ("step", "step", |p| p.step as f64),
        ("epoch", "epoch", |p| p.epoch),
        ("lr", "lr", |p| p.lr),
        ("train loss", "train_loss", |p| p.train_loss),
        ("validation", "validation_loss", |p| p.validation_loss),
        ("test", "test_loss", |p| p.test_loss),
        ("train metric", "train_metric", |p| p.train_metric),
        ("validation", "validation_metric", |p| p.validation_metric),
        ("test", "test_metric", |p| p.test_metric),
        ("|g|", "gradient_norm", |p| p.gradient_norm),
        ("|x|", "parameter_norm", |p| p.parameter_norm),
    ];
    let plain: &[Column] = &[all[0], all[2], ("loss", "loss", |p| p.train_loss), all[9], all[10]];
    let columns = if has_examples(record) { all } else { plain };
    let last = record.curve.len().saturating_sub(1);
    let stride = last.div_ceil(MOST - 1).max(1);
    let mut table = Table::new(columns.iter().map(|(title, key, _)| (*title, *key)));
    for (_, p) in record.curve.iter().enumerate().filter(|(i, _)| (last - i).is_multiple_of(stride) || *i == 0) {
        let cell = |x: f64| if x.is_nan() { Cell::Empty } else { Cell::Number(x) };
        table.rows.push(columns.iter().map(|(_, _, value)| cell(value(p))).collect());
    }
    table.without_empty()
}

/// What went wrong, if anything did, and what to try.
fn wrong(record: &Record, lab: &Lab) -> String {
    let curve: Vec<CurveRow> = CurveRow::of(record).collect();
    let diverged = record.summary.outcome.step().filter(|_| matches!(record.summary.outcome, Outcome::Diverged { .. }));
    let known = Landscape::of_trial(&record.trial, lab).and_then(|l| l.facts.minimum);
    match diagnose(&curve, diverged, known) {
        Some(Diagnosis { cause, evidence }) if cause != Cause::Healthy => {
            format!("{}: {evidence}; try {}\n", cause.word(), cause.advice())
        }
        _ => String::new(),
    }
}

/// What it came to, in words.
fn sentence(record: &Record, lab: &Lab) -> String {
    let trial = &record.trial;
    let (optimizer, problem) = (optimizer_label(&trial.optimizer, lab), problem_label(&trial.problem, lab));
    let head = format!("{optimizer} at lr {} on {problem}, seed {}", trial.lr, trial.seed);
    let loss = |x: f64| significant(x, 4);
    let best = match (&record.summary.best, has_examples(record)) {
        (Some(p), true) => {
            let (validation, test) = (loss(p.validation_loss), loss(p.test_loss));
            format!("lowest validation loss {validation} at epoch {:.1}, test loss there {test}", p.epoch)
        }
        (Some(p), false) => format!("lowest loss {} at step {}", loss(p.train_loss), p.step),
        (None, _) => "no finite loss".into(),
    };
    match &record.summary.outcome {
        Outcome::Diverged { step } => format!("{head}: diverged at step {step}; {best}"),
        Outcome::Reached { step } => format!("{head}: reached its target at step {step}; {best}"),
        Outcome::Failed { reason } => format!("{head}: failed, {reason}"),
        Outcome::Finished => format!("{head}: {best} ({:.2} s)", record.timings.wall),
    }
}
