//! `downhill plan`: the trials that come next, as a file that other machines work on.

use super::{Context, say};
use crate::shards;
use crate::store::{Folder, journal_of};
use crate::study::Study;
use crate::trial::kernel_class;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write the plan of a study's present round: the trials that are still to be run, for `downhill work` on other machines.
#[derive(clap::Args)]
#[command(after_help = "\
Example, a study on two machines:
  downhill plan mine.toml -o plan.jsonl
  downhill work --plan plan.jsonl --shard 0/2      on one of them
  downhill work --plan plan.jsonl --shard 1/2      on the other
  downhill merge mine.toml                         once both have left their files in results/mine/shards
A study with [protocol] goes in rounds: plan again after each merge, until nothing is left.")]
pub struct Args {
    #[command(flatten)]
    pub(super) which: Which,
    /// The file; a plan that is there is never changed.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

/// A study, and where its results are.
#[derive(Clone, clap::Args)]
pub(super) struct Which {
    /// The study, or the folder of its results; without it, experiments/default.toml.
    #[arg(value_name = "STUDY")]
    pub(super) study: Option<PathBuf>,
    /// The folder of this study's results.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

impl Which {
    /// The study, and the folder of its results.
    pub(super) fn find(&self, context: &Context) -> Result<(Study, PathBuf)> {
        let path = self.study.clone().unwrap_or_else(|| context.root.join("experiments/default.toml"));
        let lab = &context.lab;
        if path.is_dir() {
            return Ok((Study::load(&path.join("study.toml"), lab)?, self.out.clone().unwrap_or(path)));
        }
        let study = Study::load(&path, lab)?;
        let dir = self.out.clone().unwrap_or_else(|| context.results.join(&study.name));
        Ok((study, dir))
    }
}

/// Runs the command.
///
/// # Errors
/// If the study is wrong, its folder is in use, or the file is another plan.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let (study, dir) = args.which.find(context)?;
    match next(&study, &dir, |_| args.output.clone())? {
        Some((path, head)) => {
            say(&format!("{}: {} trials in {}, for {}\n", head.study, head.trials, path.display(), head.kernel));
        }
        None => say(&format!("{}: nothing is left to run, and no plan is written\n", study.name)),
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the plan of the present round, at a path that may depend on its name; none if nothing is left.
pub(super) fn next(
    study: &Study,
    dir: &Path,
    path: impl Fn(&shards::Head) -> PathBuf,
) -> Result<Option<(PathBuf, shards::Head)>> {
    let plan = if journal_of(dir).exists() {
        let folder = Folder::open(dir, false)?;
        folder.notes().iter().chain(&folder.strangers(&kernel_class())).for_each(|note| eprintln!("warning: {note}"));
        study.plan(|key| folder.finish_of(key).filter(|_| folder.has(key)))
    } else {
        study.plan(|_| None)
    };
    if plan.next.is_empty() {
        return Ok(None);
    }
    let head = shards::head(study, &plan);
    let path = path(&head);
    shards::write(&path, &head, &plan)?;
    Ok(Some((path, head)))
}
