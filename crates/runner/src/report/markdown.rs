//! The report as `README.md`.

use super::{Content, Section};
use crate::findings::Finding;
use crate::table::{Table, literal};

/// Longer tables are in `report.html` alone, where they can be filtered.
const MOST: usize = 400;

pub(super) fn page(c: &Content) -> String {
    let claim = c.claim.as_ref().map(|claim| format!("> Claim: {}\n\n", literal(claim))).unwrap_or_default();
    let remark = c.remark.as_ref().map(|remark| format!("\n\n{}", literal(remark))).unwrap_or_default();
    let section = |s: &Section| {
        let words: String = s.words.iter().map(|w| format!("{}\n\n", literal(w))).collect();
        let table = |(title, table): &(&str, Table)| {
            if table.rows.len() > MOST {
                return format!(
                    "**{title}**: {} rows, in `report.html`, which `downhill report` writes.\n\n",
                    table.rows.len()
                );
            }
            // Times are another machine's tomorrow; this page is the same there.
            format!("**{title}**\n\n{}\n", table.without("step_us").markdown())
        };
        let tables: String = s.tables.iter().map(table).collect();
        let figures: String =
            s.plots.iter().map(|p| format!("![{}](plots/{}.svg)\n\n", literal(&p.title), p.name)).collect();
        format!("## {}\n\n{tables}{words}{figures}", s.title)
    };
    let [trials, curves] = &c.tables;
    let sections: String = c.sections.iter().map(section).collect();
    format!(
        "<!-- Made by `downhill report` from the files beside it. Do not edit. -->\n\n\
         # {}\n\n{claim}{}{remark}\n\n## Findings\n\n{}\n{}\n\n{sections}## Run it again\n\n\
         ```sh\n{}\n```\n\n\
         [study.toml](study.toml) is the study as it was run, [{trials}]({trials}) has a row a trial, \
         [{curves}]({curves}) a row a recorded point.\n",
        literal(&c.title),
        literal(&c.answer.join(" ")),
        list(&c.findings),
        literal(&c.what),
        c.command,
    )
}

/// Findings as a list, with all their lines.
pub(crate) fn list(findings: &[Finding]) -> String {
    let more = |f: &Finding| f.more.iter().map(|line| format!("  - {}\n", literal(line))).collect::<String>();
    findings.iter().map(|f| headline(f) + &more(f)).collect()
}

/// The first line of a finding.
pub(crate) fn headline(f: &Finding) -> String {
    match &f.about {
        Some(about) => format!("- **{}**: {}\n", literal(about), literal(&f.text)),
        None => format!("- {}\n", literal(&f.text)),
    }
}
