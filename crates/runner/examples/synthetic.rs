//! Records of a plan that were never run, as its parts would leave them: what `scripts/scale.py` measures the store with.
//!
//!     cargo run --example synthetic -- plan.jsonl FOLDER 10
//!
//! A record is a function of its trial's key: a curve of five points that falls, and in one of a hundred diverges.

use anyhow::{Context as _, Result};
use runner::shards::{self, Part};
use runner::store::Log;
use runner::{Outcome, Point, Record, Summary, Timings, Trial};
use std::path::Path;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [plan, dir, of] = &words[..] else { anyhow::bail!("expected PLAN FOLDER PARTS") };
    let of = of.parse().context("PARTS")?;
    for number in 0..of {
        let part = Part { number, of };
        let (head, trials) = shards::trials(Path::new(plan), part)?;
        let mut log = Log::open(&head.journal(Path::new(dir), part))?;
        trials.iter().try_for_each(|trial| log.append(&record(trial)))?;
        log.sync()?;
    }
    Ok(())
}

fn record(trial: &Trial) -> Record {
    let key = trial.key();
    let noise = u16::from_str_radix(&key[..4], 16).unwrap_or_default();
    let lost = noise.is_multiple_of(100);
    let loss = 0.1 * (libm::log10(trial.lr) + 2.0).abs() + f64::from(noise) / 65536.0;
    let curve: Vec<Point> = (0..5).map(|i| point(i, loss)).collect();
    let outcome = if lost { Outcome::Diverged { step: 40 } } else { Outcome::Finished };
    let timings = Timings { wall: 1.0, cpu: 1.0, evaluation: 0.1, gradient: 0.7, optimizer: 0.1 };
    let summary = Summary::new(outcome, &curve, None, 40, 4096);
    Record { key, trial: trial.clone(), summary, curve, timings }
}

fn point(i: u64, loss: f64) -> Point {
    let left = loss + 2.0 / (1 + i * i) as f64;
    Point {
        step: 10 * i,
        epoch: i as f64,
        evaluations: 10 * i,
        examples: 1000 * i,
        lr: 0.1,
        train_objective: left,
        train_loss: left,
        train_metric: 1.0 / (1.0 + left),
        validation_loss: 1.01 * left,
        validation_metric: 0.9 / (1.0 + left),
        test_loss: 1.02 * left,
        test_metric: 0.89 / (1.0 + left),
        share: 0.1,
        nonzero: 1.0,
        gradient_norm: left,
        update_norm: 0.1 * left,
        parameter_norm: 1.0,
        x: Vec::new(),
    }
}
