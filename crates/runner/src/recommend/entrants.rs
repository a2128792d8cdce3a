//! Who runs: each optimizer with each schedule, where the problem offers what the optimizer needs.

use crate::lab::Lab;
use crate::landscape::Landscape;
use crate::plan;
use crate::plan::node::{Entry, Node};
use crate::race::{Grid, Heat, place, rate};
use crate::rows::optimizer_label;
use crate::trial::Trial;
use anyhow::{Result, bail};
use downhill::{Layout, Schedule};
use serde_json::{Map, Value, json};

/// What is asked: a problem, how long a training is, and what to choose from. Tables are written as in a study.
#[derive(Clone, Debug)]
pub struct Question {
    /// The problem's table, and settings such as `epochs` and `batch`.
    pub study: Map<String, Value>,
    /// Optimizers, the first choices first.
    pub optimizers: Vec<Map<String, Value>>,
    /// Schedules.
    pub schedules: Vec<Value>,
    /// Whether an optimizer that cannot run here is left out, and not an error.
    pub lenient: bool,
}

/// An optimizer with a schedule.
#[derive(Clone, Debug)]
pub struct Entrant {
    /// In words.
    pub label: String,
    /// The optimizer's table as it stands in a study.
    pub optimizer: Map<String, Value>,
    /// The schedule as it stands in a study.
    pub schedule: Value,
    /// Its default learning rate.
    pub default: f64,
    /// The ends of its grid.
    pub grid: (i32, i32),
    /// Where it is tried first: its grid, or around the same optimizer with the first schedule.
    pub start: Grid,
    /// What the problem's metric is called; none if it has none.
    pub metric: Option<&'static str>,
    /// The blocks of the problem's parameters.
    pub layout: Layout,
    /// A trial, of any rate and seed.
    pub template: Trial,
}

impl Question {
    /// Optimizers to choose from unless others are named: one of each kind that the field uses most, few enough that
    /// each can be tuned.
    pub fn usual_optimizers() -> Vec<Map<String, Value>> {
        let named = |name: &str| Map::from_iter([("name".to_owned(), json!(name))]);
        let mut momentum = named("sgd");
        momentum.insert("momentum".to_owned(), json!(0.9));
        let [adam, rest @ ..] = ["adam", "muon", "lion", "rmsprop", "nadam", "adagrad", "sgd"].map(named);
        [adam, momentum].into_iter().chain(rest).collect()
    }

    /// The study of one entrant, at one rate.
    fn entries(&self, optimizer: &Map<String, Value>, schedule: &Value) -> Vec<Entry> {
        let mut study = self.study.clone();
        let own = [("seeds", json!([0])), ("lr", json!([1.0])), ("schedule", schedule.clone())];
        study.extend(own.map(|(key, value)| (key.to_owned(), value)));
        study.insert("optimizer".to_owned(), json!([optimizer]));
        study.into_iter().map(|(key, value)| Entry { key, value: Node::of(value) }).collect()
    }

    /// A study of the given entrants at one rate each, with these seeds: its text.
    pub fn study_text(&self, question: &str, entered: &[(&Entrant, f64)], seeds: &[u64]) -> Result<String> {
        let mut study = self.study.clone();
        let optimizer = |(entrant, lr): &(&Entrant, f64)| {
            let mut table = entrant.optimizer.clone();
            table.insert("lr".to_owned(), json!([lr]));
            table.insert("schedule".to_owned(), entrant.schedule.clone());
            Value::Object(table)
        };
        study.insert("question".to_owned(), json!(question));
        study.insert("seeds".to_owned(), json!(seeds));
        study.insert("optimizer".to_owned(), entered.iter().map(optimizer).collect());
        Ok(toml::to_string(&Value::Object(study))?)
    }
}

/// All pairs of optimizer and schedule, and which optimizers were left out, with the reason.
///
/// # Errors
/// If the problem is wrong, an optimizer is unknown, or, where the question is not lenient, cannot run here.
pub fn entrants(question: &Question, lab: &Lab) -> Result<(Vec<Entrant>, Vec<String>)> {
    let (mut entered, mut left_out) = (Vec::new(), Vec::new());
    for optimizer in &question.optimizers {
        let leader = entered.len();
        for (number, schedule) in question.schedules.iter().enumerate() {
            match plan::trials(&question.entries(optimizer, schedule), lab) {
                Ok(trials) => {
                    for (i, trial) in trials.into_iter().enumerate() {
                        let follows = (number > 0).then_some(leader + i);
                        entered.push(Entrant::new(trial, optimizer, schedule, follows, lab));
                    }
                }
                Err(fault) if question.lenient => {
                    left_out.push(fault.text);
                    break;
                }
                Err(fault) => bail!(crate::cmd::Usage(fault.text)),
            }
        }
    }
    match (entered.is_empty(), left_out.first()) {
        (true, Some(reason)) => bail!(crate::cmd::Usage(reason.clone())),
        _ => Ok((entered, left_out)),
    }
}

impl Entrant {
    fn new(
        template: Trial,
        optimizer: &Map<String, Value>,
        schedule: &Value,
        follows: Option<usize>,
        lab: &Lab,
    ) -> Self {
        let mut label = optimizer_label(&template.optimizer, lab);
        if template.schedule != Schedule::default() {
            label.push_str(&format!(", {}", schedule["name"].as_str().or(schedule.as_str()).unwrap_or("scheduled")));
        }
        let facts = lab.optimizers.configure(&template.optimizer).map(|c| c.facts);
        let (default, (low, high)) = facts.map_or((1e-3, (1e-4, 1e-1)), |f| (f.lr, f.grid));
        let grid = (place(low), place(high));
        let landscape = Landscape::of_trial(&template, lab);
        let metric = landscape.as_ref().and_then(|l| l.facts.metric).map(|metric| metric.name);
        let layout = landscape.map_or_else(Layout::default, |l| l.layout);
        let start = follows.map_or(Grid::From(grid.0, grid.1), Grid::Around);
        Entrant {
            label,
            metric,
            layout,
            start,
            optimizer: optimizer.clone(),
            schedule: schedule.clone(),
            default,
            grid,
            template,
        }
    }

    /// The trial of a heat.
    pub fn trial(&self, heat: &Heat) -> Trial {
        self.at(rate(heat.place), heat.seed)
    }

    /// The trial at a rate with a seed.
    pub fn at(&self, lr: f64, seed: u64) -> Trial {
        Trial { lr, seed, ..self.template.clone() }
    }
}
