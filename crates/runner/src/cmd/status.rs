//! `downhill status`: how far a study is, wherever it runs.

use super::plan::Which;
use super::{Context, say};
use crate::progress::duration;
use crate::shards;
use crate::store::index::Index;
use crate::store::{Missing, journal_of};
use crate::table::significant;
use anyhow::Result;
use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// The rate is that of the last so many seconds.
const RECENT: f64 = 600.0;

/// Say how far a study is, from its files alone: what is done, missing and failed, how fast it goes, how long it will take.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  downhill status mine.toml          while a sweep runs, or parts of it elsewhere
  downhill status results/mine       the same")]
pub struct Args {
    #[command(flatten)]
    which: Which,
}

/// Runs the command.
///
/// # Errors
/// If the study is wrong, or a file cannot be read.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let (study, dir) = args.which.find(context)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |t| t.as_secs_f64());
    let (mut recent, mut since, mut wall, mut records) = (0usize, now, 0.0, 0usize);
    let mut index = Index::new(&journal_of(&dir));
    let mut count = |index: &mut Index, path: &Path| {
        index.extend(path, |brief| {
            records += 1;
            wall += brief.wall;
            if brief.ended > now - RECENT {
                recent += 1;
                since = since.min(brief.ended - brief.wall);
            }
        })
    };
    count(&mut index, &journal_of(&dir))?;
    let joined = index.len();
    for path in shards::journals(&dir)? {
        count(&mut index, &path)?;
    }
    index.notes.iter().for_each(|note| eprintln!("warning: {note}"));
    let kernel = index.kernel();
    index.strangers(&kernel).iter().for_each(|note| eprintln!("warning: {note}"));
    let study = study.on(&kernel);
    let plan = study.plan(|key| index.finish(key));
    let failed = plan.done.iter().filter(|p| !index.has(&p.key)).count();
    let (done, missing) = (plan.done.len() - failed, plan.next.len());
    let all = done + failed + missing;
    let so_far = if study.protocol().is_some() {
        format!(" of this and earlier rounds, at most {} in all", study.most())
    } else {
        String::new()
    };
    let mut lines = vec![format!("{}: {all} trials{so_far}", study.name)];
    let mut line = |what: &str, text: String| lines.push(format!("  {what:<10} {text}"));
    line("done", format!("{done}, {:.1} %", 100.0 * done as f64 / all.max(1) as f64));
    line("missing", if missing == 0 { "0".into() } else { Missing::of(&plan, &context.lab).words() });
    line("failed", format!("{failed}{}", if failed > 0 { ", which will be tried again" } else { "" }));
    if index.len() > joined {
        line("to merge", format!("{} that are in shards only: downhill merge", index.len() - joined));
    }
    let left = (missing + failed) as f64;
    let span = (now - since).clamp(1e-3, RECENT);
    let rate = recent as f64 / span;
    if recent > 0 {
        line("rate", format!("{} trials a second in the last {}", significant(rate, 3), duration(span)));
    }
    if left > 0.0 && records > 0 {
        let cores = format!("{} of one core", duration(left * wall / records as f64));
        let text = match recent {
            0 => format!("{cores}; nothing ended in the last ten minutes"),
            _ => format!("{}, or {cores}", duration(left / rate)),
        };
        line("left", text);
    }
    say(&(lines.join("\n") + "\n"));
    Ok(ExitCode::SUCCESS)
}
