//! `downhill merge`: the parts of a study in one folder.

use super::plan::Which;
use super::{Context, say};
use crate::report::{Pages, Part};
use crate::shards;
use crate::store::{Folder, Results};
use crate::table::count;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Join what `downhill work` left into the study's folder, and write its tables and report. May be done at any time, again,
/// and in any order; two different results of one trial are refused.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  downhill merge mine.toml                         results/mine/shards into results/mine
  downhill merge mine.toml --from node1/shards --from node2/shards/4be1c0f2-1-of-2.jsonl")]
pub struct Args {
    #[command(flatten)]
    which: Which,
    /// A journal, or a folder of journals, instead of the study's own `shards`.
    #[arg(long, value_name = "PATH")]
    from: Vec<PathBuf>,
    /// Join the journals, and write no tables and no report.
    #[arg(long)]
    no_tables: bool,
}

/// Runs the command.
///
/// # Errors
/// If the study is wrong, a file cannot be read or written, or two results of one trial differ.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let (study, dir) = args.which.find(context)?;
    let mut files = if args.from.is_empty() { shards::journals(&dir)? } else { Vec::new() };
    for path in &args.from {
        if path.is_dir() { files.extend(shards::inside(path)?) } else { files.push(path.clone()) }
    }
    merge(study, &dir, &files, !args.no_tables, context)
}

/// Joins files into the folder of a study.
pub(super) fn merge(
    study: crate::Study,
    dir: &Path,
    files: &[PathBuf],
    tables: bool,
    context: &Context,
) -> Result<ExitCode> {
    let lab = &context.lab;
    let mut folder = Folder::open(dir, false)?;
    let merged = folder.merge(files)?;
    // Where it ran decides which trials are the study's own.
    let kernel = folder.kernel();
    let study = study.on(&kernel);
    for note in folder.notes().iter().chain(&merged.notes).chain(&folder.strangers(&kernel)) {
        eprintln!("warning: {note}");
    }
    folder.describe(&study, lab)?;
    let plan = study.plan(|key| folder.finish_of(key));
    let (files, records, added) = (files.len(), merged.records, merged.added);
    let (records, files) = (count(records, "record"), count(files, "file"));
    say(&format!("{}: {records} in {files}, {added} of them new\n", study.name));
    let (done, next) = (plan.done.len(), plan.next.len());
    say(&match (next, study.protocol().is_some()) {
        (0, _) => format!("all {done} trials are done\n"),
        (_, true) => format!("{done} trials are done, {next} come next: downhill plan\n"),
        (_, false) => format!("{done} of {} trials are done: downhill status says what is missing\n", done + next),
    });
    if tables && done > 0 {
        folder.write(&study, &plan, lab)?;
        // A report is made of tables alone; of many trials, plan and index are larger than its rows.
        drop((folder, plan, study));
        Pages::of(&Results::read(dir)?, Part::All, lab)?.write()?;
        say(&format!("figures and tables: {}\n", dir.join("report.html").display()));
    }
    Ok(ExitCode::SUCCESS)
}
