//! Trials in groups: what is compared with what, at which learning rates, over which seeds.

use super::axis::{Parts, phrase};
use super::{Axis, Estimate};
use crate::lab::Lab;
use crate::protocol::Stage;
use crate::rows::{TrialRow, optimizer_label, problem_label};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Fewer training examples than this, and a handful of test examples decides: such data carry no headline.
pub const TOY: f64 = 200.0;

/// Behind the label of an optimizer at its defaults.
const AT_DEFAULT: &str = " at its default";

/// Trials that may be compared: they differ along the axis, in learning rate and in seed, and in nothing else.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// The problem, less the axis.
    pub problem: String,
    /// What the members have in common beside the problem; empty if the optimizer is the axis.
    pub setting: String,
    /// What is compared.
    pub members: Vec<Member<'a>>,
    /// Optimizers at their defaults, where the study's protocol has them: one rate each, reported beside the members.
    pub defaults: Vec<Member<'a>>,
}

/// One value of the axis, with the learning rates that were tried.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    /// The value in words.
    pub label: String,
    /// By learning rate, ascending.
    pub grid: Vec<Cell<'a>>,
    /// The chosen learning rate: the place of [`Member::best`] in the grid.
    pub chosen: Option<usize>,
}

/// One candidate, mostly a learning rate, with one trial a seed.
#[derive(Clone, Debug)]
pub struct Cell<'a> {
    /// The learning rate.
    pub lr: f64,
    /// The trials that choose, by seed, ascending.
    pub search: Vec<&'a TrialRow>,
    /// The trials that are reported: those on fresh seeds if there are such, else those that choose.
    pub trials: Vec<&'a TrialRow>,
}

/// The end of the grid on which a chosen learning rate lies: a better one may lie beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The smallest learning rate tried.
    Low,
    /// The largest.
    High,
}

impl Edge {
    /// One word.
    pub fn word(self) -> &'static str {
        match self {
            Edge::Low => "low",
            Edge::High => "high",
        }
    }
}

impl Group<'_> {
    /// Problem and setting.
    pub fn title(&self) -> String {
        if self.setting.is_empty() { self.problem.clone() } else { format!("{}, {}", self.problem, self.setting) }
    }
    /// All trials.
    pub fn trials(&self) -> impl Iterator<Item = &TrialRow> {
        self.members.iter().flat_map(|m| &m.grid).flat_map(|c| c.trials.iter().copied())
    }
    /// Whether the problem has training, validation and test data; a plain function measures the same on all.
    pub fn has_data(&self) -> bool {
        self.trials().any(|t| t.train_loss != t.test_loss && t.train_loss.is_finite())
    }
    /// Whether the data are too few to carry a headline, see [`TOY`].
    pub fn toy(&self) -> bool {
        let examples = self.trials().map(|t| t.examples as f64 / t.epoch).find(|n| n.is_finite() && *n > 0.0);
        self.has_data() && examples.is_some_and(|n| n < TOY)
    }
}

impl<'a> Member<'a> {
    pub(super) fn new(label: String, mut grid: Vec<Cell<'a>>) -> Self {
        grid.sort_by(|a, b| a.lr.total_cmp(&b.lr));
        for cell in &mut grid {
            cell.search.sort_by_key(|t| t.seed);
            cell.trials.sort_by_key(|t| t.seed);
        }
        let confirmed = grid.iter().position(|c| c.trials.iter().any(|t| t.is(Stage::Confirm)));
        let most = grid.iter().map(|c| c.search.len()).max().unwrap_or(0);
        let score = |c: &Cell| Some((c.search_lost(), c.search_loss()?));
        let entered = grid.iter().enumerate().filter(|(_, c)| c.search.len() == most || c.trials[0].stage.is_empty());
        let scored = entered.filter_map(|(i, c)| Some((i, score(c)?)));
        let lowest = scored.min_by(|(_, a), (_, b)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))).map(|(i, _)| i);
        Member { label, grid, chosen: confirmed.or(lowest) }
    }

    /// Chooses anew, by the lowest mean of that column in place of the validation loss.
    pub fn choose(&mut self, column: &str) {
        let score = |c: &Cell| Some((c.search_lost(), c.search_mean(|t| t.column(column).unwrap_or(f64::NAN))?));
        let scored = self.grid.iter().enumerate().filter_map(|(i, c)| Some((i, score(c)?)));
        let lowest = scored.min_by(|(_, a), (_, b)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        self.chosen = lowest.map(|(i, _)| i);
    }

    /// The candidate with the lowest mean final validation loss in the search, among those with the most seeds there that
    /// lost the fewest of them. None if every trial was lost. Neither test columns nor fresh seeds take part.
    pub fn best(&self) -> Option<&Cell<'a>> {
        self.chosen.map(|i| &self.grid[i])
    }

    /// Whether this is that one's optimizer at its defaults.
    pub fn is_default_of(&self, tuned: &Member) -> bool {
        self.label.strip_suffix(AT_DEFAULT) == Some(&tuned.label)
    }

    /// What a figure shows: the chosen learning rate, or the only one.
    pub fn shown(&self) -> Option<&Cell<'a>> {
        self.best().or_else(|| self.grid.first().filter(|_| self.grid.len() == 1))
    }

    /// Whether the chosen learning rate is the smallest or the largest of several.
    pub fn edge(&self) -> Option<Edge> {
        match self.chosen? {
            _ if self.grid.len() == 1 => None,
            0 => Some(Edge::Low),
            i if i + 1 == self.grid.len() => Some(Edge::High),
            _ => None,
        }
    }

    /// How wrong the learning rate may be: the smallest and the largest around the chosen one, without a gap, whose
    /// mean validation loss is at most a tenth of the best one's size above it, and where no seed was lost.
    pub fn basin(&self) -> Option<(f64, f64)> {
        let best = self.best()?.search_loss()?;
        let within = |c: &Cell| {
            let loss = c.search_loss().unwrap_or(f64::INFINITY);
            c.search_lost() == 0 && loss <= best + 0.1 * best.abs()
        };
        let (below, above) = self.grid.split_at(self.chosen?);
        let low = below.iter().rev().take_while(|c| within(c)).last().unwrap_or(&above[0]);
        let high = above[1..].iter().take_while(|c| within(c)).last().unwrap_or(&above[0]);
        Some((low.lr, high.lr))
    }

    /// How many trials diverged or failed, of all.
    pub fn lost(&self) -> (usize, usize) {
        let trials = || self.grid.iter().flat_map(Cell::all);
        (trials().filter(|t| !usable(t)).count(), trials().count())
    }
}

impl<'a> Cell<'a> {
    fn new(lr: f64) -> Self {
        Cell { lr, search: Vec::new(), trials: Vec::new() }
    }

    /// Each of its trials once.
    pub fn all(&self) -> impl Iterator<Item = &'a TrialRow> + '_ {
        let fresh = self.trials.iter().filter(|t| !t.searches());
        self.search.iter().chain(fresh).copied()
    }
    /// The mean over the trials of the search that were not lost.
    pub fn searched(&self, measure: impl Fn(&TrialRow) -> f64) -> Option<Estimate> {
        let usable = self.search.iter().filter(|t| usable(t)).map(|t| measure(t));
        super::mean(usable).filter(|e| e.value.is_finite())
    }
    /// That mean alone, which costs nothing beside the interval.
    pub fn search_mean(&self, measure: impl Fn(&TrialRow) -> f64) -> Option<f64> {
        mean(self.search.iter().filter(|t| usable(t)).map(|t| measure(t)))
    }
    /// The mean validation loss of the search.
    pub fn search_loss(&self) -> Option<f64> {
        self.search_mean(|t| t.validation_loss)
    }
    /// How many trials of the search diverged or failed.
    pub fn search_lost(&self) -> usize {
        self.search.iter().filter(|t| !usable(t)).count()
    }
    /// The reported trials that neither diverged nor failed.
    pub fn usable(&self) -> impl Iterator<Item = &'a TrialRow> + '_ {
        self.trials.iter().copied().filter(|t| usable(t))
    }
    /// How many reported trials diverged or failed.
    pub fn lost(&self) -> usize {
        self.trials.len() - self.usable().count()
    }
    /// What is reported: the mean over the usable trials. None if there is no such trial, or one has no such number.
    pub fn estimate(&self, measure: impl Fn(&TrialRow) -> f64) -> Option<Estimate> {
        super::mean(self.usable().map(measure)).filter(|e| e.value.is_finite())
    }
    /// The mean of [`estimate`](Cell::estimate) alone.
    pub fn mean(&self, measure: impl Fn(&TrialRow) -> f64) -> Option<f64> {
        mean(self.usable().map(measure))
    }
}

/// None of no values, nor if one is not finite.
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0), |(sum, n), x| (sum + x, n + 1));
    Some(sum / f64::from(n)).filter(|mean| mean.is_finite())
}

/// Whether a trial neither diverged nor failed.
pub fn usable(trial: &TrialRow) -> bool {
    matches!(trial.outcome.as_str(), "finished" | "reached")
}

/// The trials in groups, in the order in which they come; members along numbers ascend. Trials for a part of the budget
/// are in none.
pub fn groups<'a>(trials: &'a [TrialRow], axis: &Axis, lab: &Lab) -> Vec<Group<'a>> {
    let whole: Vec<&TrialRow> = trials.iter().filter(|t| !t.is(Stage::Screen)).collect();
    // What seeds have in common is kept once: it is larger than a row.
    let (mut kinds, mut known): (Vec<(Parts, usize)>, HashMap<String, usize>) = Default::default();
    let mut of: Vec<usize> = Vec::with_capacity(whole.len());
    for kin in whole.chunk_by(|a, b| a.spec.is_kin(&b.spec)) {
        let parts = axis.apart(&kin[0].spec);
        let text = format!("{} {} {}", parts.problem, parts.setting, parts.at);
        let kind = *known.entry(text).or_insert_with(|| {
            kinds.push((parts, 0));
            kinds.len() - 1
        });
        kinds[kind].1 += kin.len();
        of.resize(of.len() + kin.len(), kind);
    }
    let varying = varying(&kinds);
    let mut groups: Vec<Draft> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (trial, kind) in whole.into_iter().zip(of) {
        let part = &kinds[kind].0;
        let key = format!("{} {}", part.problem, part.setting);
        let i = *places.entry(key).or_insert_with(|| {
            groups.push(Draft {
                problem: problem_label(&part.problem, lab),
                setting: setting_label(&part.setting, &varying, lab),
                ..Draft::default()
            });
            groups.len() - 1
        });
        let group = &mut groups[i];
        if trial.stage != Stage::Default.word() {
            group.members.put(part, trial);
        }
        if trial.is(Stage::Default) {
            group.defaults.put(part, trial);
        }
    }
    let label = |at: &Value| match axis {
        Axis::Optimizer => setting_label(at, &varying, lab),
        Axis::LearningRate => format!("lr {}", crate::table::plain(at.as_f64().unwrap_or(f64::NAN))),
        Axis::Key(_) => axis.label(at),
    };
    groups.into_iter().map(|draft| draft.finish(&label)).collect()
}

/// A group under construction.
#[derive(Default)]
struct Draft<'a> {
    problem: String,
    setting: String,
    members: Members<'a>,
    defaults: Members<'a>,
}

/// Members under construction, found by what they are.
#[derive(Default)]
struct Members<'a> {
    list: Vec<(Value, String, Vec<Cell<'a>>)>,
    places: HashMap<String, usize>,
    cells: HashMap<(usize, String), usize>,
}

impl<'a> Members<'a> {
    /// Adds a trial to the member and cell where it belongs.
    fn put(&mut self, part: &Parts, trial: &'a TrialRow) {
        // Candidates that were drawn for one arm differ in more than the rate: there each is a cell of the same member.
        let (is, candidate) = match trial.arm.as_str() {
            "" => (part.at.to_string(), String::new()),
            arm => (arm.to_owned(), part.at.to_string()),
        };
        let m = *self.places.entry(is).or_insert_with(|| {
            self.list.push((part.at.clone(), trial.arm.to_string(), Vec::new()));
            self.list.len() - 1
        });
        let grid = &mut self.list[m].2;
        let c = *self.cells.entry((m, format!("{:x} {candidate}", trial.lr.to_bits()))).or_insert_with(|| {
            grid.push(Cell::new(trial.lr));
            grid.len() - 1
        });
        if trial.searches() {
            grid[c].search.push(trial);
        }
        grid[c].trials.push(trial);
    }

    fn finish(self, label: impl Fn(&Value) -> String, suffix: &str) -> Vec<Member<'a>> {
        let mut list = self.list;
        if list.iter().all(|(at, ..)| at.is_number() || at.is_null()) {
            list.sort_by(|(a, ..), (b, ..)| a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(std::cmp::Ordering::Equal));
        }
        let member = |(at, arm, mut grid): (Value, String, Vec<Cell<'a>>)| {
            for cell in &mut grid {
                if cell.trials.iter().any(|t| t.is(Stage::Confirm)) {
                    cell.trials.retain(|t| t.is(Stage::Confirm));
                }
            }
            let label = if arm.is_empty() { label(&at) } else { arm };
            Member::new(label + suffix, grid)
        };
        list.into_iter().map(member).collect()
    }
}

impl<'a> Draft<'a> {
    fn finish(self, label: &impl Fn(&Value) -> String) -> Group<'a> {
        let (members, defaults) = (self.members.finish(label, ""), self.defaults.finish(label, AT_DEFAULT));
        Group { problem: self.problem, setting: self.setting, members, defaults }
    }
}

/// The keys of settings, other than the optimizer's table, that take several values on one problem, or that only some
/// trials have there: what a label must tell beside the optimizer. Each kind is given with its number of trials.
fn varying(kinds: &[(Parts, usize)]) -> BTreeSet<String> {
    let mut seen: BTreeMap<(String, String), (usize, BTreeSet<String>)> = BTreeMap::new();
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    for (part, trials) in kinds {
        *sizes.entry(part.problem.to_string()).or_default() += trials;
        for (key, value) in leaves(if part.setting.is_null() { &part.at } else { &part.setting }) {
            let (count, values) = seen.entry((part.problem.to_string(), key)).or_default();
            *count += trials;
            values.insert(value.to_string());
        }
    }
    let varies = |problem: &String, (count, values): &(usize, BTreeSet<String>)| {
        values.len() > 1 || sizes.get(problem).is_some_and(|all| all > count)
    };
    seen.into_iter().filter(|((problem, _), found)| varies(problem, found)).map(|((_, key), _)| key).collect()
}

/// The keys of a setting but the optimizer's, those of the sampling among them.
fn leaves(setting: &Value) -> impl Iterator<Item = (String, &Value)> {
    let inner = setting["sampling"].as_object().into_iter().flatten();
    let outer = setting.as_object().into_iter().flatten();
    outer.filter(|(k, _)| *k != "optimizer" && *k != "sampling").chain(inner).map(|(k, v)| (k.clone(), v))
}

/// `adam beta2=0.99 batch=32`: the optimizer, and what varies beside it.
fn setting_label(setting: &Value, varying: &BTreeSet<String>, lab: &Lab) -> String {
    if setting.is_null() {
        return String::new();
    }
    let told = leaves(setting).filter(|(k, _)| varying.contains(k)).map(|(k, v)| phrase(&k, v));
    [optimizer_label(&setting["optimizer"], lab)].into_iter().chain(told).collect::<Vec<_>>().join(" ")
}

impl TrialRow {
    /// A numeric column of `trials.csv` by its name: NaN where it is empty. None if it holds words.
    pub fn column(&self, name: &str) -> Option<f64> {
        let row = serde_json::to_value(self).ok()?;
        match row.get(name)? {
            Value::Null => Some(f64::NAN),
            value => value.as_f64(),
        }
    }
}
