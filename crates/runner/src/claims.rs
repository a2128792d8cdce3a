//! Claims of others, and what became of them: a row a study.

use crate::expect::{Expectation, Outcome};
use crate::lab::Lab;
use crate::store::Results;
use crate::table::literal;
use crate::view::View;
use anyhow::Result;
use std::path::PathBuf;

/// More problems than this are counted, not told one by one.
const TOLD: usize = 4;

/// The studies in these folders that check a claim, as a Markdown table: the claim, what was expected of it with what was
/// found, and whether it held. Links are to the folders' own names.
///
/// # Errors
/// If results cannot be read.
pub fn markdown(folders: &[PathBuf], lab: &Lab) -> Result<String> {
    let mut rows = String::from("| study | claim | found | held |\n|---|---|---|---|\n");
    for folder in folders {
        let results = Results::read(folder)?;
        let view = View::new(&results, lab)?;
        if let (Some(claim), false) = (&view.ask.claim, view.ask.expect.is_empty()) {
            rows.push_str(&row(&view, claim));
        }
    }
    Ok(rows)
}

fn row(view: &View, claim: &str) -> String {
    let outcomes: Vec<(&Expectation, Outcome)> = view.ask.expect.iter().map(|e| (e, Outcome::of(e, view))).collect();
    let found: Vec<String> = outcomes.iter().map(|(e, outcome)| told(e, outcome, view.ask.equivalence)).collect();
    let remark = view.ask.remark.as_ref().map(|remark| format!("<br>{}", cell(remark))).unwrap_or_default();
    let name = &view.results.study.name;
    let last = name.rsplit('/').next().unwrap_or(name);
    format!(
        "| [{last}]({last}/README.md)<br>`downhill sweep experiments/{name}.toml` | {} | {}{remark} | {} |\n",
        cell(claim),
        found.join("<br>"),
        verdict(&outcomes.iter().map(|(_, outcome)| outcome).collect::<Vec<_>>())
    )
}

/// An expectation with its differences, or how often it held where there are many.
fn told(expectation: &Expectation, outcome: &Outcome, equivalence: f64) -> String {
    match outcome.told.len() {
        1..=TOLD => format!("`{}`: {}.", expectation.words(), cell(&outcome.told.join("; "))),
        _ => cell(outcome.sentence(expectation, equivalence).trim_start_matches("Expected ")),
    }
}

/// In a word or two, over all that a claim means.
fn verdict(outcomes: &[&Outcome]) -> String {
    let held = outcomes.iter().filter(|outcome| outcome.held()).count();
    let failed = outcomes.iter().filter(|outcome| !outcome.groups[1].is_empty()).count();
    match outcomes.len() {
        all if held == all => "**held**".into(),
        all if failed == 0 => format!("open in {} of {all}", all - held),
        _ if held == 0 => "**did not hold**".into(),
        all => format!("**in part**: {held} of {all}"),
    }
}

/// As text in a cell of a table.
fn cell(text: &str) -> String {
    literal(text).replace('|', "\\|").replace('\n', " ")
}
