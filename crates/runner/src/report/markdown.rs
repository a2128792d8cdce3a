//! The report as `README.md`.

use super::{Content, Section};
use crate::findings::Finding;
use crate::table::Table;

pub(super) fn page(c: &Content) -> String {
    let claim = c.claim.as_ref().map(|claim| format!("> Claim: {}\n\n", inert(claim))).unwrap_or_default();
    let section = |s: &Section| {
        let words: String = s.words.iter().map(|w| format!("{}\n\n", inert(w))).collect();
        let table = |(title, table): &(&str, Table)| {
            // Times are another machine's tomorrow; this page is the same there.
            format!("**{title}**\n\n{}\n", inert(&table.without("step_us").markdown()))
        };
        let tables: String = s.tables.iter().map(table).collect();
        let figures: String = s.plots.iter().map(|p| format!("![{}](plots/{}.svg)\n\n", p.title, p.name)).collect();
        format!("## {}\n\n{tables}{words}{figures}", s.title)
    };
    let sections: String = c.sections.iter().map(section).collect();
    format!(
        "<!-- Made by `downhill report` from the files beside it. Do not edit. -->\n\n\
         # {}\n\n{claim}{}\n\n## Findings\n\n{}\n{}\n\n{sections}## Run it again\n\n\
         ```sh\n{}\n```\n\n\
         [study.toml](study.toml) is the study as it was run, [trials.csv](trials.csv) has a row a trial, \
         [curves.csv](curves.csv) a row a recorded point.\n",
        inert(&c.title),
        inert(&c.answer.join(" ")),
        list(&c.findings),
        inert(&c.what),
        c.command,
    )
}

/// Findings as a list, with all their lines.
pub(crate) fn list(findings: &[Finding]) -> String {
    let more = |f: &Finding| f.more.iter().map(|line| format!("  - {line}\n")).collect::<String>();
    inert(&findings.iter().map(|f| headline(f) + &more(f)).collect::<String>())
}

/// The first line of a finding.
pub(crate) fn headline(f: &Finding) -> String {
    match &f.about {
        Some(about) => format!("- **{about}**: {}\n", f.text),
        None => format!("- {}\n", f.text),
    }
}

/// Text from data without what Markdown takes for a tag, a link or a picture.
fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match (c, letters.peek()) {
            ('<', Some(next)) if next.is_ascii_alphabetic() || "/!?".contains(*next) => out.push_str("&lt;"),
            (']', Some('(')) => out.push_str("]\\"),
            _ => out.push(c),
        }
    }
    out
}
