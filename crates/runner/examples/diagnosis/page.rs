//! The page: confusion matrices, shares that are right, and every case that is not.

use crate::plant::Case;
use runner::diagnosis::Cause;
use runner::table::plain;

/// The whole page.
pub(crate) fn page(cases: &[Case]) -> String {
    let mut page = String::from(
        "<!-- Made by `cargo run -p runner --no-default-features --example diagnosis`. Do not edit. -->\n\n\
         # Is the named cause the right one?\n\n",
    );
    for seen in [false, true] {
        let of: Vec<&Case> = cases.iter().filter(|c| c.seen == seen).collect();
        if of.is_empty() {
            continue;
        }
        let title = if seen { "Problems on which thresholds were set" } else { "Problems that were held out" };
        let mut names: Vec<&str> = of.iter().map(|c| c.problem.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        page.push_str(&format!(
            "## {title}\n\n{}. With no best loss known of the problem: {}. {}.\n\n",
            share(of.iter().filter(|c| c.planted == c.found).count(), of.len()),
            share(of.iter().filter(|c| c.planted == c.alone).count(), of.len()),
            names.join(", ")
        ));
        page.push_str(&confusion(&of));
    }
    page.push_str(
        "## What was taken for something else\n\n| problem | optimizer | lr | seed | planted | found | evidence |\n\
         |---|---|---:|---:|---|---|---|\n",
    );
    for c in cases.iter().filter(|c| c.planted != c.found) {
        page.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            c.problem,
            c.optimizer,
            plain(c.lr),
            c.seed,
            c.planted,
            c.found,
            c.evidence
        ));
    }
    page
}

/// With Wilson's interval.
fn share(right: usize, of: usize) -> String {
    let (low, high) = runner::stats::wilson(right, of);
    let percent = 100.0 * right as f64 / of as f64;
    format!("{right} of {of} are right: {percent:.1} % [{:.1}, {:.1}]", 100.0 * low, 100.0 * high)
}

fn confusion(cases: &[&Case]) -> String {
    let words = Cause::ALL.map(Cause::word);
    let mut table = format!("| planted \\ found | {} |\n|---|{}\n", words.join(" | "), "---:|".repeat(words.len()));
    for planted in words {
        let count = |found: &str| cases.iter().filter(|c| c.planted == planted && c.found == found).count();
        let cells: Vec<String> = words
            .map(|found| match count(found) {
                0 => String::new(),
                n => n.to_string(),
            })
            .to_vec();
        table.push_str(&format!("| {planted} | {} |\n", cells.join(" | ")));
    }
    table + "\n"
}
