//! What a study found, in sentences that are computed from its table, so that they change when the data do.

use crate::expect::{Expectation, Outcome};
use crate::stats::{Axis, Cell, Group, Member, Verdict, mean_ranks};
use crate::table::{Source, capital, estimate, more_seeds, plain, significant};
use crate::tables;
use crate::view::View;

/// What was found, in sentences.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The problem; none if it is over all of them.
    pub about: Option<String>,
    /// Whole sentences, as plain text.
    pub text: String,
    /// Further ones, each a line of its own.
    pub more: Vec<String>,
    /// The trials that all of them come from.
    pub source: Source,
}

/// The findings: what was expected, one over all problems where there are several, then one a problem unless there are many.
pub fn findings(view: &View) -> Vec<Finding> {
    let expected = view.ask.expect.iter().map(|e| expected(view, e));
    let each = view.groups.iter().filter(|_| !view.many());
    expected.chain(overall(view)).chain(each.map(|group| of_group(view, group))).collect()
}

/// Whether a claim held.
fn expected(view: &View, expectation: &Expectation) -> Finding {
    let outcome = Outcome::of(expectation, view);
    let text = outcome.sentence(expectation, view.ask.equivalence);
    Finding { about: None, text, more: outcome.told(expectation), source: view.source([].into_iter()) }
}

/// Who is ahead over several problems, and who was never shown to be behind.
fn overall(view: &View) -> Option<Finding> {
    let counted = view.judged();
    let ranks = mean_ranks(&counted);
    if view.axis != Axis::Optimizer || ranks.len() < 2 {
        return None;
    }
    let behind = |label: &str| counted.iter().filter(|group| behind(view, group, label)).count();
    let (never, some): (Vec<&str>, Vec<&str>) =
        ranks.iter().map(|(label, _)| label.as_str()).partition(|label| behind(label) == 0);
    let n = counted.len();
    let text = match (&*never, &*some) {
        (_, _) if view.seeds() < 2 => format!("Over {n} problems with one seed each, nothing is told apart."),
        ([], some) => format!("Behind the best on at least one of {n} problems: each of {}.", list(some)),
        (never, []) => format!("On none of {n} problems is any told apart from the best: {}.", list(never)),
        (never, some) => format!(
            "Not told apart from the best on any of {n} problems: {}. Behind it on at least one: {}.",
            list(never),
            list(some)
        ),
    };
    let told: Vec<String> = ranks.iter().map(|(label, rank)| format!("{label} {rank:.1}")).collect();
    let more = vec![format!("Mean rank by test loss, 1 is lowest: {}.", told.join(", "))];
    Some(Finding { about: None, text, more, source: view.source([].into_iter()) })
}

/// Whether a member's test loss is higher than that of the best by validation, or there is none.
fn behind(view: &View, group: &Group, label: &str) -> bool {
    let Some(i) = group.members.iter().position(|m| m.label == label) else { return true };
    let lost = group.members[i].best().is_none();
    lost || view.against_the_leader(group)[i].is_some_and(|c| c.verdict == Verdict::Worse)
}

fn of_group(view: &View, group: &Group) -> Finding {
    let mut said = match &view.axis {
        Axis::LearningRate => rates(group),
        _ => leaders(view, group),
    };
    if group.toy() {
        said.push("So few examples decide little: a toy, no headline.".into());
    }
    let mut more = Vec::new();
    if view.axis != Axis::LearningRate {
        more.extend(basins(group));
    }
    more.extend(defaults(view, group));
    more.extend(view.ask.measures().iter().filter_map(|name| measured(group, name)));
    more.extend(ends(view, group));
    let all = group.members.iter().chain(&group.defaults).flat_map(|m| &m.grid).flat_map(Cell::all);
    Finding { about: Some(group.title()), text: said.join(" "), more, source: view.source(all) }
}

/// The chosen learning rates, and how wrong they may be.
fn basins(group: &Group) -> Option<String> {
    let tell = |m: &Member| {
        let (best, (low, high)) = (m.best().filter(|_| m.grid.len() > 2)?.lr, m.basin()?);
        let range = if low < high { format!(" ({} to {})", plain(low), plain(high)) } else { String::new() };
        Some(format!("{} {}{range}", m.label, plain(best)))
    };
    let told: Vec<String> = group.members.iter().filter_map(tell).collect();
    let what = "Best learning rate (and the range that stays within 10 % of the validation loss there)";
    (!told.is_empty()).then(|| format!("{what}: {}.", told.join("; ")))
}

/// What tuning was worth: optimizers at their defaults, beside the best tuned one.
fn defaults(view: &View, group: &Group) -> Option<String> {
    let best = group.members[group.leader()?].best()?;
    let tell = |m: &Member| {
        let cell = m.shown()?;
        let name = m.label.trim_end_matches(" at its default");
        let loss = cell.estimate(|t| t.test_loss).map_or("lost".into(), |e| estimate(&e));
        let word = match view.compared(cell, best).map(|c| c.verdict) {
            Some(Verdict::Worse) => ", higher",
            Some(Verdict::Better) => ", lower",
            Some(Verdict::Tie) => ", as low",
            _ => "",
        };
        Some(format!("{name} at {} {loss}{word}", plain(cell.lr)))
    };
    let told: Vec<String> = group.defaults.iter().filter_map(tell).collect();
    (!told.is_empty()).then(|| format!("Untuned, at their defaults, against the best tuned: {}.", told.join("; ")))
}

/// A column of `trials.csv` that the study asks for, member by member.
fn measured(group: &Group, name: &str) -> Option<String> {
    let tell = |m: &Member| {
        let told = m.shown()?.estimate(|t| t.column(name).unwrap_or(f64::NAN));
        Some(format!("{} {}", m.label, told.map_or("none".into(), |e| estimate(&e))))
    };
    let told: Vec<String> = group.members.iter().filter_map(tell).collect();
    (!told.is_empty()).then(|| format!("{}: {}.", capital(&name.replace('_', " ")), told.join("; ")))
}

/// Where there are several minima: how many trials ended in the deepest one.
fn ends(view: &View, group: &Group) -> Vec<String> {
    let ends = tables::ends(view, group);
    let tell = |m: &Member| {
        let of = ends.iter().filter(|e| e.member == m.label);
        let told: Vec<String> = of
            .map(|e| format!("{} of {} at learning rate {}", e.deepest, e.cell.trials.len(), plain(e.cell.lr)))
            .collect();
        (!told.is_empty()).then(|| format!("In the deepest minimum, {} ends {}.", m.label, told.join(", ")))
    };
    group.members.iter().filter_map(tell).collect()
}

/// Who leads, by how much, and what is wrong with that.
fn leaders(view: &View, group: &Group) -> Vec<String> {
    let Some(i) = group.leader() else { return vec!["every trial diverged or failed.".into()] };
    let leader = &group.members[i];
    let Some(best) = leader.best() else { return Vec::new() };
    let mut said = vec![lead(view, group, leader, best)];
    said.extend(compared(view, group));
    let edges: Vec<&str> = group.members.iter().filter(|m| m.edge().is_some()).map(|m| m.label.as_str()).collect();
    if !edges.is_empty() {
        said.push(format!(
            "The best rate lies on the edge of the grid for {}: a better one may lie beyond.",
            list(&edges)
        ));
    }
    said.extend(lost(group));
    if group.has_data() {
        said.extend(overfitting(best));
    }
    said
}

fn lead(view: &View, group: &Group, leader: &Member, best: &Cell) -> String {
    let chosen = if leader.grid.len() > 1 { format!(" at learning rate {}", plain(best.lr)) } else { String::new() };
    let n = best.usable().count();
    let loss = best.estimate(|t| t.test_loss).map_or("not a number".into(), |e| estimate(&e));
    if !group.has_data() {
        return format!("{}{chosen} ends lowest, at {loss} (n = {n}).", leader.label);
    }
    let name = view.metric(group).unwrap_or("metric");
    let metric = best.estimate(|t| t.test_metric).map_or(String::new(), |e| format!(", test {name} {}", estimate(&e)));
    format!("{}{chosen} has the lowest validation loss; its test loss is {loss}{metric} (n = {n}).", leader.label)
}

/// The others against the leader.
fn compared(view: &View, group: &Group) -> Vec<String> {
    if group.members.iter().filter_map(Member::best).all(|c| c.usable().count() < 2) {
        return vec!["One seed each: no interval.".into()];
    }
    let what = if group.has_data() { "test loss" } else { "loss" };
    let (mut above, mut below, mut ties, mut open) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (m, compared) in group.members.iter().zip(view.against_the_leader(group)) {
        let Some(compared) = compared else { continue };
        let by = |sign: &str| format!("{} ({sign}{})", m.label, significant(compared.difference.value, 2));
        match compared.verdict {
            Verdict::Worse => above.push(by("+")),
            Verdict::Better => below.push(by("")),
            Verdict::Tie => ties.push(m.label.clone()),
            Verdict::Unresolved { further: Some(n) } => open.push(format!("{} ({})", m.label, more_seeds(n))),
            Verdict::Unresolved { further: None } => open.push(m.label.clone()),
        }
    }
    let say = |names: &[String], how: &str| (!names.is_empty()).then(|| format!("{how}: {}.", names.join(", ")));
    [
        say(&above, &format!("Higher in {what}")),
        say(&below, &format!("Lower in {what} all the same")),
        say(&ties, &format!("As low, within {} %", plain(100.0 * view.ask.equivalence))),
        say(&open, "Not resolved from it"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Along learning rates: the best, and where it goes wrong on both sides.
fn rates(group: &Group) -> Vec<String> {
    let tell = |m: &Member| {
        let cell = m.grid.first()?;
        let (lost, n) = (cell.lost(), cell.trials.len());
        let loss = cell.estimate(|t| t.test_loss).map(|e| estimate(&e));
        Some(match loss {
            _ if lost == n => format!("{} loses {lost} of {n}", m.label),
            Some(loss) if lost > 0 => format!("{} loses {lost} of {n}, the rest end at {loss}", m.label),
            loss => format!("{} ends at {}", m.label, loss.unwrap_or_default()),
        })
    };
    let mut said = Vec::new();
    if let Some(i) = group.leader() {
        let start = group.trials().count() / group.members.len().max(1);
        said.push(format!(
            "{} ends lowest of {} rates (n = {start} each).",
            group.members[i].label,
            group.members.len()
        ));
    }
    let told: Vec<String> = group.members.iter().filter_map(tell).collect();
    said.push(format!("{}.", told.join("; ")));
    said
}

fn lost(group: &Group) -> Option<String> {
    let (lost, all) = group.members.iter().map(Member::lost).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    (lost > 0).then(|| format!("{lost} of {all} trials diverged or failed."))
}

/// When the best one began to overfit, over its seeds.
fn overfitting(best: &Cell) -> Option<String> {
    let onsets: Vec<f64> = best.usable().filter_map(|t| t.onset_epoch).collect();
    let n = best.usable().count();
    let middle = crate::stats::quantile(onsets.iter().copied(), 0.5);
    (2 * onsets.len() > n).then(|| {
        format!(
            "In {} of {n} seeds its validation loss rose again before the end, since epoch {} in the median.",
            onsets.len(),
            plain(middle)
        )
    })
}

fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
