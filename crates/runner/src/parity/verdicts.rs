//! Whether it matters to a training which of a pair steps: final losses of a study, seed by seed.

use super::{Defaults, Pair, Tables, comparisons};
use crate::lab::Lab;
use crate::rows::TrialRow;
use crate::stats::{Compared, Group, Member};
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A difference within this share of burn's loss, interval and all, is a tie.
pub const MARGIN: f64 = 0.01;

/// A row of `verdicts.csv`: one pair on one problem, each at the learning rate of its lowest validation loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The study's file.
    pub study: String,
    /// burn's optimizer.
    pub burn: String,
    /// Ours.
    pub ours: String,
    /// With whose defaults.
    pub defaults: String,
    /// The problem.
    pub problem: String,
    /// burn's chosen learning rate.
    pub burn_lr: f64,
    /// Ours.
    pub ours_lr: f64,
    /// burn's mean test loss, or the mean final loss of a function.
    pub burn_loss: f64,
    /// Ours less burn's, the mean over seeds.
    pub difference: f64,
    /// Half the width of its 95 % interval of Student's t.
    pub half: f64,
    /// So many seeds, usable on both sides.
    pub n: usize,
    /// So many were run.
    pub seeds: usize,
}

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Ours ends lower.
    Ours,
    /// burn's ends lower.
    Burns,
    /// The whole interval lies within [`MARGIN`].
    Tie,
    /// The interval contains zero, and more than a tie would allow.
    Unresolved,
}

impl Row {
    /// What it says.
    ///
    /// ```
    /// use runner::parity::verdicts::{Outcome, Row};
    /// let row = |difference, half| Row {
    ///     study: "losses".into(), burn: "burn/adam".into(), ours: "adam".into(), defaults: "burn".into(), problem: "mlp".into(),
    ///     burn_lr: 0.01, ours_lr: 0.01, burn_loss: 2.0, difference, half, n: 10, seeds: 10,
    /// };
    /// assert_eq!(row(-0.1, 0.05).outcome(), Outcome::Ours);
    /// assert_eq!(row(0.1, 0.05).outcome(), Outcome::Burns);
    /// assert_eq!(row(0.005, 0.001).outcome(), Outcome::Tie); // told apart, and too little to matter
    /// assert_eq!(row(0.005, 0.05).outcome(), Outcome::Unresolved);
    /// ```
    pub fn outcome(&self) -> Outcome {
        match self.difference {
            difference if difference.abs() + self.half <= MARGIN * self.burn_loss.abs() => Outcome::Tie,
            difference if difference < -self.half => Outcome::Ours,
            difference if difference > self.half => Outcome::Burns,
            _ => Outcome::Unresolved,
        }
    }
}

/// A row for each pair, both defaults and each group of a study where both are.
///
/// # Errors
/// If a pair has no seed in common.
pub fn rows(study: &str, groups: &[Group], lab: &Lab) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (pair, defaults, tables) in comparisons() {
        for group in groups {
            let row = row((pair, defaults, &tables), study, group, lab);
            rows.extend(row.with_context(|| format!("{} and {} on {}", pair.burn, pair.ours, group.title()))?);
        }
    }
    Ok(rows)
}

fn row(
    (pair, defaults, tables): (&Pair, Defaults, &Tables),
    study: &str,
    group: &Group,
    lab: &Lab,
) -> Result<Option<Row>> {
    let (burn, ours) = (member(group, &tables.burn, lab)?, member(group, &tables.ours, lab)?);
    let Some((burn, ours)) = burn.zip(ours) else { return Ok(None) };
    let lost = |m: &Member| format!("every trial of {} was lost", m.label);
    let burn = burn.best().with_context(|| lost(burn))?;
    let ours = ours.best().with_context(|| lost(ours))?;
    let compared = Compared::of(ours, burn, |t| t.test_loss, 0.0).context("no two seeds are usable on both sides")?;
    let difference = compared.difference;
    let loss = burn.estimate(|t| t.test_loss).context("no test loss")?;
    Ok(Some(Row {
        study: study.to_owned(),
        burn: pair.burn.to_owned(),
        ours: pair.ours.to_owned(),
        defaults: defaults.to_string(),
        problem: group.title(),
        burn_lr: burn.lr,
        ours_lr: ours.lr,
        burn_loss: digits(loss.value),
        difference: digits(difference.value),
        half: difference.half().map_or(f64::INFINITY, digits),
        n: difference.n,
        seeds: burn.trials.len(),
    }))
}

/// The member of a group that is the method of a table.
fn member<'g, 'a>(group: &'g Group<'a>, table: &Value, lab: &Lab) -> Result<Option<&'g Member<'a>>> {
    let wanted = lab.optimizers.configure(table)?.canonical();
    let is = |t: &TrialRow| t.spec.parse::<Value>().is_ok_and(|spec| same(&spec["optimizer"], &wanted));
    Ok(group.members.iter().find(|m| m.grid.iter().flat_map(|c| &c.trials).next().is_some_and(|t| is(t))))
}

/// Whether two tables are the same method: a preset's name is no hyperparameter.
fn same(a: &Value, b: &Value) -> bool {
    let bare = |table: &Value| {
        let mut table = table.as_object().cloned().unwrap_or_default();
        table.remove("preset");
        table
    };
    bare(a) == bare(b)
}

/// As many as `trials.csv` holds of a measured number, less the last, which a difference loses.
fn digits(x: f64) -> f64 {
    format!("{x:.5e}").parse().unwrap_or(x)
}
