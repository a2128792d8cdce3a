//! What goes wrong at the chosen rates, and which trials were lost.

use super::{members, source};
use crate::diagnosis::{Cause, Peers, diagnose};
use crate::rows::TrialRow;
use crate::stats;
use crate::table::{Cell, Table};
use crate::view::View;
use std::collections::BTreeMap;

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
        table.sources.push(view.source(lost.iter().map(|t| **t)));
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
