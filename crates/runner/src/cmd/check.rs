//! `downhill check`: every study is right, and runs.

use super::{Context, say};
use crate::lab::Lab;
use crate::rows::{optimizer_label, problem_label};
use crate::study::Study;
use crate::sweep;
use crate::trial::{Recording, Spacing, Trial};
use anyhow::{Context as _, Result, ensure};
use downhill_problems::Dataset;
use downhill_problems::data::Places;
use serde_json::Value;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Check every study: it is read, and each of its optimizers takes three steps on each of its problems. Of a folder, those
/// about data that are not on this machine are named and left out.
#[derive(clap::Args)]
pub struct Args {
    /// A study, or a folder of studies; without it, experiments/.
    path: Option<PathBuf>,
}

/// How many steps prove that a pair runs.
const STEPS: u64 = 3;

/// Runs the command.
///
/// # Errors
/// If there is no study. One that is wrong is named, and the code is 1 in the end.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let path = args.path.clone().unwrap_or_else(|| context.root.join("experiments"));
    let whole = path.is_dir();
    let studies = if whole { studies(&path)? } else { vec![path.clone()] };
    ensure!(!studies.is_empty(), "no study (*.toml) below {}", path.display());
    let mut wrong = 0;
    for path in &studies {
        if let Some(missing) = missing(path)?.filter(|_| whole) {
            say(&format!("{}: left out, {missing} is not here: downhill data get {missing}\n", path.display()));
            continue;
        }
        match check(path, &context.lab) {
            Ok((trials, pairs)) => say(&format!("{}: {trials} trials, {pairs} pairs run\n", path.display())),
            Err(error) => {
                eprintln!("error: {error:#}");
                wrong += 1;
            }
        }
    }
    ensure!(wrong == 0, "{wrong} of {} studies are wrong", studies.len());
    Ok(ExitCode::SUCCESS)
}

/// All studies below a folder, in the order of their paths.
pub(crate) fn studies(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let path = entry.with_context(|| format!("cannot read {}", dir.display()))?.path();
        if path.is_dir() {
            found.extend(studies(&path)?);
        } else if path.extension().is_some_and(|e| e == "toml") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// A data set to be fetched that a study names and that is not on this machine.
fn missing(path: &Path) -> Result<Option<&'static str>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    // What is wrong with the text is for the check to say.
    let study: Value = toml::from_str(&text).unwrap_or_default();
    let problems = study["problem"].as_array().into_iter().flatten();
    let one_or_many = |data: &Value| data.as_array().cloned().unwrap_or_else(|| vec![data.clone()]);
    let names: Vec<Value> = problems.flat_map(|problem| one_or_many(&problem["data"])).collect();
    let places = Places::of_this_machine();
    let mut known = Dataset::known().iter().filter(|known| names.iter().any(|name| name == known.name));
    Ok(known.find(|known| places.find(known).is_none()).map(|known| known.name))
}

/// Reads a study, and lets each optimizer take some steps on each problem.
fn check(path: &Path, lab: &Lab) -> Result<(usize, usize)> {
    let study = Study::load(path, lab)?;
    let (mut seen, mut measured) = (HashSet::new(), HashSet::new());
    for trial in study.trials() {
        if seen.insert(format!("{} {} {:?}", trial.problem, trial.optimizer, trial.precision)) {
            // Each problem is measured once: of large data that is dear.
            let points = u64::from(measured.insert(format!("{} {:?}", trial.problem, trial.precision)));
            let trial = Trial { recording: Recording { points, spacing: Spacing::Log }, ..trial.clone() };
            sweep::contained(|| Ok(trial.start(lab)?.advance(STEPS))).with_context(|| {
                let (optimizer, problem) = (optimizer_label(&trial.optimizer, lab), problem_label(&trial.problem, lab));
                format!("{}: {optimizer} on {problem}", path.display())
            })?;
        }
    }
    Ok((study.trials().len(), seen.len()))
}
