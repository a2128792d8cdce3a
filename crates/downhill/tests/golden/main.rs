//! Paths of the reference implementations (torch, optax and others), which `scripts/golden.py` wrote beside this file.
//!
//! Each case carries the table that must follow it. `UPDATE=1` writes what was found to `docs/agreement.md`.

#![allow(clippy::unwrap_used)]

mod problems;

use downhill::{NoOracle, Optimizer, Registry, Schedule, Step};
use problems::{At, Problem};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const STEPS: u64 = 200;

/// One case of a file: its header, and the lines below it, split at commas.
struct Case {
    head: Value,
    rows: Vec<Vec<String>>,
}

impl Case {
    fn text(&self, key: &str) -> &str {
        self.head[key].as_str().unwrap_or("")
    }
    fn tolerance(&self) -> f64 {
        self.head["tolerance"].as_f64().unwrap()
    }
    fn lr(&self, problem: &str) -> f64 {
        self.head["lr"][problem].as_f64().unwrap()
    }
    /// The problems in the order of the file.
    fn problems(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.rows.iter().map(|row| row[0].as_str()).collect();
        names.dedup();
        names
    }
    /// Step and point.
    fn points(&self, problem: &str) -> impl Iterator<Item = (u64, Vec<f64>)> {
        let rows = self.rows.iter().filter(move |row| row[0] == problem);
        rows.map(|row| (row[1].parse().unwrap(), row[2].split(' ').map(|v| v.parse().unwrap()).collect()))
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn read(file: &str) -> Vec<Case> {
    let text = std::fs::read_to_string(folder().join(file).with_extension("csv")).unwrap();
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("# case ") {
            let head = serde_json::from_str(head).unwrap_or_else(|e| panic!("{file}: {e}: {line}"));
            cases.push(Case { head, rows: Vec::new() });
        } else if !line.starts_with('#') {
            cases.last_mut().unwrap().rows.push(line.split(',').map(str::to_owned).collect());
        }
    }
    cases
}

fn largest(x: impl Iterator<Item = f64>) -> f64 {
    x.fold(0.0, |m, v| if v.is_nan() { v } else { m.max(v.abs()) })
}

fn optimizer(table: &Value, problem: &Problem) -> Box<dyn Optimizer<f64>> {
    let configured = Registry::builtin().configure(table).unwrap_or_else(|e| panic!("{table}: {e}"));
    configured.build(&problem.layout()).unwrap_or_else(|e| panic!("{table}: {e}"))
}

/// The largest difference on one problem, relative to the largest coordinate; or the first that is too large, in words.
fn distance(file: &str, case: &Case, name: &str) -> Result<f64, String> {
    let problem = Problem::named(name);
    let schedule: Schedule = case.head.get("schedule").map_or_else(Schedule::default, |table| {
        serde_json::from_value(table.clone()).unwrap_or_else(|e| panic!("{file}: {table}: {e}"))
    });
    let growth = case.head["growth"][name].as_f64().unwrap();
    let tolerance = case.tolerance() * if name == "spike" { growth.max(1.0) } else { 1.0 };
    let mut optimizer = optimizer(&case.head["table"], &problem);
    let mut x = problem.start();
    let (mut room, mut t, mut worst) = (x.clone(), 0, 0.0_f64);
    for (step, expected) in case.points(name) {
        while t < step {
            t += 1;
            let (loss, g) = problem.value_and_gradient(&x, t);
            let lr = case.lr(name) * schedule.factor(t - 1, STEPS);
            optimizer.step(&mut x, &g, &mut Step { t, lr, loss, oracle: &mut At(&problem, t) });
        }
        let found = if case.text("readout").is_empty() { &x[..] } else { optimizer.readout(&x, &mut room) };
        let off = largest(expected.iter().zip(found).map(|(e, x)| e - x)) / largest(expected.iter().copied());
        if off.is_nan() || off > tolerance {
            return Err(format!(
                "{file}, case `{}`, {name}, step {step}: off by {off:.1e}, allowed is {tolerance:.1e}\n\
                 found    {found:?}\nexpected {expected:?}",
                case.text("name")
            ));
        }
        worst = worst.max(off);
    }
    Ok(worst)
}

fn golden_files() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|e| e == "csv"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|file| file != "schedules")
        .collect();
    files.sort_unstable();
    files
}

/// `torch.optim.Adam` of `torch.optim.Adam(params, lr=lr)`; of a chain, its links.
fn short(call: &str) -> String {
    let names = call.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.');
    let links: Vec<_> =
        names.filter(|n| n.starts_with("optax.") && *n != "optax.chain" && *n != "optax.partition").collect();
    let chain = call.starts_with("optax.chain(");
    format!("`{}`", if chain { links.join(", ") } else { call.split('(').next().unwrap().to_owned() })
}

/// Two digits.
fn digits(x: f64) -> String {
    if x == 0.0 { "0".to_owned() } else { format!("{x:.1e}") }
}

const ABOUT: &str = "# Agreement with the reference implementations

Made by `UPDATE=1 cargo test -p downhill --test golden`, from the paths in
[tests/golden](../crates/downhill/tests/golden), whose headers have every call in full. Both sides compute in `f64`, on the
gradients of the problems in [problems.py](../scripts/references/problems.py), for 200 steps. A deviation is the largest
difference of a coordinate after any recorded step, relative to the largest coordinate; \"ours\" is the largest over the
problems, and the test fails above the tolerance. In `spike`, where a gradient is 1e10 once, the tolerance is multiplied
by how much a relative change of the start and the gradients grows, if it does.
";

#[test]
fn every_case_is_followed() {
    let (mut libraries, mut rows, mut wrong) = (BTreeSet::new(), String::new(), Vec::new());
    for file in golden_files() {
        let cases = read(&file);
        for case in cases {
            let mut worst: f64 = 0.0;
            for problem in case.problems() {
                match distance(&file, &case, problem) {
                    Ok(off) => worst = worst.max(off),
                    Err(words) => wrong.push(words),
                }
            }
            let others: &[Value] = case.head["also"].as_array().map_or(&[], Vec::as_slice);
            let also = others.iter().map(|other| {
                let deviation = other["deviation"].as_f64().unwrap();
                format!("{} {}", short(other["call"].as_str().unwrap()), digits(deviation))
            });
            for library in [&case.head].into_iter().chain(others).filter_map(|of| of["library"].as_str()) {
                libraries.extend(library.split(", ").filter(|l| !l.starts_with("scripts/")).map(str::to_owned));
            }
            let tolerance = case.tolerance();
            // Products of matrices depend on the machine.
            let ours = if tolerance > 1e-12 { format!("< {tolerance:.0e}") } else { digits(worst) };
            let cells = [
                file.clone(),
                case.text("name").to_owned(),
                short(case.text("call")),
                also.collect::<Vec<_>>().join(", "),
                case.problems().join(", "),
                format!("{tolerance:.0e}"),
                ours,
            ];
            writeln!(rows, "| {} |", cells.join(" | ")).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let libraries: Vec<_> = libraries.into_iter().collect();
    let found = format!(
        "{ABOUT}\nThe references: {}.\n\n\
         | optimizer | case | reference | further references, and their deviation from it | problems | tolerance | ours |\n\
         |---|---|---|---|---|---|---|\n{rows}",
        libraries.join(", ")
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/agreement.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    if let Some((old, new)) = committed.lines().zip(found.lines()).find(|(old, new)| old != new) {
        panic!("docs/agreement.md differs; UPDATE=1 writes it\ncommitted {old}\nfound     {new}");
    }
    assert!(committed == found, "docs/agreement.md has other lines; UPDATE=1 writes it");
}

#[test]
fn schedules_follow_torch_and_optax() {
    let mut followed = BTreeSet::new();
    for case in read("schedules") {
        let schedule: Schedule = serde_json::from_value(case.head["table"].clone()).unwrap();
        let horizon = case.head["horizon"].as_u64().unwrap();
        for row in &case.rows {
            let (t, expected): (u64, f64) = (row[0].parse().unwrap(), row[1].parse().unwrap());
            let found = schedule.factor(t, horizon);
            let allowed = case.tolerance() * expected.abs() + 1e-15;
            assert!(
                (found - expected).abs() <= allowed,
                "{}, step {t}: {found}, expected {expected}",
                case.text("name")
            );
        }
        followed.insert(case.head["table"]["name"].as_str().unwrap().to_owned());
    }
    for facts in Schedule::all() {
        assert!(followed.contains(facts.name), "schedules.csv has no case of `{}`", facts.name);
    }
}

/// Some numbers without any file: 20 steps on Rosenbrock's function.
#[test]
fn rosenbrock_after_twenty_steps() {
    for (table, lr, expected) in [
        (json!({ "name": "sgd" }), 1e-3, [-1.01356122075261, 1.03529405303507]),
        (json!({ "name": "sgd", "momentum": 0.9 }), 1e-4, [-1.06302747095598, 0.989598449530188]),
        (json!({ "name": "adagrad" }), 0.1, [-1.05222662032245, 1.11346230021077]),
        (json!({ "name": "adam" }), 0.05, [-1.05953957141821, 1.06600516699866]),
        (json!({ "name": "adamw", "decay": 0.1 }), 0.05, [-0.990675942260774, 0.922393363172191]),
    ] {
        let mut optimizer = optimizer(&table, &Problem::Rosenbrock);
        let mut x = Problem::Rosenbrock.start();
        for t in 1..=20 {
            let (loss, g) = Problem::Rosenbrock.value_and_gradient(&x, t);
            optimizer.step(&mut x, &g, &mut Step { t, lr, loss, oracle: &mut NoOracle });
        }
        assert!(x.iter().zip(expected).all(|(x, e)| (x - e).abs() < 1e-12), "{table}: {x:?}");
    }
}
