//! By the readers that people use.

use super::{CURVES, SHEETS, Sheet, TRIALS, Value, files, rows, swept};
use serde_json::{Map, Value as Json, json};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// What `readers.py` found there; none if Python or the package is absent, which is said, past the test's capture.
fn found(reader: &str, path: &Path) -> Option<Json> {
    let python = std::env::var("DOWNHILL_PYTHON").unwrap_or_else(|_| "python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/export/readers.py");
    let output = Command::new(&python).arg(script).arg(reader).arg(path).output();
    let why = match output {
        Err(error) => format!("{python}: {error}"),
        Ok(output) if output.status.code() == Some(77) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            return Some(serde_json::from_slice(&output.stdout).unwrap());
        }
    };
    // `eprintln!` of a test that passes is shown to nobody.
    std::io::stderr().write_all(format!("\nSKIPPED: nothing was read by {reader}: {why}\n").as_bytes()).unwrap();
    None
}

/// The columns of a table as `readers.py` gives them.
fn columns(dir: &Path, sheet: Sheet) -> Json {
    let rows = rows(dir, sheet);
    let column = |i: usize| rows.iter().map(|row| json!(row.values[i])).collect::<Vec<Json>>();
    sheet.columns.iter().enumerate().map(|(i, c)| json!([c.name, column(i)])).collect()
}

fn reads_parquet(reader: &str) {
    let place = swept();
    let dir = place.path("results/study");
    place.run("export results/study --to parquet").expect(0, &[]);
    let Some(found) = found(reader, &dir) else { return };
    let written: Map<String, Json> =
        SHEETS.iter().map(|sheet| (sheet.name.to_owned(), columns(&dir, *sheet))).collect();
    for (name, written) in &written {
        for (a, b) in written.as_array().unwrap().iter().zip(found[name].as_array().unwrap()) {
            assert_eq!(a, b, "{name}");
        }
    }
    assert_eq!(Json::Object(written), found);
}

#[test]
fn pandas_reads_parquet() {
    reads_parquet("pandas");
}

#[test]
fn pyarrow_reads_parquet() {
    reads_parquet("pyarrow");
}

#[test]
fn duckdb_reads_parquet() {
    reads_parquet("duckdb");
}

#[test]
fn pythons_json_reads_the_document() {
    let place = swept();
    place.run("export results/study --to json").expect(0, &[]);
    let path = place.path("results/study/results.json");
    let Some(found) = found("json", &path) else { return };
    let written: Json = serde_json::from_str(&place.read("results/study/results.json")).unwrap();
    assert_eq!(written, found);
}

#[test]
fn tensorboard_reads_its_events() {
    let place = swept();
    let dir = place.path("results/study");
    place.run("export results/study --to tensorboard").expect(0, &[]);
    let Some(found) = found("tensorboard", &dir.join("tensorboard")) else { return };
    let (runs, curves) = (found.as_object().unwrap(), rows(&dir, CURVES));
    assert_eq!(runs.len() + 1, files(&dir.join("tensorboard")).len());
    let single = |value: &Value| match value {
        // As Python prints it: the double nearest to the single.
        Value::Number(x) => json!(Value::Number(f64::from(*x as f32))),
        other => json!(other),
    };
    for trial in rows(&dir, TRIALS) {
        let (name, run) = runs.iter().find(|(name, _)| name.ends_with(trial.text("key"))).unwrap();
        assert!(name.contains(&format!("/{}/", trial.text("optimizer"))), "{name}");
        let points: Vec<_> = curves.iter().filter(|point| point.text("key") == trial.text("key")).collect();
        for (column, tag) in [("train_loss", "train/loss"), ("gradient_norm", "gradient/norm"), ("epoch", "epoch")] {
            let written: Vec<Json> = points.iter().map(|p| json!([p.integer("step"), single(p.get(column))])).collect();
            assert_eq!(run["scalars"][tag], Json::from(written), "{name} {tag}");
        }
        assert_eq!(run["settings"]["lr"], json!(trial.get("lr")));
        assert_eq!(run["settings"]["optimizer"], json!(trial.get("optimizer")));
        assert_eq!(run["success"], json!(trial.text("outcome") == "finished"));
        let repeats = runs.values().filter(|other| other["group"] == run["group"]).count();
        assert_eq!(repeats, 2, "the seeds of an arm are one group");
    }
}
