//! The report of one study: `README.md`, `plots/*.svg` and `report.html`, all of them functions of its files. One
//! content, two renderings.

mod html;
mod markdown;

pub(crate) use markdown::{headline, list};

use crate::findings::{Finding, findings};
use crate::lab::Lab;
use crate::plot::{self, Plot};
use crate::stats::usable;
use crate::store::{Results, write_atomically};
use crate::table::Table;
use crate::tables;
use crate::view::View;
use anyhow::{Context as _, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What a report says, before it is Markdown or HTML.
struct Content {
    /// The study's question, or its name.
    title: String,
    claim: Option<String>,
    findings: Vec<Finding>,
    /// What was run, in a sentence.
    what: String,
    tables: Vec<(&'static str, Table)>,
    plots: Vec<Plot>,
    /// The command that runs it again.
    command: String,
}

/// Which files of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `plots/*.svg`.
    Plots,
    /// Those, `README.md` and `report.html`.
    All,
}

/// Generated files with their texts, and what an earlier report left that this one does not have.
#[derive(Debug, Default)]
pub struct Pages {
    /// Files to be written.
    pub texts: Vec<(PathBuf, String)>,
    /// Files to be removed.
    pub stale: Vec<PathBuf>,
}

impl Pages {
    /// The report of a study.
    ///
    /// # Errors
    /// If there is no trial, or a picture cannot be drawn.
    pub fn of(results: &Results, part: Part, lab: &Lab) -> Result<Self> {
        let content = Content::new(&View::new(results, lab)?)?;
        let plots = results.dir.join("plots");
        let mut texts = Vec::new();
        if part == Part::All {
            texts.push((results.dir.join("README.md"), markdown::page(&content)));
            texts.push((results.dir.join("report.html"), html::page(&content)));
        }
        texts.extend(content.plots.into_iter().map(|p| (plots.join(p.name).with_extension("svg"), p.svg)));
        let drawn = fs::read_dir(&plots).into_iter().flatten().flatten().map(|entry| entry.path());
        let old = |path: &PathBuf| path.extension().is_some_and(|e| e == "svg") && texts.iter().all(|(p, _)| p != path);
        let stale = drawn.filter(old).collect();
        Ok(Pages { texts, stale })
    }

    /// The files that are not yet as they should be.
    pub fn changed(&self) -> Vec<&Path> {
        let differs = |(path, text): &&(PathBuf, String)| fs::read(path).ok().is_none_or(|old| old != text.as_bytes());
        let new = self.texts.iter().filter(differs).map(|(path, _)| path);
        new.chain(&self.stale).map(PathBuf::as_path).collect()
    }

    /// Makes them so.
    ///
    /// # Errors
    /// Names a file that cannot be written or removed.
    pub fn write(&self) -> Result<()> {
        for (path, text) in &self.texts {
            let dir = path.parent().unwrap_or(path);
            fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
            write_atomically(path, text.as_bytes())?;
        }
        let remove =
            |path: &PathBuf| fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()));
        self.stale.iter().try_for_each(remove)
    }
}

impl Content {
    fn new(view: &View) -> Result<Self> {
        let study = &view.results.study;
        let named = |title, table: Option<Table>| table.map(|t| (title, t));
        let tables = [
            named("The study's table", Some(tables::study(view))),
            named("How wrong the learning rate may be", tables::slopes(view)),
            named("The best rate and the batch size", tables::drift(view)),
            named("Which minimum was reached", tables::minima(view)),
            named("Step by step", tables::worked(view)),
        ];
        Ok(Content {
            title: if study.question.is_empty() { study.name.clone() } else { study.question.clone() },
            claim: view.ask.claim.clone(),
            findings: findings(view),
            what: what(view),
            tables: tables.into_iter().flatten().collect(),
            plots: plot::all(view)?,
            command: format!("cargo run -p runner -- sweep results/{}/study.toml", study.name),
        })
    }
}

/// What was run, in a sentence.
fn what(view: &View) -> String {
    let trials = &view.results.trials;
    let count = |of: &dyn Fn(&crate::rows::TrialRow) -> &str, one: &str| {
        let n = trials.iter().map(of).collect::<BTreeSet<_>>().len();
        format!("{n} {one}{}", if n == 1 { "" } else { "s" })
    };
    let rates = view.groups.iter().flat_map(|g| &g.members).map(|m| m.grid.len());
    let (fewest, most) = rates.clone().fold((usize::MAX, 0), |(a, b), n| (a.min(n), b.max(n)));
    let rates: usize = if view.axis == crate::stats::Axis::LearningRate { view.labels().len() } else { most };
    let rates = match (fewest, rates) {
        (_, 1) => "one learning rate each".into(),
        (a, b) if a == b => format!("{b} learning rates each"),
        (a, b) if view.axis != crate::stats::Axis::LearningRate => format!("{a} to {b} learning rates each"),
        (_, b) => format!("{b} learning rates"),
    };
    let seeds = trials.iter().map(|t| t.seed).collect::<BTreeSet<_>>().len();
    let lost = trials.iter().filter(|t| !usable(t)).count();
    let failed = trials.iter().filter(|t| t.outcome == "failed").count();
    let seeds = if seeds == 1 { "one seed".into() } else { format!("{seeds} seeds") };
    let all = [count(&|t| &t.problem, "problem"), count(&|t| &t.optimizer, "optimizer"), rates, seeds].join(", ");
    let protocol = view.ask.protocol.as_ref().map_or(String::new(), |p| format!(" {}", p.words()));
    format!("{} trials: {all}. {} diverged, {failed} failed.{protocol}", trials.len(), lost - failed)
}

/// How to read the table, for whoever meets one for the first time.
const HOW: &str = "A learning rate is chosen by the mean validation loss at the end of the budget, over the seeds of the \
                   search; what is reported is measured on test data that chose nothing. `±` or `[ ]` is the 95 % interval \
                   of the mean over the seeds (Student's t; from 20 seeds on the studentised bootstrap). A verdict is on the \
                   difference to the best, seed by seed: a tie if its 90 % interval lies within the equivalence bound, lower \
                   or higher if Holm's p-value over all comparisons of the problem is below 5 %, else unresolved, with the \
                   number of further seeds that would tell in four of five cases.";
