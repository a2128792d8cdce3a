//! What is known of every optimizer, in one place: its facts, what it remembers, whom it agrees with, how fast it is.

use crate::lab::Lab;
use crate::study::Study;
use crate::table::{Cell, Table, plain, significant};
use anyhow::{Context as _, Result, anyhow};
use downhill::{Entry, Facts, Need};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// One optimizer.
pub struct Card {
    /// What is known of it.
    pub facts: Facts,
    /// Its line of methods.
    pub family: &'static str,
    /// All fields with their defaults.
    pub defaults: Value,
    /// References whose paths it follows.
    pub agreements: Vec<Agreement>,
    /// What a step costs.
    pub speeds: Vec<Speed>,
}

/// A row of `docs/agreement.md`.
#[derive(Clone)]
pub struct Agreement {
    /// The optimizer or wrapper.
    name: String,
    /// The reference, and others of the same convention.
    references: Vec<String>,
    /// The largest deviation, as it was found.
    deviation: String,
}

/// A row of `results/speed.csv`, which `cargo bench -p downhill --bench floor -- --csv` makes.
#[derive(Clone, Deserialize)]
pub struct Speed {
    optimizer: String,
    n: u64,
    ns: f64,
    ratio: f64,
    limit: String,
}

/// All optimizers of the lab, with what is on record below `root`.
///
/// # Errors
/// If a record cannot be read.
pub fn cards(lab: &Lab, root: &Path) -> Result<Vec<Card>> {
    let agreements = agreements(&fs::read_to_string(root.join("docs/agreement.md")).unwrap_or_default());
    let speeds = speeds(&root.join("results/speed.csv"))?;
    let card = |entry: &Entry| {
        let facts = entry.facts;
        let mine = agreements.iter().filter(|a| a.name == facts.name);
        Card {
            facts,
            family: entry.family,
            defaults: lab
                .optimizers
                .configure(&json!({ "name": facts.name }))
                .map(|c| c.canonical())
                .unwrap_or_default(),
            agreements: mine.cloned().collect(),
            speeds: speeds.iter().filter(|s| s.optimizer == facts.name).cloned().collect(),
        }
    };
    Ok(lab.optimizers.entries().iter().map(card).collect())
}

/// The names of all, a line a family.
pub fn names(lab: &Lab) -> String {
    let entries = lab.optimizers.entries();
    let mut out = String::new();
    for of_family in entries.chunk_by(|a, b| a.family == b.family) {
        let names: Vec<_> = of_family.iter().map(|e| format!("`{}`", e.facts.name)).collect();
        out += &format!("- **{}**: {}\n", of_family[0].family, names.join(", "));
    }
    out
}

/// The rows of the table in that page.
fn agreements(page: &str) -> Vec<Agreement> {
    let row = |line: &str| {
        let cells: Vec<_> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").map(str::trim).collect();
        let [name, _, reference, further, _, _, deviation] = cells[..] else { return None };
        let further = further.split(", ").filter_map(|text| text.split_whitespace().next());
        let references = [reference].into_iter().chain(further).map(|text| text.trim_matches('`').to_owned());
        Some(Agreement { name: name.into(), references: references.collect(), deviation: deviation.into() })
    };
    page.lines().filter_map(row).filter(|a| a.name != "optimizer").collect()
}

fn speeds(path: &Path) -> Result<Vec<Speed>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut reader = csv::Reader::from_path(path).with_context(|| format!("cannot read {}", path.display()))?;
    reader.deserialize().collect::<Result<_, _>>().with_context(|| path.display().to_string())
}

/// The bytes that an optimizer remembers for each parameter of a network in `f32`, after a few steps.
///
/// # Errors
/// If it cannot run on a network.
pub fn state_bytes(card: &Card, lab: &Lab) -> Result<f64> {
    let full = card.facts.needs.contains(&Need::FullBatch);
    let order = if full { "full" } else { "shuffled" };
    let text = format!(
        "seeds = 1\nsteps = 12\npoints = 1\norder = \"{order}\"\nlr = [1e-4]\n[[optimizer]]\nname = \"{}\"\n\
         [[problem]]\nname = \"mlp\"\ndata = \"iris\"\nhidden = [[64, 64]]\n",
        card.facts.name
    );
    let study =
        Study::parse(String::new(), text, lab).map_err(|fault| anyhow!("{}: {}", card.facts.name, fault.text))?;
    let trial = study.trials().first().context("no trial")?;
    let parameters = 4 * 64 + 64 + 64 * 64 + 64 + 64 * 3 + 3;
    Ok(trial.run(lab)?.summary.state_bytes as f64 / f64::from(parameters))
}

impl Card {
    /// What it needs from a problem beyond the gradient.
    pub fn needs(&self) -> String {
        self.facts.needs.iter().map(|need| need.name()).collect::<Vec<_>>().join(", ")
    }

    /// Its conventions by name, if there are several: the default one, then the others with the fields that differ.
    pub fn presets(&self) -> String {
        let other = |p: &downhill::Preset| {
            let fields = p.fields().into_iter().map(|(key, value)| format!("{key}={}", word(&value)));
            let lr = p.lr.map(|lr| format!("lr={}", plain(lr)));
            format!("`{}` ({})", p.name, fields.chain(lr).collect::<Vec<_>>().join(", "))
        };
        if self.facts.presets.is_empty() {
            return String::new();
        }
        let others = self.facts.presets.iter().map(other);
        [format!("`{}`", self.facts.preset)].into_iter().chain(others).collect::<Vec<_>>().join(", ")
    }

    /// The references whose paths it follows, and the largest deviation from any.
    pub fn agreement(&self) -> String {
        let mut references: Vec<&str> =
            self.agreements.iter().flat_map(|a| &a.references).map(String::as_str).collect();
        references.sort_unstable();
        references.dedup();
        self.deviation().map_or(String::new(), |worst| {
            format!("{} (largest deviation {worst}, {} cases)", references.join(", "), self.agreements.len())
        })
    }

    /// The largest deviation from any reference.
    pub fn deviation(&self) -> Option<&str> {
        let value = |text: &str| text.trim_start_matches("< ").parse().unwrap_or(f64::NAN);
        self.agreements.iter().map(|a| a.deviation.as_str()).max_by(|a, b| value(a).total_cmp(&value(b)))
    }

    /// Nanoseconds a parameter by size, against the least that its streams and arithmetic cost.
    pub fn speed(&self) -> String {
        let one = |s: &Speed| {
            format!("{} at {} ({}x the least, {})", significant(s.ns, 3), power(s.n), significant(s.ratio, 3), s.limit)
        };
        self.speeds.iter().map(one).collect::<Vec<_>>().join("; ")
    }
}

/// `1e6`.
fn power(n: u64) -> String {
    let zeros = n.ilog10();
    if n == 10u64.pow(zeros) { format!("1e{zeros}") } else { n.to_string() }
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The catalogue as Markdown: a table of all, then a section each.
///
/// # Errors
/// If a record cannot be read, or an optimizer cannot run on a network.
pub fn markdown(lab: &Lab, root: &Path) -> Result<String> {
    let cards = cards(lab, root)?;
    let columns = ["optimizer", "lr", "bytes a parameter", "needs", "largest deviation", "ns a parameter (1e6)"];
    let mut table = Table::new(columns.map(|c| (c, c)));
    let (mut sections, mut family) = (String::new(), "");
    for card in &cards {
        let (f, bytes) = (card.facts, state_bytes(card, lab)?);
        let speed = card.speeds.iter().find(|s| s.n == 1_000_000).map(|s| s.ns);
        table.rows.push(vec![
            format!("[{0}](#{1})", f.name, f.name.replace('/', "")).into(),
            f.lr.into(),
            Cell::from(significant(bytes, 2)),
            card.needs().into(),
            card.deviation().unwrap_or_default().into(),
            speed.into(),
        ]);
        if card.family != family {
            family = card.family;
            write!(sections, "\n## {family}\n")?;
        }
        let optional = |label: &str, text: String| if text.is_empty() { text } else { format!("- {label}: {text}\n") };
        write!(
            sections,
            "\n### {}\n\n```text\n{}\n```\n\n{}. Convention: {}.\n\n- learning rate: {}, worth a try {} to {}\n{}{}{}- remembers: {} \
             bytes a parameter\n- fails: {}\n{}{}",
            f.name,
            f.formula.split("; ").collect::<Vec<_>>().join("\n"),
            f.source,
            f.convention,
            plain(f.lr),
            plain(f.grid.0),
            plain(f.grid.1),
            optional("defaults", crate::cmd::list::fields(&card.defaults)),
            optional("presets", card.presets()),
            optional("needs", card.needs()),
            significant(bytes, 2),
            f.failure,
            optional("agrees with", card.agreement()),
            optional("ns a parameter", card.speed()),
        )?;
    }
    Ok(format!("{}{sections}", table.markup()))
}
