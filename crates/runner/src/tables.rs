//! The tables of a report, each row with the trials that it comes from: here what was chosen, what it came to and cost.

mod rates;
mod trouble;
mod walks;

pub use rates::{budget, drift, slopes};
pub use trouble::{causes, lost, overfitting};
pub use walks::{ends, minima, worked};

use crate::rows::{TimingRow, TrialRow};
use crate::stats::{self, Axis, Group, Member, Verdict};
use crate::table::{Cell, Source, Table, more_seeds};
use crate::view::View;
use std::collections::HashMap;

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
        let told = compared.iter().any(Option::is_some);
        for (i, member) in group.members.iter().enumerate() {
            let said = match compared.get(i).copied().flatten() {
                None if group.leader() == Some(i) && told => Said::Reference,
                compared => compared.map_or(Said::Nothing, Said::Differs),
            };
            table.rows.push(row(view, group, member, said, &more));
            table.sources.push(source(view, member));
        }
        let best = group.leader().and_then(|i| group.members[i].best());
        for default in &group.defaults {
            let compared = default.shown().zip(best).and_then(|(c, best)| view.compared(c, best));
            table.rows.push(row(view, group, default, compared.map_or(Said::Nothing, Said::Differs), &more));
            table.sources.push(source(view, default));
        }
    }
    table.without_empty()
}

/// What a row says of the best one of its problem by validation.
enum Said {
    /// It is that.
    Reference,
    Differs(stats::Compared),
    Nothing,
}

/// The trials that a member's row reports.
fn source(view: &View, member: &Member) -> Source {
    view.source(member.shown().into_iter().flat_map(|c| c.trials.iter().copied()))
}

/// The trials of a member's whole grid.
fn grid(view: &View, member: &Member) -> Source {
    view.source(member.grid.iter().flat_map(stats::Cell::all))
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
        ("us a step, beside other trials", "step_us"),
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

/// All members with their groups.
fn members<'v, 'a>(view: &'v View<'a>) -> impl Iterator<Item = (&'v Group<'a>, &'v Member<'a>)> {
    view.groups.iter().flat_map(|g| g.members.iter().map(move |m| (g, m)))
}

/// The columns of `trials.csv` that the study asks for.
fn asked<'v>(view: &'v View) -> impl Iterator<Item = &'v str> {
    view.ask.measures().iter().map(String::as_str)
}

fn row(view: &View, group: &Group, member: &Member, said: Said, more: &[&str]) -> Vec<Cell> {
    let rate = view.axis == Axis::LearningRate;
    let cell = member.shown();
    let of = |measure: fn(&crate::rows::TrialRow) -> f64| Cell::from(cell.and_then(|c| c.estimate(measure)));
    let onsets: Vec<f64> = cell.iter().flat_map(|c| c.usable()).filter_map(|t| t.onset_epoch).collect();
    let onset = (!onsets.is_empty() && group.has_data()).then(|| stats::quantile(onsets, 0.5));
    let steps: Vec<f64> =
        cell.iter().flat_map(|c| c.usable()).filter_map(|t| Some(t.steps_to_target? as f64)).collect();
    let (lost, all) = member.lost();
    let (difference, word) = match said {
        Said::Reference => (Cell::Empty, "the reference".into()),
        Said::Differs(c) => (Cell::from(Some(c.difference)), verdict(&c).into()),
        Said::Nothing => (Cell::Empty, Cell::Empty),
    };
    let mut row = vec![
        Cell::Text(group.title() + if group.toy() { " (toy)" } else { "" }),
        Cell::Text(member.label.clone()),
        Cell::from(cell.filter(|_| !rate).map(|c| c.lr)),
        member.edge().map_or(Cell::Empty, |e| e.word().into()),
        of(|t| t.test_loss),
        difference,
        word,
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

/// A verdict in a word or two.
pub fn verdict(compared: &stats::Compared) -> String {
    match compared.verdict {
        Verdict::Better => "lower".into(),
        Verdict::Worse => "higher".into(),
        Verdict::Tie => "tie".into(),
        Verdict::Unresolved { further: Some(n) } => format!("unresolved, {}", more_seeds(n)),
        Verdict::Unresolved { further: None } => "unresolved".into(),
    }
}
