//! The report in a real browser, 1280 and 400 pixels wide, in light and in dark: no error on its console, nothing wider
//! than the page, no two labels of a figure over each other, contrast, tables that sort and filter, figures that tell
//! their values to the pointer and to the keyboard. Skipped, loudly, where there is no Chromium.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Place, SMALL};
use std::path::Path;
use std::process::Command;

/// Around a copy of the page, which is then exactly as wide as this says; windows are no narrower than 500 pixels.
const FRAME: &str = r#"<!DOCTYPE html><body style="margin: 0"><script>
addEventListener("message", e => {
  const out = document.createElement("pre");
  out.id = "probe";
  out.textContent = e.data;
  document.body.append(out);
});
</script><iframe src="probe.html" style="border: 0; width: WIDTHpx; height: 2000px"></iframe>"#;

/// Appended to the copy: tells the frame what it finds.
const PROBE: &str = r#"<script>
const errors = [];
addEventListener("error", e => errors.push(e.message));
const luminance = color => {
  const [r, g, b] = color.match(/[\d.]+/g).slice(0, 3).map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = e => {
  for (; e; e = e.parentElement) {
    const color = getComputedStyle(e).backgroundColor;
    if (!color.endsWith(", 0)")) return color;
  }
  return "rgb(255, 255, 255)";
};
const contrast = e => {
  const [x, y] = [luminance(getComputedStyle(e).color), luminance(ground(e))];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
};
addEventListener("load", () => {
  const found = [];
  if (matchMedia("(prefers-color-scheme: dark)").matches !== DARK) found.push("the wrong colours");
  if (innerWidth !== WIDTH) found.push("the wrong width: " + innerWidth);
  if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the page: " + document.documentElement.scrollWidth);
  for (const e of document.querySelectorAll("main *:not(svg, svg *)")) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (own && contrast(e) < 4.5) found.push(`contrast ${contrast(e).toFixed(2)}: ${e.outerHTML.slice(0, 80)}`);
  }
  for (const svg of document.querySelectorAll("svg")) {
    const texts = [...svg.querySelectorAll("text")].map(t => [t.textContent, t.getBoundingClientRect()]);
    if (texts.length === 0) found.push("a figure without a label");
    if (svg.querySelectorAll("polyline, circle, rect").length < 5) found.push("an empty figure");
    const page = svg.getBoundingClientRect();
    texts.forEach(([a, p], i) => {
      if (p.left < page.left - 1 || p.right > page.right + 1) found.push(`"${a}" leaves its figure`);
      texts.slice(i + 1).forEach(([b, q]) => {
        const w = Math.min(p.right, q.right) - Math.max(p.left, q.left), h = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
        if (w > 2 && h > 0.5 * Math.min(p.height, q.height)) found.push(`"${a}" over "${b}"`);
      });
    });
  }
  const table = [...document.querySelectorAll("table")].find(t => t.tBodies[0].rows.length > 2);
  const column = [...table.tHead.rows[0].cells].findIndex(c => c.textContent.includes("test loss"));
  const head = table.tHead.rows[0].cells[column];
  const numbers = () => [...table.tBodies[0].rows].map(r => r.cells[column].dataset.v).filter(v => v).map(Number);
  const sorted = (all, sign) => all.length > 2 && all.every((x, i) => i === 0 || sign * (x - all[i - 1]) >= 0);
  head.querySelector("button").click();
  if (head.getAttribute("aria-sort") !== "ascending" || !sorted(numbers(), 1)) found.push("not sorted: " + numbers());
  head.querySelector("button").click();
  if (head.getAttribute("aria-sort") !== "descending" || !sorted(numbers(), -1)) found.push("not sorted down: " + numbers());
  for (const input of document.querySelectorAll(".filter input")) {
    const rows = [...input.closest(".filter").nextElementSibling.querySelector("tbody").rows];
    const text = rows[0].cells[1].textContent;
    input.value = text.toUpperCase();
    input.dispatchEvent(new Event("input"));
    if (!rows.every(r => r.hidden === !r.textContent.toLowerCase().includes(text.toLowerCase()))) found.push("not filtered by " + text);
  }
  const figure = [...document.querySelectorAll("figure")].find(f => f.querySelector(".hints"));
  figure.focus();
  if (document.activeElement !== figure) found.push("a figure that takes no focus");
  const said = () => figure.nextElementSibling.textContent;
  const press = key => figure.dispatchEvent(new KeyboardEvent("keydown", { key }));
  press("ArrowRight");
  const first = said();
  press("ArrowRight");
  const second = said();
  press("Home");
  if (first === second || said() !== first || !/\d/.test(first)) found.push(`told: ${first}, ${second}, ${said()}`);
  figure.querySelector(".hints circle:last-child").dispatchEvent(new PointerEvent("pointerenter"));
  if (said() !== figure.querySelector(".hints circle:last-child title").textContent) found.push("nothing under the pointer");
  parent.postMessage([...errors.map(e => "error: " + e), ...found].join("\n") || "nothing found", "*");
});
</script>"#;

fn browser() -> Option<&'static str> {
    let runs = |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|o| o.status.success());
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(runs)
}

fn probe(browser: &str, frame: &Path, dark: bool) -> String {
    let mut command = Command::new(browser);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000", "--dump-dom"]);
    if dark {
        command.args(["--force-dark-mode", "--blink-settings=preferredColorScheme=0"]);
    }
    command.args(["--enable-logging=stderr", "--window-size=1400,2000"]).arg(format!("file://{}", frame.display()));
    let output = command.output().unwrap();
    let (dom, log) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let console: Vec<&str> = log.lines().filter(|l| l.contains("CONSOLE")).collect();
    let found = dom.split("<pre id=\"probe\">").nth(1).and_then(|rest| rest.split("</pre>").next());
    format!("{}{}", console.join("\n"), found.unwrap_or("the page was not loaded"))
}

#[test]
fn a_report_is_sound_in_a_browser() {
    let Some(browser) = browser() else {
        eprintln!("SKIPPED: no chromium; tests/page.rs has what can be seen without one");
        return;
    };
    let place = Place::new();
    place.write("small.toml", SMALL);
    place.write("tuned.toml", SMALL.replace("[[optimizer]]", "[protocol]\n[[optimizer]]"));
    // Five members of three problems: a panel each.
    let many = r#"name = ["sgd", "adam", "rmsprop", "adagrad", "nadam"]"#;
    place.write("many.toml", SMALL.replace(r#"name = ["sgd", "adam"]"#, many));
    let article = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/article/learning-rate");
    for name in ["study.toml", "trials.csv", "curves.csv"] {
        place.write(&format!("results/article/{name}"), std::fs::read(article.join(name)).unwrap());
    }
    for study in ["small", "tuned", "many"] {
        place.run(&format!("sweep {study}.toml --quiet")).expect(0, &[]);
    }
    place.run("report results/article").expect(0, &[]);
    for study in ["small", "tuned", "many", "article"] {
        let page = place.read(&format!("results/{study}/report.html"));
        for (width, dark) in [("1280", false), ("400", true)] {
            let probing = PROBE.replace("WIDTH", width).replace("DARK", &dark.to_string());
            place.write("probe.html", page.replace("</body>", &format!("{probing}\n</body>")));
            place.write("frame.html", FRAME.replace("WIDTH", width));
            let found = probe(browser, &place.path("frame.html"), dark);
            assert_eq!(found, "nothing found", "{study} at {width} pixels");
        }
    }
}
