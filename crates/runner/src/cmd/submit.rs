//! `downhill submit`: hands the parts of a round to whatever launches them here. It launches, and no more: what is done is
//! known from files alone.

mod recipes;
mod slurm;

use super::plan::{Which, next};
use super::{Context, Usage, merge, say};
use crate::pilot;
use crate::progress::duration;
use crate::shards::{self, Head, Part};
use crate::store::{index::Index, journal_of, write_atomically};
use crate::study::Study;
use crate::trial::Trial;
use anyhow::{Context as _, Result, bail, ensure};
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Run a study past one machine: plan its present round, cut it into parts, and hand these to a launcher.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  downhill submit slurm mine.toml                  an array job of parts of about 15 minutes; its script is left to be read
  downhill submit slurm mine.toml --missing        the parts that were lost, again
  downhill submit slurm mine.toml --print          the script, and nothing is submitted
  downhill submit local mine.toml --shards 4       four processes here
  downhill submit ray mine.toml                    a driver for a Ray cluster that runs already
  downhill submit kubernetes mine.toml             a manifest, to be filled in
Afterwards: downhill merge mine.toml")]
pub struct Args {
    /// What launches the parts. The last three are printed, not run.
    #[arg(value_enum)]
    launcher: Launcher,
    #[command(flatten)]
    which: Which,
    /// How many parts; without it, as many as take --minutes each, by a pilot of some seconds.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    shards: Option<u32>,
    /// How long a part may take on one core, about.
    #[arg(long, value_name = "MIN", default_value_t = 15)]
    minutes: u32,
    /// The parts of the last plan that have trials without a record, and no others.
    #[arg(long)]
    missing: bool,
    /// Print what would be run, and run nothing.
    #[arg(long)]
    print: bool,
    /// A line for the head of the Slurm script, such as '--partition=short' or '--mem=2G'.
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true)]
    sbatch: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Launcher {
    /// An array job, by sbatch.
    Slurm,
    /// A driver in Python, for a cluster that runs already.
    Ray,
    /// Processes on this machine, then a merge.
    Local,
    /// A recipe.
    Hyperqueue,
    /// A recipe.
    Parallel,
    /// A recipe.
    Kubernetes,
}

/// A plan that is to be launched in parts.
struct Job {
    head: Head,
    plan: PathBuf,
    /// The folder of the study's results.
    dir: PathBuf,
    shards: usize,
    /// Seconds that a part takes on one core, about; 0 if not known.
    seconds: f64,
    /// Those that are to be run.
    todo: Vec<usize>,
}

impl Job {
    /// A file beside the plan, named for plan and number of parts.
    fn beside(&self, extension: &str) -> PathBuf {
        self.plan.with_file_name(format!("{}-{}.{extension}", self.head.id(), self.shards))
    }
}

/// Runs the command.
///
/// # Errors
/// If the study is wrong, nothing was planned, or the launcher is not here or fails.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let (study, dir) = args.which.find(context)?;
    let dir = absolute(&dir)?;
    let job = if args.missing { lost(args, &dir)? } else { planned(args, &study, &dir, context)? };
    let Some(job) = job else {
        say(&format!("{}: nothing is left to run\n", study.name));
        return Ok(ExitCode::SUCCESS);
    };
    let (shards, about) = (
        job.todo.len(),
        if job.seconds > 0.0 { format!(", about {} each on one core", duration(job.seconds)) } else { String::new() },
    );
    let (id, trials) = (job.head.id(), job.head.trials);
    eprintln!("{}: plan {id} of {trials} trials, {shards} of {} parts{about}", study.name, job.shards);
    match args.launcher {
        Launcher::Slurm => slurm::submit(&job, args, &program()?),
        Launcher::Ray => ray(&job, args, &program()?),
        Launcher::Local => local(&job, args, &program()?, study, context),
        Launcher::Hyperqueue => recipe(&recipes::hyperqueue(&job, &program()?)),
        Launcher::Parallel => recipe(&recipes::parallel(&job, &program()?)),
        Launcher::Kubernetes => recipe(&recipes::kubernetes(&job)),
    }
}

/// The plan of the present round, in parts.
fn planned(args: &Args, study: &Study, dir: &Path, context: &Context) -> Result<Option<Job>> {
    let name = |head: &Head| dir.join("plans").join(head.id()).with_extension("jsonl");
    let Some((plan, head)) = next(study, dir, name)? else { return Ok(None) };
    let seconds = match args.shards {
        Some(_) => 0.0,
        None => {
            let (_, trials) = shards::trials(&plan, Part { number: 0, of: 1 })?;
            pilot::seconds(&trials.iter().collect::<Vec<&Trial>>(), &context.lab)?
        }
    };
    let wanted =
        args.shards.map_or((seconds / (60.0 * f64::from(args.minutes.max(1)))).ceil() as usize, |n| n as usize);
    let most = if args.launcher == Launcher::Slurm { slurm::most() } else { usize::MAX };
    let shards = wanted.clamp(1, head.trials.min(most));
    if shards < wanted.min(head.trials) {
        eprintln!("{wanted} parts are more than MaxArraySize allows: folded into {shards}");
    }
    Ok(Some(Job {
        head,
        plan,
        dir: dir.to_owned(),
        shards,
        seconds: seconds / shards as f64,
        todo: (0..shards).collect(),
    }))
}

/// The last plan that was launched, with its parts that have trials without a record: which ones, files say.
fn lost(args: &Args, dir: &Path) -> Result<Option<Job>> {
    let plans = dir.join("plans");
    let launched = std::fs::read_dir(&plans).into_iter().flatten().flatten().map(|entry| entry.path());
    let launched = launched.filter(|path| path.extension().is_some_and(|e| e == "parts"));
    let last = launched.max_by_key(|path| path.metadata().and_then(|m| m.modified()).ok());
    let last =
        last.with_context(|| format!("no plan in {} was launched so far: leave --missing out", plans.display()))?;
    let name = last.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let parts = name.split_once('-').and_then(|(id, shards)| Some((id.to_owned(), shards.parse::<usize>().ok()?)));
    let (id, shards) = parts.with_context(|| format!("{} is not named for a plan and its parts", last.display()))?;
    if args.shards.is_some_and(|n| n as usize != shards) {
        bail!(Usage(format!("plan {id} was launched in {shards} parts: leave --shards out")));
    }
    let plan = plans.join(id).with_extension("jsonl");
    let mut index = Index::read(&journal_of(dir))?;
    for path in shards::journals(dir)? {
        index.extend(&path, |_| ())?;
    }
    let mut todo = vec![false; shards];
    let head = shards::read(&plan, |number, text| {
        todo[number % shards] |= !index.has_number(shards::key(text));
        Ok(())
    })?;
    let mut todo: Vec<usize> = (0..shards).filter(|&i| todo[i]).collect();
    if args.launcher == Launcher::Slurm {
        let queued = slurm::queued(&head);
        todo.retain(|part| !queued.contains(part));
        if !queued.is_empty() {
            eprintln!("{} parts are still in the queue, and are left there", queued.len());
        }
    }
    let job = Job { head, plan, dir: dir.to_owned(), shards, seconds: 0.0, todo };
    Ok(Some(job).filter(|job| !job.todo.is_empty()))
}

/// Notes that a plan is launched in so many parts, for `--missing`.
fn note(job: &Job) -> Result<()> {
    write_atomically(&job.beside("parts"), format!("{} parts\n", job.shards).as_bytes())
}

/// Processes on this machine, a part each, then a merge.
fn local(job: &Job, args: &Args, program: &Path, study: Study, context: &Context) -> Result<ExitCode> {
    let command = |part: &usize| {
        let mut command = Command::new(program);
        command.args(["work", "--quiet", "--jobs", "1", "--shard", &format!("{part}/{}", job.shards), "--plan"]);
        command.arg(&job.plan).arg("--out").arg(&job.dir);
        command
    };
    if args.print {
        job.todo.iter().for_each(|part| say(&format!("{:?}\n", command(part))));
        return Ok(ExitCode::SUCCESS);
    }
    note(job)?;
    let start = |part: &usize| command(part).spawn().with_context(|| format!("cannot start {}", program.display()));
    let most = args.shards.map_or_else(crate::sweep::cores, |n| n as usize);
    let mut bad = 0;
    let mut running = Vec::new();
    for part in &job.todo {
        if running.len() >= most {
            let mut first: std::process::Child = running.remove(0);
            bad += usize::from(!first.wait()?.success());
        }
        running.push(start(part)?);
    }
    for mut child in running {
        bad += usize::from(!child.wait()?.success());
    }
    let code = merge::merge(study, &job.dir, &shards::journals(&job.dir)?, true, context)?;
    if bad > 0 {
        eprintln!(
            "{bad} of {} parts did not come to their end: the same command with --missing goes on",
            job.todo.len()
        );
        return Ok(ExitCode::from(3));
    }
    Ok(code)
}

/// The driver, beside the plan, by the Python that is here.
fn ray(job: &Job, args: &Args, program: &Path) -> Result<ExitCode> {
    const DRIVER: &str = include_str!("../../../../scripts/ray_driver.py");
    let driver = job.beside("py");
    let mut command = Command::new("python3");
    command.arg(&driver).arg("--downhill").arg(program).arg("--plan").arg(&job.plan).arg("--out").arg(&job.dir);
    command.args(["--shards", &job.shards.to_string()]);
    if job.todo.len() < job.shards {
        command.arg("--only").args(job.todo.iter().map(usize::to_string));
    }
    if args.print {
        return recipe(&format!("{command:?}\n"));
    }
    note(job)?;
    write_atomically(&driver, DRIVER.as_bytes())?;
    let status = command.status().context("cannot start python3, which runs the driver; its package is `ray`")?;
    ensure!(status.success(), "the driver ended with {status}: the same command with --missing goes on");
    Ok(ExitCode::SUCCESS)
}

fn recipe(text: &str) -> Result<ExitCode> {
    say(text);
    Ok(ExitCode::SUCCESS)
}

/// This program.
fn program() -> Result<PathBuf> {
    std::env::current_exe().context("this program's own path")
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("the path of {}", path.display()))
}
