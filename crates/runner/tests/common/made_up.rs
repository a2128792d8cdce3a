//! Records of trials that were never run: functions of the trial.

use runner::{Outcome, Point, Record, Summary, Timings, Trial};

/// A parabola over the logarithm of the rate, whose bottom the optimizer decides; noise by key; too large a rate is lost. With
/// so many points behind the first, and fewer where it is lost.
pub fn record(trial: &Trial, points: u64) -> Record {
    let key = trial.key();
    let noise = f64::from(u16::from_str_radix(&key[..4], 16).unwrap_or_default()) / 65536.0;
    let name = trial.optimizer["name"].as_str().unwrap_or_default();
    let best = -2.5 + 0.2 * (name.len() % 5) as f64;
    let loss = 0.3 + 0.1 * (trial.lr.log10() - best).powi(2) + 0.02 * noise;
    let diverged = trial.lr.log10() > best + 2.0 + noise;
    let curve: Vec<Point> = (0..=if diverged { points.min(3) } else { points }).map(|i| point(i, loss)).collect();
    let outcome = if diverged { Outcome::Diverged { step: 35 } } else { Outcome::Finished };
    let timings = Timings { wall: 0.1, cpu: 0.1, evaluation: 0.02, gradient: 0.05, optimizer: 0.01 * noise };
    let summary = Summary::new(outcome, &curve, None, 100, 4096);
    Record { key, trial: trial.clone(), summary, timings, curve }
}

fn point(i: u64, loss: f64) -> Point {
    let left = loss + 2.0 * (-0.5 * i as f64).exp();
    Point {
        step: 10 * i,
        epoch: i as f64,
        evaluations: 10 * i,
        examples: 5000 * i,
        lr: 0.1,
        train_objective: left,
        train_loss: left,
        train_metric: 1.0 / (1.0 + left),
        validation_loss: left + 0.01 * i as f64,
        validation_metric: 0.9 / (1.0 + left),
        test_loss: left + 0.012 * i as f64,
        test_metric: 0.89 / (1.0 + left),
        share: 0.1,
        nonzero: 1.0,
        gradient_norm: left,
        update_norm: 0.1 * left,
        parameter_norm: 1.0,
        x: Vec::new(),
    }
}
