//! Plans in rounds, each a function of the finished ones: what [`Protocol`](crate::protocol::Protocol) and
//! [`Race`](crate::race::Race) have in common.

use crate::record::{Outcome, Point, Summary};
use crate::trial::Record;
use std::collections::BTreeMap;

/// Seeds from here on are kept for trials that are reported; those of searches begin at 0.
pub const FRESH: u64 = 1_000_000;

/// What came of a trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finish {
    /// The validation loss at its end.
    pub validation: f64,
    /// The test loss there.
    pub test: f64,
    /// Whether it diverged, failed, or ended no lower than it began.
    pub lost: bool,
}

impl Finish {
    /// From a summary and the first point of the curve. Lost is what diverged, failed, or ended no lower than it began.
    pub fn of(summary: &Summary, first: Option<&Point>) -> Self {
        let ended = matches!(summary.outcome, Outcome::Finished | Outcome::Reached { .. });
        let at = |p: Option<&Point>| p.map_or(f64::NAN, |p| p.validation_loss);
        let (first, last) = (at(first), at(summary.last.as_ref()));
        let test = summary.last.as_ref().map_or(f64::NAN, |p| p.test_loss);
        Finish { validation: last, test, lost: !(ended && last < first && test.is_finite()) }
    }
}

impl From<&Record> for Finish {
    fn from(record: &Record) -> Self {
        Finish::of(&record.summary, record.curve.first())
    }
}

/// Goes through stages, whose plans are computed from what the stages before them have shown, as far as all their trials
/// are seen. Returns the trials that are done, and those that come next; without the second, all stages are over. `stage`
/// knows the finished stages alone, so that a plan that is half done comes again as it was; none is after the last.
pub fn advance<T: Ord + Copy>(
    seen: &BTreeMap<T, Finish>,
    stage: impl Fn(usize, &BTreeMap<T, Finish>) -> Option<Vec<T>>,
) -> (Vec<T>, Vec<T>) {
    let (mut known, mut done) = (BTreeMap::new(), Vec::new());
    for number in 0.. {
        let Some(plan) = stage(number, &known) else { break };
        let (finished, missing): (Vec<T>, Vec<T>) =
            plan.into_iter().filter(|t| !known.contains_key(t)).partition(|t| seen.contains_key(t));
        done.extend(&finished);
        if !missing.is_empty() {
            return (done, missing);
        }
        known.extend(finished.iter().map(|t| (*t, seen[t])));
    }
    (done, Vec::new())
}
