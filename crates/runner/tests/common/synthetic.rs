//! Trials that were never run: a study's own, with made-up curves that are a function of the trial.

use super::Place;
use downhill::Registry;
use downhill_problems::Families;
use runner::rows::{CurveRow, TimingRow, TrialRow};
use runner::store::write_csv;
use runner::{Lab, Outcome, Point, Record, Study, Summary, Timings, Trial};

/// Ten problems, ten optimizers, ten learning rates, ten seeds: 10,000 trials.
pub const LARGE: &str = r#"
question = "How large may a study be?"
seeds = 10
epochs = 10
points = 10
lr = { log = [1e-4, 3.17], per_decade = 2 }
[[optimizer]]
name = ["sgd", "adam", "adamw", "rmsprop", "adagrad", "adamax", "nadam", "lion", "adabelief", "radam"]
[[problem]]
name = ["softmax", "mlp"]
data = ["iris", "wine", "digits", "breast_cancer", "letter"]
"#;

pub fn lab() -> Lab {
    Lab::new(Registry::builtin(), Families::builtin())
}

/// Writes the results of a study that never ran; says how many trials they are.
pub fn write(place: &Place, dir: &str, text: &str) -> usize {
    let lab = lab();
    let study = Study::parse(dir.to_owned(), text.to_owned(), &lab).map_err(|f| f.text).unwrap();
    let records: Vec<Record> = study.trials().iter().map(record).collect();
    let mut rows: Vec<TrialRow> = records.iter().map(|r| TrialRow::new(r, &lab)).collect();
    rows.sort_by(|a, b| (&a.problem, &a.optimizer).cmp(&(&b.problem, &b.optimizer)));
    place.write(&format!("{dir}/study.toml"), text);
    write_csv(&place.path(&format!("{dir}/trials.csv")), &rows).unwrap();
    write_csv(&place.path(&format!("{dir}/curves.csv")), records.iter().flat_map(CurveRow::of)).unwrap();
    write_csv(&place.path(&format!("{dir}/timings.csv")), records.iter().map(TimingRow::new)).unwrap();
    rows.len()
}

/// A parabola over the logarithm of the rate, whose bottom the optimizer decides; noise by key; too large a rate is lost.
fn record(trial: &Trial) -> Record {
    let key = trial.key();
    let noise = u16::from_str_radix(&key[..4], 16).unwrap() as f64 / 65536.0;
    let name = trial.optimizer["name"].as_str().unwrap();
    let best = -2.5 + 0.2 * (name.len() % 5) as f64;
    let loss = 0.3 + 0.1 * (trial.lr.log10() - best).powi(2) + 0.02 * noise;
    let diverged = trial.lr.log10() > best + 2.0 + noise;
    let curve: Vec<Point> = (0..=if diverged { 3 } else { 10 }).map(|i| point(i, loss)).collect();
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
