//! `downhill work`: a part of a plan, anywhere.

use super::Context;
use super::sweep::{How, work};
use crate::record::Timings;
use crate::shards::{self, Part};
use crate::store::Log;
use crate::trial::Trial;
use anyhow::Result;
use std::path::PathBuf;
use std::process::ExitCode;

/// Run a part of a plan. What its file has is not run again, so the same command goes on after any interruption.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  downhill work --plan plan.jsonl --shard 3/8      the fourth of eight parts, into results/NAME/shards/
  downhill merge mine.toml                         joins what is there
A plan is for one kernel class and one version of the numerics; a machine of another class refuses it.")]
pub struct Args {
    /// The plan, as `downhill plan` wrote it.
    #[arg(long, value_name = "FILE")]
    plan: PathBuf,
    /// Which part, from 0, of how many.
    #[arg(long, value_name = "I/N", default_value = "0/1")]
    shard: Part,
    /// The folder of the study's results; the part's file is in its folder `shards`.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    how: How,
}

/// Runs the command. The code is 3 if trials failed.
///
/// # Errors
/// If the plan is wrong or not for this machine, or the part's file cannot be written or is another process's.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let lab = &context.lab;
    let (head, trials) = shards::trials(&args.plan, args.shard)?;
    shards::same_here(&head, &trials, lab)?;
    let dir = args.out.clone().unwrap_or_else(|| context.results.join(&head.study));
    let path = head.journal(&dir, args.shard);
    let mut log = Log::open(&path)?;
    log.notes.iter().for_each(|note| eprintln!("warning: {note}"));
    let keyed: Vec<(String, Trial)> = trials.into_iter().map(|t| (t.key(), t)).collect();
    let (keys, trials): (Vec<String>, Vec<Trial>) = keyed.into_iter().unzip();
    let todo: Vec<Trial> =
        keys.iter().zip(&trials).filter(|(key, _)| !log.has(key)).map(|(_, trial)| trial.clone()).collect();
    if !args.how.quiet {
        let (part, all, kept, jobs) = (args.shard, trials.len(), trials.len() - todo.len(), args.how.jobs());
        eprintln!(
            "{}, part {part}: {all} trials, {kept} of them done before, {jobs} at a time, into {}",
            head.study,
            path.display()
        );
    }
    let ended = work(&todo, |record| log.append(&record), &mut Timings::default(), &args.how, lab)?;
    log.sync()?;
    let done = keys.iter().filter(|key| log.has(key)).count();
    if ended.stopped {
        eprintln!("interrupted: {done} of {} trials are done and kept; the same command goes on", keys.len());
        return Ok(ExitCode::from(130));
    }
    if done < keys.len() {
        let (missing, late) = (keys.len() - done, ended.late.len());
        let late = if late > 0 { format!(" or took too long ({late})") } else { String::new() };
        eprintln!("{missing} of {} trials failed{late}, and will be tried again by the same command", keys.len());
        return Ok(ExitCode::from(3));
    }
    Ok(ExitCode::SUCCESS)
}
