//! Walks on functions: which minimum was reached, and the first steps worked out.

use crate::landscape::{Landscape, Minimum};
use crate::rows::TrialRow;
use crate::stats::{self, Group, Member};
use crate::table::{Cell, Table, plain};
use crate::view::View;

/// A trial with at most this many points is shown step by step.
const WORKED: usize = 5;

/// In which of several known minima the trials of one member at one learning rate ended.
pub struct Ends<'g> {
    /// The member's label.
    pub member: &'g str,
    /// The trials.
    pub cell: &'g stats::Cell<'g>,
    /// So many in a deepest one.
    pub deepest: usize,
    /// So many in another one.
    pub another: usize,
    /// So many at none of them.
    pub elsewhere: usize,
}

/// Which minima a group's trials reached, by member and learning rate; empty without a problem that has several. A
/// trial is at the nearest minimum if it is closer to it than half the way to the next one.
pub fn ends<'g>(view: &View, group: &'g Group<'g>) -> Vec<Ends<'g>> {
    let landscape = view.scenes().find(|(g, _)| std::ptr::eq(*g, group)).and_then(|(_, l)| l);
    let known = landscape.map(Landscape::minima).unwrap_or_default();
    if known.iter().all(|m| m.global) || known.iter().any(|m| m.at.len() > 2) {
        return Vec::new();
    }
    let of = |(member, cell): (&'g Member<'g>, &'g stats::Cell<'g>)| {
        let ends: Vec<_> = cell.usable().map(|t| reached(&known, t)).collect();
        let count = |what| ends.iter().filter(|&&e| e == what).count();
        Ends {
            member: &member.label,
            cell,
            deepest: count(Some(true)),
            another: count(Some(false)),
            elsewhere: count(None),
        }
    };
    group.members.iter().flat_map(|m| m.grid.iter().map(move |c| (m, c))).map(of).collect()
}

/// [`ends`] of all groups, with the interval of the share that found a deepest minimum.
pub fn minima(view: &View) -> Option<Table> {
    let columns = ["problem", view.axis.name(), "lr", "deepest", "95 % interval", "another", "elsewhere", "lost"];
    let mut table = Table::new(columns.map(|c| (c, c)));
    for group in &view.groups {
        for e in ends(view, group) {
            let all = e.cell.trials.len();
            let (low, high) = stats::wilson(e.deepest, all);
            table.sources.push(view.source(e.cell.trials.iter().copied()));
            table.rows.push(vec![
                group.title().into(),
                e.member.into(),
                e.cell.lr.into(),
                Cell::Of(e.deepest, all),
                Cell::Text(format!("{low:.2} to {high:.2}")),
                Cell::Of(e.another, all),
                Cell::Of(e.elsewhere, all),
                Cell::Of(e.cell.lost(), all),
            ]);
        }
    }
    (!table.rows.is_empty()).then_some(table)
}

/// Whether the minimum at the end of a walk is a deepest one; none if it ended at no known minimum.
fn reached(known: &[Minimum], end: &TrialRow) -> Option<bool> {
    let x: Vec<f64> = [end.x0, end.x1].into_iter().flatten().collect();
    let to = |m: &Minimum| distance(&m.at, &x);
    let near = known.iter().min_by(|a, b| to(a).total_cmp(&to(b)))?;
    let next = known.iter().map(|m| distance(&m.at, &near.at)).filter(|&d| d > 0.0).fold(f64::INFINITY, f64::min);
    (to(near) < 0.5 * next && near.at.len() == x.len()).then_some(near.global)
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

/// The steps of short walks in one or two dimensions: point, loss, the exact gradient and central differences.
pub fn worked(view: &View) -> Option<Table> {
    let columns =
        ["problem", view.axis.name(), "lr", "step", "x", "loss", "exact gradient", "by small changes", "moves by"];
    let mut table = Table::new(columns.map(|c| (c, c)));
    for (group, landscape) in view.scenes() {
        let Some(landscape) = landscape.filter(|l| l.dimension <= 2) else { continue };
        for member in &group.members {
            let Some(trial) = member.shown().and_then(|c| c.trials.first()) else { continue };
            let curve = view.curve(&trial.key);
            if curve.len() > WORKED || curve.windows(2).any(|p| p[1].step != p[0].step + 1) {
                continue;
            }
            for (i, point) in curve.iter().enumerate() {
                let x: Vec<f64> = [point.x0, point.x1].into_iter().flatten().collect();
                let next = curve.get(i + 1).map(|p| [p.x0, p.x1].into_iter().flatten().collect::<Vec<f64>>());
                table.sources.push(view.source(std::iter::once(*trial)));
                let moves = next.map(|next| next.iter().zip(&x).map(|(b, a)| b - a).collect::<Vec<f64>>());
                table.rows.push(vec![
                    group.title().into(),
                    member.label.as_str().into(),
                    trial.lr.into(),
                    (point.step as f64).into(),
                    vector(&x),
                    point.train_loss.into(),
                    vector(&landscape.gradient(&x)),
                    vector(&landscape.partials(&x)),
                    moves.map_or(Cell::Empty, |m| vector(&m)),
                ]);
            }
        }
    }
    (!table.rows.is_empty()).then_some(table)
}

fn vector(x: &[f64]) -> Cell {
    Cell::Text(format!("({})", x.iter().map(|&x| plain(x)).collect::<Vec<_>>().join(", ")))
}
