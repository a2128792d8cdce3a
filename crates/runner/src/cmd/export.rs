//! `downhill export`: results for other tools.

use super::{Context, say};
use crate::export::{json, parquet, tensorboard};
use crate::store;
use anyhow::{Result, ensure};
use clap::ValueEnum;
use std::path::PathBuf;
use std::process::ExitCode;

/// Write results for other tools. docs/formats.md has every column with its unit and meaning.
///
/// Nothing is replaced but earlier exports. CSV needs none: trials.csv and curves.csv are what every program reads.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A folder of results, such as results/default.
    dir: PathBuf,
    /// What to write.
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Format,
    /// Where; without it, beside the results: *.parquet, the folder tensorboard, results.json.
    #[arg(long, short, value_name = "PATH")]
    out: Option<PathBuf>,
}

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// trials.parquet, curves.parquet, and timings.parquet where there are timings, into a folder.
    Parquet,
    /// A folder with a run for each trial.
    Tensorboard,
    /// One document.
    Json,
}

const EXAMPLES: &str = "\
Examples:
  downhill export results/default --to parquet
  python3 -c 'import pandas; print(pandas.read_parquet(\"results/default/trials.parquet\"))'
  downhill export results/default --to tensorboard -o runs
  tensorboard --logdir runs
  downhill export results/default --to json -o default.json";

/// Runs the command.
///
/// # Errors
/// If a table cannot be read, or something else lies where the export should.
pub fn run(args: &Args, _: &Context) -> Result<ExitCode> {
    let dir = &args.dir;
    ensure!(store::has_tables(dir), "{}: no trials.csv; run `downhill sweep` first", dir.display());
    let place = |name: &str| args.out.clone().unwrap_or_else(|| dir.join(name));
    let said = match args.to {
        Format::Parquet => {
            let out = place("");
            let line = |(name, rows): (&str, usize)| {
                format!("{}: {rows} rows\n", out.join(name).with_extension("parquet").display())
            };
            parquet::write(dir, &out)?.into_iter().map(line).collect()
        }
        Format::Tensorboard => {
            let out = place("tensorboard");
            let runs = tensorboard::write(dir, &out)?;
            format!("{}: {runs} runs; look at them with `tensorboard --logdir {0}`\n", out.display())
        }
        Format::Json => {
            let out = place("results.json");
            let trials = json::write(dir, &out)?;
            format!("{}: {trials} trials\n", out.display())
        }
    };
    say(&said);
    Ok(ExitCode::SUCCESS)
}
