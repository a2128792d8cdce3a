//! The report as one HTML page that needs no other file and no network. Everything is there without its script, which
//! sorts and filters tables.

use super::{Content, Section};
use crate::findings::Finding;
use crate::plot::Plot;
use crate::table::{Source, escape};

pub(crate) const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// The page; `above` is HTML that stands over everything else.
pub(super) fn page(c: &Content, above: &str) -> String {
    let claim = c.claim.as_ref().map(|claim| format!("<blockquote>Claim: {}</blockquote>\n", escape(claim)));
    let remark = c.remark.as_ref().map(|remark| format!("<p>{}</p>\n", escape(remark)));
    let answer: Vec<String> = c.answer.iter().map(|sentence| escape(sentence)).collect();
    let findings: String = c.findings.iter().map(finding).collect();
    let titles = ["Findings"].into_iter().chain(c.sections.iter().map(|s| s.title)).chain(["Run it again"]);
    let contents: String = titles.map(|t| format!("<li><a href=\"#{}\">{t}</a></li>\n", id(t))).collect();
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">To the answer</a>\n{above}<main id=\"main\">\n<h1>{title}</h1>\n{claim}\
         <p class=\"answer\">{answer}</p>\n{remark}<nav aria-label=\"Contents\"><ul>\n{contents}</ul></nav>\n\
         <h2 id=\"findings\">Findings</h2>\n<ul>\n{findings}</ul>\n<p class=\"quiet\">{what}</p>\n",
        title = escape(&c.title),
        claim = claim.unwrap_or_default(),
        answer = answer.join(" "),
        remark = remark.unwrap_or_default(),
        what = escape(&c.what),
    );
    // Piece by piece: tables of a million trials name each of them.
    c.sections.iter().for_each(|s| section(&mut page, s, &c.all));
    let command = escape(&c.command);
    page += &format!(
        "<h2 id=\"run-it-again\">Run it again</h2>\n<pre>{command}</pre>\n</main>\n<script>\n{SCRIPT}</script>\n\
         </body>\n</html>\n"
    );
    page
}

fn finding(f: &Finding) -> String {
    let about = f.about.as_ref().map(|about| format!("<b>{}</b>: ", escape(about))).unwrap_or_default();
    let more: String = f.more.iter().map(|line| format!("<li>{}</li>\n", escape(line))).collect();
    let more = if more.is_empty() { more } else { format!("\n<ul class=\"quiet\">\n{more}</ul>\n") };
    format!("<li>{about}{}{more}{}</li>\n", escape(&f.text), f.source.html())
}

fn section(page: &mut String, s: &Section, all: &Source) {
    let words: String = s.words.iter().map(|w| format!("<p>{}</p>\n", escape(w))).collect();
    *page += &format!("<h2 id=\"{}\">{}</h2>\n{words}", id(s.title), s.title);
    for (title, table) in &s.tables {
        *page += &format!("<div class=\"table\" role=\"region\" aria-label=\"{title}\" tabindex=\"0\">\n");
        table.html(page, title);
        *page += "</div>\n";
    }
    page.extend(s.plots.iter().map(|plot| figure(plot, all)));
}

fn figure(p: &Plot, all: &Source) -> String {
    let (title, caption) = (escape(&p.title), escape(&p.caption));
    // On narrow pages the words in the picture are small.
    format!(
        "<figure role=\"img\" aria-label=\"{title}: {caption}\">\n{}<figcaption>{title}: {caption}</figcaption>\n</figure>\n{}\n",
        p.svg,
        all.html()
    )
}

/// A title as an anchor.
fn id(title: &str) -> String {
    title.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}
