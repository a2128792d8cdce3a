//! Optimizers over several problems at once: what a mean rank hides, on scales that problems share.

use crate::rows::unit;
use crate::stats::{Axis, Group, Member, mean_ranks, usable};
use crate::table::{Cell, Table, significant};
use crate::view::View;
use crate::zoo::Set;
use downhill_stats::{
    Estimate, Targets, attainment, critical_difference, ecdf, friedman, iqm, kendall, profile, profile_score, ranks,
    steadiness,
};
use std::collections::BTreeSet;

/// How many targets a problem has.
const TARGETS: usize = 20;
/// Costs of up to so many times the lowest count in a profile.
pub(crate) const MOST: f64 = 4.0;
/// The target of the profile: the first at which at most a tenth of the way is left.
const LEFT: f64 = 0.1;

/// An optimizer on all problems that carry a headline.
struct Line {
    label: String,
    /// Of each problem the share of the way from the start to the best test loss that is left, run by run; 1 if lost.
    left: Vec<Vec<f64>>,
    /// Gradients to each target, over problems and runs; infinite where it was missed.
    attained: Vec<f64>,
    /// The same with targets that are easier by 2 % of the way.
    relaxed: Vec<f64>,
    /// Of each problem the median of gradients to the profile's target.
    cost: Vec<f64>,
}

/// What is known over all problems; none for fewer than two, or along another axis than optimizers.
pub struct Across {
    /// Which problems; none if they are all there are.
    pub set: Option<Set>,
    /// What each problem is kin to.
    clusters: Vec<String>,
    lines: Vec<Line>,
    /// Of each problem the mean test losses of all members, if all problems have as many; else nothing.
    losses: Vec<Vec<f64>>,
    /// Optimizers with their mean ranks, best first.
    ranks: Vec<(String, f64)>,
}

/// Mean ranks over problems, and how far apart they must be.
pub struct Ranking<'a> {
    /// Optimizers with their mean ranks, best first.
    pub ranks: &'a [(String, f64)],
    /// Over so many problems.
    pub problems: usize,
    /// Nemenyi's critical difference at 5 %.
    pub critical: f64,
}

impl Across {
    /// From the reported trials and their curves, of the optimizers, tuned and at their defaults, that all problems have.
    pub fn of(view: &View, set: Option<Set>) -> Option<Self> {
        let groups = view.of(set);
        if view.axis != Axis::Optimizer || groups.len() < 2 {
            return None;
        }
        let find = |group: &'_ Group<'_>, label: &str| -> Option<usize> {
            group.members.iter().chain(&group.defaults).position(|m| m.label == label && m.shown().is_some())
        };
        let first = groups[0].members.iter().chain(&groups[0].defaults).map(|m| m.label.clone());
        let labels = first.filter(|label| groups.iter().all(|g| find(g, label).is_some()));
        let line = |label: String| {
            let mut line = Line { label, left: vec![], attained: vec![], relaxed: vec![], cost: vec![] };
            for group in &groups {
                let place = find(group, &line.label)?;
                let member = group.members.iter().chain(&group.defaults).nth(place)?;
                line.add(view, group, member)?;
            }
            Some(line)
        };
        let lines: Vec<Line> = labels.filter_map(line).collect();
        let mut losses: Vec<Vec<f64>> = groups.iter().map(|g| g.mean_losses()).collect();
        if losses.windows(2).any(|w| w[0].len() != w[1].len()) {
            losses.clear();
        }
        let clusters = groups.iter().map(|g| view.cluster(g)).collect();
        (lines.len() > 1).then(|| Across { set, clusters, lines, losses, ranks: mean_ranks(&groups) })
    }

    /// Over which problems.
    pub fn title(&self) -> &'static str {
        match self.set {
            None => "Over all problems but toys",
            Some(Set::Development) => "Over the problems for development",
            Some(Set::HeldOut) => "Over the problems that were held out",
        }
    }

    /// The optimizers, tuned and at their defaults, in the order of what follows.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|line| line.label.as_str())
    }

    /// The share of targets that each reached within a share of the budget.
    pub fn reached(&self, share: f64) -> Vec<f64> {
        self.lines.iter().map(|line| ecdf(&line.attained, share)).collect()
    }

    /// The share of problems that each solved within a multiple of the lowest cost.
    pub fn solved(&self, tau: f64) -> Vec<f64> {
        profile(&self.costs(), tau)
    }

    /// The mean ranks; none for fewer than three optimizers, or if problems have other ones.
    pub fn ranking(&self) -> Option<Ranking<'_>> {
        let (k, problems) = (self.ranks.len(), self.losses.len());
        let all = self.losses.first().is_some_and(|losses| losses.len() == k);
        let critical = (all && k > 2).then(|| critical_difference(k, problems))?;
        Some(Ranking { ranks: &self.ranks, problems, critical })
    }

    /// The mean ranks of all optimizers in each cluster of kin problems; nothing if all problems are of one.
    fn clustered(&self) -> Vec<Vec<f64>> {
        let ranked: Vec<Vec<f64>> = self.losses.iter().map(|row| ranks(row)).collect();
        let names: BTreeSet<&String> = self.clusters.iter().collect();
        let mean = |name: &&String| {
            let rows: Vec<&Vec<f64>> =
                ranked.iter().zip(&self.clusters).filter(|(_, c)| c == name).map(|r| r.0).collect();
            let columns = rows.first().map_or(0, |row| row.len());
            (0..columns).map(|m| rows.iter().map(|row| row[m]).sum::<f64>() / rows.len() as f64).collect()
        };
        if names.len() < 2 || ranked.is_empty() { Vec::new() } else { names.iter().map(mean).collect() }
    }

    fn costs(&self) -> Vec<Vec<f64>> {
        self.lines.iter().map(|line| line.cost.clone()).collect()
    }

    /// One row an optimizer.
    pub fn table(&self, view: &View) -> Table {
        let scores = profile_score(&self.costs(), MOST);
        let mut table = Table::new([
            ("optimizer", "member"),
            ("mean rank", "rank"),
            ("left of the way, middle half, %", "iqm"),
            ("targets reached, %", "ecdf"),
            ("in a tenth of the budget, %", "ecdf_early"),
            ("profile", "profile"),
        ]);
        for (line, score) in self.lines.iter().zip(scores) {
            let rank = self.ranks.iter().find(|(label, _)| *label == line.label).map(|(_, rank)| *rank);
            let percent = |x: f64| Cell::Text(significant(100.0 * x, 3));
            let all = view.of(self.set).into_iter().flat_map(|g| g.members.iter().chain(&g.defaults));
            let shown = all.filter(|m| m.label == line.label).filter_map(Member::shown);
            table.sources.push(view.source(shown.flat_map(|cell| cell.trials.iter().copied())));
            table.rows.push(vec![
                line.label.as_str().into(),
                rank.map_or(Cell::Empty, |r| Cell::Number((10.0 * r).round() / 10.0)),
                iqm(&line.left, 0.95).map_or(Cell::Empty, |e| interval(&e).into()),
                percent(ecdf(&line.attained, 1.0)),
                percent(ecdf(&line.attained, 0.1)),
                Cell::Text(format!("{score:.2}")),
            ]);
        }
        table.without_empty()
    }

    /// How to read it, and how far it can be trusted.
    pub fn words(&self, view: &View) -> Vec<String> {
        let mut said = vec![format!(
            "Left of the way: the share of the way from the start's test loss to the lowest of the problem that is left at the \
             end, the mean of the middle half of all runs, with the interval of a bootstrap within problems. Targets: {TARGETS} \
             losses a problem, from nine tenths of the way left to a thousandth, reached by validation loss, misses counted. \
             Profile (Dolan & Moré): the mean share of problems solved to a tenth of the way within 1 to {MOST} times the \
             fewest {} of all; it depends on who else is there.",
            unit(&view.results.trials)
        )];
        if let Some(Ranking { ranks, problems, critical }) = self.ranking() {
            let clusters = self.clustered();
            let kin = match clusters.len() {
                n if n < 2 || n == problems => String::new(),
                n => format!(
                    " Problems of one family are kin: with its {n} families as the units it is {}.",
                    significant(critical_difference(ranks.len(), n), 3)
                ),
            };
            let differ =
                friedman(&self.losses).map_or(String::new(), |t| format!(" (Friedman's p = {})", significant(t.p, 2)));
            said.push(format!(
                "Mean ranks of {} optimizers over {problems} problems belong to different ones if they are {} apart{differ}: Nemenyi's \
                 critical difference, in which a verdict on two depends on all others; `downhill compare --within` takes two \
                 by themselves.{kin}",
                ranks.len(),
                significant(critical, 3)
            ));
        }
        said
    }

    /// By how many places an optimizer moves if one problem is left out, and if targets are relaxed by 2 % of the way.
    pub fn moves(&self) -> (usize, usize) {
        let out = steadiness(&self.losses);
        let order =
            |of: fn(&Line) -> &Vec<f64>| ranks(&self.lines.iter().map(|l| -ecdf(of(l), 1.0)).collect::<Vec<_>>());
        let (strict, relaxed) = (order(|l| &l.attained), order(|l| &l.relaxed));
        let moved = strict.iter().zip(&relaxed).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        (out, moved.ceil() as usize)
    }
}

/// How far development and held-out problems agree on the order of optimizers, in a sentence; none without both.
pub fn agreement(across: &[Across]) -> Option<String> {
    let [first, second] = across else { return None };
    let both = first.ranks.iter().filter_map(|(label, a)| {
        let (_, b) = second.ranks.iter().find(|(other, _)| other == label)?;
        Some((*a, *b))
    });
    let (a, b): (Vec<f64>, Vec<f64>) = both.unzip();
    let tau = kendall(&a, &b)?;
    Some(format!(
        "Development and held-out problems agree on the order of {} optimizers with Kendall's tau = {tau:.2}.",
        a.len()
    ))
}

impl Line {
    /// Adds one problem.
    fn add(&mut self, view: &View, group: &Group, member: &Member) -> Option<()> {
        let cell = member.shown()?;
        let reported =
            || group.members.iter().chain(&group.defaults).filter_map(Member::shown).flat_map(|c| c.trials.iter());
        let first = |f: fn(&crate::rows::CurveRow) -> f64| {
            let starts = reported().filter_map(|t| view.curve(&t.key).first()).map(f).filter(|x| x.is_finite());
            crate::stats::mean(starts).map(|e| e.value)
        };
        let (start, start_validation) = (first(|p| p.test_loss)?, first(|p| p.validation_loss)?);
        let lowest = |f: fn(&crate::rows::TrialRow) -> f64| {
            reported().filter(|t| usable(t)).map(|t| f(t)).fold(f64::INFINITY, f64::min)
        };
        let (best, best_validation) = (lowest(|t| t.test_loss), lowest(|t| t.best_validation_loss));
        let share =
            |t: &crate::rows::TrialRow| if usable(t) { ((t.test_loss - best) / (start - best)).min(1.0) } else { 1.0 };
        self.left.push(cell.trials.iter().map(|t| share(t)).collect());
        let most = reported().map(|t| t.spent()).fold(1.0, f64::max);
        let mut costs = Vec::new();
        for (relaxed, into) in [(0.0, &mut self.attained), (0.02, &mut self.relaxed)] {
            let targets = Targets::between(start_validation, best_validation, TARGETS, relaxed);
            for trial in &cell.trials {
                // As a share of the largest budget of the problem.
                let curve: Vec<(f64, f64)> =
                    view.curve(&trial.key).iter().map(|p| (p.spent() / most, p.validation_loss)).collect();
                into.extend(attainment(&curve, &targets));
            }
        }
        let target = Targets(vec![best_validation + LEFT * (start_validation - best_validation)]);
        for trial in &cell.trials {
            let curve: Vec<(f64, f64)> =
                view.curve(&trial.key).iter().map(|p| (p.spent(), p.validation_loss)).collect();
            costs.extend(attainment(&curve, &target));
        }
        self.cost.push(downhill_stats::quantile(&costs, 0.5)?.max(1.0));
        Some(())
    }
}

fn interval(e: &Estimate) -> String {
    let show = |x: f64| significant(100.0 * x, 3);
    if e.low.is_nan() { show(e.value) } else { format!("{} [{}, {}]", show(e.value), show(e.low), show(e.high)) }
}
