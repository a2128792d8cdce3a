//! Claims of others, and what became of them: a line a study, and a section each.

use crate::expect::{Expectation, Outcome};
use crate::lab::Lab;
use crate::store::Results;
use crate::table::literal;
use crate::view::View;
use anyhow::Result;
use std::path::PathBuf;

/// The studies in these folders that check a claim, as Markdown: in a table whether it held, below for each the claim, what was
/// expected of it and what was found. Links are to the folders' own names.
///
/// # Errors
/// If results cannot be read.
pub fn markdown(folders: &[PathBuf], lab: &Lab) -> Result<String> {
    let mut rows = String::from("| study | question | its claim |\n|---|---|---|\n");
    let mut sections = String::new();
    for folder in folders {
        let results = Results::read(folder)?;
        let view = View::new(&results, lab)?;
        if let (Some(claim), false) = (&view.ask.claim, view.ask.expect.is_empty()) {
            let outcomes: Vec<(&Expectation, Outcome)> =
                view.ask.expect.iter().map(|e| (e, Outcome::of(e, &view))).collect();
            let study = &results.study;
            let name = study.name.rsplit('/').next().unwrap_or(&study.name);
            let question = literal(&study.question).replace('|', "\\|");
            rows.push_str(&format!("| [{name}](#{name}) | {question} | {} |\n", verdict(&outcomes)));
            sections.push_str(&section(name, &view, claim, &outcomes));
        }
    }
    Ok(rows + &sections)
}

fn section(name: &str, view: &View, claim: &str, outcomes: &[(&Expectation, Outcome)]) -> String {
    let remark = view.ask.remark.as_ref().map(|remark| format!("{}\n\n", literal(remark))).unwrap_or_default();
    let expected: String = outcomes.iter().map(|(e, outcome)| expected(e, outcome)).collect();
    format!(
        "\n## {name}\n\n> {}\n\n{expected}\n{remark}[Its report]({name}/README.md); `downhill sweep experiments/{}.toml`\n",
        literal(claim),
        view.results.study.name
    )
}

/// One expectation: on one problem in a line, on several one below the other.
fn expected(expectation: &Expectation, outcome: &Outcome) -> String {
    let words = expectation.words();
    match &outcome.checked[..] {
        [] => format!("- `{words}`: too few trials\n"),
        [one] => format!("- `{words}`: {}\n", one.words()),
        all => {
            let lines: String = all.iter().map(|c| format!("  - {}: {}\n", literal(&c.title), c.words())).collect();
            format!("- `{words}`, by the difference on each problem:\n{lines}")
        }
    }
}

/// In a word or two, over all that a claim means, on all problems.
fn verdict(outcomes: &[(&Expectation, Outcome)]) -> String {
    let counts = outcomes.iter().map(|(_, outcome)| outcome.counts());
    let [held, failed, open] = counts.fold([0; 3], |sum, n| [0, 1, 2].map(|i| sum[i] + n[i]));
    match (held, failed, open) {
        (1.., 0, 0) => format!("**held**, {held} of {held}"),
        (0, 1.., 0) => format!("**did not hold**, {failed} of {failed}"),
        (1.., 0, _) => format!("**nothing against it**: held {held}, open {open}"),
        (0, 0, _) => format!("open, {open} of {open}"),
        _ => format!("**in part**: held {held}, not held {failed}, open {open}"),
    }
}
