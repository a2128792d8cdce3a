//! Optimizers over several problems at once: what a mean rank hides, on scales that problems share.

use crate::rows::{CurveRow, TrialRow, unit};
use crate::stats::{self, Axis, Group, Member, mean, mean_ranks, usable};
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
    /// All members.
    members: Vec<String>,
    /// Of each problem the mean test losses of all members, if all problems have the same; else nothing.
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
        let ways: Vec<Way> = groups.iter().map(|group| Way::of(view, group)).collect::<Option<_>>()?;
        let first = groups[0].members.iter().chain(&groups[0].defaults).map(|m| m.label.clone());
        let line = |label: String| {
            let mut line = Line { label, left: vec![], attained: vec![], relaxed: vec![], cost: vec![] };
            for (group, way) in groups.iter().zip(&ways) {
                let member = group.members.iter().chain(&group.defaults).find(|m| m.label == line.label)?;
                // One that lost all its trials missed all targets.
                line.add(view, way, member.shown().or(member.grid.first())?)?;
            }
            Some(line)
        };
        let ranks = mean_ranks(&groups);
        let mut lines: Vec<Line> = first.filter_map(line).collect();
        // In the order of their ranks; what has none, as defaults, comes last.
        lines.sort_by_key(|line| ranks.iter().position(|(label, _)| *label == line.label).unwrap_or(usize::MAX));
        let mut losses: Vec<Vec<f64>> = groups.iter().map(|g| g.mean_losses()).collect();
        let members: Vec<String> = groups[0].members.iter().map(|m| m.label.clone()).collect();
        let same = |g: &&Group| g.members.iter().map(|m| &m.label).eq(&members);
        if !groups.iter().all(same) {
            losses.clear();
        }
        let clusters = groups.iter().map(|g| view.cluster(g)).collect();
        (lines.len() > 1).then_some(Across { set, clusters, lines, members, losses, ranks })
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

    /// Mean ranks, one row an optimizer, one column a cluster of kin problems; none for fewer than two clusters, or as many as
    /// problems.
    pub fn by_cluster(&self) -> Option<Table> {
        let rows = self.clustered();
        let names: BTreeSet<&String> = self.clusters.iter().collect();
        if rows.is_empty() || rows.len() == self.losses.len() {
            return None;
        }
        let titles: Vec<String> = names
            .iter()
            .map(|name| format!("{name} ({})", self.clusters.iter().filter(|c| c == name).count()))
            .collect();
        let columns = titles.iter().zip(&names).map(|(title, name)| (title.as_str(), name.as_str()));
        let mut table = Table::new([("optimizer", "member"), ("all", "rank")].into_iter().chain(columns));
        for (label, rank) in &self.ranks {
            let place = self.members.iter().position(|member| member == label)?;
            let ranks = [*rank].into_iter().chain(rows.iter().map(|row| row[place]));
            let cells = ranks.map(|rank| Cell::Number((10.0 * rank).round() / 10.0));
            table.rows.push([label.as_str().into()].into_iter().chain(cells).collect());
        }
        Some(table)
    }

    /// How to read [the table](Across::table).
    pub fn legend(view: &View) -> String {
        format!(
            "Left of the way: the share of the way from the start's test loss to the lowest of the problem that is left at the \
             end, the mean of the middle half of all runs, with the interval of a bootstrap within problems. Targets: {TARGETS} \
             losses a problem, from nine tenths of the way left to a thousandth, reached by validation loss, misses counted. \
             Profile (Dolan & Moré): the mean share of problems solved to a tenth of the way within 1 to {MOST} times the \
             fewest {} of all; it depends on who else is there.",
            unit(&view.results.trials)
        )
    }

    /// How far the ranks can be trusted; none if there are none.
    pub fn words(&self) -> Option<String> {
        let Ranking { ranks, problems, critical } = self.ranking()?;
        let kin = match self.clustered().len() {
            n if n < 2 || n == problems => String::new(),
            n => format!(
                " Problems of one family are kin: with its {n} families as the units it is {}.",
                significant(critical_difference(ranks.len(), n), 3)
            ),
        };
        let differ =
            friedman(&self.losses).map_or(String::new(), |t| format!(" (Friedman's p = {})", significant(t.p, 2)));
        Some(format!(
            "Mean ranks of {} optimizers over {problems} {}problems belong to different ones if they are {} apart{differ}: \
             Nemenyi's critical difference, in which a verdict on two depends on all others; `downhill compare --within` \
             takes two by themselves.{kin}",
            ranks.len(),
            self.set.map_or(String::new(), |set| format!("{} ", set.word())),
            significant(critical, 3)
        ))
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

/// What lies between the start of a problem and the best that any reported trial reached.
struct Way {
    /// The mean test and validation loss at the start.
    start: [f64; 2],
    /// The lowest ones.
    best: [f64; 2],
    /// The largest budget.
    most: f64,
}

impl Way {
    fn of(view: &View, group: &Group) -> Option<Self> {
        let shown = || group.members.iter().chain(&group.defaults).filter_map(Member::shown);
        let reported = || shown().flat_map(|cell| cell.trials.iter());
        let first = |f: fn(&CurveRow) -> f64| {
            let starts = reported().filter_map(|t| view.curve(&t.key).first()).map(f).filter(|x| x.is_finite());
            mean(starts).map(|e| e.value)
        };
        let lowest =
            |f: fn(&TrialRow) -> f64| reported().filter(|t| usable(t)).map(|t| f(t)).fold(f64::INFINITY, f64::min);
        Some(Way {
            start: [first(|p| p.test_loss)?, first(|p| p.validation_loss)?],
            best: [lowest(|t| t.test_loss), lowest(|t| t.best_validation_loss)],
            most: reported().map(|t| t.spent()).fold(1.0, f64::max),
        })
    }

    /// The share that is left at the end of a trial, by test loss; all of it if the trial was lost.
    fn left(&self, trial: &TrialRow) -> f64 {
        let left = (trial.test_loss - self.best[0]) / (self.start[0] - self.best[0]);
        if usable(trial) { left.min(1.0) } else { 1.0 }
    }
}

impl Line {
    /// Adds one problem.
    fn add(&mut self, view: &View, way: &Way, cell: &stats::Cell) -> Option<()> {
        self.left.push(cell.trials.iter().map(|t| way.left(t)).collect());
        let (start, best) = (way.start[1], way.best[1]);
        let curves: Vec<Vec<(f64, f64)>> = cell
            .trials
            .iter()
            .map(|t| view.curve(&t.key).iter().map(|p| (p.spent(), p.validation_loss)).collect())
            .collect();
        let reach = |targets: &Targets| -> Vec<f64> { curves.iter().flat_map(|c| attainment(c, targets)).collect() };
        for (relaxed, into) in [(0.0, &mut self.attained), (0.02, &mut self.relaxed)] {
            // As a share of the largest budget of the problem.
            into.extend(reach(&Targets::between(start, best, TARGETS, relaxed)).iter().map(|cost| cost / way.most));
        }
        let costs = reach(&Targets(vec![best + LEFT * (start - best)]));
        self.cost.push(downhill_stats::quantile(&costs, 0.5)?.max(1.0));
        Some(())
    }
}

fn interval(e: &Estimate) -> String {
    let show = |x: f64| significant(100.0 * x, 3);
    if e.low.is_nan() { show(e.value) } else { format!("{} [{}, {}]", show(e.value), show(e.low), show(e.high)) }
}
