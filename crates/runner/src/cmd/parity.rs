//! `downhill compare --burn`: burn's optimizers against ours.

use super::check::studies;
use super::{Context, say};
use crate::load::Watch;
use crate::parity::measure::{Effort, measure};
use crate::parity::paths::{COURSES, deviations};
use crate::parity::{page, verdicts};
use crate::stats::{Axis, groups};
use crate::store::{write_atomically, write_csv};
use crate::study::Study;
use crate::{machine, rows::TrialRow, sweep};
use anyhow::{Context as _, Result};
use clap::ValueEnum;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

/// What of the comparison with burn is made.
#[derive(clap::Args)]
pub struct Args {
    /// See that it runs, in seconds: few steps, problems and seeds, into results/burn-parity-quick.
    #[arg(long, requires = "burn")]
    quick: bool,
    /// Measure these alone, and write the page with what there is of the others; without it, all. `page` measures
    /// nothing.
    #[arg(long, value_enum, value_name = "PART", requires = "burn")]
    only: Vec<Part>,
}

/// A part of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// deviations.csv
    Paths,
    /// verdicts.csv
    Verdicts,
    /// speed.csv
    Speed,
    /// README.md, which is always written
    Page,
}

/// Runs the command.
///
/// # Errors
/// If the study is wrong, a file cannot be written or read, or a deviation has no reason.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let dir = context.results.join(if args.quick { "burn-parity-quick" } else { "burn-parity" });
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let wanted = |part| args.only.is_empty() || args.only.contains(&part);
    if wanted(Part::Paths) {
        let (courses, steps) = if args.quick { (&COURSES[1..], 20) } else { (&COURSES[..], 200) };
        write_csv(&dir.join("deviations.csv"), deviations(&context.lab, courses, steps)?)?;
    }
    if wanted(Part::Verdicts) {
        write_csv(&dir.join("verdicts.csv"), verdicts(args.quick, context)?)?;
    }
    if wanted(Part::Speed) {
        let effort = if args.quick { Effort::QUICK } else { Effort::FULL };
        let watch = Watch::begin();
        write_csv(&dir.join("speed.csv"), measure(&context.lab, &effort)?)?;
        let machine = machine::describe() + &machine::load(&[("during", watch.load())]);
        write_atomically(&dir.join("speed-machine.toml"), machine.as_bytes())?;
    }
    let readme = dir.join("README.md");
    write_atomically(&readme, page(&dir)?.as_bytes())?;
    say(&format!("{}\n", readme.display()));
    Ok(ExitCode::SUCCESS)
}

/// Runs the studies of experiments/burn-parity, and compares the pairs on each of their problems.
fn verdicts(quick: bool, context: &Context) -> Result<Vec<verdicts::Row>> {
    let lab = &context.lab;
    let jobs = sweep::cores();
    let mut rows = Vec::new();
    for path in studies(&context.root.join("experiments/burn-parity"))? {
        let mut trials = Study::load(&path, lab)?.trials().to_vec();
        if quick {
            let last = trials.last().map(|t| t.problem.clone());
            trials.retain(|t| t.seed < 2 && last.as_ref() == Some(&t.problem));
        }
        let mut records = BTreeMap::new();
        sweep::run(&trials, lab, jobs, &AtomicBool::new(false), |record| {
            records.insert(record.key.clone(), TrialRow::new(&record, lab));
            Ok(())
        })?;
        let done: Vec<TrialRow> = trials.iter().filter_map(|t| records.remove(&t.key())).collect();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        rows.extend(verdicts::rows(&name, &groups(&done, &Axis::Optimizer, lab), lab)?);
    }
    Ok(rows)
}
