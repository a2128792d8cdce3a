//! Quantities over epochs, at the learning rate that was chosen for each member.

use super::canvas::{Dash, GROUND, Ink, Rgb};
use super::figure::{Figure, Mark, Panel, color};
use super::scale::Scale;
use crate::landscape::Landscape;
use crate::rows::{CurveRow, TrialRow};
use crate::stats::{Axis, Cell, Group, Member, quantile, usable};
use crate::table::{capital, plain, significant};
use crate::view::View;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a figure shows of each point.
struct Quantity {
    title: String,
    y: String,
    /// What is drawn how, in words.
    what: &'static str,
    /// Drawn unbroken, with its band.
    solid: fn(&CurveRow) -> f64,
    /// Drawn dashed.
    dashed: Option<fn(&CurveRow) -> f64>,
    range: Range,
}

/// How a figure finds its vertical scale.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Range {
    /// Losses are above zero, fall by factors, and may explode.
    Loss,
    /// Anything else.
    Plain,
    /// Anything else around zero, which is drawn.
    Zero,
}

/// Loss over epochs.
pub(super) fn loss(view: &View) -> Figure {
    let has_data = view.groups.iter().any(Group::has_data);
    let above = view.scenes().any(|(g, l)| known_minimum(g, l).is_some_and(|m| m != 0.0));
    let quantity = Quantity {
        title: "Loss on the way".into(),
        y: if above && !has_data { "loss above the minimum" } else { "loss" }.into(),
        what: parts(has_data),
        solid: |p| p.validation_loss,
        dashed: has_data.then_some(|p| p.train_loss),
        range: Range::Loss,
    };
    figure(view, &quantity, |_| true)
}

/// Which part of the data is drawn how; a plain function measures the same on all.
fn parts(has_data: bool) -> &'static str {
    if has_data { "validation solid, training dashed" } else { "" }
}

/// The metric over epochs, where there is one.
pub(super) fn metric(view: &View) -> Figure {
    let has_data = view.groups.iter().any(Group::has_data);
    let names: Vec<_> = view.groups.iter().filter_map(|g| view.metric(g)).collect();
    let same = names.windows(2).all(|pair| pair[0] == pair[1]);
    let name = names.first().copied().filter(|_| same).unwrap_or("metric");
    let quantity = Quantity {
        title: format!("{} on the way", capital(name)),
        y: name.into(),
        what: parts(has_data),
        solid: |p| p.validation_metric,
        dashed: has_data.then_some(|p| p.train_metric),
        range: Range::Plain,
    };
    figure(view, &quantity, |g| g.trials().any(|t| t.validation_metric.is_finite()))
}

/// Test loss minus training loss over epochs.
pub(super) fn gap(view: &View) -> Figure {
    let quantity = Quantity {
        title: "Generalization gap on the way".into(),
        y: "gap".into(),
        what: "test loss minus training loss",
        solid: |p| p.gap_loss,
        dashed: None,
        range: Range::Zero,
    };
    figure(view, &quantity, |g| g.has_data())
}

fn figure(view: &View, quantity: &Quantity, applies: impl Fn(&Group) -> bool) -> Figure {
    let groups = || view.scenes().filter(|(g, _)| applies(g));
    let (data, plain) = (groups().any(|(g, _)| g.has_data()), groups().any(|(g, _)| !g.has_data()));
    let panels: Vec<Panel> = groups().filter_map(|(g, l)| panel(view, g, l, quantity)).collect();
    let has_cross = |panel: &Panel| panel.marks.iter().any(|m| matches!(m, Mark::Cross(..)));
    let said = [
        (view.axis != Axis::LearningRate, "each at its chosen learning rate"),
        (true, quantity.what),
        (view.seeds() > 1, "median over the seeds"),
        (view.seeds() > 1 && groups().all(|(g, _)| !crowded(g)), "band from lowest to highest"),
        (
            view.seeds() > 1 && groups().any(|(g, _)| crowded(g)),
            "band from lowest to highest, in a crowd only the best one's",
        ),
        (panels.iter().any(has_cross), "cross: all trials diverged"),
    ];
    let said: Vec<&str> = said.into_iter().filter(|(so, what)| *so && !what.is_empty()).map(|(_, what)| what).collect();
    Figure {
        title: format!("{}, by {}", quantity.title, view.axis.name()),
        caption: said.join("; "),
        key: key(view),
        x: match (data, plain) {
            (true, true) => "epochs (steps on plain functions)",
            (true, false) => "epochs",
            _ => "steps",
        }
        .into(),
        y: quantity.y.clone(),
        panels,
        ..Figure::default()
    }
}

/// Whether so many members share a panel that their bands would hide each other.
fn crowded(group: &Group) -> bool {
    group.members.len() > 4
}

/// The key of colours: all members of the study.
pub(super) fn key(view: &View) -> Vec<(String, Ink)> {
    let labels = view.labels();
    labels.iter().map(|label| ((*label).to_owned(), Ink::new(member_color(view, label), Dash::Solid))).collect()
}

/// A member's colour: the same in all figures of a study.
pub(super) fn member_color(view: &View, label: &str) -> Rgb {
    let labels = view.labels();
    let place = labels.iter().position(|l| *l == label).unwrap_or(0);
    color(place, labels.len(), view.axis == Axis::LearningRate)
}

/// What a figure subtracts from the losses of a plain function: its minimum.
pub(super) fn known_minimum(group: &Group, landscape: Option<&Landscape>) -> Option<f64> {
    landscape.filter(|_| !group.has_data()).and_then(|l| l.facts.minimum)
}

/// Losses above a known minimum below this share of the first one are as good as none: rounding decides them.
pub(super) const NOTHING: f64 = 1e-12;

/// A curve tells its values at no more points than this, a hundred epochs and their start: pages stay small.
const TOLD: usize = 101;

/// At one time: the median over the seeds, the lowest, the highest.
#[derive(Clone, Copy)]
struct Moment {
    x: f64,
    median: f64,
    low: f64,
    high: f64,
}

impl Moment {
    fn told(&self, label: &str, seeds: usize) -> String {
        let (x, median) = (plain(self.x), significant(self.median, 4));
        match seeds {
            1 => format!("{label} at {x}: {median}"),
            n => format!(
                "{label} at {x}: {median}, from {} to {} (n = {n})",
                significant(self.low, 4),
                significant(self.high, 4)
            ),
        }
    }
}

/// The moments of a cell; of one whose trials were all lost, the moments of those.
fn moments(view: &View, cell: &Cell, log_x: bool, value: impl Fn(&CurveRow) -> f64) -> Vec<Moment> {
    // Imported runs may have several points within a step. Numbers that are not negative sort as their bits do.
    let mut times: BTreeMap<(u64, u64), (f64, Vec<f64>)> = BTreeMap::new();
    let lost = cell.lost() == cell.trials.len();
    for trial in cell.trials.iter().filter(|t| lost || usable(t)) {
        for point in view.curve(&trial.key).iter().filter(|p| !log_x || p.step > 0) {
            times.entry((point.step, point.epoch.to_bits())).or_insert((point.epoch, Vec::new())).1.push(value(point));
        }
    }
    let moment = |(x, values): (f64, Vec<f64>)| {
        let at = |q| quantile(values.iter().copied(), q);
        Moment { x, median: at(0.5), low: at(0.0), high: at(1.0) }
    };
    times.into_values().map(moment).filter(|m| m.median.is_finite()).collect()
}

/// The marks of a member, with a band or without.
fn marks(member: &Member, color: Rgb, crowd: bool, band: bool, curves: &[(Dash, Vec<Moment>)]) -> Vec<Mark> {
    let mut marks = Vec::new();
    let lost = member.shown().is_some_and(|c| c.lost() == c.trials.len());
    let seeds = member.shown().map_or(0, |c| c.trials.len());
    for (dash, moments) in curves {
        let points: Vec<_> = moments.iter().map(|m| (m.x, m.median)).collect();
        let solid = *dash == Dash::Solid;
        if solid && band && seeds > 1 {
            marks.push(Mark::Band(moments.iter().map(|m| (m.x, m.low, m.high)).collect(), color));
        }
        marks.extend(points.last().filter(|_| lost && solid).map(|&at| Mark::Cross(at, color)));
        marks.push(Mark::Line(points, Ink::new(color, *dash)));
        // All points of a few members, or of long curves every so many; of many members, where each ends.
        let every = if crowd { usize::MAX } else { moments.len().div_ceil(TOLD).max(1) };
        let told = moments.iter().rev().step_by(every).filter(|_| solid);
        marks.extend(told.rev().map(|m| Mark::Hint((m.x, m.median), m.told(&member.label, seeds))));
    }
    marks
}

fn panel(view: &View, group: &Group, landscape: Option<&Landscape>, quantity: &Quantity) -> Option<Panel> {
    let known = known_minimum(group, landscape).filter(|_| quantity.range == Range::Loss);
    let minimum = known.unwrap_or(0.0);
    let first = |t: &TrialRow| view.curve(&t.key).first().map(|p| (quantity.solid)(p) - minimum);
    let start = most(group.trials().filter_map(first)).unwrap_or(f64::INFINITY);
    let least_shown = if known.is_some() { NOTHING * start } else { f64::NEG_INFINITY };
    let log_x = spaced_by_factors(view);
    let (mut all, mut seen) = (Vec::new(), Vec::new());
    for (i, member) in group.members.iter().enumerate() {
        let Some(cell) = member.shown() else { continue };
        let kinds = [(quantity.dashed, Dash::Dashed), (Some(quantity.solid), Dash::Solid)];
        let curve = |value: fn(&CurveRow) -> f64| moments(view, cell, log_x, |p| (value(p) - minimum).max(least_shown));
        let curves: Vec<_> = kinds.into_iter().filter_map(|(value, dash)| Some((dash, curve(value?)))).collect();
        let (crowd, band) = (crowded(group), !crowded(group) || group.leader() == Some(i));
        all.extend(marks(member, member_color(view, &member.label), crowd, band, &curves));
        let shown = |m: &Moment| if band { *m } else { Moment { low: m.median, high: m.median, ..*m } };
        seen.extend(curves.iter().flat_map(|(_, moments)| moments.iter().map(shown)));
    }
    let (from, to) = (least(seen.iter().map(|m| m.x))?, most(seen.iter().map(|m| m.x))?);
    let x = if log_x { Scale::log(from, to) } else { Scale::linear(from, to) };
    if quantity.range == Range::Zero {
        all.insert(0, Mark::Line(vec![(from, 0.0), (to, 0.0)], Ink::new(GROUND, Dash::Hair)));
    }
    let y = if quantity.range == Range::Loss { loss_scale(&seen, start)? } else { plain_scale(&seen)? };
    // Bands below, crosses above.
    all.sort_by_key(|mark| match mark {
        Mark::Band(..) => 0,
        Mark::Cross(..) => 2,
        _ => 1,
    });
    Some(Panel { title: group.title(), x, y, marks: all })
}

/// From the lowest loss to the highest, but not far above the start.
fn loss_scale(seen: &[Moment], start: f64) -> Option<Scale> {
    let (low, high) = (least(seen.iter().map(|m| m.median))?, most(seen.iter().map(|m| m.median))?);
    let high = if start > 0.0 { high.min(3.0 * start) } else { high };
    Some(Scale::suited(low.max(if low > 0.0 { NOTHING * high } else { low }), high).room(0.04, 0.04))
}

/// The bands at the end and nine tenths of all medians.
fn plain_scale(seen: &[Moment]) -> Option<Scale> {
    let values = || seen.iter().map(|m| m.median);
    let (low, high) = (quantile(values(), 0.05), quantile(values(), 0.95));
    let last = most(seen.iter().map(|m| m.x))?;
    let ends = || seen.iter().filter(|m| m.x == last);
    let (lowest, highest) = (least(ends().map(|m| m.low))?, most(ends().map(|m| m.high))?);
    Some(Scale::linear(low.min(lowest), high.max(highest)).room(0.06, 0.06))
}

/// Whether points were recorded each a factor after the one before, over so long that it shows.
fn spaced_by_factors(view: &View) -> bool {
    const LONG: u64 = 60;
    let trials = &view.results.trials;
    let spec: Option<Value> = trials.first().and_then(|t| t.spec.parse().ok());
    trials.iter().any(|t| t.step > LONG) && spec.is_some_and(|s| s["recording"]["spacing"] == "log")
}

pub(super) fn least(values: impl Iterator<Item = f64>) -> Option<f64> {
    values.filter(|v| v.is_finite()).min_by(f64::total_cmp)
}
pub(super) fn most(values: impl Iterator<Item = f64>) -> Option<f64> {
    values.filter(|v| v.is_finite()).max_by(f64::total_cmp)
}
