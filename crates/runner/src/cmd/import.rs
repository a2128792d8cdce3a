//! `downhill import`: runs of other harnesses as results of ours.

use super::{Context, Usage, say};
use crate::import::{Archive, Columns, Format, Imported};
use crate::report::{Pages, Part};
use crate::store::Results;
use crate::table::count;
use crate::tables;
use crate::view::View;
use anyhow::{Result, bail};
use clap::ValueEnum as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Read the runs of another harness into a folder of results, with all that reports say of ours.
///
/// A run in which a loss is no finite number has diverged there; one that ends before its budget has failed. Where an
/// archive has no validation data, test data choose, and the report says so. Of a DeepOBS run that was repeated, the last
/// by name counts; a CSV file with two rows of a run and epoch is refused.
#[derive(clap::Args)]
#[command(after_help = COLUMNS)]
pub struct Args {
    /// A folder of DeepOBS, PROBLEM/OPTIMIZER/HYPERPARAMETERS/*.json, or a CSV file.
    path: PathBuf,
    /// How it is written; without it, a CSV file by its name, else DeepOBS.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The folder below the folder of all results; without it, named as the archive.
    #[arg(long, conflicts_with = "out")]
    name: Option<String>,
    /// The folder, wherever.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// What a column of a CSV file means: `--map acc=test_metric`; several with commas.
    #[arg(long, value_name = "THEIRS=OURS", value_delimiter = ',')]
    map: Vec<String>,
    /// Columns of a CSV file that are hyperparameters of the optimizer; several with commas.
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    hyper: Vec<String>,
    /// The question that the runs answer: the report's title.
    #[arg(long, default_value = "")]
    question: String,
}

const COLUMNS: &str = "\
Columns of a CSV file:
  problem, optimizer    names
  lr                    > 0
  seed                  a whole number
  epoch, or step        of the measurement, ascending from 0
  train_loss, validation_loss, test_loss
                        at least one; NaN and inf are divergence
  train_metric, validation_metric, test_metric
                        such as accuracy, higher is better
  batch                 examples a step
  stage                 search, confirm (fresh seeds, reported), default or screen; without it, seeds that only one
                        learning rate has are taken for fresh ones
Names such as learning_rate, val_loss or test_accuracy are understood too.";

/// Runs `downhill import`.
///
/// # Errors
/// If the archive cannot be read, or the folder not be written.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let mut columns = Columns { hyperparameters: args.hyper.clone(), ..Columns::default() };
    for pair in &args.map {
        match pair.split_once('=') {
            Some((theirs, ours)) => columns.renamed.push((theirs.trim().to_owned(), ours.trim().to_owned())),
            None => bail!(Usage(format!("--map {pair}: allowed is THEIRS=OURS, such as acc=test_metric"))),
        }
    }
    let (archive, format) = Archive::read(&args.path, args.format, &columns)?;
    let whole = args.path.canonicalize().unwrap_or_else(|_| args.path.clone());
    let named = if whole.is_dir() { whole.file_name() } else { whole.file_stem() };
    let name =
        args.name.clone().or(named.map(|n| n.to_string_lossy().into_owned())).unwrap_or_else(|| "imported".into());
    let dir = args.out.clone().unwrap_or_else(|| context.results.join(name));
    let imported = Imported {
        format: format.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default(),
        from: args.path.display().to_string(),
        options: args.options(),
        ..Imported::default()
    };
    archive.write(&dir, &args.question, imported, &context.lab)?;
    archive.notes.iter().for_each(|note| eprintln!("note: {note}"));
    let results = Results::read(&dir)?;
    let view = View::new(&results, &context.lab)?;
    say(&tables::study(&view).text());
    Pages::of(&results, Part::All, &context.lab)?.write()?;
    eprintln!("{}; figures and tables: {}", count(archive.len(), "run"), dir.join("report.html").display());
    Ok(ExitCode::SUCCESS)
}

impl Args {
    /// What decides the results beside path, format and name.
    fn options(&self) -> Vec<String> {
        let mut words = Vec::new();
        for (flag, values) in [("--map", &self.map), ("--hyper", &self.hyper)] {
            words.extend(values.iter().flat_map(|value| [flag.to_owned(), value.clone()]));
        }
        if !self.question.is_empty() {
            words.extend(["--question".to_owned(), self.question.clone()]);
        }
        words
    }
}
