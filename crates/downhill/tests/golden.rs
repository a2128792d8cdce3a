//! Paths of the reference implementations (torch, optax), which `scripts/golden.py` wrote to `golden/*.csv`.

#![allow(clippy::unwrap_used)]

use downhill::{Layout, NoOracle, Optimizer, Registry, Schedule, Step};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Relative to the largest coordinate; two orders of summation differ by a few units of 1e-16 in every step.
const TOLERANCE: f64 = 1e-12;

/// The table that follows a file, or `None` while the method, or this convention of it, is not here.
fn table(file: &str) -> Option<Value> {
    let decay = |name: &str, lambda: f64| json!({ "name": name, "wrap": { "name": "decay", "lambda": lambda } });
    Some(match file {
        "sgd" => json!({ "name": "sgd" }),
        "sgd-momentum" => json!({ "name": "sgd", "momentum": 0.9 }),
        "sgd-dampening" => json!({ "name": "sgd", "momentum": 0.9, "dampening": 0.1 }),
        "sgd-nesterov" => json!({ "name": "sgd", "momentum": 0.9, "nesterov": true }),
        "sgd-nesterov-wd" => {
            json!({ "name": "sgd", "momentum": 0.9, "nesterov": true, "wrap": { "name": "l2", "lambda": 0.01 } })
        }
        "adagrad" => json!({ "name": "adagrad" }),
        "adagrad-lr-decay-wd" => {
            json!({ "name": "adagrad", "lr_decay": 0.1, "wrap": { "name": "l2", "lambda": 0.01 } })
        }
        "adadelta" => json!({ "name": "adadelta" }),
        "rmsprop" => json!({ "name": "rmsprop" }),
        "rmsprop-centered-momentum" => json!({ "name": "rmsprop", "centered": true, "momentum": 0.9 }),
        "adam" => json!({ "name": "adam" }),
        "adam-wd" => json!({ "name": "adam", "wrap": { "name": "l2", "lambda": 0.1 } }),
        "adamw" => json!({ "name": "adamw", "decay": 0.1 }),
        "adamax" => json!({ "name": "adamax" }),
        "nadam" => json!({ "name": "nadam" }),
        "nadamw" => decay("nadam", 0.1),
        "amsgrad" => json!({ "name": "amsgrad" }),
        "radam" => json!({ "name": "radam" }),
        "adabelief" => json!({ "name": "adabelief" }),
        "lion" => decay("lion", 0.1),
        "sign-sgd" => json!({ "name": "lion", "beta1": 0.0, "beta2": 0.0 }),
        "signum" => json!({ "name": "lion", "beta1": 0.9, "beta2": 0.9 }),
        _ => return None,
    })
}

/// Files that no method here follows yet; one that is followed must leave this list.
const NOT_YET: &[&str] = &[
    "adabound",
    "adafactor",
    "adagrad-optax",
    "adan",
    "adan-wd",
    "ademamix",
    "ademamix-simplified",
    "adopt",
    "aggmo",
    "amsgrad-optax",
    "asgd",
    "asgd-readout",
    "dog",
    "dowg",
    "ftrl",
    "lamb",
    "lamb-blocks",
    "lars",
    "lars-blocks",
    "lbfgs",
    "madgrad",
    "muon-optax",
    "muon-optax-match-rms",
    "nadam-optax",
    "novograd",
    "pid",
    "polyak",
    "prodigy",
    "prodigy-optax",
    "qhadam",
    "qhm",
    "radam-optax",
    "rmsprop-optax",
    "rprop",
    "schedule-free-adamw",
    "schedule-free-adamw-readout",
    "schedule-free-adamw-warmup-wd",
    "schedule-free-sgd",
    "schedule-free-sgd-readout",
    "sm3",
    "yogi",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn start(problem: &str) -> Vec<f64> {
    match problem {
        "rosenbrock" => vec![-1.2, 1.0],
        "twelve" => (0..12).map(|i| 1.0 - f64::from(i) / 6.0).collect(),
        _ => panic!("no problem `{problem}`"),
    }
}

/// The operations in the order of `scripts/golden.py`.
fn gradient(problem: &str, x: &[f64], t: u64) -> Vec<f64> {
    if problem == "rosenbrock" {
        let (a, r) = (x[0], x[1] - x[0] * x[0]);
        return vec![-400.0 * a * r - 2.0 * (1.0 - a), 200.0 * r];
    }
    let one = |(i, &x): (usize, &f64)| {
        let h = (i + 1) as f64 / 4.0;
        let b = if i % 2 == 0 { 0.5 } else { -0.5 };
        let p = 0.05 * (((7 * t + 3 * i as u64) % 11) as f64 - 5.0) / 5.0;
        h * x + 0.1 * (x * x * x) - b + p
    };
    x.iter().enumerate().map(one).collect()
}

/// One file: the learning rates of its problems, and the values by problem, step and index.
struct Golden {
    lr: BTreeMap<String, f64>,
    values: BTreeMap<(String, u64), Vec<f64>>,
}

fn read(file: &str) -> Golden {
    let text = std::fs::read_to_string(folder().join(file).with_extension("csv")).unwrap();
    let (mut lr, mut values) = (BTreeMap::new(), BTreeMap::<_, Vec<f64>>::new());
    for line in text.lines() {
        if let Some(rates) = line.strip_prefix("# lr ") {
            let pairs = rates.split(' ').map(|pair| pair.split_once('=').unwrap());
            lr.extend(pairs.map(|(problem, lr)| (problem.to_owned(), lr.parse().unwrap())));
        } else if !line.starts_with('#') && line != "problem,step,index,value" {
            let fields: Vec<_> = line.split(',').collect();
            let values = values.entry((fields[0].to_owned(), fields[1].parse().unwrap())).or_default();
            assert_eq!(values.len(), fields[2].parse::<usize>().unwrap(), "{file}: {line}");
            values.push(fields[3].parse().unwrap());
        }
    }
    Golden { lr, values }
}

fn optimizer(table: &Value, n: usize) -> Box<dyn Optimizer<f64>> {
    let configured = Registry::builtin().configure(table).unwrap_or_else(|e| panic!("{table}: {e}"));
    configured.build(&Layout::vector(n)).unwrap()
}

/// The largest relative difference of one file.
fn distance(file: &str, table: &Value) -> f64 {
    let golden = read(file);
    let mut worst: f64 = 0.0;
    for (problem, &lr) in &golden.lr {
        let mut x = start(problem);
        let mut optimizer = optimizer(table, x.len());
        let last = golden.values.keys().filter(|(p, _)| p == problem).map(|(_, t)| *t).max().unwrap();
        for t in 1..=last {
            let g = gradient(problem, &x, t);
            optimizer.step(&mut x, &g, &mut Step { t, lr, loss: 0.0, oracle: &mut NoOracle });
            let Some(expected) = golden.values.get(&(problem.clone(), t)) else { continue };
            let scale = expected.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
            let off = expected.iter().zip(&x).fold(0.0, |m: f64, (v, x)| m.max((v - x).abs()));
            assert!(off <= TOLERANCE * scale, "{file}, {problem}, step {t}: {x:?}, expected {expected:?}");
            worst = worst.max(off / scale);
        }
    }
    worst
}

#[test]
fn every_file_is_followed_or_listed_as_not_yet() {
    let mut followed = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        match table(&file) {
            Some(table) => {
                assert!(!NOT_YET.contains(&file.as_str()), "{file} is followed: take it off the list");
                println!("{file:<28} {:.1e}", distance(&file, &table));
                followed += 1;
            }
            None => assert!(NOT_YET.contains(&file.as_str()) || file == "schedules", "{file}: no table follows it"),
        }
    }
    assert!(followed >= 22, "{followed} files");
}

/// Schedules of the file, with the horizon that they have there. Theirs whose warm-up starts at 0 is `t / W`, where
/// ours is `(t + 1) / W`: the same values one step later.
fn schedule(name: &str) -> Option<(Value, u64, u64)> {
    let warmup = |then: Value| json!({ "name": "warmup", "steps": 10, "then": then });
    Some(match name {
        "constant" => (json!("constant"), 100, 0),
        "linear" => (json!({ "name": "linear", "end": 0.1, "over": 80 }), 100, 0),
        "polynomial" => (json!({ "name": "polynomial", "power": 2.0, "over": 80 }), 100, 0),
        "polynomial-end" => (json!({ "name": "polynomial", "power": 2.0, "end": 0.1, "over": 0.8 }), 100, 0),
        "exponential" => (json!({ "name": "exponential", "gamma": 0.95 }), 100, 0),
        "step" => (json!({ "name": "step", "gamma": 0.1, "every": 30 }), 100, 0),
        "multistep" => (json!({ "name": "multistep", "gamma": 0.5, "at": [20, 0.5, 80] }), 100, 0),
        "cosine" => (json!({ "name": "cosine", "end": 0.01 }), 100, 0),
        "cosine-clamped" => (json!({ "name": "cosine", "end": 0.01 }), 80, 0),
        "cosine-restarts" => (json!({ "name": "cosine-restarts", "first": 10, "mult": 2 }), 100, 0),
        "one-cycle" => (json!("one-cycle"), 100, 0),
        "warmup-constant" => (warmup(json!("constant")), 100, 1),
        _ => return None,
    })
}

#[test]
fn schedules_follow_torch_and_optax() {
    let text = std::fs::read_to_string(folder().join("schedules.csv")).unwrap();
    let mut found = std::collections::BTreeSet::new();
    for line in text.lines().filter(|l| !l.starts_with('#') && *l != "schedule,step,lr") {
        let [name, t, lr] = line.split(',').collect::<Vec<_>>().try_into().unwrap();
        let (t, expected): (u64, f64) = (t.parse().unwrap(), lr.parse().unwrap());
        let Some((table, horizon, lag)) = schedule(name) else { continue };
        found.insert(name);
        if t < lag {
            continue;
        }
        let schedule: Schedule = serde_json::from_value(table).unwrap();
        let lr = 0.1 * schedule.factor(t - lag, horizon);
        assert!((lr - expected).abs() <= TOLERANCE * 0.1, "{name}, step {t}: {lr}, expected {expected}");
    }
    assert_eq!(found.len(), 12);
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
        let (mut x, mut optimizer) = (start("rosenbrock"), optimizer(&table, 2));
        for t in 1..=20 {
            let g = gradient("rosenbrock", &x, t);
            optimizer.step(&mut x, &g, &mut Step { t, lr, loss: 0.0, oracle: &mut NoOracle });
        }
        assert!(x.iter().zip(expected).all(|(x, e)| (x - e).abs() < 1e-12), "{table}: {x:?}");
    }
}
