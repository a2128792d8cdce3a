//! How long a study will take, from a few steps of some of its trials.

use crate::lab::Lab;
use crate::trial::Trial;
use anyhow::Result;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long all pilots together may take.
const BUDGET: Duration = Duration::from_secs(4);

/// The seconds that these trials will take on one thread. One trial of each problem and optimizer takes a few steps;
/// trials that will diverge are taken to run to their end.
///
/// # Errors
/// If a trial cannot be started.
pub fn seconds(trials: &[&Trial], lab: &Lab) -> Result<f64> {
    let mut pairs: HashMap<String, (&Trial, usize)> = HashMap::new();
    for &trial in trials {
        let key = format!("{} {} {:?} {:?}", trial.problem, trial.optimizer, trial.sampling, trial.budget);
        pairs.entry(key).or_insert((trial, 0)).1 += 1;
    }
    let share = BUDGET / pairs.len().max(1) as u32;
    pairs.values().map(|(trial, count)| Ok(one(trial, lab, share)? * *count as f64)).sum()
}

/// The seconds of one trial.
fn one(trial: &Trial, lab: &Lab, budget: Duration) -> Result<f64> {
    let clock = Instant::now();
    let mut running = trial.start(lab)?;
    let start = clock.elapsed().as_secs_f64();
    let (total, mut step) = (running.total(), 1);
    while !running.advance(step) && clock.elapsed() < budget {
        step *= 2;
    }
    let record = running.record();
    let (t, taken) = (record.timings, record.summary.evaluations.max(1) as f64);
    let points = running.points() as f64;
    let step = (t.wall - t.evaluation) / taken;
    Ok(start + step * total as f64 + t.evaluation / record.curve.len().max(1) as f64 * points)
}
