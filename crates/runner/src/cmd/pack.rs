//! `downhill pack`: results as an archive small enough to be kept and handed on.

use super::{Context, say};
use crate::report::{Pages, Part};
use crate::store::{self, Results};
use anyhow::{Result, ensure};
use std::path::PathBuf;
use std::process::ExitCode;

/// Compress the tables of results, trials.csv and curves.csv, in their place. Reports, `compare`, `again` and `replay` read
/// them as before, and the report's links follow; sweeping the study again writes them anew.
#[derive(clap::Args)]
pub struct Args {
    /// Folders of results, such as results/zoo/archive.
    #[arg(required = true)]
    dirs: Vec<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// If a folder has no tables, or a file cannot be read or written.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    for dir in &args.dirs {
        ensure!(store::has_tables(dir), "{}: no trials.csv; run `downhill sweep` first", dir.display());
        for name in ["trials.csv", "curves.csv"] {
            if let Some((before, after)) = store::pack(&dir.join(name))? {
                say(&format!("{}/{name}.gz: {before} bytes, now {after}\n", dir.display()));
            }
        }
        Pages::of(&Results::read(dir)?, Part::All, &context.lab)?.write()?;
    }
    Ok(ExitCode::SUCCESS)
}
