//! Trials that were never run: a study's own, with made-up curves that are a function of the trial.

use super::Place;
use super::made_up::record;
use downhill::Registry;
use downhill_problems::Families;
use runner::rows::{CurveRow, TimingRow, TrialRow};
use runner::store::write_csv;
use runner::{Lab, Record, Study};

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
    let records: Vec<Record> = study.trials().iter().map(|trial| record(trial, 10)).collect();
    let mut rows: Vec<TrialRow> = records.iter().map(|r| TrialRow::new(r, &lab)).collect();
    rows.sort_by(|a, b| (&a.problem, &a.optimizer).cmp(&(&b.problem, &b.optimizer)));
    place.write(&format!("{dir}/study.toml"), text);
    write_csv(&place.path(&format!("{dir}/trials.csv")), &rows).unwrap();
    write_csv(&place.path(&format!("{dir}/curves.csv")), records.iter().flat_map(CurveRow::of)).unwrap();
    write_csv(&place.path(&format!("{dir}/timings.csv")), records.iter().map(TimingRow::new)).unwrap();
    rows.len()
}
