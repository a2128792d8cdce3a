//! From the keys of a study to its trials: the product of all axes, checked before the first step.

mod arm;
pub mod axis;
pub mod draws;
pub mod node;
mod sheet;

pub use arm::Arm;

use crate::lab::Lab;
use crate::needs::Offer;
use crate::protocol::Protocol;
use crate::sweep::contained;
use crate::trial::{Budget, NUMERICS, Precision, Recording, Spacing, Trial, kernel_class};
use axis::{Axis, Rates, product};
use downhill::{Hyper, Layout, Range, Schedule};
use downhill_problems::{
    self as problems, Facts, Order, Problem, ProblemError, Remainder, Sampler, Sampling, SplitSpec, Stream, Streams,
};
use draws::Candidate;
use node::{Entry, Fault};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sheet::{Sheet, Table};

pub(crate) use sheet::is_setting;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Keys that are for the report: they decide no trial. See [`ask::Ask`](crate::ask::Ask).
pub const ASKS: [&str; 10] =
    ["question", "claim", "expect", "published", "remark", "compare", "measure", "choose", "equivalence", "curves"];

/// The settings of a study, beside `schedule`, `split`, `fixed` and `spacing`.
pub const SETTINGS: &[Hyper] = &[
    Hyper::new("epochs", Range::AtLeast(1), "passes over the training examples, for problems that have examples"),
    Hyper::new("steps", Range::AtLeast(1), "steps of the optimizer, for plain functions, or without `epochs`"),
    Hyper::new("horizon", Range::AtLeast(1), "what the schedule takes for the whole, in the unit of the budget"),
    Hyper::new("batch", Range::AtLeast(1), "training examples a step"),
    Hyper::new("order", Range::OneOf(&["shuffled", "fixed", "replacement", "full"]), "how examples come"),
    Hyper::new("remainder", Range::OneOf(&["keep", "drop"]), "whether examples that fill no batch are the last one"),
    Hyper::new("precision", Range::OneOf(&["f32", "f64"]), "the scalar of the computation"),
    Hyper::new("points", Range::AtLeast(1), "how often a trial is measured after its start"),
    Hyper::new("target", Range::Finite, "the validation loss to reach"),
    Hyper::new("stop_at_target", Range::Flag, "whether a trial ends there"),
];

/// One choice of the settings.
#[derive(Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    epochs: Option<u64>,
    steps: Option<u64>,
    horizon: Option<u64>,
    batch: usize,
    order: Order,
    remainder: Remainder,
    schedule: Schedule,
    precision: Precision,
    split: SplitSpec,
    points: u64,
    spacing: Spacing,
    target: Option<f64>,
    stop_at_target: bool,
    fixed: Vec<Stream>,
}

impl Default for Settings {
    fn default() -> Self {
        let (sampling, recording) = (Sampling::default(), Recording::default());
        Settings {
            epochs: None,
            steps: None,
            horizon: None,
            batch: sampling.batch,
            order: sampling.order,
            remainder: sampling.remainder,
            schedule: Schedule::default(),
            precision: Precision::default(),
            split: SplitSpec::default(),
            points: recording.points,
            spacing: recording.spacing,
            target: None,
            stop_at_target: false,
            fixed: Vec::new(),
        }
    }
}

impl Settings {
    /// Steps or epochs, whichever counts for a problem with so many training examples.
    fn budget(&self, examples: usize) -> Result<Budget, &'static str> {
        match (examples, self.epochs, self.steps) {
            (0, _, Some(n)) => Ok(Budget::Steps(n)),
            (0, Some(_), None) => Err("a plain function has no epochs: give `steps`"),
            (_, Some(n), _) => Ok(Budget::Epochs(n)),
            (_, None, Some(n)) => Ok(Budget::Steps(n)),
            (_, None, None) => Err("how long does a trial take? give `epochs` or `steps`"),
        }
    }

    /// What has no effect is left out, so that it makes no second trial.
    fn sampling(&self, examples: usize) -> Sampling {
        if examples == 0 || self.order == Order::Full {
            Sampling { order: Order::Full, batch: 0, ..Sampling::default() }
        } else {
            Sampling { order: self.order, batch: self.batch, remainder: self.remainder }
        }
    }
}

/// The trials of a study's search: all combinations of its axes in file order, the seed varying fastest.
///
/// # Errors
/// As [`arms`].
pub fn trials(entries: &[Entry], lab: &Lab) -> Result<Vec<Trial>, Fault> {
    let (_, arms) = arms(entries, lab)?;
    Ok(arms.iter().flat_map(Arm::trials).collect())
}

/// The protocol of a study, if it has one, and what is tuned as one, in file order.
///
/// # Errors
/// The first thing that is wrong, with its line. Problems are built once, and every optimizer for every problem.
pub fn arms(entries: &[Entry], lab: &Lab) -> Result<(Option<Protocol>, Vec<Arm>), Fault> {
    let sheet = Sheet::read(entries, lab)?;
    let mut planner =
        Planner { sheet: &sheet, lab, sites: HashMap::new(), built: HashSet::new(), arms: Vec::new(), count: 0 };
    let mut seen = HashMap::new();
    for problem in &sheet.problems {
        for optimizer in &sheet.optimizers {
            for (p, candidates) in problem.choices.iter().flat_map(|p| optimizer.arms.iter().map(move |o| (p, o))) {
                let from = planner.arms.len();
                planner.pair(&Pair { problem, optimizer, p, o: &candidates[0].optimizer, candidates })?;
                // All have the same seeds, so that candidates stand for their trials.
                for trial in planner.arms[from..].iter().flat_map(|arm| &arm.candidates) {
                    if let Some(line) = seen.insert(trial.key(), optimizer.line) {
                        let text = format!(
                            "the same trial twice: optimizer {}, problem {p}, lr {}, first at line {line}",
                            trial.optimizer, trial.lr
                        );
                        return Err(Fault::new(optimizer.line.max(problem.line), text));
                    }
                }
            }
        }
    }
    let arms = planner.arms;
    Ok((sheet.protocol, arms))
}

/// One problem and one optimizer, with the tables that they stand in.
struct Pair<'a> {
    problem: &'a Table,
    optimizer: &'a Table,
    p: &'a Value,
    o: &'a Value,
    /// The optimizers that are tuned as one; `o` is the first.
    candidates: &'a [Candidate],
}

impl Pair<'_> {
    /// The most specific settings: the optimizer's, then the problem's, then the study's.
    fn settings(&self, sheet: &Sheet) -> Vec<Axis> {
        let mut axes = sheet.settings.clone();
        for own in self.problem.own.iter().chain(&self.optimizer.own) {
            match axes.iter_mut().find(|a| a.key == own.key) {
                Some(axis) => *axis = own.clone(),
                None => axes.push(own.clone()),
            }
        }
        axes
    }

    fn rates(&self, sheet: &Sheet) -> Rates {
        let given = self.optimizer.rates.as_ref().or(self.problem.rates.as_ref()).or(sheet.rates.as_ref());
        given.cloned().unwrap_or(Rates::Grid)
    }
}

/// What must be known of a problem before a trial of it can be planned.
#[derive(Clone)]
struct Site {
    examples: usize,
    layout: Layout,
    facts: Facts,
    digest: Option<String>,
}

struct Planner<'a> {
    sheet: &'a Sheet,
    lab: &'a Lab,
    /// By problem, split and precision.
    sites: HashMap<String, Site>,
    /// Optimizers that were built for a layout.
    built: HashSet<String>,
    arms: Vec<Arm>,
    /// How many trials the arms have.
    count: usize,
}

impl Planner<'_> {
    /// The arms of a pair, one for each choice of the settings.
    fn pair(&mut self, pair: &Pair<'_>) -> Result<(), Fault> {
        let axes = pair.settings(self.sheet);
        let facts = self.lab.optimizers.configure(pair.o).map_err(|e| Fault::new(pair.optimizer.line, e))?.facts;
        let rates = pair.rates(self.sheet).resolve(&facts);
        let mut planned: Vec<Trial> = Vec::new();
        for chosen in product(&axes)? {
            let trial = self.trial(pair, &axes, chosen)?;
            // A batch size means nothing to a trial on all examples: such axes collapse.
            if !planned.contains(&trial) {
                planned.push(trial);
            }
        }
        let rows = [planned.len(), pair.candidates.len(), rates.len(), self.sheet.seeds.len()];
        self.count = rows.into_iter().fold(1, usize::saturating_mul).saturating_add(self.count);
        if self.count > self.lab.most_trials {
            let text = format!("more than {} trials: split the study into several", self.lab.most_trials);
            return Err(Fault::new(pair.optimizer.line, text));
        }
        for trial in planned {
            // A drawn candidate has its own rate; any other is tried at all of them.
            let drawn = pair.candidates.iter().any(|c| c.lr.is_some());
            let mut trials = Vec::new();
            for candidate in pair.candidates {
                let own = candidate.lr.map(|lr| vec![lr]);
                let shared = Arc::new(candidate.optimizer.clone());
                for &lr in own.as_ref().unwrap_or(&rates) {
                    trials.push(Trial { lr, optimizer: shared.clone(), ..trial.clone() });
                }
            }
            let default = self.default(pair, &trial);
            let seeds = self.sheet.seeds.clone();
            let label = drawn.then(|| {
                let first = &pair.candidates[0].optimizer;
                let varies =
                    |key: &&String| pair.candidates.iter().any(|c| c.optimizer[key.as_str()] != first[key.as_str()]);
                let keys =
                    first.as_object().into_iter().flat_map(|fields| fields.keys()).filter(varies).map(String::as_str);
                let keys = ["lr"].into_iter().chain(keys).collect::<Vec<_>>().join(", ");
                format!("{} ({keys} drawn)", first["name"].as_str().unwrap_or("?"))
            });
            self.arms.push(Arm { candidates: trials, seeds, grows: !drawn, label, default });
        }
        Ok(())
    }

    /// The optimizer at its defaults, if it can run there.
    fn default(&self, pair: &Pair<'_>, trial: &Trial) -> Option<Trial> {
        let given = pair.o.as_object()?.iter().filter(|(key, _)| *key == "name" || *key == "preset");
        let table = Value::Object(given.map(|(key, value)| (key.clone(), value.clone())).collect());
        let configured = self.lab.optimizers.configure(&table).ok()?;
        // What the tuned one needs, it is given; a bare one may need something else.
        let tuned = self.lab.optimizers.configure(pair.o).ok()?;
        let same = configured.needs().iter().all(|need| tuned.needs().contains(need));
        same.then(|| Trial { optimizer: configured.canonical().into(), lr: configured.facts.lr, ..trial.clone() })
    }

    /// A trial with those settings, learning rate and seed still open.
    fn trial(&mut self, pair: &Pair<'_>, axes: &[Axis], chosen: Map<String, Value>) -> Result<Trial, Fault> {
        let line = |key: &str| axes.iter().find(|a| a.key == key).map_or(pair.problem.line, |a| a.line);
        let settings: Settings =
            serde_json::from_value(Value::Object(chosen)).map_err(|e| Fault::new(pair.problem.line, e))?;
        let site = self.site(pair, &settings)?;
        let sampling = settings.sampling(site.examples);
        for candidate in pair.candidates {
            self.build(&Pair { o: &candidate.optimizer, ..*pair }, &settings, &site, sampling)?;
        }
        let budget = settings
            .budget(site.examples)
            .map_err(|text| Fault::new(pair.problem.line, format!("{}: {text}", named("problem", pair.p))))?;
        Sampler::new(sampling, site.examples, &Streams::new("", 0)).map_err(|e| Fault::new(line("batch"), e))?;
        let recording = Recording { points: settings.points, spacing: settings.spacing };
        recording.check(budget).map_err(|text| Fault::new(line("spacing"), text))?;
        Ok(Trial {
            problem: pair.p.clone().into(),
            data: site.digest.map(Arc::from),
            optimizer: pair.o.clone().into(),
            lr: 0.0,
            schedule: settings.schedule,
            horizon: settings.horizon.map(|n| match budget {
                Budget::Steps(_) => Budget::Steps(n),
                Budget::Epochs(_) => Budget::Epochs(n),
            }),
            budget,
            target: settings.target,
            stop_at_target: settings.stop_at_target && settings.target.is_some(),
            sampling,
            split: settings.split,
            seed: 0,
            fixed: settings.fixed,
            precision: settings.precision,
            recording,
            numerics: NUMERICS,
            kernel: kernel_class().into(),
        })
    }

    /// Builds the problem, once.
    fn site(&mut self, pair: &Pair<'_>, settings: &Settings) -> Result<Site, Fault> {
        let key = format!("{} {:?} {:?}", pair.p, settings.split, settings.precision);
        if let Some(site) = self.sites.get(&key) {
            return Ok(site.clone());
        }
        let seed = self.sheet.seeds.first().copied().unwrap_or(0);
        let site = contained(|| match settings.precision {
            Precision::F32 => Ok(survey::<f32>(self.lab, pair.p, settings, seed)?),
            Precision::F64 => Ok(survey::<f64>(self.lab, pair.p, settings, seed)?),
        });
        let site =
            site.map_err(|e| Fault::new(pair.problem.line_of("data"), format!("{}: {e}", named("problem", pair.p))))?;
        self.sites.insert(key, site.clone());
        Ok(site)
    }

    /// Builds the optimizer for that layout, once, if the problem offers what it needs.
    fn build(&mut self, pair: &Pair<'_>, settings: &Settings, site: &Site, sampling: Sampling) -> Result<(), Fault> {
        let Pair { p, o, .. } = pair;
        if !self.built.insert(format!("{o} {p} {:?} {:?}", settings.precision, sampling.order)) {
            return Ok(());
        }
        let fault = |e: &dyn std::fmt::Display| {
            Fault::new(pair.optimizer.line, format!("{} on {}: {e}", named("optimizer", o), named("problem", p)))
        };
        let configured = self.lab.optimizers.configure(o).map_err(|e| fault(&e))?;
        let offer = Offer { facts: &site.facts, examples: site.examples, sampling };
        if let Some(refusal) = offer.refuses(&configured.needs()) {
            return Err(fault(&refusal));
        }
        match settings.precision {
            Precision::F32 => configured.build::<f32>(&site.layout).map(drop),
            Precision::F64 => configured.build::<f64>(&site.layout).map(drop),
        }
        .map_err(|e| fault(&e))
    }
}

/// "problem `mlp`".
fn named(what: &str, table: &Value) -> String {
    format!("{what} `{}`", table["name"].as_str().unwrap_or("?"))
}

/// Builds the problem for one seed.
fn survey<R: problems::Precision>(
    lab: &Lab,
    table: &Value,
    settings: &Settings,
    seed: u64,
) -> Result<Site, ProblemError> {
    let family = lab.families.configure(table)?;
    let digest = family.data().map(|data| lab.world.dataset(data).map(|d| d.digest.clone())).transpose()?;
    let streams = Streams::new(family.stream_key(), seed).with_fixed(&settings.fixed);
    let problem: Arc<dyn Problem<R>> = family.build(&lab.world.context(&settings.split, &streams))?;
    Ok(Site { examples: problem.examples(), layout: problem.layout(), facts: problem.facts(), digest })
}
