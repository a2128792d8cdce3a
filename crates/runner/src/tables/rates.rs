//! How much depends on the learning rate, and what looking for it buys.

use super::{grid, members};
use crate::stats::{self, Axis, Member};
use crate::table::{Cell, Table, plain};
use crate::tuning::tuning;
use crate::view::View;
use std::collections::BTreeMap;

/// How the loss depends on the learning rate, by problem and member; none without grids.
pub fn slopes(view: &View) -> Option<Table> {
    let columns = [
        ("problem", "problem"),
        (view.axis.name(), "member"),
        ("best lr", "lr"),
        ("robust lr", "robust_lr"),
        ("within 5 %, decades", "within_5"),
        ("within 10 %, decades", "within_10"),
        ("to the cliff, decades", "cliff"),
        ("edge", "edge"),
    ];
    let mut table = Table::new(columns);
    for (group, member) in members(view) {
        let Some(slope) = member.slope() else { continue };
        let reach = |r: stats::Reach| Cell::Text(r.to_string());
        table.sources.push(grid(view, member));
        table.rows.push(vec![
            Cell::Text(group.title()),
            Cell::Text(member.label.clone()),
            slope.best.into(),
            Cell::from(slope.robust),
            reach(slope.within_5),
            reach(slope.within_10),
            reach(slope.cliff),
            member.edge().map_or(Cell::Empty, |e| e.word().into()),
        ]);
    }
    (!table.rows.is_empty() && view.axis != Axis::LearningRate).then(|| table.without_empty())
}

/// How the best learning rate moves with the batch size, where several were swept: the slope of its logarithm over that of
/// the batch, by problem and optimizer. 1 is proportional, 0.5 goes with the root.
pub fn drift(view: &View) -> Option<Table> {
    let mut table = Table::new([
        ("problem", "problem"),
        ("optimizer", "optimizer"),
        ("batch: best lr", "rates"),
        ("slope", "slope"),
    ]);
    // By problem and optimizer: the members with their best rates, by batch size.
    let mut found: BTreeMap<[String; 2], BTreeMap<u64, (&Member, f64)>> = BTreeMap::new();
    for (group, member) in members(view) {
        let Some(cell) = member.best().filter(|_| member.grid.len() > 2) else { continue };
        let Some(trial) = cell.search.first().filter(|t| t.batch > 0) else { continue };
        let rates = found.entry([group.problem.clone(), trial.optimizer.to_string()]).or_default();
        rates.entry(trial.batch).or_insert((member, cell.lr));
    }
    for ([problem, optimizer], rates) in found {
        if rates.len() < 2 {
            continue;
        }
        let points: Vec<(f64, f64)> = rates.iter().map(|(b, (_, lr))| ((*b as f64).log10(), lr.log10())).collect();
        let n = points.len() as f64;
        let (x, y) = points.iter().fold((0.0, 0.0), |(a, b), p| (a + p.0 / n, b + p.1 / n));
        let (xy, xx) = points.iter().fold((0.0, 0.0), |(a, b), p| (a + (p.0 - x) * (p.1 - y), b + (p.0 - x).powi(2)));
        let told: Vec<String> = rates.iter().map(|(b, (_, lr))| format!("{b}: {}", plain(*lr))).collect();
        table.sources.push(view.source(rates.values().flat_map(|(m, _)| m.grid.iter().flat_map(stats::Cell::all))));
        table.rows.push(vec![problem.into(), optimizer.into(), told.join(", ").into(), Cell::Number(xy / xx)]);
    }
    (!table.rows.is_empty()).then_some(table)
}

/// The expected best validation loss when k candidates are tried, by the number of candidates: what tuning buys. A
/// candidate that lost a trial counts as the worst that ended on its problem. Defaults need no tuning: one candidate.
pub fn budget(view: &View) -> Option<Table> {
    const TRIES: [usize; 6] = [1, 2, 3, 5, 7, 10];
    let titles = TRIES.map(|k| (format!("k = {k}"), format!("best_of_{k}")));
    let columns = [("problem", "problem"), (view.axis.name(), "member")];
    let columns = columns.into_iter().chain(titles.iter().map(|(t, key)| (t.as_str(), key.as_str())));
    let mut table = Table::new(columns);
    if view.axis == Axis::LearningRate {
        return None;
    }
    for group in &view.groups {
        let all = group.members.iter().chain(&group.defaults);
        for tuned in tuning(group) {
            let Some(member) = all.clone().find(|m| m.label == tuned.label) else { continue };
            let mut row: Vec<Cell> = vec![group.title().into(), tuned.label.into()];
            row.extend(TRIES.map(|k| Cell::from(tuned.best.get(k - 1).copied())));
            table.rows.push(row);
            table.sources.push(grid(view, member));
        }
    }
    (!table.rows.is_empty()).then(|| table.without_empty())
}
