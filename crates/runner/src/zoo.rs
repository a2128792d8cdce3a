//! The zoo: instances of problems, drawn once and for all, each with its budget, its tags and what it costs.
//!
//! `zoo/zoo.toml` declares blocks: knobs of one family of problems, as in a study. With `draws = n` the ranges of the
//! knobs give `n` points of a Sobol sequence, and more draws begin with the same ones; without, arrays are axes. Where the
//! family draws its instances, each gets a seed of its own. Places in a block take turns: the first is for development, the
//! next is held out; `held_out = true` begins with that.

use crate::lab::Lab;
use crate::plan::axis::{Axis, product};
use crate::plan::draws::draw;
use crate::plan::is_setting;
use crate::plan::node::{Entry, Fault, Kind, Node};
use crate::protocol::Search;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;

const TEXT: &str = include_str!("zoo/zoo.toml");
const COSTS: &str = include_str!("zoo/costs.csv");

/// One problem of the zoo.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The block and its place there: `quadratic-3`.
    pub name: String,
    /// The kin that it belongs to: what differs between two of one group differs less than between two groups.
    pub group: String,
    /// Its table, defaults resolved.
    pub problem: Value,
    /// The settings of its training, as in a study.
    pub settings: Vec<Entry>,
    /// Whether methods may be made on it.
    pub set: Set,
    /// Those of its family and of its block.
    pub tags: Vec<String>,
    /// Milliseconds of one training with Adam on one core of the machine that measured it; none if it was not measured.
    pub ms: Option<f64>,
}

/// What an instance may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Set {
    /// To look at while a method or a protocol is made.
    Development,
    /// To judge it by, afterwards.
    HeldOut,
}

impl Set {
    /// As in studies.
    pub fn word(self) -> &'static str {
        match self {
            Set::Development => "development",
            Set::HeldOut => "held-out",
        }
    }
}

/// What a study picks from the zoo: all that is said must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pick {
    /// All of them, or one set.
    pub zoo: Option<Which>,
    /// A word of its tags.
    pub tag: Option<String>,
    /// Its group.
    pub group: Option<String>,
    /// Its name.
    pub instance: Option<String>,
    /// It takes at most so many milliseconds.
    pub max_ms: Option<f64>,
}

/// Which set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// Both.
    All,
    /// [`Set::Development`].
    Development,
    /// [`Set::HeldOut`].
    HeldOut,
}

impl Pick {
    /// Its keys: what stands for a `name` in a `[[problem]]`.
    pub const KEYS: [&str; 5] = ["zoo", "tag", "group", "instance", "max_ms"];

    /// Whether an instance is picked.
    pub fn takes(&self, instance: &Instance) -> bool {
        let set = match self.zoo {
            None | Some(Which::All) => true,
            Some(Which::Development) => instance.set == Set::Development,
            Some(Which::HeldOut) => instance.set == Set::HeldOut,
        };
        set && self.tag.as_ref().is_none_or(|tag| instance.tags.contains(tag))
            && self.group.as_ref().is_none_or(|group| *group == instance.group)
            && self.instance.as_ref().is_none_or(|name| *name == instance.name)
            && self.max_ms.is_none_or(|most| instance.ms.is_some_and(|ms| ms <= most))
    }
}

/// All instances.
///
/// # Errors
/// If the lab lacks a family of the zoo.
pub fn instances(lab: &Lab) -> Result<Vec<Instance>, Fault> {
    let mut reader = csv::Reader::from_reader(COSTS.as_bytes());
    let costs: HashMap<String, f64> =
        reader.deserialize().collect::<Result<_, _>>().map_err(|e| Fault::new(0, format!("costs.csv: {e}")))?;
    let mut all = Vec::new();
    for entry in Node::document(TEXT)? {
        let (Kind::Table(entries), block) = (&entry.value.kind, &entry.key) else {
            return Err(Fault::new(entry.line(), format!("`{}` is no block", entry.key)));
        };
        all.extend(self::block(block, entries, lab, &costs)?);
    }
    Ok(all)
}

/// The instances of one block.
fn block(name: &str, entries: &[Entry], lab: &Lab, costs: &HashMap<String, f64>) -> Result<Vec<Instance>, Fault> {
    let text = |key: &str| entries.iter().find(|e| e.key == key).map(|e| e.value.value());
    let (settings, knobs): (Vec<&Entry>, Vec<&Entry>) = entries
        .iter()
        .filter(|e| !["group", "tags", "draws", "held_out"].contains(&e.key.as_str()))
        .partition(|e| is_setting(&e.key));
    if let Some(axis) = settings.iter().find(|e| matches!(e.value.kind, Kind::List(_))) {
        return Err(Fault::new(axis.line(), format!("`{}`: an instance has one value of each setting", axis.key)));
    }
    let tables: Vec<Map<String, Value>> = match text("draws").and_then(|n| n.as_u64()) {
        Some(n) => draw(&knobs, Search::Sobol(n as usize), &format!("zoo {name}"))?,
        None => {
            let axes: Vec<Axis> = knobs.iter().map(|knob| Axis::of(knob)).collect::<Result<_, _>>()?;
            product(&axes)?.collect()
        }
    };
    let alone = tables.len() == 1;
    let group = text("group").and_then(|g| g.as_str().map(str::to_owned)).unwrap_or_else(|| name.to_owned());
    let first = text("held_out").and_then(|h| h.as_bool()).map_or(0, usize::from);
    let tags: Vec<String> = text("tags").and_then(|t| serde_json::from_value(t).ok()).unwrap_or_default();
    let instance = |(i, mut table): (usize, Map<String, Value>)| {
        let family = lab.families.entries().iter().find(|e| table.get("name").is_some_and(|name| name == e.facts.name));
        if family.is_some_and(|e| e.facts.hypers.iter().any(|h| h.name == "instance")) {
            table.entry("instance").or_insert(i.into());
        }
        let line = entries.first().map_or(0, Entry::line);
        let configured = lab.families.configure(&Value::Object(table)).map_err(|e| Fault::new(line, e))?;
        let name = if alone { name.to_owned() } else { format!("{name}-{}", i + 1) };
        let own = configured.facts.tags.iter().map(|tag| (*tag).to_owned());
        Ok(Instance {
            ms: costs.get(&name).copied(),
            name,
            group: group.clone(),
            problem: configured.canonical(),
            settings: settings.iter().copied().cloned().collect(),
            set: if (i + first) % 2 == 0 { Set::Development } else { Set::HeldOut },
            tags: own.chain(tags.iter().cloned()).collect(),
        })
    };
    tables.into_iter().enumerate().map(instance).collect()
}
