//! The two sides of an expectation on one problem, value by value.

use super::{Expectation, drift};
use crate::landscape::Landscape;
use crate::rows::{CurveRow, TrialRow};
use crate::stats::{COVERAGE, Cell, Group, Member, usable};
use crate::view::View;
use downhill_stats::{Difference, expected_best, paired, welch};
use std::collections::{BTreeMap, BTreeSet};

/// The best of those at their defaults.
pub(crate) const BEST_DEFAULT: &str = "the best at its default";
/// The best of those that were tuned.
pub(crate) const BEST_TUNED: &str = "the best tuned";
/// The known minimum of a problem.
const MINIMUM: &str = "minimum";
/// The share of trials that came to nothing.
const LOST: &str = "lost";

/// What the two sides come to.
pub(super) struct Sides {
    a: Vec<f64>,
    b: Vec<f64>,
    /// Whether values at the same place have the same cause: a seed.
    paired: bool,
}

/// Values with their seeds, and whether seeds mean anything: not in imported runs.
type Seeded = (Vec<(u64, f64)>, bool);

impl Sides {
    /// On one problem; none if one of them is not there.
    pub(super) fn of(e: &Expectation, (group, landscape): (&Group, Option<&Landscape>), view: &View) -> Option<Self> {
        let (a, seeded) = values(e, &e.member, group, view)?;
        let constant = match e.other.as_str() {
            MINIMUM => Some(landscape?.facts.minimum?),
            other => other.parse().ok(),
        };
        if let Some(constant) = constant {
            let a: Vec<f64> = a.into_iter().map(|(_, a)| a).collect();
            return Some(Sides { b: vec![constant; a.len()], a, paired: true });
        }
        let (b, _) = values(e, &e.other, group, view)?;
        let same = |seed: u64| b.iter().find(|(other, _)| *other == seed).map(|(_, b)| *b);
        let pairs = a.iter().filter_map(|&(seed, a)| Some((a, same(seed)?)));
        let (first, second): (Vec<f64>, Vec<f64>) = pairs.unzip();
        if seeded && !first.is_empty() {
            return Some(Sides { a: first, b: second, paired: true });
        }
        let bare = |side: Vec<(u64, f64)>| side.into_iter().map(|(_, x)| x).collect();
        Some(Sides { a: bare(a), b: bare(b), paired: false })
    }

    /// Those of several problems as one.
    pub(super) fn joined(all: impl Iterator<Item = Sides>) -> Self {
        let (a, b): (Vec<_>, Vec<_>) = all.map(|sides| (sides.a, sides.b)).unzip();
        Sides { a: a.concat(), b: b.concat(), paired: true }
    }

    /// Whether each has one value.
    pub(super) fn is_single(&self) -> bool {
        self.a.len() == 1 && self.b.len() == 1
    }

    /// The absolute mean of the second.
    pub(super) fn size(&self) -> f64 {
        (self.b.iter().sum::<f64>() / self.b.len() as f64).abs()
    }

    /// The first less the second; none for fewer than two values.
    pub(super) fn difference(&self) -> Option<Difference> {
        if self.paired { paired(&self.a, &self.b, COVERAGE) } else { welch(&self.a, &self.b, COVERAGE) }
    }
}

impl Expectation {
    /// The words of its sides that must be members of a group.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        let other = Some(self.other.as_str()).filter(|other| *other != MINIMUM && other.parse::<f64>().is_err());
        let all = [Some(self.member.as_str()), other].into_iter().flatten();
        all.filter(|side| ![BEST_DEFAULT, BEST_TUNED].contains(side))
    }

    /// Whether one of these labels is meant by a side.
    pub fn finds<'l>(&self, side: &str, mut labels: impl Iterator<Item = &'l str>) -> bool {
        let side = side.strip_suffix(" at its default").unwrap_or(side);
        labels.any(|label| label == side || drift::number(side, label).is_some())
    }

    /// Whether its measure is one that trials have.
    pub fn measurable(&self, trial: &TrialRow) -> bool {
        let of_a_curve = || CurveRow::default().column(&self.measure).is_some();
        self.measure == LOST
            || self.candidates().is_some()
            || drift::Unit::of(&self.measure).is_some()
            || trial.column(&self.measure).is_some()
            || of_a_curve()
    }

    /// The `k` of a measure `after k`, at least 1, and what is best where it is lowest: the loss, or the metric upside down.
    fn candidates(&self) -> Option<(usize, Measured)> {
        let (measured, k): (Measured, _) = match self.measure.strip_prefix("metric ") {
            Some(rest) => (|t| -t.validation_metric, rest),
            None => (|t| t.validation_loss, self.measure.as_str()),
        };
        Some((k.strip_prefix("after ")?.parse().ok().filter(|&k| k > 0)?, measured))
    }
}

/// What a side that is no number comes to, by seed; none if the group has no such member.
fn values(e: &Expectation, side: &str, group: &Group, view: &View) -> Option<Seeded> {
    if let Some(unit) = drift::Unit::of(&e.measure) {
        return Some((drift::by_seed(group, side, unit)?, true));
    }
    let member = find(side, group)?;
    if e.measure == LOST {
        return Some((lost(member), true));
    }
    if let Some((k, measure)) = e.candidates() {
        return Some((best_of(k, measure, member, group)?, true));
    }
    let cell = member.shown()?;
    let measure = |trial: &TrialRow| match trial.column(&e.measure) {
        Some(value) => value,
        None => view.curve(&trial.key).last().and_then(|point| point.column(&e.measure)).unwrap_or(f64::NAN),
    };
    let found: Vec<(u64, f64)> = cell.usable().map(|trial| (trial.seed, measure(trial))).collect();
    let seeded = cell.usable().all(|trial| !trial.foreign());
    Some((found, seeded)).filter(|(found, _)| !found.is_empty())
}

/// The member that a side names.
fn find<'g, 'a>(side: &str, group: &'g Group<'a>) -> Option<&'g Member<'a>> {
    let lost_and_loss = |m: &Member| Some((m.shown()?.lost(), m.shown()?.mean(|t| t.validation_loss)?));
    let scored = group.defaults.iter().filter_map(|m| Some((m, lost_and_loss(m)?)));
    match side {
        BEST_TUNED => group.leader().map(|i| &group.members[i]),
        BEST_DEFAULT => scored.min_by(|(_, a), (_, b)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))).map(|(m, _)| m),
        label => group.members.iter().chain(&group.defaults).find(|m| m.label == label),
    }
}

/// The share of all candidates that were lost, on each seed.
fn lost(member: &Member) -> Vec<(u64, f64)> {
    let mut seeds: BTreeMap<u64, Vec<bool>> = BTreeMap::new();
    let trials = member.grid.iter().flat_map(Cell::all);
    trials.for_each(|trial| seeds.entry(trial.seed).or_default().push(!usable(trial)));
    let share = |lost: Vec<bool>| lost.iter().filter(|lost| **lost).count() as f64 / lost.len() as f64;
    seeds.into_iter().map(|(seed, lost)| (seed, share(lost))).collect()
}

/// What is measured of a trial.
type Measured = fn(&TrialRow) -> f64;

/// The expected lowest of `k` candidates, drawn without replacement, on each seed that all of them ran on; as a size.
/// One that was lost there counts as the worst of the group that was not. None for fewer candidates.
fn best_of(k: usize, measured: Measured, member: &Member, group: &Group) -> Option<Vec<(u64, f64)>> {
    let seeds: BTreeSet<u64> = member.grid.iter().flat_map(|c| &c.search).map(|t| t.seed).collect();
    let best = |seed: u64| {
        let trials: Vec<&TrialRow> = member.grid.iter().map(|cell| on(cell, seed)).collect::<Option<_>>()?;
        let all = group.members.iter().flat_map(|m| &m.grid).filter_map(|cell| on(cell, seed));
        let worst = all.filter(|t| usable(t)).map(measured).fold(f64::NEG_INFINITY, f64::max);
        let losses: Vec<f64> = trials.iter().map(|t| if usable(t) { measured(t) } else { worst }).collect();
        Some((seed, expected_best(&losses).get(k - 1).filter(|best| best.is_finite())?.abs()))
    };
    let found: Vec<(u64, f64)> = seeds.into_iter().filter_map(best).collect();
    Some(found).filter(|found| !found.is_empty())
}

/// The trial of the search on a seed.
fn on<'a>(cell: &Cell<'a>, seed: u64) -> Option<&'a TrialRow> {
    cell.search.iter().find(|t| t.seed == seed).copied()
}
