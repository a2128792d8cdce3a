//! `downhill sweep`: runs a study, or what is left of it.

use super::{Context, Format, Usage, say};
use crate::filter::Filter;
use crate::findings::findings;
use crate::lab::Lab;
use crate::pilot;
use crate::progress::{Progress, duration};
use crate::record::{Outcome, Timings};
use crate::report::{Pages, Part};
use crate::rows::{optimizer_label, problem_label};
use crate::store::{Folder, Results};
use crate::study::{Planned, Study};
use crate::sweep;
use crate::tables;
use crate::trial::{Record, Trial, kernel_class};
use crate::view::View;
use anyhow::{Result, bail};
use sha2::Digest as _;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Run a study, or what is left of it: what is done already is never run again.
#[derive(clap::Args)]
pub struct Args {
    /// The study; without it, experiments/default.toml.
    study: Option<PathBuf>,
    /// Run the trials that match all of these, separated by commas: optimizer=adam, problem=mlp, data=digits,
    /// lr=0.001, seed=0, or any part of a name.
    #[arg(long, value_name = "TERMS")]
    filter: Option<String>,
    /// Say how many trials there are and how long they will take, and run none.
    #[arg(long)]
    dry_run: bool,
    /// Start over: drop the results that there are of this study.
    #[arg(long)]
    fresh: bool,
    /// The folder of this study's results.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Run the trials in another order, drawn from this number; results must not depend on it.
    #[arg(long, value_name = "N", hide = true)]
    shuffle: Option<u64>,
    /// Print no answer; for commands that print their own.
    #[arg(skip)]
    silent: bool,
    #[command(flatten)]
    how: How,
}

/// How trials are run, for the commands that do.
#[derive(clap::Args, Default)]
pub(super) struct How {
    /// Threads, each running one trial at a time; without it, one for each core.
    #[arg(long, short, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Show no progress.
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// Give up a trial that takes longer: it counts as not run, and the next time it is tried again.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    trial_timeout: Option<Duration>,
}

impl How {
    /// How many at a time.
    pub(super) fn jobs(&self) -> usize {
        self.jobs.map_or_else(sweep::cores, usize::from)
    }
}

/// Runs the command.
///
/// # Errors
/// If the study is wrong, or its folder cannot be written.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let lab = &context.lab;
    let path = args.study.clone().unwrap_or_else(|| context.root.join("experiments/default.toml"));
    let study = Study::load(&path, lab)?;
    let filter = Filter::parse(args.filter.as_deref().unwrap_or_default());
    let known = chosen(&filter, &study, lab)?;
    let jobs = args.how.jobs();
    let dir = args.out.clone().unwrap_or_else(|| context.results.join(&study.name));
    if args.dry_run {
        return dry_run(&study, &known, jobs, lab);
    }

    let mut folder = Folder::open(&dir, args.fresh)?;
    folder.notes().iter().chain(&folder.strangers(&kernel_class())).for_each(|note| eprintln!("warning: {note}"));
    folder.describe(&study, lab)?;
    let (clock, mut spent, mut ran, mut late) = (Instant::now(), Timings::default(), 0, Vec::new());
    for round in 1.. {
        // Failed ones are tried again, once a sweep.
        let plan = study.plan(|key| folder.finish_of(key).filter(|_| round > 1 || folder.has(key)));
        let matching =
            |list: Vec<Planned>| list.into_iter().map(|p| p.trial).filter(|t| filter.matches(t, lab)).collect();
        let (done, mut todo): (Vec<Trial>, Vec<Trial>) = (matching(plan.done), matching(plan.next));
        if todo.is_empty() && round > 1 {
            break;
        }
        if let Some(number) = args.shuffle {
            todo.sort_by_cached_key(|t| sha2::Sha256::digest(format!("{number} {}", t.key())).to_vec());
        }
        if !args.how.quiet {
            let (name, count) = (&study.name, done.len() + todo.len());
            let kept = if done.is_empty() { String::new() } else { format!(", {} of them done before", done.len()) };
            let what = if round == 1 {
                format!("{name}: {count} trials{kept}, {jobs} at a time, results in {}", dir.display())
            } else {
                format!("{name}: {} more trials, as those before tell", todo.len())
            };
            eprintln!("{what}");
        }
        ran += todo.len();
        let keep = |record: Record| folder.append(&record);
        let ended = work(&todo, keep, &mut spent, &args.how, lab)?;
        folder.sync()?;
        if ended.stopped {
            let finished = todo.iter().filter(|t| folder.has(&t.key())).count() + done.len();
            let all = done.len() + todo.len();
            eprintln!("interrupted: {finished} of {all} trials are done and kept; the same command goes on");
            return Ok(ExitCode::from(130));
        }
        late.extend(ended.late.into_iter().cloned());
        // Of a stage that lacks a trial, no other follows.
        if study.protocol().is_none() || todo.is_empty() || !late.is_empty() {
            break;
        }
    }
    let plan = study.plan(|key| folder.finish_of(key));
    folder.write(&study, &plan, lab)?;
    if !args.how.quiet && ran > 0 {
        eprintln!("{}", account(&spent, ran, clock.elapsed().as_secs_f64(), jobs));
        folder.load().against().iter().for_each(|why| eprintln!("note: times are of a loaded machine: {why}"));
    }
    let results = Results::read(&dir)?;
    if !args.silent {
        say(&answer(&results, args.format, lab)?);
    }
    Pages::of(&results, Part::All, lab)?.write()?;
    if !args.how.quiet {
        eprintln!("figures and tables: {}", dir.join("report.html").display());
    }
    let all: Vec<&Planned> = plan.done.iter().filter(|planned| filter.matches(&planned.trial, lab)).collect();
    let code = failures(&folder, &all, lab)?;
    if let (false, Some(timeout)) = (late.is_empty(), args.how.trial_timeout) {
        let what = format!("{} trials took more than {} s, and have no result", late.len(), timeout.as_secs_f64());
        let first = late.iter().take(NAMED).map(|t| words(t, lab)).collect();
        named(&what, first, late.len(), folder.path());
        return Ok(ExitCode::from(3));
    }
    Ok(code)
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|s| *s > 0.0);
    seconds
        .and_then(|s| Duration::try_from_secs_f64(s).ok())
        .ok_or_else(|| format!("`{text}` is no number of seconds > 0"))
}

/// How trials came to an end.
pub(super) struct Ended<'t> {
    /// By ctrl-C.
    pub(super) stopped: bool,
    /// These took too long.
    pub(super) late: Vec<&'t Trial>,
}

/// Runs a study into a folder, and says nothing but its progress.
pub(super) fn quietly(study: &Path, out: &Path, context: &Context) -> Result<()> {
    let args = Args {
        study: Some(study.to_owned()),
        filter: None,
        dry_run: false,
        fresh: false,
        out: Some(out.to_owned()),
        format: Format::Table,
        shuffle: None,
        silent: true,
        how: How::default(),
    };
    match run(&args, context)? {
        code if code == ExitCode::SUCCESS => Ok(()),
        _ => bail!("the study {} did not come to its end; the same command goes on", study.display()),
    }
}

/// The trials that the filter leaves.
fn chosen<'a>(filter: &Filter, study: &'a Study, lab: &Lab) -> Result<Vec<&'a Trial>> {
    let chosen: Vec<&Trial> = study.trials().iter().filter(|t| filter.matches(t, lab)).collect();
    if chosen.is_empty() {
        let labels = |label: fn(&Trial, &Lab) -> String| {
            let labels: BTreeSet<String> = study.trials().iter().map(|t| label(t, lab)).collect();
            labels.into_iter().collect::<Vec<_>>().join(", ")
        };
        let optimizers = labels(|t, lab| optimizer_label(&t.optimizer, lab));
        let problems = labels(|t, lab| problem_label(&t.problem, lab));
        bail!(Usage(format!("no trial matches the filter; optimizers: {optimizers}; problems: {problems}")));
    }
    Ok(chosen)
}

fn dry_run(study: &Study, chosen: &[&Trial], jobs: usize, lab: &Lab) -> Result<ExitCode> {
    // What depends on finished trials costs as much as these do.
    let (known, most) = (study.trials().len(), study.most());
    let count = chosen.len() * most / known.max(1);
    let seconds = pilot::seconds(chosen, lab)? / jobs as f64 * count as f64 / chosen.len().max(1) as f64;
    let (name, time) = (&study.name, duration(seconds));
    let at_most = if most > known { "at most " } else { "" };
    say(&format!("{name}: {at_most}{count} trials, about {time} on {jobs} threads\n"));
    Ok(ExitCode::SUCCESS)
}

/// Runs what is left, and adds up where the time goes.
pub(super) fn work<'t>(
    todo: &'t [Trial],
    mut keep: impl FnMut(Record) -> Result<()>,
    spent: &mut Timings,
    how: &How,
    lab: &Lab,
) -> Result<Ended<'t>> {
    let stop = interruptible()?;
    let mut progress = Progress::new(todo.len(), how.quiet);
    let done = sweep::within(how.trial_timeout, todo, lab, how.jobs(), stop, |record| {
        let t = record.timings;
        spent.gradient += t.gradient;
        spent.optimizer += t.optimizer;
        spent.evaluation += t.evaluation;
        progress.add(&record);
        keep(record)
    });
    progress.end();
    Ok(Ended { late: done?, stopped: stop.load(Ordering::Relaxed) })
}

/// Set by the first ctrl-C; the second ends the process at once. The journal is whole at any moment.
pub(super) fn interruptible() -> Result<&'static AtomicBool> {
    static STOP: AtomicBool = AtomicBool::new(false);
    static HANDLER: OnceLock<Result<(), ctrlc::Error>> = OnceLock::new();
    let handle = || {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("stopping; press ctrl-C again to stop at once");
    };
    if let Err(e) = HANDLER.get_or_init(|| ctrlc::set_handler(handle)) {
        bail!("cannot listen for ctrl-C: {e}");
    }
    STOP.store(false, Ordering::Relaxed);
    Ok(&STOP)
}

/// Where the threads spent their time.
fn account(spent: &Timings, trials: usize, seconds: f64, jobs: usize) -> String {
    let share = |part: f64| 100.0 * part / (seconds * jobs.min(trials) as f64);
    let (gradient, optimizer, evaluation) = (share(spent.gradient), share(spent.optimizer), share(spent.evaluation));
    format!(
        "{trials} trials in {seconds:.1} s: {gradient:.0} % gradients, {optimizer:.0} % optimizers, {evaluation:.0} % \
         evaluation, {:.1} % all else",
        (100.0 - gradient - optimizer - evaluation).max(0.0)
    )
}

/// Names the trials that failed; the exit code.
fn failures(folder: &Folder, chosen: &[&Planned], lab: &Lab) -> Result<ExitCode> {
    let failed: Vec<&&Planned> = chosen.iter().filter(|planned| folder.failed(&planned.key)).collect();
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let mut first = Vec::new();
    for Planned { trial, .. } in failed.iter().take(NAMED) {
        if let Some(Outcome::Failed { reason }) = folder.record(trial)?.map(|record| record.summary.outcome) {
            first.push(format!("{}: {reason}", words(trial, lab)));
        }
    }
    let what = format!("{} of {} trials failed", failed.len(), chosen.len());
    named(&what, first, failed.len(), folder.path());
    Ok(ExitCode::from(3))
}

fn words(trial: &Trial, lab: &Lab) -> String {
    let (optimizer, problem) = (optimizer_label(&trial.optimizer, lab), problem_label(&trial.problem, lab));
    format!("{optimizer} on {problem}, lr {}, seed {}", trial.lr, trial.seed)
}

/// So many trials that have come to nothing are named.
const NAMED: usize = 10;

/// Says which trials have come to nothing, or the first of so many.
fn named(what: &str, first: Vec<String>, all: usize, dir: &Path) {
    eprintln!("{what}, and will be tried again by the next sweep:");
    first.iter().for_each(|trial| eprintln!("  {trial}"));
    if all > first.len() {
        eprintln!("  and {} more, see {}", all - first.len(), dir.join("trials.csv").display());
    }
}

/// The findings above the study's table, or the table alone for programs.
fn answer(results: &Results, format: Format, lab: &Lab) -> Result<String> {
    let view = View::new(results, lab)?;
    if format != Format::Table {
        return format.render(&tables::study(&view));
    }
    // Of many problems, a terminal shows what holds over all; the table is in the files.
    let overall = view.across().iter().map(|across| across.table(&view)).collect::<Vec<_>>();
    let shown = if view.many() && !overall.is_empty() { overall } else { vec![tables::study(&view)] };
    let table = shown.iter().map(crate::table::Table::text).collect::<Vec<_>>().join("\n");
    let told = findings(&view).into_iter().map(|f| match f.about {
        Some(about) => format!("{about}: {}\n", f.text),
        None => format!("{}\n", [vec![f.text], f.more].concat().join("\n")),
    });
    Ok(format!("{table}\n{}", told.collect::<String>()))
}
