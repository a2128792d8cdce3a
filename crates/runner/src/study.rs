//! A study: a question in TOML, and the trials that answer it.
//!
//! ```toml
//! question = "How wide is the range of learning rates within 2x of the best final loss?"
//! seeds = 10                                     # 0 to 9; or a list
//! steps = 2000                                   # problems with examples take `epochs` instead, if it is given
//! lr = { log = [1e-5, 1.0], per_decade = 2 }     # or { relative = [0.1, 1, 10] }, or { around = 7, per_decade = 2 }
//! [[optimizer]]
//! name = "adam"
//! beta2 = [0.99, 0.999]                          # any array is an axis
//! [[problem]]
//! name = "mlp"
//! data = ["digits", "wine"]
//! hidden = [[64, 32]]                            # a vector value is an inner array
//! ```
//!
//! Keys are [`plan::SETTINGS`], `seeds`, `lr`, `[[optimizer]]`, `[[problem]]`, `[protocol]` for trials that depend on
//! others ([`crate::protocol`]), and for the report
//! `question` and the keys of [`ask::Ask`](crate::ask::Ask).
//! A problem may have settings and learning rates of its own, an optimizer a schedule, an `order`, a `batch` and
//! learning rates; the optimizer's go before the problem's, these before the study's. Without any `lr`, each optimizer
//! is tried on the grid that its facts hold.

use crate::ask::Ask;
use crate::expect::Expectation;
use crate::lab::Lab;
use crate::plan::node::{Entry, Fault, Node};
use crate::plan::{self, ASKS, Arm};
use crate::protocol::{Protocol, Stage};
use crate::published::Published;
use crate::rounds::{FRESH, Finish};
use crate::rows::TrialRow;
use crate::stats::groups;
use crate::store::name_below;
use crate::trial::{Record, Trial};
use anyhow::{Context as _, Result, anyhow};
use rayon::prelude::*;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

/// A question, and the trials that answer it.
#[derive(Clone, Debug)]
pub struct Study {
    /// The path below `experiments`, such as `article/ravine`: the folder below `results`.
    pub name: String,
    /// In words; may be empty.
    pub question: String,
    /// The file's text.
    pub text: String,
    protocol: Option<Protocol>,
    arms: Vec<Arm>,
    trials: Vec<Trial>,
}

/// A trial of a study, and what it is run for.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// The trial.
    pub trial: Trial,
    /// Its key.
    pub key: String,
    /// What it is run for, more than one thing where plans meet; nothing in a study without a protocol.
    pub stages: BTreeSet<Stage>,
    /// The arm in words, where its candidates differ in more than the rate.
    pub arm: Option<String>,
}

/// The trials of a study as far as finished ones tell.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Those that are done.
    pub done: Vec<Planned>,
    /// Those that come next; none when the study is done.
    pub next: Vec<Planned>,
}

impl Study {
    /// Reads a study, and checks all of it: names, ranges, data files, and whether every optimizer can be built for
    /// every problem.
    ///
    /// # Errors
    /// The first that is wrong: file, line, key, what was found, what is allowed.
    pub fn load(path: &Path, lab: &Lab) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let folder = path.parent().map_or(String::new(), |folder| name_below(folder, "results"));
        let name = match path.file_stem() {
            // The copy that a sweep leaves among its results.
            Some(stem) if stem == "study" && !folder.is_empty() => folder,
            _ => name_below(&path.with_extension(""), "experiments"),
        };
        Study::parse(name, text, lab).map_err(|fault| anyhow!("{}:{}: {}", path.display(), fault.line, fault.text))
    }

    /// A study from its text.
    ///
    /// # Errors
    /// As [`load`](Study::load).
    pub fn parse(name: String, text: String, lab: &Lab) -> Result<Self, Fault> {
        let (asks, entries): (Vec<Entry>, _) =
            Node::document(&text)?.into_iter().partition(|e| ASKS.contains(&e.key.as_str()));
        if let Some(entry) = entries.iter().find(|e| e.key == "imported") {
            let imported = Ask::of(&text).ok().and_then(|ask| ask.imported);
            let command = imported.map_or_else(|| "downhill import".to_owned(), |imported| imported.command(&name));
            return Err(Fault::new(entry.line(), format!("the runs were imported, and are read again by: {command}")));
        }
        let (protocol, arms) = plan::arms(&entries, lab)?;
        let trials: Vec<Trial> = arms.iter().flat_map(Arm::trials).collect();
        if let (Some(_), Some(entry)) = (&protocol, entries.iter().find(|e| e.key == "seeds"))
            && trials.iter().any(|t| t.seed >= FRESH)
        {
            let text = format!("`seeds`: seeds from {FRESH} on are kept for confirmation by `[protocol]`");
            return Err(Fault::new(entry.line(), text));
        }
        let adaptive = protocol.is_some();
        asks.iter().try_for_each(|ask| check(ask, (&trials, &arms), adaptive, &text, lab))?;
        let question = asks.iter().find(|e| e.key == "question").map(|e| e.value.value());
        let question = question.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Study { name, question, text, protocol, arms, trials })
    }

    /// Those that are known without running one, which is all of them unless there is a protocol. In file order: problem,
    /// optimizer, further axes, learning rate, seed.
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// How trials are found that depend on others; none if there are none.
    pub fn protocol(&self) -> Option<&Protocol> {
        self.protocol.as_ref()
    }

    /// At most so many trials.
    pub fn most(&self) -> usize {
        let Some(protocol) = &self.protocol else { return self.trials.len() };
        self.arms.iter().map(|arm| protocol.most(&arm.outline())).sum::<usize>() + self.defaults().len()
    }

    /// The trials, as far as finished ones tell, by their keys: a function of these, whatever their order.
    pub fn plan(&self, finish: impl Fn(&str) -> Option<Finish>) -> Plan {
        let mut plan = Plan::default();
        let Some(protocol) = &self.protocol else {
            let keys: Vec<String> = self.trials.par_iter().map(Trial::key).collect();
            let bare = |(key, trial): (String, &Trial)| Planned {
                key,
                trial: trial.clone(),
                stages: BTreeSet::new(),
                arm: None,
            };
            (plan.done, plan.next) =
                keys.into_iter().zip(&self.trials).map(bare).partition(|p| finish(&p.key).is_some());
            return plan;
        };
        let mut places: HashMap<String, (bool, usize)> = HashMap::new();
        let mut add = |trial: Trial, stage: Stage, arm: Option<String>| {
            let key = trial.key();
            let is_done = finish(&key).is_some();
            let list = if is_done { &mut plan.done } else { &mut plan.next };
            let (_, i) = *places.entry(key).or_insert_with_key(|key| {
                list.push(Planned { key: key.clone(), trial, stages: BTreeSet::new(), arm });
                (is_done, list.len() - 1)
            });
            list[i].stages.insert(stage);
        };
        for arm in &self.arms {
            let (done, next) = arm.plan(protocol, &finish);
            done.into_iter().chain(next).for_each(|(trial, stage)| add(trial, stage, arm.label.clone()));
        }
        self.defaults().into_iter().for_each(|trial| add(trial, Stage::Default, None));
        plan
    }

    /// The same study where matrix products round as in that kernel class: its trials are others.
    pub fn on(mut self, kernel: &str) -> Self {
        let kernel: Arc<str> = kernel.into();
        let arms = self.arms.iter_mut().flat_map(|arm| arm.candidates.iter_mut().chain(arm.default.iter_mut()));
        arms.chain(self.trials.iter_mut()).for_each(|trial| trial.kernel = kernel.clone());
        self
    }

    /// Each optimizer at its defaults, on each problem, once.
    fn defaults(&self) -> Vec<Trial> {
        let Some(protocol) = self.protocol.as_ref().filter(|p| p.default) else { return Vec::new() };
        let fresh: Vec<u64> = (FRESH..FRESH + protocol.confirm as u64).collect();
        let mut seen = BTreeSet::new();
        let defaults = self.arms.iter().filter_map(|arm| Some((arm.default.as_ref()?, &arm.seeds)));
        let seeded = defaults.flat_map(|(trial, own)| {
            let seeds = if fresh.is_empty() { own } else { &fresh };
            seeds.iter().map(|&seed| Trial { seed, ..trial.clone() })
        });
        seeded.filter(|trial| seen.insert(trial.key())).collect()
    }
}

/// A text, or for `measure` a list of texts; `compare` names an axis, `measure` and `choose` columns of `trials.csv`, `curves` all or
/// some.
fn check(ask: &Entry, (trials, arms): (&[Trial], &[Arm]), protocol: bool, text: &str, lab: &Lab) -> Result<(), Fault> {
    let fault = |text: String| Fault::new(ask.line(), format!("`{}`: {text}", ask.key));
    if ask.key == "equivalence" {
        let value = ask.value.value();
        let sound = value.as_f64().is_some_and(|x| x >= 0.0);
        return if sound { Ok(()) } else { Err(fault(format!("{value} is no number >= 0"))) };
    }
    let words = match ask.value.value() {
        Value::Array(list) if ["measure", "expect", "published"].contains(&ask.key.as_str()) => list,
        one => vec![one],
    };
    for word in &words {
        let Some(word) = word.as_str() else { return Err(fault(format!("{word} is not a text"))) };
        if ask.key == "expect" {
            sound(&Expectation::parse(word).map_err(&fault)?, arms, text, lab).map_err(&fault)?;
            continue;
        }
        if ask.key == "published" {
            there(&Published::parse(word).map_err(&fault)?, arms, text, lab).map_err(&fault)?;
            continue;
        }
        let known: BTreeSet<String> = match ask.key.as_str() {
            "compare" => trials.iter().flat_map(axes).collect(),
            "choose" if protocol => {
                return Err(fault("a study with `[protocol]` chooses by validation loss".into()));
            }
            "measure" | "choose" => trials.first().map(|t| columns(t, lab)).unwrap_or_default(),
            "curves" => ["all", "chosen"].map(String::from).into(),
            _ => continue,
        };
        if !known.contains(word) {
            return Err(fault(format!("`{word}` is none of {}", known.into_iter().collect::<Vec<_>>().join(", "))));
        }
    }
    Ok(())
}

/// A row for each candidate, without a result.
fn blank(arms: &[Arm], lab: &Lab) -> Vec<TrialRow> {
    let row = |arm: &Arm, t: &Trial| TrialRow {
        arm: arm.label.as_deref().unwrap_or_default().into(),
        ..TrialRow::new(&Record::failed(t, String::new()), lab)
    };
    arms.iter().flat_map(|a| a.candidates.iter().map(move |t| row(a, t))).collect()
}

/// Whether what was published is about a candidate of the study.
fn there(published: &Published, arms: &[Arm], text: &str, lab: &Lab) -> Result<(), String> {
    let axis = Ask::of(text).map_err(|e| e.to_string())?.axis();
    let rows = blank(arms, lab);
    let groups = groups(&rows, &axis, lab);
    let [group] = &groups[..] else {
        return Err(format!("a number is about one problem in one setting, the study has {}", groups.len()));
    };
    let Some(member) = group.members.iter().find(|m| m.label == published.member) else {
        let labels: Vec<&str> = group.members.iter().map(|m| m.label.as_str()).collect();
        return Err(format!("`{}` is none of {}", published.member, labels.join(", ")));
    };
    if let Some(lr) = published.lr
        && published.cell(group).is_none()
    {
        let rates: Vec<String> = member.grid.iter().map(|cell| cell.lr.to_string()).collect();
        return Err(format!("lr={lr} is none of {}'s {}", published.member, rates.join(", ")));
    }
    if let Some(at) = published.at
        && !arms.iter().flat_map(|arm| &arm.candidates).any(|trial| trial.recording.reaches(at, trial.budget))
    {
        return Err(format!(
            "no trial is measured at {at}; `spacing = {{ at = [{at}] }}` asks for it, within the trial"
        ));
    }
    if rows.first().is_some_and(|row| published.measurable(row)) {
        return Ok(());
    }
    let file = if published.at.is_none() { "trials.csv" } else { "curves.csv" };
    Err(format!("`{}` is no numeric column of {file}", published.measure))
}

/// Whether members and measure of an expectation are there.
fn sound(expectation: &Expectation, arms: &[Arm], text: &str, lab: &Lab) -> Result<(), String> {
    let axis = Ask::of(text).map_err(|e| e.to_string())?.axis();
    let rows = blank(arms, lab);
    let groups = groups(&rows, &axis, lab);
    let labels: BTreeSet<&str> = groups.iter().flat_map(|g| &g.members).map(|m| m.label.as_str()).collect();
    for side in expectation.members() {
        if !expectation.finds(side, labels.iter().copied()) {
            return Err(format!("`{side}` is none of {}", labels.into_iter().collect::<Vec<_>>().join(", ")));
        }
    }
    if rows.first().is_some_and(|row| expectation.measurable(row)) {
        return Ok(());
    }
    Err(format!(
        "`{}` is no numeric column of trials.csv or curves.csv, and none of `after K`, `drift`, `drift per step`, `lost`",
        expectation.measure
    ))
}

/// What differs, or could, between trials: their fields, and those of problem, optimizer and sampling.
fn axes(trial: &Trial) -> Vec<String> {
    let fields = serde_json::to_value(trial).unwrap_or_default();
    let all = [&fields, &fields["problem"], &fields["optimizer"], &fields["sampling"]];
    all.into_iter().filter_map(Value::as_object).flat_map(|table| table.keys().cloned()).collect()
}

/// The numeric columns of `trials.csv`.
fn columns(trial: &Trial, lab: &Lab) -> BTreeSet<String> {
    let row = TrialRow::new(&Record::failed(trial, String::new()), lab);
    let fields = serde_json::to_value(&row).unwrap_or_default();
    let names = fields.as_object().into_iter().flat_map(|fields| fields.keys());
    names.filter(|name| row.column(name).is_some()).cloned().collect()
}
