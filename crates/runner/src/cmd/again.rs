//! `downhill again`: trials of results once more, held against what was written down.

use super::{Context, Format, say, sweep::interruptible};
use crate::rows::TrialRow;
use crate::store::read_csv;
use crate::sweep;
use crate::table::{Cell, Table};
use crate::trial::{Record, Trial};
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

/// Run trials of results again, by their keys, and say whether the same numbers come out. Writes nothing.
#[derive(clap::Args)]
pub struct Args {
    /// A folder of results, such as results/default.
    dir: PathBuf,
    /// Keys of trials, as in trials.csv and under each row of report.html; without any, all trials.
    keys: Vec<String>,
    /// Threads, each running one trial at a time; without it, one for each core.
    #[arg(long, short, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command; the code is 1 if a number is another one.
///
/// # Errors
/// If a key is unknown, or a trial is one of another version.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let lab = &context.lab;
    let path = args.dir.join("trials.csv");
    let rows: Vec<TrialRow> = read_csv(&path)?;
    let wanted = wanted(&rows, &args.keys).with_context(|| path.display().to_string())?;
    let trials = wanted.iter().map(|row| trial(row)).collect::<Result<Vec<Trial>>>()?;
    let jobs = args.jobs.map_or_else(sweep::cores, usize::from);
    let stop = interruptible()?;
    let mut records: HashMap<String, Record> = HashMap::new();
    sweep::run(&trials, lab, jobs, stop, |record| {
        records.insert(record.key.clone(), record);
        Ok(())
    })?;
    if stop.load(Ordering::Relaxed) {
        return Ok(ExitCode::from(130));
    }
    let columns = ["key", "problem", "optimizer", "lr", "seed", "validation_loss", "test_loss", "differs in"];
    let mut table = Table::new(columns.map(|name| (name, name)));
    let mut differing = 0;
    for row in &wanted {
        let record = records.get(row.key.as_str()).with_context(|| format!("{}: the trial did not run", row.key))?;
        let now = TrialRow { stage: row.stage.clone(), arm: row.arm.clone(), ..TrialRow::new(record, lab) };
        let differences = differences(row, &now)?;
        differing += usize::from(!differences.is_empty());
        table.rows.push(vec![
            row.key.as_str().into(),
            row.problem.as_str().into(),
            row.optimizer.as_str().into(),
            row.lr.into(),
            (row.seed as f64).into(),
            Cell::from(Some(now.validation_loss).filter(|x| x.is_finite())),
            Cell::from(Some(now.test_loss).filter(|x| x.is_finite())),
            differences.join(", ").into(),
        ]);
    }
    say(&args.format.render(&table.without_empty())?);
    let all = wanted.len();
    ensure!(differing == 0, "{differing} of {all} trials came out otherwise than in {}", path.display());
    if args.format == Format::Table {
        say(&format!("\n{all} of {all} trials came out as in {}\n", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// The rows of those keys, in the order of the file; all without any.
fn wanted<'r>(rows: &'r [TrialRow], keys: &[String]) -> Result<Vec<&'r TrialRow>> {
    let known: HashSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    if let Some(key) = keys.iter().find(|key| !known.contains(key.as_str())) {
        bail!("no trial has the key `{key}`; the column `key` lists all {}", rows.len());
    }
    let asked: HashSet<&str> = keys.iter().map(String::as_str).collect();
    Ok(rows.iter().filter(|row| keys.is_empty() || asked.contains(row.key.as_str())).collect())
}

/// The trial of a row.
fn trial(row: &TrialRow) -> Result<Trial> {
    let trial: Trial = row.spec.parse().with_context(|| format!("{}: `spec` is no trial", row.key))?;
    let key = trial.key();
    ensure!(key == row.key.as_str(), "{}: with its `spec` this version runs another trial, {key}", row.key);
    Ok(trial)
}

/// The columns that are not the same, with both values.
fn differences(was: &TrialRow, is: &TrialRow) -> Result<Vec<String>> {
    let [was, is] = [was, is].map(serde_json::to_value);
    let (was, is) = (was?, is?);
    let column = |(name, was): (&String, &Value)| {
        let is = &is[name];
        // Results from before it was measured have nothing there.
        let unmeasured = name == "nonzero" && was.is_null();
        (was != is && !unmeasured).then(|| format!("{name}: {is}, was {was}"))
    };
    Ok(was.as_object().into_iter().flatten().filter_map(column).collect())
}
