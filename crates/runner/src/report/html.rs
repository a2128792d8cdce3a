//! The report as one HTML page that needs no other file and no network.

use super::{Content, HOW};
use crate::findings::Finding;
use crate::table::escape;

const STYLE: &str = "\
:root { color-scheme: light dark; --ground: #fff; --text: #1c1c1c; --quiet: #666; --line: #ddd; --stripe: #f6f7f8; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #16181b; --text: #e4e4e4; --quiet: #a0a0a0; --line: #3a3d42; --stripe: #1e2125; }
}
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
blockquote { margin: 1rem 0; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--quiet); }
li { margin: .4rem 0; }
.table { overflow-x: auto; } table { border-collapse: collapse; font-size: .85rem; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
th { border-bottom-width: 2px; } tbody tr:nth-child(even) { background: var(--stripe); }
.n { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1.5rem 0; } figure svg { width: 100%; height: auto; background: #fff; border-radius: 4px; }
.quiet { color: var(--quiet); font-size: .9rem; } pre { overflow-x: auto; padding: .8rem; background: var(--stripe); }
@media print { body { max-width: none; margin: 0; } figure, tr { break-inside: avoid; } }
";

pub(super) fn page(c: &Content) -> String {
    let claim = c.claim.as_ref().map(|claim| format!("<blockquote>Claim: {}</blockquote>\n", escape(claim)));
    let finding = |f: &Finding| {
        let about = f.about.as_ref().map(|about| format!("<b>{}</b>: ", escape(about))).unwrap_or_default();
        let more: String = f.more.iter().map(|line| format!("<li>{}</li>\n", escape(line))).collect();
        let more = if more.is_empty() { more } else { format!("\n<ul class=\"quiet\">\n{more}</ul>\n") };
        format!("<li>{about}{}{more}</li>\n", escape(&f.text))
    };
    let findings: String = c.findings.iter().map(finding).collect();
    let tables =
        c.tables.iter().map(|(t, table)| format!("<h2>{t}</h2>\n<div class=\"table\">\n{}</div>\n", table.html()));
    let tables: String = tables.collect();
    let figures = c.plots.iter().map(|p| {
        format!(
            "<figure role=\"img\" aria-label=\"{}: {}\">\n{}</figure>\n",
            escape(&p.title),
            escape(&p.caption),
            p.svg
        )
    });
    let figures: String = figures.collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{claim}<ul>\n{findings}</ul>\n\
         <p class=\"quiet\">{what}</p>\n{tables}<p class=\"quiet\">{how}</p>\n<h2>Figures</h2>\n{figures}\
         <h2>Run it again</h2>\n<pre>{command}</pre>\n</body>\n</html>\n",
        title = escape(&c.title),
        claim = claim.unwrap_or_default(),
        what = escape(&c.what),
        how = escape(&HOW.replace('`', "")),
        command = escape(&c.command),
    )
}
