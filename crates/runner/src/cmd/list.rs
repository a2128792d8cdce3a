//! `downhill list`: what there is, with defaults, ranges and sources.

use super::{Context, Format, Usage, say};
use crate::catalogue;
use crate::lab::Lab;
use crate::plan::SETTINGS;
use crate::rows::problem_label;
use crate::table::{self, Cell, Table};
use crate::zoo::{Instance, instances};
use anyhow::{Result, anyhow};
use clap::ValueEnum;
use downhill::{Hyper, Schedule, unknown};
use downhill_problems::Dataset;
use serde_json::{Value, json};
use std::borrow::Cow;
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
    /// Problems as instances, each with its group, tags and cost: what studies pick by tag.
    Zoo,
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
    name: Cow<'static, str>,
    /// What is known of it in a few words.
    facts: Vec<(&'static str, Cell)>,
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
        (None, _) if args.format == Format::Table => {
            let line = |kind: &Kind| Ok(format!("{:12}{}\n", kind.word(), kind.names(lab)?));
            Kind::value_variants().iter().map(line).collect::<Result<String>>()?
        }
        (None, _) => args.format.render(&names(lab)?)?,
        (Some(kind), None) => args.format.render(&overview(&kind.items(lab)?))?,
        (Some(kind), Some(name)) => {
            let items = kind.items(lab)?;
            let found = items.iter().find(|item| item.name == *name);
            let what = kind.word();
            let item = found.ok_or_else(|| {
                Usage(unknown(what.trim_end_matches('s'), name, items.iter().map(|i| &*i.name)).to_string())
            })?;
            let card = (kind == Kind::Optimizers).then(|| card(name, context)).transpose()?;
            detail(item, &card.unwrap_or_default(), args.format)?
        }
    };
    say(&text);
    Ok(ExitCode::SUCCESS)
}

/// A list as Markdown.
///
/// # Errors
/// If there is no such kind.
pub(super) fn markdown(kind: &str, lab: &Lab) -> Result<String> {
    let kind = Kind::from_str(kind, false).map_err(anyhow::Error::msg)?;
    Ok(overview(&kind.items(lab)?).markdown())
}

impl Kind {
    fn word(self) -> String {
        self.to_possible_value().map_or(String::new(), |v| v.get_name().to_owned())
    }

    /// All names; of the zoo its groups.
    fn names(self, lab: &Lab) -> Result<String> {
        let items = self.items(lab)?;
        let groups = items.iter().filter_map(|i| Some(i.facts.first().filter(|_| self == Kind::Zoo)?.1.show()));
        let mut names: Vec<String> = items.iter().map(|i| i.name.to_string()).collect();
        if self == Kind::Zoo {
            names = groups.collect();
            names.dedup();
        }
        Ok(names.join(" "))
    }

    fn items(self, lab: &Lab) -> Result<Vec<Item>> {
        Ok(match self {
            Kind::Optimizers => optimizers(lab),
            Kind::Problems => problems(lab),
            Kind::Zoo => zoo(lab)?,
            Kind::Datasets => datasets(),
            Kind::Schedules => schedules(),
            Kind::Wrappers => wrappers(lab),
            Kind::Settings => settings(),
        })
    }
}

fn optimizers(lab: &Lab) -> Vec<Item> {
    let item = |entry: &downhill::Entry| {
        let f = entry.facts;
        let defaults = lab.optimizers.configure(&json!({ "name": f.name })).map(|c| c.canonical()).unwrap_or_default();
        let facts = vec![
            ("lr", f.lr.into()),
            ("needs", f.needs.iter().map(|n| n.name()).collect::<Vec<_>>().join(", ").into()),
            ("defaults", fields(&defaults).into()),
            ("source", f.source.into()),
        ];
        Item { name: f.name.into(), facts, more: vec![], hypers: f.hypers, defaults }
    };
    lab.optimizers.entries().iter().map(item).collect()
}

fn problems(lab: &Lab) -> Vec<Item> {
    let item = |entry: &downhill_problems::FamilyEntry| {
        let f = entry.facts;
        let defaults = lab.families.configure(&json!({ "name": f.name })).map(|c| c.canonical()).unwrap_or_default();
        let facts = vec![
            ("teaches", f.teaches.into()),
            ("tags", f.tags.join(" ").into()),
            ("defaults", fields(&defaults).into()),
            ("source", f.source.into()),
        ];
        let more = vec![("formula", f.formula.into())];
        Item { name: f.name.into(), facts, more, hypers: f.hypers, defaults }
    };
    lab.families.entries().iter().map(item).collect()
}

fn zoo(lab: &Lab) -> Result<Vec<Item>> {
    let item = |instance: Instance| {
        let facts = vec![
            ("group", instance.group.into()),
            ("set", instance.set.word().into()),
            ("ms", instance.ms.into()),
            ("problem", problem_label(&instance.problem, lab).into()),
            ("tags", instance.tags.join(" ").into()),
        ];
        Item { name: instance.name.into(), facts, more: vec![], hypers: &[], defaults: instance.problem }
    };
    let all = instances(lab).map_err(|fault| anyhow!("zoo.toml:{}: {}", fault.line, fault.text))?;
    Ok(all.into_iter().map(item).collect())
}

fn datasets() -> Vec<Item> {
    let item = |set: &downhill_problems::data::Bundled| {
        let target = set.classes.map_or("a number".to_owned(), |n| format!("{n} classes"));
        let facts = vec![
            ("rows", (set.rows as f64).into()),
            ("features", (set.width as f64).into()),
            ("target", target.into()),
            ("licence", set.licence.into()),
            ("source", set.source.into()),
        ];
        Item { name: set.name.into(), facts, more: vec![], hypers: &[], defaults: Value::Null }
    };
    Dataset::bundled().iter().map(item).collect()
}

fn schedules() -> Vec<Item> {
    let item = |f: &downhill::ScheduleFacts| {
        let defaults = serde_json::from_value::<Schedule>(json!(f.name)).and_then(serde_json::to_value);
        let facts = vec![("factor", f.formula.into()), ("source", f.source.into())];
        Item { name: f.name.into(), facts, more: vec![], hypers: f.hypers, defaults: defaults.unwrap_or_default() }
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
        let more = vec![("convention", f.convention.into())];
        Item { name: f.name.into(), facts, more, hypers: f.hypers, defaults }
    };
    lab.optimizers.wrappers().iter().map(item).collect()
}

fn settings() -> Vec<Item> {
    let item = |h: &Hyper| {
        let facts = vec![("allowed", h.range.to_string().into()), ("meaning", h.doc.into())];
        Item { name: h.name.into(), facts, more: vec![], hypers: &[], defaults: Value::Null }
    };
    SETTINGS.iter().map(item).collect()
}

/// `beta1=0.9 beta2=0.999`.
pub(crate) fn fields(table: &Value) -> String {
    let set = table.as_object().into_iter().flatten().filter(|(key, _)| *key != "name");
    set.map(|(key, value)| format!("{key}={}", plain(value))).collect::<Vec<_>>().join(" ")
}

/// The names of all, one row a kind.
fn names(lab: &Lab) -> Result<Table> {
    let mut table = Table::new(["kind", "names"].map(|c| (c, c)));
    for &kind in Kind::value_variants() {
        table.rows.push(vec![kind.word().into(), kind.names(lab)?.into()]);
    }
    Ok(table)
}

/// What else is known of an optimizer.
fn card(name: &str, context: &Context) -> Result<Vec<(&'static str, String)>> {
    let cards = catalogue::cards(&context.lab, &context.root)?;
    let Some(card) = cards.into_iter().find(|card| card.facts.name == name) else { return Ok(vec![]) };
    let f = &card.facts;
    let texts = vec![
        ("family", card.family.to_owned()),
        ("formula", f.formula.to_owned()),
        ("convention", f.convention.to_owned()),
        ("presets", card.presets()),
        ("lr worth a try", format!("{} to {}", table::plain(f.grid.0), table::plain(f.grid.1))),
        (
            "remembers",
            format!("{} bytes a parameter", table::significant(catalogue::state_bytes(&card, &context.lab)?, 2)),
        ),
        ("fails", f.failure.to_owned()),
        ("agrees with", card.agreement()),
        ("ns a parameter", card.speed()),
    ];
    Ok(texts.into_iter().filter(|(_, text)| !text.is_empty()).collect())
}

/// One row an item.
fn overview(items: &[Item]) -> Table {
    let columns = items.first().into_iter().flat_map(|item| &item.facts).map(|(key, _)| *key);
    let mut table = Table::new(["name"].into_iter().chain(columns).map(|c| (c, c)));
    for item in items {
        let facts = item.facts.iter().map(|(_, cell)| cell.clone());
        table.rows.push([Cell::from(&*item.name)].into_iter().chain(facts).collect());
    }
    table
}

/// All of one item; for programs its fields alone.
fn detail(item: &Item, more: &[(&'static str, String)], format: Format) -> Result<String> {
    let mut table = Table::new(["field", "default", "allowed", "meaning"].map(|c| (c, c)));
    for h in item.hypers {
        let default = item.defaults.get(h.name).map_or("required".to_owned(), plain);
        table.rows.push(vec![h.name.into(), default.into(), h.range.to_string().into(), h.doc.into()]);
    }
    for (key, value) in item.defaults.as_object().into_iter().flatten() {
        if key != "name" && item.hypers.iter().all(|h| h.name != key) {
            table.rows.push(vec![key.as_str().into(), plain(value).into(), Cell::Empty, Cell::Empty]);
        }
    }
    if format != Format::Table {
        return format.render(&table);
    }
    let facts = item.facts.iter().filter(|(key, _)| *key != "defaults").map(|(key, cell)| (*key, cell.show()));
    let all = [("name", item.name.to_string())].into_iter().chain(facts).chain(item.more.iter().chain(more).cloned());
    let mut text: String = all.map(|(key, fact)| format!("{key:16}{fact}\n")).collect();
    if !table.rows.is_empty() {
        text.push('\n');
        text.push_str(&table.text());
    }
    Ok(text)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "none".into(),
        other => other.to_string(),
    }
}
