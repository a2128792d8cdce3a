//! The order of rows, which is the same for any order of work.

use super::TrialRow;
use crate::trial::{Budget, Precision, Trial};
use downhill_problems::Order;
use serde::Serialize;
use serde_json::Value;
use std::cmp::Ordering;

/// What comes before learning rate and seed in the order of rows: problem, optimizer, schedule, order, precision, budget;
/// and the batch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Axes(pub(crate) [String; 6], pub(super) u64);

/// Of a trial with those labels.
pub(crate) fn axes(trial: &Trial, problem: String, optimizer: String) -> Axes {
    let schedule = serde_json::to_string(&trial.schedule).unwrap_or_default();
    let batch = if trial.sampling.order == Order::Full { 0 } else { trial.sampling.batch as u64 };
    let precision = match trial.precision {
        Precision::F32 => "f32".into(),
        Precision::F64 => "f64".into(),
    };
    let budget = match trial.budget {
        Budget::Steps(n) => format!("{n} steps"),
        Budget::Epochs(n) => format!("{n} epochs"),
    };
    Axes([problem, optimizer, schedule, word(&trial.sampling.order), precision, budget], batch)
}

/// Problem, optimizer, further axes, learning rate, seed: the same order for any order of work.
pub(crate) fn canonical_order(a: &TrialRow, b: &TrialRow) -> Ordering {
    (axes_of(a).cmp(&axes_of(b)))
        .then(a.lr.total_cmp(&b.lr))
        .then(a.seed.cmp(&b.seed))
        .then_with(|| a.spec.to_string().cmp(&b.spec.to_string()))
}

/// [`Axes`] of a row.
fn axes_of(r: &TrialRow) -> ([&str; 6], u64) {
    ([&r.problem, &r.optimizer, &r.schedule, &r.order, &r.precision, &r.budget], r.batch)
}

/// The same of trials whose axes are the same.
pub(crate) fn within(a: &Trial, b: &Trial) -> Ordering {
    a.lr.total_cmp(&b.lr).then(a.seed.cmp(&b.seed)).then_with(|| a.canonical().cmp(&b.canonical()))
}

fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}
