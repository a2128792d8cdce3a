//! The report in a real browser: no error on its console, nothing wider than the page, no two labels of a figure over
//! each other, tables that sort and filter. Skipped, loudly, where there is no Chromium.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Place, SMALL};
use std::path::Path;
use std::process::Command;

/// Appended to a copy of the page: what it finds goes into an element that the browser prints.
const PROBE: &str = r#"<script>
const errors = [];
window.addEventListener("error", e => errors.push(e.message));
window.addEventListener("load", () => {
  const found = [];
  if (document.documentElement.scrollWidth > window.innerWidth) found.push("wider than the page: " + document.documentElement.scrollWidth);
  for (const svg of document.querySelectorAll("svg")) {
    const texts = [...svg.querySelectorAll("text")].map(t => [t.textContent, t.getBoundingClientRect()]);
    if (texts.length === 0) found.push("a figure without a label");
    if (svg.querySelectorAll("polyline, circle, rect").length < 5) found.push("an empty figure");
    texts.forEach(([a, p], i) => texts.slice(i + 1).forEach(([b, q]) => {
      const w = Math.min(p.right, q.right) - Math.max(p.left, q.left), h = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
      if (w > 2 && h > 0.5 * Math.min(p.height, q.height)) found.push(`"${a}" over "${b}"`);
    }));
  }
  const table = [...document.querySelectorAll("table")].find(t => t.tBodies[0].rows.length > 2);
  const column = [...table.tHead.rows[0].cells].findIndex(c => c.textContent.includes("test loss"));
  const numbers = () => [...table.tBodies[0].rows].map(r => r.cells[column].dataset.v).filter(v => v).map(Number);
  table.tHead.rows[0].cells[column].querySelector("button").click();
  const up = numbers();
  if (!up.every((x, i) => i === 0 || up[i - 1] <= x)) found.push("not sorted: " + up);
  const out = document.createElement("pre");
  out.id = "probe";
  out.textContent = [...errors.map(e => "error: " + e), ...found].join("\n") || "nothing found";
  document.body.append(out);
});
</script>"#;

fn browser() -> Option<&'static str> {
    let runs = |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|o| o.status.success());
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(runs)
}

fn probe(browser: &str, page: &Path, width: u32) -> String {
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000", "--dump-dom"])
        .args(["--enable-logging=stderr", &format!("--window-size={width},2000")])
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let (dom, log) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let console: Vec<&str> = log.lines().filter(|l| l.contains("CONSOLE")).collect();
    let found = dom.split("<pre id=\"probe\">").nth(1).and_then(|rest| rest.split("</pre>").next());
    format!("{}{}", console.join("\n"), found.unwrap_or("the page was not loaded"))
}

#[test]
fn a_report_is_sound_in_a_browser() {
    let Some(browser) = browser() else {
        eprintln!("SKIPPED: no chromium; tests/report.rs has what can be seen without one");
        return;
    };
    let place = Place::new();
    place.write("small.toml", SMALL);
    place.write("tuned.toml", SMALL.replace("[[optimizer]]", "[protocol]\n[[optimizer]]"));
    let article = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/article/learning-rate");
    for name in ["study.toml", "trials.csv", "curves.csv"] {
        place.write(&format!("results/article/{name}"), std::fs::read(article.join(name)).unwrap());
    }
    place.run("sweep small.toml --quiet").expect(0, &[]);
    place.run("sweep tuned.toml --quiet").expect(0, &[]);
    place.run("report results/article").expect(0, &[]);
    for study in ["small", "tuned", "article"] {
        let page = place.read(&format!("results/{study}/report.html"));
        place.write("probe.html", page.replace("</body>", &format!("{PROBE}\n</body>")));
        for width in [1280, 500] {
            let found = probe(browser, &place.path("probe.html"), width);
            assert_eq!(found, "nothing found", "{study} at {width} pixels");
        }
    }
}
