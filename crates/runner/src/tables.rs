//! The tables of a report: what was chosen and what it came to, which minima were reached, the first steps worked out.

use crate::landscape::{Landscape, Minimum};
use crate::rows::TrialRow;
use crate::stats::{self, Axis, Group, Member};
use crate::table::{Cell, Table, plain};
use crate::view::View;

/// A trial with at most this many points is shown step by step.
const WORKED: usize = 5;

/// One row a problem and member: the chosen learning rate, and what it came to.
pub fn study(view: &View) -> Table {
    let axis = view.axis.name();
    let mut columns = vec![
        ("problem", "problem"),
        (axis, "member"),
        ("best lr", "lr"),
        ("edge", "edge"),
        ("basin, decades", "basin"),
        ("test loss", "test_loss"),
        ("less the best's", "difference"),
        ("test metric", "test_metric"),
        ("gap", "gap_loss"),
        ("overfits since epoch", "onset"),
        ("steps to target", "steps_to_target"),
        ("lost", "lost"),
        ("bytes remembered", "state_bytes"),
    ];
    let more: Vec<&str> = asked(view).filter(|name| columns.iter().all(|(_, key)| key != name)).collect();
    columns.extend(more.iter().map(|&name| (name, name)));
    let mut table = Table::new(columns);
    for group in &view.groups {
        let differences = group.leader().map(|i| group.differences(i, |t| t.test_loss)).unwrap_or_default();
        for (i, member) in group.members.iter().enumerate() {
            let difference = differences.get(i).copied().flatten().map(|d| d.0);
            let apart = difference.filter(|_| group.leader() != Some(i));
            table.rows.push(row(view, group, member, Cell::from(apart), &more));
        }
        let best = group.leader().and_then(|i| group.members[i].best());
        for default in &group.defaults {
            let reported = default.shown().zip(best);
            let apart = reported.and_then(|(c, best)| stats::Difference::paired(c, best, |t| t.test_loss)).map(|d| d.0);
            table.rows.push(row(view, group, default, Cell::from(apart), &more));
        }
    }
    table.without_empty()
}

/// The columns of `trials.csv` that the study asks for.
fn asked<'v>(view: &'v View) -> impl Iterator<Item = &'v str> {
    view.ask.measures().iter().map(String::as_str)
}

fn row(view: &View, group: &Group, member: &Member, difference: Cell, more: &[&str]) -> Vec<Cell> {
    let rate = view.axis == Axis::LearningRate;
    let cell = member.shown();
    let of = |measure: fn(&crate::rows::TrialRow) -> f64| Cell::from(cell.and_then(|c| c.estimate(measure)));
    let onsets: Vec<f64> = cell.iter().flat_map(|c| c.usable()).filter_map(|t| t.onset_epoch).collect();
    let onset = (!onsets.is_empty() && group.has_data()).then(|| stats::quantile(onsets, 0.5));
    let steps: Vec<f64> =
        cell.iter().flat_map(|c| c.usable()).filter_map(|t| Some(t.steps_to_target? as f64)).collect();
    let (lost, all) = member.lost();
    let mut row = vec![
        Cell::Text(group.title() + if group.toy() { " (toy)" } else { "" }),
        Cell::Text(member.label.clone()),
        Cell::from(cell.filter(|_| !rate).map(|c| c.lr)),
        member.edge().map_or(Cell::Empty, |e| e.word().into()),
        Cell::from(member.basin().filter(|_| member.grid.len() > 1).map(|(low, high)| libm::log10(high / low))),
        of(|t| t.test_loss),
        difference,
        of(|t| t.test_metric),
        if group.has_data() { of(|t| t.gap_loss) } else { Cell::Empty },
        Cell::from(onset),
        Cell::from((!steps.is_empty()).then(|| stats::quantile(steps, 0.5))),
        Cell::Of(lost, all),
        Cell::from(cell.and_then(|c| c.trials.first()).map(|t| t.state_bytes as f64)),
    ];
    let measure = |name: &&str| Cell::from(cell.and_then(|c| c.estimate(|t| t.column(name).unwrap_or(f64::NAN))));
    row.extend(more.iter().map(measure));
    row
}

/// In which of several known minima the trials of one member at one learning rate ended.
pub struct Ends {
    /// The member's label.
    pub member: String,
    /// The learning rate.
    pub lr: f64,
    /// So many in a deepest one.
    pub deepest: usize,
    /// So many in another one.
    pub another: usize,
    /// So many at none of them.
    pub elsewhere: usize,
    /// So many diverged or failed.
    pub lost: usize,
    /// Of so many.
    pub all: usize,
}

/// Which minima a group's trials reached, by member and learning rate; empty without a problem that has several. A
/// trial is at the nearest minimum if it is closer to it than half the way to the next one.
pub fn ends(view: &View, group: &Group) -> Vec<Ends> {
    let landscape = view.scenes().find(|(g, _)| std::ptr::eq(*g, group)).and_then(|(_, l)| l);
    let known = landscape.map(Landscape::minima).unwrap_or_default();
    if known.iter().all(|m| m.global) || known.iter().any(|m| m.at.len() > 2) {
        return Vec::new();
    }
    let of = |(member, cell): (&Member, &stats::Cell)| {
        let ends: Vec<_> = cell.usable().map(|t| reached(&known, t)).collect();
        let count = |what| ends.iter().filter(|&&e| e == what).count();
        Ends {
            member: member.label.clone(),
            lr: cell.lr,
            deepest: count(Some(true)),
            another: count(Some(false)),
            elsewhere: count(None),
            lost: cell.lost(),
            all: cell.trials.len(),
        }
    };
    group.members.iter().flat_map(|m| m.grid.iter().map(move |c| (m, c))).map(of).collect()
}

/// [`ends`] of all groups, with the interval of the share that found a deepest minimum.
pub fn minima(view: &View) -> Option<Table> {
    let columns = ["problem", view.axis.name(), "lr", "deepest", "95 % interval", "another", "elsewhere", "lost"];
    let mut table = Table::new(columns.map(|c| (c, c)));
    for group in &view.groups {
        table.rows.extend(ends(view, group).into_iter().map(|e| {
            let (low, high) = stats::wilson(e.deepest, e.all);
            vec![
                group.title().into(),
                e.member.into(),
                e.lr.into(),
                Cell::Of(e.deepest, e.all),
                Cell::Text(format!("{low:.2} to {high:.2}")),
                Cell::Of(e.another, e.all),
                Cell::Of(e.elsewhere, e.all),
                Cell::Of(e.lost, e.all),
            ]
        }));
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
