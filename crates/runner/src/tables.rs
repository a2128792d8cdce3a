//! The tables of a report: what was chosen and what it came to, which minima were reached, the first steps worked out.

use crate::diagnosis::{Cause, Peers, diagnose};
use crate::landscape::{Landscape, Minimum};
use crate::rows::{TimingRow, TrialRow};
use crate::stats::{self, Axis, Group, Member, Verdict};
use crate::table::{Cell, Source, Table, plain};
use crate::tuning::tuning;
use crate::view::View;
use std::collections::{BTreeMap, HashMap};

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
        ("test loss", "test_loss"),
        ("less the best's", "difference"),
        ("verdict", "verdict"),
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
        let compared = view.against_the_leader(group);
        for (i, member) in group.members.iter().enumerate() {
            let compared = compared.get(i).copied().flatten();
            table.rows.push(row(view, group, member, compared, &more));
            table.sources.push(source(view, member));
        }
        let best = group.leader().and_then(|i| group.members[i].best());
        for default in &group.defaults {
            let compared = default.shown().zip(best).and_then(|(c, best)| view.compared(c, best));
            table.rows.push(row(view, group, default, compared, &more));
            table.sources.push(source(view, default));
        }
    }
    table.without_empty()
}

/// The trials that a member's row reports.
fn source(view: &View, member: &Member) -> Source {
    traced(view, member.shown().into_iter().flat_map(|c| c.trials.iter().copied()))
}

/// The trials of a member's whole grid.
fn grid(view: &View, member: &Member) -> Source {
    traced(view, member.grid.iter().flat_map(stats::Cell::all))
}

fn traced<'t>(view: &View, trials: impl Iterator<Item = &'t TrialRow>) -> Source {
    let (name, keys) = (&view.results.study.name, trials.map(|t| t.key.clone()).collect());
    match &view.ask.imported {
        Some(imported) => Source { command: imported.command(name), keys },
        None => Source::trials(&format!("results/{name}"), keys),
    }
}

/// What the models do on training data and on test data, at the chosen rates; none without data.
pub fn overfitting(view: &View) -> Option<Table> {
    let mut table = Table::new([
        ("problem", "problem"),
        (view.axis.name(), "member"),
        ("training loss", "train_loss"),
        ("test loss", "test_loss"),
        ("gap", "gap_loss"),
        ("gap of the metric", "gap_metric"),
        ("overfits since epoch", "onset"),
        ("in", "overfits"),
        ("test loss at the lowest validation", "best_test_loss"),
    ]);
    for (group, member) in members(view).filter(|(g, _)| g.has_data()) {
        let Some(cell) = member.shown() else { continue };
        let onsets: Vec<f64> = cell.usable().filter_map(|t| t.onset_epoch).collect();
        let of = |measure: fn(&TrialRow) -> f64| Cell::from(cell.estimate(measure));
        table.sources.push(source(view, member));
        table.rows.push(vec![
            group.title().into(),
            member.label.as_str().into(),
            of(|t| t.train_loss),
            of(|t| t.test_loss),
            of(|t| t.gap_loss),
            of(|t| t.gap_metric),
            Cell::from((!onsets.is_empty()).then(|| stats::quantile(onsets.iter().copied(), 0.5))),
            Cell::Of(onsets.len(), cell.usable().count()),
            of(|t| t.best_test_loss),
        ]);
    }
    (!table.rows.is_empty()).then(|| table.without_empty())
}

/// What the curves of the reported trials say went wrong, by problem and member; none if nothing did, or no curve is kept.
pub fn causes(view: &View) -> Option<Table> {
    let mut table = Table::new([
        ("problem", "problem"),
        (view.axis.name(), "member"),
        ("cause", "cause"),
        ("trials", "trials"),
        ("evidence of the first", "evidence"),
        ("try", "advice"),
    ]);
    for (group, landscape) in view.scenes() {
        let peers = Peers::of(group.trials());
        let minimum = landscape.and_then(|l| l.facts.minimum);
        for member in &group.members {
            let trials = member.shown().map(|c| c.trials.as_slice()).unwrap_or_default();
            let mut found: BTreeMap<Cause, Vec<String>> = BTreeMap::new();
            for trial in trials {
                let diverged = trial.outcome_step.filter(|_| trial.outcome == "diverged");
                let diagnosis = diagnose(view.curve(&trial.key), diverged, minimum.or_else(|| peers.best(trial)));
                for d in diagnosis.into_iter().filter(|d| d.cause != Cause::Healthy) {
                    found.entry(d.cause).or_default().push(d.evidence);
                }
            }
            for (cause, evidence) in found {
                table.sources.push(source(view, member));
                table.rows.push(vec![
                    group.title().into(),
                    member.label.as_str().into(),
                    cause.word().into(),
                    Cell::Of(evidence.len(), trials.len()),
                    evidence[0].as_str().into(),
                    cause.advice().into(),
                ]);
            }
        }
    }
    (!table.rows.is_empty()).then_some(table)
}

/// Which rates lost trials; none if none did.
pub fn lost(view: &View) -> Option<Table> {
    let mut table = Table::new([
        ("problem", "problem"),
        (view.axis.name(), "member"),
        ("diverged", "diverged"),
        ("failed", "failed"),
        ("from learning rate", "from"),
        ("up to", "to"),
        ("first step", "step"),
        ("why", "reason"),
    ]);
    for (group, member) in members(view) {
        let all: Vec<&TrialRow> = member.grid.iter().flat_map(stats::Cell::all).collect();
        let lost: Vec<&&TrialRow> = all.iter().filter(|t| !stats::usable(t)).collect();
        let Some(first) = lost.first() else { continue };
        let count = |word: &str| lost.iter().filter(|t| t.outcome == word).count();
        let rates = || lost.iter().map(|t| t.lr);
        let step = lost.iter().filter_map(|t| t.outcome_step).min();
        let reason = lost.iter().map(|t| t.reason.as_str()).find(|r| !r.is_empty()).unwrap_or_default();
        table.sources.push(traced(view, lost.iter().map(|t| **t)));
        table.rows.push(vec![
            group.title().into(),
            member.label.as_str().into(),
            Cell::Of(count("diverged"), all.len()),
            Cell::Of(count("failed"), all.len()),
            rates().fold(first.lr, f64::min).into(),
            rates().fold(first.lr, f64::max).into(),
            Cell::from(step.map(|s| s as f64)),
            reason.into(),
        ]);
    }
    (!table.rows.is_empty()).then(|| table.without_empty())
}

/// What one training costs, at the chosen rates.
pub fn cost(view: &View) -> Option<Table> {
    let timings: HashMap<&str, &TimingRow> =
        view.results.timings.iter().flatten().map(|t| (t.key.as_str(), t)).collect();
    let mut table = Table::new([
        ("problem", "problem"),
        (view.axis.name(), "member"),
        ("gradients", "evaluations"),
        ("gradients of examples", "examples"),
        ("us a step, the optimizer alone", "step_us"),
        ("bytes remembered", "state_bytes"),
        ("steps to target", "steps_to_target"),
    ]);
    for (group, member) in members(view) {
        let of = member.shown().and_then(|c| Some((c, c.trials.first().filter(|t| !t.foreign())?)));
        let Some((cell, first)) = of else { continue };
        let step = |t: &&TrialRow| {
            let timing = timings.get(t.key.as_str()).filter(|_| t.step > 0)?;
            Some(1e6 * timing.optimizer / t.step as f64)
        };
        let steps: Vec<f64> = cell.trials.iter().filter_map(step).collect();
        let reached: Vec<f64> = cell.usable().filter_map(|t| Some(t.steps_to_target? as f64)).collect();
        table.sources.push(source(view, member));
        table.rows.push(vec![
            group.title().into(),
            member.label.as_str().into(),
            (first.evaluations as f64).into(),
            Cell::from(Some(first.examples as f64).filter(|n| *n > 0.0)),
            Cell::from((!steps.is_empty()).then(|| stats::quantile(steps.iter().copied(), 0.5))),
            (first.state_bytes as f64).into(),
            Cell::from((!reached.is_empty()).then(|| stats::quantile(reached.iter().copied(), 0.5))),
        ]);
    }
    (!table.rows.is_empty()).then(|| table.without_empty())
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

/// All members with their groups.
fn members<'v, 'a>(view: &'v View<'a>) -> impl Iterator<Item = (&'v Group<'a>, &'v Member<'a>)> {
    view.groups.iter().flat_map(|g| g.members.iter().map(move |m| (g, m)))
}

/// The columns of `trials.csv` that the study asks for.
fn asked<'v>(view: &'v View) -> impl Iterator<Item = &'v str> {
    view.ask.measures().iter().map(String::as_str)
}

fn row(view: &View, group: &Group, member: &Member, compared: Option<stats::Compared>, more: &[&str]) -> Vec<Cell> {
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
        of(|t| t.test_loss),
        Cell::from(compared.map(|c| c.difference)),
        compared.map_or(Cell::Empty, |c| verdict(&c).into()),
        of(|t| t.test_metric),
        if group.has_data() { of(|t| t.gap_loss) } else { Cell::Empty },
        Cell::from(onset),
        Cell::from((!steps.is_empty()).then(|| stats::quantile(steps, 0.5))),
        Cell::Of(lost, all),
        Cell::from(cell.and_then(|c| c.trials.first()).filter(|t| !t.foreign()).map(|t| t.state_bytes as f64)),
    ];
    let measure = |name: &&str| Cell::from(cell.and_then(|c| c.estimate(|t| t.column(name).unwrap_or(f64::NAN))));
    row.extend(more.iter().map(measure));
    row
}

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
    // By problem and optimizer: the best rate of each batch size.
    let mut found: BTreeMap<[String; 2], BTreeMap<u64, f64>> = BTreeMap::new();
    for (group, member) in members(view) {
        let Some(cell) = member.best().filter(|_| member.grid.len() > 2) else { continue };
        let Some(trial) = cell.search.first().filter(|t| t.batch > 0) else { continue };
        let rates = found.entry([group.problem.clone(), trial.optimizer.clone()]).or_default();
        rates.entry(trial.batch).or_insert(cell.lr);
    }
    for ([problem, optimizer], rates) in found {
        if rates.len() < 2 {
            continue;
        }
        let points: Vec<(f64, f64)> = rates.iter().map(|(b, lr)| ((*b as f64).log10(), lr.log10())).collect();
        let n = points.len() as f64;
        let (x, y) = points.iter().fold((0.0, 0.0), |(a, b), p| (a + p.0 / n, b + p.1 / n));
        let (xy, xx) = points.iter().fold((0.0, 0.0), |(a, b), p| (a + (p.0 - x) * (p.1 - y), b + (p.0 - x).powi(2)));
        let told: Vec<String> = rates.iter().map(|(b, lr)| format!("{b}: {}", plain(*lr))).collect();
        table.rows.push(vec![problem.into(), optimizer.into(), told.join(", ").into(), Cell::Number(xy / xx)]);
    }
    (!table.rows.is_empty()).then_some(table)
}

/// A verdict in a word or two.
pub fn verdict(compared: &stats::Compared) -> String {
    match compared.verdict {
        Verdict::Better => "lower".into(),
        Verdict::Worse => "higher".into(),
        Verdict::Tie => "tie".into(),
        Verdict::Unresolved { further: Some(n) } => format!("unresolved, {n} more seeds"),
        Verdict::Unresolved { further: None } => "unresolved".into(),
    }
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
