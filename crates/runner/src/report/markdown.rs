//! The report as `README.md`.

use super::{Content, HOW};
use crate::findings::Finding;

pub(super) fn page(c: &Content) -> String {
    let claim = c.claim.as_ref().map(|claim| format!("> Claim: {claim}\n\n")).unwrap_or_default();
    let tables = c.tables.iter().map(|(title, table)| format!("## {title}\n\n{}\n", table.markdown()));
    let tables: String = tables.collect();
    let figures = c.plots.iter().map(|p| format!("![{}](plots/{}.svg)\n\n", p.title, p.name));
    let figures: String = figures.collect();
    format!(
        "<!-- Made by `downhill report` from the files beside it. Do not edit. -->\n\n\
         # {}\n\n{claim}## Findings\n\n{}\n{}\n\n{tables}{HOW}\n\n## Figures\n\n{figures}## Run it again\n\n\
         ```sh\n{}\n```\n\n\
         [study.toml](study.toml) is the study as it was run, [trials.csv](trials.csv) has a row a trial, \
         [curves.csv](curves.csv) a row a recorded point.\n",
        c.title,
        list(&c.findings),
        c.what,
        c.command,
    )
}

/// Findings as a list, with all their lines.
pub(crate) fn list(findings: &[Finding]) -> String {
    let more = |f: &Finding| f.more.iter().map(|line| format!("  - {line}\n")).collect::<String>();
    findings.iter().map(|f| headline(f) + &more(f)).collect()
}

/// The first line of a finding.
pub(crate) fn headline(f: &Finding) -> String {
    match &f.about {
        Some(about) => format!("- **{about}**: {}\n", f.text),
        None => format!("- {}\n", f.text),
    }
}
