//! The report of one study: `README.md`, `plots/*.svg` and `report.html`, all of them functions of its files. One
//! content, two renderings.

mod html;
mod markdown;

pub(crate) use html::STYLE;
pub(crate) use markdown::{headline, list};

use crate::across::{Across, agreement};
use crate::expect::{Expectation, Outcome};
use crate::findings::{Finding, findings};
use crate::import::Imported;
use crate::lab::Lab;
use crate::plot::{self, Plot};
use crate::published;
use crate::stats::{Axis, Compared, Group, Verdict, mean_ranks, usable};
use crate::store::{Results, found, write_atomically};
use crate::table::{self, Source, Table, plain, significant};
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
    remark: Option<String>,
    /// What is known, how well, and what speaks against it: three sentences.
    answer: Vec<String>,
    findings: Vec<Finding>,
    /// Where figures come from.
    all: Source,
    /// What was run, in a sentence.
    what: String,
    sections: Vec<Section>,
    /// The names of the files with a row a trial and a row a point.
    tables: [String; 2],
    /// The command that runs it again.
    command: String,
}

/// A part of a report under its own heading.
struct Section {
    title: &'static str,
    words: Vec<String>,
    tables: Vec<(&'static str, Table)>,
    plots: Vec<Plot>,
}

impl Section {
    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.tables.is_empty() && self.plots.is_empty()
    }
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
            texts.push((results.dir.join("report.html"), html::page(&content, "")));
        }
        let drawn = content.sections.into_iter().flat_map(|s| s.plots);
        texts.extend(drawn.map(|p| (plots.join(p.name).with_extension("svg"), p.svg)));
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

/// `report.html` of results that may still grow, below a piece of HTML.
///
/// # Errors
/// As [`Pages::of`].
pub(crate) fn page(results: &Results, above: &str, lab: &Lab) -> Result<String> {
    Ok(html::page(&Content::new(&View::new(results, lab)?)?, above))
}

impl Content {
    fn new(view: &View) -> Result<Self> {
        let study = &view.results.study;
        Ok(Content {
            title: if study.question.is_empty() { study.name.clone() } else { study.question.clone() },
            claim: view.ask.claim.clone(),
            remark: view.ask.remark.clone(),
            answer: answer(view),
            findings: findings(view),
            all: view.source([].into_iter()),
            what: what(view),
            sections: sections(view)?,
            tables: ["trials.csv", "curves.csv"].map(|name| {
                let path = found(&view.results.dir.join(name));
                path.file_name().unwrap_or_default().to_string_lossy().into_owned()
            }),
            command: match &view.ask.imported {
                Some(imported) => imported.command(&study.name),
                None => format!("cargo run -p runner -- sweep results/{}/study.toml", study.name),
            },
        })
    }
}

/// What was run, and what holds over all problems, as Markdown.
pub(crate) fn overall(view: &View) -> String {
    let table = |(title, table): (&str, Table)| format!("**{title}**\n\n{}\n", table.markdown());
    let tables: String = over_all(view).into_iter().map(table).collect();
    let words: String =
        overall_words(view).iter().map(|words| format!("{}\n\n", crate::table::literal(words))).collect();
    format!("{}\n\n{tables}{words}", crate::table::literal(&what(view)))
}

/// The tables over all problems.
fn over_all(view: &View) -> Vec<(&'static str, Table)> {
    let of = |across: &Across| {
        let kin = across.by_cluster().map(|table| ("Mean ranks in each family of problems", table));
        [(across.title(), across.table(view))].into_iter().chain(kin).collect::<Vec<_>>()
    };
    view.across().iter().flat_map(of).collect()
}

/// How to read them: said once, and what differs from set to set.
fn overall_words(view: &View) -> Vec<String> {
    let across = view.across();
    let legend = (!across.is_empty()).then(|| Across::legend(view));
    legend.into_iter().chain(across.iter().filter_map(Across::words)).chain(agreement(across)).collect()
}

/// The parts, in the order in which questions come up; none is empty.
fn sections(view: &View) -> Result<Vec<Section>> {
    let mut plots = plot::all(view)?;
    let mut drawn = |names: &[&str]| {
        let (wanted, rest) = std::mem::take(&mut plots).into_iter().partition(|p| names.contains(&p.name));
        plots = rest;
        wanted
    };
    let some = |named: &[(&'static str, Option<Table>)]| {
        named.iter().filter_map(|(title, table)| Some((*title, table.clone()?))).collect::<Vec<_>>()
    };
    let section = |title, words, tables, plots| Section { title, words, tables, plots };
    let each = |table: fn(&View) -> Option<Table>| (!view.many()).then(|| table(view)).flatten();
    let sections = vec![
        section(
            "Against what was published",
            published::sentence(view).into_iter().collect(),
            some(&[("Published numbers and ours", published::compared(view))]),
            Vec::new(),
        ),
        section("Verdicts", how(view), some(&[("The study's table", Some(tables::study(view)))]), drawn(&["heat"])),
        section(
            "Over all problems",
            overall_words(view),
            over_all(view),
            drawn(&["reached", "profile", "ranks", "ranks-held-out"]),
        ),
        section(
            "How wrong the learning rate may be",
            Vec::new(),
            some(&[
                ("The loss over the learning rate, in numbers", tables::slopes(view)),
                ("The best rate and the batch size", each(tables::drift)),
            ]),
            drawn(&["rates", "each"]),
        ),
        section(
            "On the way",
            Vec::new(),
            some(&[("Which minimum was reached", each(tables::minima)), ("Step by step", each(tables::worked))]),
            drawn(&["loss", "metric", "paths", "steps"]),
        ),
        section(
            "Overfitting",
            Vec::new(),
            some(&[("Training against test data, at the chosen rates", each(tables::overfitting))]),
            drawn(&["gap"]),
        ),
        section(
            "What went wrong",
            Vec::new(),
            some(&[
                ("What the curves at the chosen rates show", each(tables::causes)),
                ("Trials that were lost", tables::lost(view)),
            ]),
            Vec::new(),
        ),
        section("Cost", Vec::new(), some(&[("What a training costs", each(tables::cost))]), Vec::new()),
        section(
            "What tuning buys",
            Vec::new(),
            some(&[("The expected best validation loss of k candidates", each(tables::budget))]),
            drawn(&["budget"]),
        ),
        section("What speaks against it", threats(view), Vec::new(), Vec::new()),
    ];
    Ok(sections.into_iter().filter(|s| !s.is_empty()).collect())
}

/// Who leads, how certain that is, and what speaks most against it.
fn answer(view: &View) -> Vec<String> {
    let groups: Vec<&Group> = view.groups.iter().filter(|g| g.leader().is_some()).collect();
    let judged = view.judged();
    let ranks = mean_ranks(&judged);
    let lead = match (&groups[..], &ranks[..]) {
        _ if !view.ask.expect.is_empty() => expected(view),
        ([], _) => "Every trial diverged or failed.".to_owned(),
        (_, [(first, rank), (second, next), ..]) if view.axis == Axis::Optimizer => format!(
            "Over {} {}problems {first} has the lowest mean rank by test loss ({rank:.1}), before {second} ({next:.1}).",
            judged.len(),
            if view.sets().len() > 1 { "held-out " } else { "" },
        ),
        ([group, ..], _) => {
            let best = group.leader().map(|i| &group.members[i]);
            let rate = best.and_then(|m| m.best()).filter(|_| view.axis != Axis::LearningRate);
            let at = rate.map_or(String::new(), |c| format!(" at learning rate {}", plain(c.lr)));
            let label = best.map_or("", |m| m.label.as_str());
            format!("On {} {label}{at} is ahead.", group.title())
        }
    };
    let all: Vec<&Compared> = groups.iter().flat_map(|g| view.against_the_leader(g)).flatten().collect();
    let count = |is: fn(&Verdict) -> bool| all.iter().filter(|c| is(&c.verdict)).count();
    let ties = count(|v| *v == Verdict::Tie);
    let open = count(|v| matches!(v, Verdict::Unresolved { .. }));
    let n = groups.iter().filter_map(|g| Some(g.members[g.leader()?].best()?.trials.len())).min().unwrap_or(0);
    let certain = match all.len() {
        0 => format!("Nothing is told apart: n = {n}."),
        total => format!(
            "Of {total} comparisons with the best of a problem, {} resolved, {ties} tied within {} %, {open} open (n = {n} \
             seeds, Holm's p < 5 %).",
            total - ties - open,
            plain(100.0 * view.ask.equivalence)
        ),
    };
    let against =
        threats(view).into_iter().next().unwrap_or_else(|| "Nothing that the files show speaks against it.".into());
    vec![lead, certain, against]
}

/// What became of the study's claim.
fn expected(view: &View) -> String {
    let held = |e: &&Expectation| Outcome::of(e, view).held();
    let (held, rest): (Vec<&Expectation>, Vec<&Expectation>) = view.ask.expect.iter().partition(held);
    let words = |these: &[&Expectation]| these.iter().map(|e| e.words()).collect::<Vec<_>>().join(", ");
    match (&held[..], &rest[..]) {
        (all, []) => format!("All that was expected held: {}.", words(all)),
        ([], none) => format!("Nothing that was expected held throughout: {}.", words(none)),
        (some, rest) => format!("Held throughout: {}; not so or open: {}.", words(some), words(rest)),
    }
}

/// What limits these results, as far as files show: the gravest first.
fn threats(view: &View) -> Vec<String> {
    let mut said: Vec<String> = view.ask.imported.iter().flat_map(Imported::threats).collect();
    let members = || view.groups.iter().flat_map(|g| &g.members);
    let edges = members().filter(|m| m.edge().is_some()).count();
    let all = members().count();
    if edges > 0 && view.axis != Axis::LearningRate {
        said.push(format!(
            "The best learning rate of {edges} of {all} lies on the edge of its grid: a better one may lie beyond."
        ));
    }
    match &view.ask.protocol {
        None if members()
            .any(|m| m.grid.len() > 1 && m.shown().is_some_and(|c| c.trials.iter().any(|t| t.searches()))) =>
        {
            said.push(
                "The seeds that chose the learning rates are the ones reported, on test data: that flatters a little."
                    .into(),
            )
        }
        Some(protocol) if protocol.confirm == 0 => {
            said.push("The seeds that chose are the ones reported, on test data: that flatters a little.".into());
        }
        _ => {}
    }
    let n = members().filter_map(|m| Some(m.shown()?.trials.len())).min().unwrap_or(0);
    if n < 10 {
        let effect = downhill_stats::detectable(n, 0.05, 0.8, downhill_stats::Design::Paired);
        said.push(if effect.is_finite() {
            format!(
                "With {n} seeds only differences of {} standard deviations are seen in four of five cases.",
                significant(effect, 2)
            )
        } else {
            "With one seed nothing is told from chance, where there is any.".into()
        });
    }
    let toys: Vec<String> = view.groups.iter().filter(|g| g.toy()).map(Group::title).collect();
    if !toys.is_empty() {
        said.push(format!("So few examples that a handful decides: {}.", toys.join(", ")));
    }
    let moves = view.across().iter().map(Across::moves);
    let (out, relaxed) = moves.fold((0, 0), |most, moves| (most.0.max(moves.0), most.1.max(moves.1)));
    if out > 2 {
        said.push(format!("The ranking is not steady: leaving one problem out moves an optimizer by {out} places."));
    }
    if relaxed > 2 {
        said.push(format!("The ranking is not steady: targets easier by 2 % move an optimizer by {relaxed} places."));
    }
    if view.groups.len() == 1 {
        said.push("One problem: on another, another may be ahead.".into());
    }
    said
}

/// What was run, in a sentence.
fn what(view: &View) -> String {
    let trials = &view.results.trials;
    let count = |of: &dyn Fn(&crate::rows::TrialRow) -> &str, one: &str| {
        table::count(trials.iter().map(of).collect::<BTreeSet<_>>().len(), one)
    };
    let rates = view.groups.iter().flat_map(|g| &g.members).map(|m| m.grid.len());
    let (fewest, most) = rates.clone().fold((usize::MAX, 0), |(a, b), n| (a.min(n), b.max(n)));
    let rates: usize = if view.axis == Axis::LearningRate { view.labels().len() } else { most };
    let rates = match (fewest, rates) {
        (_, 1) => "one learning rate each".into(),
        (a, b) if a == b => format!("{b} learning rates each"),
        (a, b) if view.axis != Axis::LearningRate => format!("{a} to {b} learning rates each"),
        (_, b) => format!("{b} learning rates"),
    };
    let seeds = trials.iter().map(|t| t.seed).collect::<BTreeSet<_>>().len();
    let lost = trials.iter().filter(|t| !usable(t)).count();
    let failed = trials.iter().filter(|t| t.outcome == "failed").count();
    let seeds = if seeds == 1 { "one seed".into() } else { format!("{seeds} seeds") };
    let all = [count(&|t| &t.problem, "problem"), count(&|t| &t.optimizer, "optimizer"), rates, seeds].join(", ");
    let protocol = view.ask.protocol.as_ref().map_or(String::new(), |p| format!(" {}", p.words()));
    let missing = view.results.study.missing.as_ref().map_or(String::new(), |m| format!(" Missing so far are {m}."));
    format!("{} trials: {all}. {} diverged, {failed} failed.{missing}{protocol}", trials.len(), lost - failed)
}

/// How the table came about, and what is otherwise in imported results.
fn how(view: &View) -> Vec<String> {
    const UNPAIRED: &str = "These runs were imported: optimizers are compared sample against sample, not seed by seed.";
    let imported = view.ask.imported.iter().flat_map(|i| [vec![UNPAIRED.to_owned()], i.threats()].concat());
    let chosen = view.ask.choose.as_ref().map(|column| {
        format!(
            "In this study learning rates are chosen by the mean {}, as the claim is about that.",
            column.replace('_', " ")
        )
    });
    std::iter::once(HOW.to_owned()).chain(chosen).chain(imported).collect()
}

/// How to read the table, for whoever meets one for the first time.
const HOW: &str = "A learning rate is chosen by the mean validation loss at the end of the budget, over the seeds of the \
                   search; what is reported is measured on test data that chose nothing. ± or [ ] is the 95 % interval \
                   of the mean over the seeds (Student's t; from 20 seeds on the studentised bootstrap). A verdict is on the \
                   difference to the best by validation (the reference), seed by seed: a tie if its 90 % interval lies within the equivalence bound, lower \
                   or higher if Holm's p-value over all comparisons of the problem is below 5 %, else unresolved, with the \
                   number of further seeds that would tell in four of five cases.";
