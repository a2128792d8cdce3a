//! The keys of a study, read and checked one by one: what is wrong is known with its line.

use super::axis::{Axis, Rates, product};
use super::draws::{Candidate, draw};
use super::node::{Entry, Fault, Kind, Node};
use super::{ASKS, SETTINGS, Settings};
use crate::lab::Lab;
use crate::protocol::{Protocol, Search};
use crate::rounds::FRESH;
use crate::zoo::{self, Instance, Pick};
use downhill::{check, unknown};
use serde_json::{Map, Value, json};

/// Settings that are tables or lists.
const STRUCTURED: [&str; 4] = ["schedule", "split", "fixed", "spacing"];

/// A record keeps each.
const MOST_POINTS: u64 = 100_000;

/// Settings that an optimizer may have of its own: some need all examples in every step, or single ones.
const OWN: [&str; 3] = ["schedule", "order", "batch"];

/// A study's keys.
pub(super) struct Sheet {
    pub(super) protocol: Option<Protocol>,
    pub(super) seeds: Vec<u64>,
    pub(super) settings: Vec<Axis>,
    pub(super) rates: Option<Rates>,
    pub(super) optimizers: Vec<Table>,
    pub(super) problems: Vec<Table>,
}

/// One `[[optimizer]]` or `[[problem]]`.
pub(super) struct Table {
    pub(super) line: usize,
    axes: Vec<Axis>,
    /// All combinations of its axes, defaults resolved.
    pub(super) choices: Vec<Value>,
    /// Of an optimizer: what is tuned as one. Each choice by itself, or all that were drawn.
    pub(super) arms: Vec<Vec<Candidate>>,
    /// Settings of its own.
    pub(super) own: Vec<Axis>,
    /// Learning rates of its own.
    pub(super) rates: Option<Rates>,
}

impl Sheet {
    pub(super) fn read(entries: &[Entry], lab: &Lab) -> Result<Self, Fault> {
        let protocol = entries.iter().find(|e| e.key == "protocol").map(protocol).transpose()?;
        let search = protocol.as_ref().map_or(Search::Grid, |p| p.search);
        let mut sheet = Sheet {
            protocol,
            seeds: vec![0],
            settings: Vec::new(),
            rates: None,
            optimizers: Vec::new(),
            problems: Vec::new(),
        };
        let optimizer = |v: &Value| lab.optimizers.configure(v).map(|c| c.canonical()).map_err(|e| e.to_string());
        for entry in entries {
            match entry.key.as_str() {
                "seeds" => sheet.seeds = seeds(entry)?,
                "lr" => sheet.rates = Some(Rates::of(entry)?),
                "protocol" => {}
                "optimizer" if search == Search::Grid => {
                    sheet.optimizers = tables(entry, |key| OWN.contains(&key), &optimizer)?;
                }
                "optimizer" => sheet.optimizers = drawn(entry, search, lab)?,
                "problem" => sheet.problems = problems(entry, lab)?,
                key if is_setting(key) => sheet.settings.push(setting(entry)?),
                key => {
                    let names = SETTINGS.iter().map(|h| h.name).chain(STRUCTURED);
                    let known =
                        ASKS.into_iter().chain(["seeds", "lr", "protocol", "optimizer", "problem"]).chain(names);
                    return Err(Fault::new(entry.line(), unknown("key", key, known)));
                }
            }
        }
        for (what, tables) in [("optimizer", &sheet.optimizers), ("problem", &sheet.problems)] {
            if tables.is_empty() {
                return Err(Fault::new(1, format!("the study has no `[[{what}]]`")));
            }
        }
        Ok(sheet)
    }
}

impl Table {
    /// The line of one of its keys; its own, if it has no such key.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.axes.iter().find(|a| a.key == key).map_or(self.line, |a| a.line)
    }
}

pub(crate) fn is_setting(key: &str) -> bool {
    STRUCTURED.contains(&key) || SETTINGS.iter().any(|h| h.name == key)
}

/// A setting, every value of it in its range.
fn setting(entry: &Entry) -> Result<Axis, Fault> {
    let axis = Axis::of(entry)?;
    for value in &axis.values {
        let one = json!({ &axis.key: value });
        let hyper = SETTINGS.iter().filter(|h| h.name == axis.key).copied().collect::<Vec<_>>();
        check("study", &hyper, &one).map_err(|e| Fault::new(axis.line, e))?;
        if axis.key == "points" && value.as_u64().is_some_and(|n| n > MOST_POINTS) {
            return Err(Fault::new(axis.line, format!("`points` is {value}, allowed is 1 to {MOST_POINTS}")));
        }
        serde_json::from_value::<Settings>(one)
            .map_err(|e| Fault::new(axis.line, format!("`{}` is {value}: {e}", axis.key)))?;
    }
    Ok(axis)
}

/// A number `n`, for 0 to n - 1, or a list.
fn seeds(entry: &Entry) -> Result<Vec<u64>, Fault> {
    let fault = |found: &Value| {
        let text = format!(
            "`seeds` is {found}, allowed is how many (a whole number from 1 to {FRESH}), or a list of whole numbers"
        );
        Fault::new(entry.line(), text)
    };
    if let Kind::Leaf(count) = &entry.value.kind {
        return count
            .as_u64()
            .filter(|n| (1..=FRESH).contains(n))
            .map(|n| (0..n).collect())
            .ok_or_else(|| fault(count));
    }
    Axis::of(entry)?.values.iter().map(|v| v.as_u64().ok_or_else(|| fault(v))).collect()
}

type Configure<'a> = &'a dyn Fn(&Value) -> Result<Value, String>;

fn tables(entry: &Entry, own: fn(&str) -> bool, configure: Configure<'_>) -> Result<Vec<Table>, Fault> {
    nodes(entry).iter().map(|node| table(&entry.key, node, own, configure)).collect()
}

fn nodes(entry: &Entry) -> &[Node] {
    match &entry.value.kind {
        Kind::List(items) => items,
        _ => std::slice::from_ref(&entry.value),
    }
}

/// Each `[[problem]]` by itself, or what it picks from the zoo.
fn problems(entry: &Entry, lab: &Lab) -> Result<Vec<Table>, Fault> {
    let configure = |v: &Value| lab.families.configure(v).map(|c| c.canonical()).map_err(|e| e.to_string());
    let mut tables = Vec::new();
    for node in nodes(entry) {
        match &node.kind {
            Kind::Table(keys) if keys.iter().any(|e| Pick::KEYS.contains(&e.key.as_str())) && !named(keys) => {
                tables.extend(picked(node.line, keys, lab)?);
            }
            Kind::Table(keys) if !named(keys) => {
                let picks = Pick::KEYS.join("`, `");
                let what = format!("a problem has a `name`, or picks from the zoo by `{picks}`; this one has neither");
                return Err(Fault::new(node.line, what));
            }
            _ => tables.push(table(&entry.key, node, is_setting, &configure)?),
        }
    }
    Ok(tables)
}

fn named(keys: &[Entry]) -> bool {
    keys.iter().any(|e| e.key == "name")
}

/// Instances of the zoo, each a table of its own; an array picks what one of its values does. Settings beside the pick go
/// before an instance's own.
fn picked(line: usize, keys: &[Entry], lab: &Lab) -> Result<Vec<Table>, Fault> {
    let (mut own, mut axes, mut rates) = (Vec::new(), Vec::new(), None);
    for entry in keys {
        match entry.key.as_str() {
            "lr" => rates = Some(Rates::of(entry)?),
            key if is_setting(key) => own.push(setting(entry)?),
            _ => axes.push(Axis::of(entry)?),
        }
    }
    let pick = |fields| serde_json::from_value::<Pick>(Value::Object(fields)).map_err(|e| Fault::new(line, e));
    let picks: Vec<Pick> = product(&axes)?.map(pick).collect::<Result<_, _>>()?;
    let zoo = zoo::instances(lab)?;
    let taken: Vec<&Instance> = zoo.iter().filter(|i| picks.iter().any(|pick| pick.takes(i))).collect();
    if taken.is_empty() {
        let what = "no instance of the zoo is like that; `downhill list zoo` has their groups, tags and costs";
        return Err(Fault::new(line, what));
    }
    let table = |instance: &&Instance| {
        let theirs = instance.settings.iter().filter(|e| own.iter().all(|o| o.key != e.key));
        let theirs: Vec<Axis> = theirs.map(setting).collect::<Result<_, _>>()?;
        let own = own.iter().cloned().chain(theirs).collect();
        let choices = vec![instance.problem.clone()];
        Ok(Table { line, axes: vec![], choices, arms: vec![], own, rates: rates.clone() })
    };
    taken.iter().map(table).collect()
}

fn table(what: &str, node: &Node, own: fn(&str) -> bool, configure: Configure<'_>) -> Result<Table, Fault> {
    let Kind::Table(entries) = &node.kind else {
        return Err(Fault::new(node.line, format!("`[[{what}]]` is a table with a `name`")));
    };
    let mut table = Table { line: node.line, axes: vec![], choices: vec![], arms: vec![], own: vec![], rates: None };
    for entry in entries {
        match entry.key.as_str() {
            "lr" => table.rates = Some(Rates::of(entry)?),
            key if own(key) => table.own.push(setting(entry)?),
            _ => table.axes.push(Axis::of(entry)?),
        }
    }
    table.choices = product(&table.axes)?
        .map(|fields| configure(&Value::Object(fields.clone())).map_err(|text| blame(&table, fields, text, configure)))
        .collect::<Result<_, _>>()?;
    table.arms = table.choices.iter().map(|o| vec![Candidate { optimizer: o.clone(), lr: None }]).collect();
    Ok(table)
}

/// `[protocol]`, its numbers in range.
fn protocol(entry: &Entry) -> Result<Protocol, Fault> {
    let fault = |text: String| Fault::new(entry.line(), format!("`[protocol]`: {text}"));
    let protocol: Protocol = serde_json::from_value(entry.value.value()).map_err(|e| fault(e.to_string()))?;
    protocol.check().map_err(fault)?;
    Ok(protocol)
}

/// Each `[[optimizer]]` as candidates drawn from its ranges.
fn drawn(entry: &Entry, search: Search, lab: &Lab) -> Result<Vec<Table>, Fault> {
    let Kind::List(nodes) = &entry.value.kind else {
        return Err(Fault::new(entry.line(), "`[[optimizer]]` is a table with a `name`"));
    };
    let mut tables = Vec::new();
    for node in nodes {
        let Kind::Table(entries) = &node.kind else {
            return Err(Fault::new(node.line, "`[[optimizer]]` is a table with a `name`"));
        };
        let (own, keys): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(|e| OWN.contains(&e.key.as_str()));
        let own: Vec<Axis> = own.into_iter().map(setting).collect::<Result<_, _>>()?;
        let (names, keys): (Vec<&Entry>, Vec<&Entry>) = keys.into_iter().partition(|e| e.key == "name");
        let Some(names) = names.first() else { return Err(Fault::new(node.line, "`[[optimizer]]` has no `name`")) };
        // Several names are several arms, each with as many candidates.
        for name in Axis::of(names)?.values {
            let bare = lab.optimizers.configure(&json!({ "name": name })).map_err(|e| Fault::new(names.line(), e))?;
            // Without rates of its own, those between the ends of the grid that its facts hold.
            let lr = Entry { key: "lr".into(), value: Node::of(json!({ "log": bare.facts.grid })) };
            let rates = keys.iter().all(|entry| entry.key != "lr").then_some(&lr);
            let keys: Vec<&Entry> = keys.iter().copied().chain(rates).collect();
            let points = draw(&keys, search, bare.facts.name)?;
            let candidate = |mut fields: Map<String, Value>| {
                let lr = fields.remove("lr").and_then(|lr| lr.as_f64()).filter(|lr| *lr > 0.0);
                fields.insert("name".to_owned(), name.clone());
                let configured =
                    lab.optimizers.configure(&Value::Object(fields)).map_err(|e| Fault::new(node.line, e))?;
                let lr = lr.ok_or_else(|| Fault::new(node.line, "`lr` is no number > 0"))?;
                Ok(Candidate { optimizer: configured.canonical(), lr: Some(lr) })
            };
            let arm: Vec<Candidate> = points.into_iter().map(candidate).collect::<Result<_, Fault>>()?;
            let choices = arm.iter().map(|c| c.optimizer.clone()).collect();
            tables.push(Table {
                line: node.line,
                axes: vec![],
                choices,
                arms: vec![arm],
                own: own.clone(),
                rates: None,
            });
        }
    }
    Ok(tables)
}

/// Finds the key that is to blame: the first that is wrong with nothing but the name beside it.
fn blame(table: &Table, fields: Map<String, Value>, text: String, configure: Configure<'_>) -> Fault {
    let Some(name) = fields.get("name") else { return Fault::new(table.line, text) };
    let named = Map::from_iter([("name".to_owned(), name.clone())]);
    if let Err(text) = configure(&Value::Object(named.clone())) {
        return Fault::new(table.line_of("name"), text);
    }
    let wrong = |(key, value): (String, Value)| {
        let mut pair = named.clone();
        pair.insert(key.clone(), value);
        configure(&Value::Object(pair)).err().map(|text| (key, text))
    };
    match fields.into_iter().find_map(wrong) {
        Some((key, text)) if text.contains("expected a sequence") => Fault::new(
            table.line_of(&key),
            format!("{text}; an array is an axis, a vector is an inner array: `[[2, 3]]`"),
        ),
        Some((key, text)) => Fault::new(table.line_of(&key), text),
        None => Fault::new(table.line, text),
    }
}
