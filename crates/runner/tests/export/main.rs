//! Results in the formats of other tools, read back: by the crates that wrote them, and by the readers that people use,
//! where Python has them (`DOWNHILL_PYTHON`, else `python3`).
#![allow(clippy::unwrap_used, reason = "tests")]

mod any;
#[path = "../common/mod.rs"]
mod common;
mod python;

use common::Place;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use runner::columns::{CURVES, Row, Rows, SHEETS, Sheet, TIMINGS, TRIALS, Value};
use runner::export::event::{self, What};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Functions of two parameters and a model on data, rates at which some trials diverge.
const STUDY: &str = r#"
question = "Is it \"exported\", ü and all?"
seeds = 2
steps = 100
epochs = 2
[[optimizer]]
name = ["sgd", "adam"]
lr = [1e-3, 10.0]
[[problem]]
name = "rosenbrock"
[[problem]]
name = "softmax"
data = "iris"
"#;

/// A place with the results of that study in `results/study`.
fn swept() -> Place {
    let place = Place::new();
    place.write("study.toml", STUDY);
    place.run("sweep study.toml --out results/study --quiet").expect(0, &[]);
    place
}

/// All rows of a table.
fn rows(dir: &Path, sheet: Sheet) -> Vec<Row> {
    Rows::open(dir, sheet).unwrap().collect::<Result<_, _>>().unwrap()
}

/// All files below a folder.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Whether two cells are the same, to the bit; any NaN is NaN.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
        _ => a == b,
    }
}

fn parquet_rows(path: &Path) -> Vec<Vec<Value>> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let cell = |field: &Field| match field {
        Field::Null => Value::Missing,
        Field::Long(i) => Value::Integer(*i),
        Field::Double(x) => Value::Number(*x),
        Field::Str(text) => Value::Text(text.clone()),
        other => panic!("{other:?}"),
    };
    let row = |row: Result<parquet::record::Row, _>| row.unwrap().get_column_iter().map(|(_, f)| cell(f)).collect();
    reader.get_row_iter(None).unwrap().map(row).collect()
}

#[test]
fn parquet_holds_every_cell_of_the_tables() {
    let place = swept();
    let dir = place.path("results/study");
    place.run("export results/study --to parquet").expect(0, &["trials.parquet: 16 rows", "timings.parquet: 16 rows"]);
    let (mut infinite, mut missing) = (0, 0);
    for sheet in SHEETS {
        let path = dir.join(sheet.name).with_extension("parquet");
        let (was, is) = (rows(&dir, sheet), parquet_rows(&path));
        assert_eq!(was.len(), is.len());
        for (was, is) in was.iter().zip(&is) {
            assert!(was.values.iter().zip(is).all(|(a, b)| same(a, b)), "{was:?}\n{is:?}");
            infinite += is.iter().filter(|v| matches!(v, Value::Number(x) if !x.is_finite())).count();
            missing += is.iter().filter(|v| **v == Value::Missing).count();
        }
        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        let metadata = reader.metadata().file_metadata();
        let value = |key| {
            let pair = metadata.key_value_metadata().unwrap().iter().find(|pair| pair.key == key);
            pair.and_then(|pair| pair.value.clone()).unwrap()
        };
        assert_eq!(value("downhill.numerics"), runner::trial::NUMERICS.to_string());
        assert!(value("downhill.study").contains("ü and all"));
    }
    assert!(infinite > 0 && missing > 0, "nothing odd was exported: {infinite} {missing}");
}

#[test]
fn groups_bound_what_is_in_memory() {
    let place = swept();
    let dir = place.path("results/study");
    let curves = place.read("results/study/curves.csv");
    let (header, points) = curves.split_once('\n').unwrap();
    let times = runner::export::parquet::GROUP / points.lines().count() + 1;
    fs::write(dir.join("curves.csv"), format!("{header}\n{}", points.repeat(times))).unwrap();
    place.run("export results/study --to parquet --out elsewhere").expect(0, &["elsewhere"]);
    let reader = SerializedFileReader::new(File::open(place.path("elsewhere/curves.parquet")).unwrap()).unwrap();
    let groups: Vec<i64> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
    let all = (points.lines().count() * times) as i64;
    assert_eq!(groups, [1 << 16, all - (1 << 16)]);
}

#[test]
fn json_reads_back_to_the_same_doubles() {
    let place = swept();
    let dir = place.path("results/study");
    place.run("export results/study --to json").expect(0, &["results.json: 16 trials"]);
    let document: serde_json::Value = serde_json::from_str(&place.read("results/study/results.json")).unwrap();
    assert_eq!(document["schema"], "downhill results 1");
    assert_eq!(document["numerics"], serde_json::json!([runner::trial::NUMERICS]));
    assert_eq!(document["study"]["question"], "Is it \"exported\", ü and all?");
    assert_eq!(document["study"]["name"], "study");
    let mut texts = 0;
    for sheet in SHEETS {
        let (was, is) = (rows(&dir, sheet), document[sheet.name].as_array().unwrap());
        assert_eq!(was.len(), is.len());
        for (was, is) in was.iter().zip(is) {
            let cell = |column: &runner::columns::Column| match (&is[column.name], was.get(column.name)) {
                (serde_json::Value::String(text), Value::Number(_)) => {
                    texts += 1;
                    Value::Number(text.parse().unwrap())
                }
                (serde_json::Value::Number(x), Value::Number(_)) => Value::Number(x.as_f64().unwrap()),
                (serde_json::Value::Number(x), _) => Value::Integer(x.as_i64().unwrap()),
                (serde_json::Value::String(text), _) => Value::Text(text.clone()),
                (other, _) => {
                    assert!(other.is_null(), "{other}");
                    Value::Missing
                }
            };
            let is: Vec<Value> = sheet.columns.iter().map(cell).collect();
            assert!(was.values.iter().zip(&is).all(|(a, b)| same(a, b)), "{was:?}\n{is:?}");
        }
    }
    assert!(texts > 0, "no NaN and no infinity was exported");
}

#[test]
fn tensorboard_has_a_run_for_each_trial() {
    let place = swept();
    let dir = place.path("results/study");
    place.run("export results/study --to tensorboard").expect(0, &["16 runs", "tensorboard --logdir"]);
    let runs: Vec<PathBuf> =
        files(&dir.join("tensorboard")).into_iter().filter(|p| !p.ends_with("downhill-export.toml")).collect();
    assert_eq!(runs.len(), 16);
    let curves = rows(&dir, CURVES);
    for trial in rows(&dir, TRIALS) {
        let file = runs.iter().find(|run| run.to_string_lossy().contains(trial.text("key"))).unwrap();
        let events = event::read(&fs::read(file).unwrap()).unwrap();
        assert_eq!(events[0].what, Some(What::FileVersion("brain.Event:2".into())));
        let summaries = events.iter().filter_map(|event| match &event.what {
            Some(What::Summary(summary)) => Some((event.step, summary)),
            _ => None,
        });
        let mut scalars = Vec::new();
        for (step, summary) in summaries {
            scalars.extend(summary.value.iter().filter_map(|v| Some((step, v.tag.clone(), v.simple_value?))));
        }
        for point in curves.iter().filter(|point| point.text("key") == trial.text("key")) {
            for (column, tag) in [("train_loss", "train/loss"), ("test_loss", "test/loss"), ("lr", "lr")] {
                let Value::Number(x) = point.get(column) else { panic!("{column}") };
                let found = scalars.iter().find(|(step, t, _)| (*step, t.as_str()) == (point.integer("step"), tag));
                assert_eq!(found.map(|f| f.2.to_bits()), Some((*x as f32).to_bits()), "{column}");
            }
        }
        // A plain function has no metric, a classifier has.
        let metric = scalars.iter().any(|(_, tag, _)| tag == "test/metric");
        assert_eq!(metric, trial.text("problem").starts_with("softmax"));
    }
}

#[test]
fn the_same_results_give_the_same_bytes_packed_or_not() {
    let place = swept();
    let dir = place.path("results/study");
    let export = || {
        for format in ["parquet", "tensorboard", "json"] {
            place.run(&format!("export results/study --to {format}")).expect(0, &[]);
        }
        let exported = |path: &PathBuf| {
            path.extension().is_some_and(|e| e == "parquet")
                || path.ends_with("results.json")
                || path.to_string_lossy().contains("tensorboard")
        };
        files(&dir).into_iter().filter(exported).map(|path| (fs::read(&path).unwrap(), path)).collect::<Vec<_>>()
    };
    let once = export();
    assert_eq!(once.len(), 3 + 16 + 1 + 1);
    place.run("pack results/study").expect(0, &[]);
    assert!(once == export(), "another export");
    // A folder as a shell completes it.
    for _ in 0..2 {
        place.run("export results/study --to tensorboard -o runs/").expect(0, &["16 runs"]);
        assert_eq!(files(&place.path("runs")).len(), 17);
    }
}

#[test]
fn nothing_but_an_earlier_export_is_replaced() {
    let place = swept();
    for (format, path, bytes) in [
        ("parquet", "mine/trials.parquet", &b"PAR1"[..]),
        ("json", "mine.json", b"{}"),
        ("tensorboard", "runs/thesis.txt", b"years of work"),
    ] {
        place.write(path, bytes);
        let out = if format == "json" { path } else { path.split_once('/').unwrap().0 };
        let done = place.run(&format!("export results/study --to {format} -o {out}"));
        done.expect(1, &["not written by `downhill export`", "--out", out]);
        assert_eq!(fs::read(place.path(path)).unwrap(), bytes);
    }
}

#[test]
fn what_cannot_be_exported_is_said() {
    let place = swept();
    place.run("export nowhere --to json").expect(1, &["nowhere: no trials.csv", "downhill sweep"]);
    place.run("export results/study --to xlsx").expect(2, &["xlsx", "parquet", "tensorboard", "json"]);
    place.run("export results/study").expect(2, &["--to"]);
    let (curves, trials) = (place.read("results/study/curves.csv"), place.read("results/study/trials.csv"));
    place.write("results/study/curves.csv", curves.replacen(",0,0.0,", ",zero,0.0,", 1));
    for format in ["parquet", "tensorboard", "json"] {
        place
            .run(&format!("export results/study --to {format}"))
            .expect(1, &["curves.csv:2", "`step` is `zero`", "integer"]);
    }
    let reordered: Vec<&str> =
        curves.lines().take(1).chain(curves.lines().skip(1).collect::<Vec<_>>().into_iter().rev()).collect();
    place.write("results/study/curves.csv", reordered.join("\n"));
    place.run("export results/study --to tensorboard").expect(1, &["curves.csv has points of trial", "order"]);
    place.write("results/study/trials.csv", trials.replacen("problem,", "task,", 1));
    place.run("export results/study --to json").expect(1, &["trials.csv", "no column `problem`"]);
    assert!(!place.path("results/study/tensorboard").exists() && !place.path("results/study/results.json").exists());
}

/// A study that keeps the curves of few trials still has all of them in TensorBoard, by their ends.
#[test]
fn a_trial_without_a_curve_has_its_last_point() {
    let place = swept();
    let curves = place.read("results/study/curves.csv");
    place.write("results/study/curves.csv", curves.lines().next().unwrap());
    place.run("export results/study --to tensorboard").expect(0, &["16 runs"]);
    let trials = rows(&place.path("results/study"), TRIALS);
    for path in files(&place.path("results/study/tensorboard")).iter().filter(|p| !p.ends_with("downhill-export.toml"))
    {
        let trial = trials.iter().find(|trial| path.to_string_lossy().contains(trial.text("key"))).unwrap();
        let events = event::read(&fs::read(path).unwrap()).unwrap();
        let Some(What::Summary(summary)) = &events[2].what else { panic!("{:?}", events[2]) };
        let loss = summary.value.iter().find(|v| v.tag == "train/loss").unwrap().simple_value.unwrap();
        let Value::Number(x) = trial.get("train_loss") else { panic!("no loss") };
        assert_eq!((events[2].step, loss.to_bits()), (trial.integer("step"), (*x as f32).to_bits()));
    }
}

/// What `docs/formats.md` says of columns is what `columns.rs` says: `downhill report` writes it.
#[test]
fn the_page_describes_every_column() {
    let page = include_str!("../../../../docs/formats.md");
    for sheet in [TRIALS, CURVES, TIMINGS] {
        let described = runner::columns::markdown(sheet.name).unwrap();
        assert!(page.contains(described.trim()), "{} in docs/formats.md is outdated: `downhill report`", sheet.name);
    }
}
