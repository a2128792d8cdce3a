//! What can be seen of `report.html` without a browser: its size, its structure, and that nothing from data or names is
//! ever taken for markup.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Place, SMALL, synthetic};
use std::collections::HashSet;
use std::process::Command;

/// The tags of a page, with their attributes as they stand.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').skip(1).filter_map(|rest| rest.split('>').next())
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()
}

/// What a screen reader and a reader without a network rely on.
fn check(page: &str) {
    let bare = without_code(page);
    let all: Vec<&str> = tags(&bare).collect();
    let ids: Vec<&str> = all.iter().filter_map(|t| attribute(t, "id")).collect();
    let known: HashSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), known.len(), "an id stands twice: {ids:?}");
    for link in all.iter().filter_map(|t| attribute(t, "href")).filter(|h| *h != "data:,") {
        assert!(link.strip_prefix('#').is_some_and(|id| known.contains(id)), "{link} leads nowhere");
    }
    for name in ["aria-labelledby", "aria-describedby", "for"] {
        all.iter().filter_map(|t| attribute(t, name)).for_each(|id| assert!(known.contains(id), "{name} {id}"));
    }
    let levels: Vec<u8> = all
        .iter()
        .filter(|t| t.len() >= 2 && t.starts_with('h'))
        .filter_map(|t| {
            let level = t.as_bytes()[1];
            (level.is_ascii_digit() && t[2..].chars().next().is_none_or(|c| c == ' ')).then_some(level - b'0')
        })
        .collect();
    assert_eq!(levels.iter().filter(|&&l| l == 1).count(), 1, "one heading above all: {levels:?}");
    assert!(levels.len() > 3 && levels[0] == 1 && levels.windows(2).all(|w| w[1] <= w[0] + 1), "{levels:?}");
    // Of the namespace alone, nothing is loaded from it.
    for tag in all.iter().filter(|t| !t.starts_with("svg ")) {
        assert!(!tag.contains("http:") && !tag.contains("https:") && !tag.contains("javascript:"), "{tag}");
    }
    assert!(!page.contains("@import") && !page.contains("url("), "a style that loads something");
    let tables: Vec<&str> = bare.split("<table>").skip(1).map(|t| t.split("</table>").next().unwrap()).collect();
    assert!(!tables.is_empty());
    for table in tables {
        assert!(table.trim_start().starts_with("<caption>") && !table.contains("<caption></caption>"), "{table:.200}");
        let heads: Vec<&str> = tags(table).filter(|t| *t == "th" || t.starts_with("th ")).collect();
        assert!(heads.len() > 1 && heads.iter().all(|t| attribute(t, "scope").is_some()), "{heads:?}");
        let body = table.split("<tbody>").nth(1).unwrap();
        let columns = tags(table.split("</thead>").next().unwrap()).filter(|t| t.starts_with("th ")).count();
        for row in body.split("<tr>").skip(1) {
            let cells = tags(row).filter(|t| ["td", "th"].contains(&t.split(' ').next().unwrap())).count();
            assert_eq!(cells, columns, "{row:.200}");
        }
    }
    let figures: Vec<&str> = bare.split("<figure").skip(1).map(|f| f.split("</figure>").next().unwrap()).collect();
    for figure in &figures {
        assert!(attribute(&format!("figure{}", figure.split('>').next().unwrap()), "aria-label").unwrap().len() > 10);
        assert!(
            figure.matches("<text").count() > 3
                && figure.matches("<polyline").count() + figure.matches("<rect").count() > 3,
            "{figure:.200}"
        );
    }
    assert!(!figures.is_empty());
}

/// Without style and script, whose signs are no markup.
fn without_code(page: &str) -> String {
    let mut text = page.to_owned();
    for (from, to) in [("<style>", "</style>"), ("<script>", "</script>")] {
        while let Some(start) = text.find(from) {
            let end = start + text[start..].find(to).unwrap() + to.len();
            text.replace_range(start..end, "");
        }
    }
    text
}

#[test]
fn a_report_is_well_formed() {
    let place = Place::new();
    place.write("small.toml", SMALL);
    place.run("sweep small.toml --quiet").expect(0, &[]);
    check(&place.read("results/small/report.html"));
    place.write("tuned.toml", SMALL.replace("[[optimizer]]", "[protocol]\n[[optimizer]]"));
    place.run("sweep tuned.toml --quiet").expect(0, &[]);
    check(&place.read("results/tuned/report.html"));
}

/// 10,000 trials; figures and tables grow with what is compared, not with trials.
#[test]
fn a_large_study_has_a_small_report() {
    let place = Place::new();
    assert_eq!(synthetic::write(&place, "results/large", synthetic::LARGE), 10_000);
    place.run("report results/large").expect(0, &[]);
    let page = place.read("results/large/report.html");
    check(&page);
    assert!(
        page.contains("10000 trials: 10 problems, 10 optimizers, 10 learning rates each, 10 seeds"),
        "{page:.3000}"
    );
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    let row = |p: &str| page.contains(&format!("<td>{p}</td><td>radam</td>"));
    assert!(row("mlp/wine") && row("softmax/letter"));
}

/// Names that are markup in HTML, SVG and Markdown come out as text, wherever a study or a table can carry them.
#[test]
fn hostile_names_are_text() {
    const EVIL: &str =
        "<script>alert(1)</script>\"' onload=x|y`z`](javascript:alert(2))<img src=x>\n# not a heading\n</title>&amp;";
    let place = Place::new();
    place.write("small.toml", SMALL);
    place.run("sweep small.toml --quiet").expect(0, &[]);
    let quoted = toml_text(EVIL);
    let study = place
        .read("results/small/study.toml")
        .replace("question = \"Does it run?\"", &format!("question = {quoted}\nclaim = {quoted}"));
    place.write("results/small/study.toml", study);
    let path = place.path("results/small/trials.csv");
    let mut rows: Vec<runner::rows::TrialRow> = runner::store::read_csv(&path).unwrap();
    let last = rows.len() - 1;
    rows[last].outcome = "failed".into();
    for row in &mut rows {
        row.reason = EVIL.into();
        row.problem = EVIL.into();
        row.optimizer = EVIL.into();
        row.arm = if row.seed < 2 { EVIL.into() } else { "".into() };
        row.key = format!("{}{EVIL}", row.key).into();
        let mut spec: serde_json::Value = row.spec.parse().unwrap();
        spec["problem"]["name"] = EVIL.into();
        row.spec = spec.to_string().as_str().into();
    }
    runner::store::write_csv(&path, &rows).unwrap();
    place.run("report results/small").expect(0, &[]);
    let page = place.read("results/small/report.html");
    check(&page);
    let shown = without_code(&page);
    for evil in ["<script", "<img", "onload=x\""] {
        assert!(!shown.contains(evil), "{evil} in the page");
    }
    assert!(shown.contains("&lt;script&gt;alert(1)"), "it is shown, as text");
    // A shell that the command under a row is pasted into takes each key for one word.
    let command =
        page.split("<pre>downhill ").find(|rest| rest.starts_with("again ")).unwrap().split("</pre>").next().unwrap();
    let command = command.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    let shell = Command::new("sh").arg("-c").arg(format!("printf '%s\\0' {command}")).output().unwrap();
    let words = String::from_utf8(shell.stdout).unwrap();
    let words: Vec<&str> = words.split_terminator('\0').collect();
    assert_eq!(words[..2], ["again", "results/small"]);
    assert!(words.len() > 2 && words[2..].iter().all(|word| rows.iter().any(|row| row.key == *word)), "{words:?}");
    let readme = place.read("results/small/README.md");
    for evil in ["<script", "<img", "](javascript:", "\n# not a heading", "</title>"] {
        assert!(!readme.contains(evil), "{evil} in README.md:\n{readme}");
    }
    assert_eq!(readme.lines().filter(|l| l.starts_with("# ")).count(), 1);
    let widths = readme.lines().filter(|l| l.starts_with("| ")).map(|l| l.replace("\\|", "").matches('|').count());
    assert!(widths.clone().all(|w| w > 2), "{readme}");
    for entry in std::fs::read_dir(place.path("results/small/plots")).unwrap() {
        let svg = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!svg.contains("<script") && !svg.contains("<img"), "{svg:.500}");
        assert_eq!(svg.matches("<svg").count(), 1);
    }
}

fn toml_text(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}
