//! `downhill list`: what there is, with defaults, ranges and sources.

use crate::app::{Context, Usage};
use crate::grid::{Format, Grid};
use crate::lab::Lab;
use crate::plan::SETTINGS;
use anyhow::Result;
use clap::ValueEnum;
use downhill::{Hyper, Schedule, unknown};
use downhill_problems::Dataset;
use serde_json::{Value, json};
use std::process::ExitCode;

/// List what there is: names, defaults, ranges, sources.
#[derive(clap::Args)]
pub struct Args {
    /// Of which kind; without it, the names of all.
    #[arg(value_enum)]
    kind: Option<Kind>,
    /// One of them: what each of its fields does.
    name: Option<String>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// What takes steps.
    Optimizers,
    /// What is minimised.
    Problems,
    /// Bundled tables.
    Datasets,
    /// Factors of the learning rate.
    Schedules,
    /// What goes around an optimizer: clipping, decay, averages.
    Wrappers,
    /// The keys of a study.
    Settings,
}

/// One thing that can be named in a study.
struct Item {
    name: &'static str,
    /// What is known of it in a few words.
    facts: Vec<(&'static str, String)>,
    /// Texts that do not fit a line with others.
    more: Vec<(&'static str, String)>,
    hypers: &'static [Hyper],
    /// The values of all fields.
    defaults: Value,
}

/// Runs the command.
///
/// # Errors
/// If nothing has that name.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let lab = &context.lab;
    let text = match (args.kind, &args.name) {
        (None, _) => names(lab).render(args.format),
        (Some(kind), None) => overview(&kind.items(lab)).render(args.format),
        (Some(kind), Some(name)) => {
            let items = kind.items(lab);
            let found = items.iter().find(|item| item.name == name);
            let what = kind.word();
            let item = found.ok_or_else(|| {
                Usage(unknown(what.trim_end_matches('s'), name, items.iter().map(|i| i.name)).to_string())
            })?;
            detail(item, args.format)
        }
    };
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}

impl Kind {
    fn word(self) -> String {
        self.to_possible_value().map_or(String::new(), |v| v.get_name().to_owned())
    }

    fn items(self, lab: &Lab) -> Vec<Item> {
        match self {
            Kind::Optimizers => optimizers(lab),
            Kind::Problems => problems(lab),
            Kind::Datasets => datasets(),
            Kind::Schedules => schedules(),
            Kind::Wrappers => wrappers(lab),
            Kind::Settings => settings(),
        }
    }
}

fn optimizers(lab: &Lab) -> Vec<Item> {
    let item = |entry: &downhill::Entry| {
        let f = entry.facts;
        let defaults = lab.optimizers.configure(&json!({ "name": f.name })).map(|c| c.canonical()).unwrap_or_default();
        let facts = vec![("lr", f.lr.to_string()), ("defaults", fields(&defaults)), ("source", f.source.into())];
        let grid = format!("{} to {}", f.grid.0, f.grid.1);
        let more = vec![("lr worth a try", grid), ("convention", f.convention.into())];
        Item { name: f.name, facts, more, hypers: f.hypers, defaults }
    };
    lab.optimizers.entries().iter().map(item).collect()
}

fn problems(lab: &Lab) -> Vec<Item> {
    let item = |entry: &downhill_problems::FamilyEntry| {
        let f = entry.facts;
        let defaults = lab.families.configure(&json!({ "name": f.name })).map(|c| c.canonical()).unwrap_or_default();
        let facts = vec![("teaches", f.teaches.into()), ("defaults", fields(&defaults)), ("source", f.source.into())];
        let more = vec![("formula", f.formula.into()), ("tags", f.tags.join(" "))];
        Item { name: f.name, facts, more, hypers: f.hypers, defaults }
    };
    lab.families.entries().iter().map(item).collect()
}

fn datasets() -> Vec<Item> {
    let item = |set: &downhill_problems::data::Bundled| {
        let target = set.classes.map_or("a number".to_owned(), |n| format!("{n} classes"));
        let facts = vec![
            ("rows", set.rows.to_string()),
            ("features", set.width.to_string()),
            ("target", target),
            ("licence", set.licence.into()),
            ("source", set.source.into()),
        ];
        Item { name: set.name, facts, more: vec![], hypers: &[], defaults: Value::Null }
    };
    Dataset::bundled().iter().map(item).collect()
}

fn schedules() -> Vec<Item> {
    let item = |f: &downhill::ScheduleFacts| {
        let defaults = serde_json::from_value::<Schedule>(json!(f.name)).and_then(serde_json::to_value);
        let facts = vec![("factor of step t, from 0, with horizon T", f.formula.into()), ("source", f.source.into())];
        Item { name: f.name, facts, more: vec![], hypers: f.hypers, defaults: defaults.unwrap_or_default() }
    };
    Schedule::all().iter().map(item).collect()
}

fn wrappers(lab: &Lab) -> Vec<Item> {
    let item = |entry: &downhill::WrapperEntry| {
        let f = entry.facts;
        let any = lab.optimizers.entries().first().map_or("", |e| e.facts.name);
        let wrapped = lab.optimizers.configure(&json!({ "name": any, "wrap": [{ "name": f.name }] }));
        let defaults = wrapped.map(|c| c.canonical()["wrap"][0].clone()).unwrap_or_default();
        let facts = vec![("does", f.formula.into()), ("source", f.source.into())];
        Item { name: f.name, facts, more: vec![], hypers: f.hypers, defaults }
    };
    lab.optimizers.wrappers().iter().map(item).collect()
}

fn settings() -> Vec<Item> {
    let item = |h: &Hyper| {
        let facts = vec![("allowed", h.range.to_string()), ("meaning", h.doc.into())];
        Item { name: h.name, facts, more: vec![], hypers: &[], defaults: Value::Null }
    };
    SETTINGS.iter().map(item).collect()
}

/// `beta1=0.9 beta2=0.999`.
fn fields(table: &Value) -> String {
    let set = table.as_object().into_iter().flatten().filter(|(key, _)| *key != "name");
    set.map(|(key, value)| format!("{key}={}", plain(value))).collect::<Vec<_>>().join(" ")
}

/// The names of all, one row a kind.
fn names(lab: &Lab) -> Grid {
    let mut grid = Grid::new(&["kind", "names"]);
    for &kind in Kind::value_variants() {
        let names: Vec<_> = kind.items(lab).iter().map(|i| i.name).collect();
        grid.push([kind.word(), names.join(" ")]);
    }
    grid
}

/// One row an item.
fn overview(items: &[Item]) -> Grid {
    let columns = items.first().into_iter().flat_map(|item| &item.facts).map(|(key, _)| *key);
    let mut grid = Grid::new(&["name"].into_iter().chain(columns).collect::<Vec<_>>());
    for item in items {
        let facts = item.facts.iter().map(|(_, text)| text.clone());
        grid.rows.push([item.name.to_owned()].into_iter().chain(facts).collect());
    }
    grid
}

/// All of one item; the fields alone for programs.
fn detail(item: &Item, format: Format) -> String {
    let mut fields = Grid::new(&["field", "default", "allowed", "meaning"]);
    let known = |key: &str| item.hypers.iter().find(|h| h.name == key);
    for h in item.hypers {
        let default = item.defaults.get(h.name).map_or("required".to_owned(), plain);
        fields.push([h.name.into(), default, h.range.to_string(), h.doc.into()]);
    }
    for (key, value) in item.defaults.as_object().into_iter().flatten() {
        if key != "name" && known(key).is_none() {
            fields.push([key.clone(), plain(value), String::new(), String::new()]);
        }
    }
    if format != Format::Table {
        return fields.render(format);
    }
    let mut facts = Grid::new(&["name", item.name]);
    for (key, text) in item.facts.iter().chain(&item.more).filter(|(key, _)| *key != "defaults") {
        facts.push([(*key).to_owned(), text.clone()]);
    }
    let fields = if fields.rows.is_empty() { String::new() } else { format!("\n{}", fields.render(format)) };
    facts.render(format) + &fields
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "none".into(),
        other => other.to_string(),
    }
}
