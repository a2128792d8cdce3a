//! How often the named cause is the right one: trials in which it was planted. Writes `results/diagnosis/cases.csv` and its
//! README. `cargo run -p runner --no-default-features --example diagnosis`, two minutes on two cores.
//!
//! How a cause is planted does not look at what the diagnosis looks at: rates are set from the best and from the lowest
//! diverging one of a grid, models too large or too small by construction, ends in traps are told by where they are.

use anyhow::{Context as _, Result};
use downhill::Registry;
use downhill_problems::Families;
use runner::diagnosis::{Cause, diagnose};
use runner::landscape::Landscape;
use runner::plan::{self, node};
use runner::rows::CurveRow;
use runner::store::{write_atomically, write_csv};
use runner::trial::{Record, Trial};
use runner::{Lab, Outcome, sweep};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Problems whose trials were looked at while thresholds were set, and problems that were not.
const SEEN: [&str; 7] =
    ["ellipsoid", "rosenbrock", "himmelblau", "softmax/digits", "mlp/breast_cancer", "hills", "styblinski-tang"];

#[derive(Clone, Debug, Serialize)]
struct Case {
    problem: String,
    seen: bool,
    optimizer: String,
    lr: f64,
    seed: u64,
    planted: String,
    found: String,
    evidence: String,
}

struct Bench {
    lab: Lab,
    cases: Vec<Case>,
}

fn main() -> Result<()> {
    let mut bench = Bench { lab: Lab::new(Registry::builtin(), Families::builtin()), cases: Vec::new() };
    let only_seen = std::env::args().any(|a| a == "seen");
    let smooth = [
        ("ellipsoid", json!({ "name": "ellipsoid", "start": "random" }), 1000),
        ("rosenbrock", json!({ "name": "rosenbrock", "start": "random" }), 3000),
        ("rotated-quadratic", json!({ "name": "rotated-quadratic", "start": "random", "kappa": 100.0 }), 1000),
        ("chained-rosenbrock", json!({ "name": "chained-rosenbrock", "start": "random" }), 3000),
        ("sum-squares", json!({ "name": "sum-squares", "start": "random" }), 1000),
    ];
    let models = [
        ("softmax/digits", json!({ "name": "softmax", "data": "digits" }), 30),
        ("mlp/breast_cancer", json!({ "name": "mlp", "data": "breast_cancer", "hidden": [[16]] }), 30),
        ("mlp/digits", json!({ "name": "mlp", "data": "digits", "hidden": [[32]] }), 30),
        ("linear/diabetes", json!({ "name": "linear", "data": "diabetes" }), 30),
        ("logistic/breast_cancer", json!({ "name": "logistic", "data": "breast_cancer" }), 30),
    ];
    let wanted = |name: &str| !only_seen || SEEN.contains(&name);
    for (name, problem, steps) in smooth.iter().filter(|p| wanted(p.0)) {
        bench.rates(name, problem, "steps", *steps)?;
    }
    for (name, problem, epochs) in models.iter().filter(|p| wanted(p.0)) {
        bench.rates(name, problem, "epochs", *epochs)?;
        bench.underfit(name, problem, *epochs)?;
    }
    for name in [
        "himmelblau",
        "hills",
        "styblinski-tang",
        "rastrigin",
        "three-hump-camel",
        "six-hump-camel",
        "levy",
        "freudenstein-roth",
    ] {
        if wanted(name) {
            bench.traps(name)?;
        }
    }
    for (name, data, loss) in [
        ("mlp/breast_cancer", "breast_cancer", None),
        ("mlp/diabetes", "diabetes", Some("squared")),
        ("mlp/wine", "wine", None),
        ("mlp/iris", "iris", None),
    ] {
        if wanted(name) {
            bench.overfit(name, data, loss)?;
        }
    }
    let cases = bench.cases;
    for part in [true, false] {
        let of: Vec<&Case> = cases.iter().filter(|c| c.seen == part).collect();
        let right = of.iter().filter(|c| c.planted == c.found).count();
        println!("{}: {right} of {}", if part { "seen" } else { "unseen" }, of.len());
    }
    if only_seen {
        for c in cases.iter().filter(|c| c.planted != c.found) {
            println!(
                "{} {} lr {} seed {}: {} taken for {} ({})",
                c.problem, c.optimizer, c.lr, c.seed, c.planted, c.found, c.evidence
            );
        }
        return Ok(());
    }
    let dir = Path::new("results/diagnosis");
    std::fs::create_dir_all(dir)?;
    write_csv(&dir.join("cases.csv"), &cases)?;
    write_atomically(&dir.join("README.md"), page(&cases).as_bytes())
}

impl Bench {
    /// The trials of one optimizer on a problem at some rates and seeds.
    fn trials(
        &self,
        problem: &Value,
        budget: (&str, u64),
        optimizer: Value,
        rates: &[f64],
        more: Value,
    ) -> Result<Vec<Trial>> {
        let mut study = Map::from_iter([
            ("problem".to_owned(), json!([problem])),
            (budget.0.to_owned(), json!(budget.1)),
            ("optimizer".to_owned(), json!([optimizer])),
            ("lr".to_owned(), json!(rates)),
            ("seeds".to_owned(), json!([0, 1])),
        ]);
        study.extend(more.as_object().cloned().unwrap_or_default());
        let entries: Vec<node::Entry> =
            study.into_iter().map(|(key, value)| node::Entry { key, value: node::Node::of(value) }).collect();
        plan::trials(&entries, &self.lab).map_err(|fault| anyhow::anyhow!("{}", fault.text))
    }

    fn run(&self, trials: &[Trial]) -> Result<Vec<Record>> {
        let mut records = BTreeMap::new();
        let jobs = std::thread::available_parallelism().map_or(1, |n| n.get());
        sweep::run(trials, &self.lab, jobs, &AtomicBool::new(false), |record| {
            records.insert(record.key.clone(), record);
            Ok(())
        })?;
        trials.iter().map(|t| records.get(&t.key()).cloned().context("a trial without a record")).collect()
    }

    fn judge(&mut self, name: &str, record: &Record, planted: Cause, known: Option<f64>) {
        let curve: Vec<CurveRow> = CurveRow::of(record).collect();
        let diverged = match record.summary.outcome {
            Outcome::Diverged { step } => Some(step),
            _ => None,
        };
        let found = diagnose(&curve, diverged, known);
        self.cases.push(Case {
            problem: name.to_owned(),
            seen: SEEN.contains(&name),
            optimizer: runner::rows::optimizer_label(&record.trial.optimizer, &self.lab),
            lr: record.trial.lr,
            seed: record.trial.seed,
            planted: planted.word().to_owned(),
            found: found.as_ref().map_or("none", |d| d.cause.word()).to_owned(),
            evidence: found.map(|d| d.evidence).unwrap_or_default(),
        });
    }

    /// Rates far too small, best, at the edge, beyond it; and rates that vanish or grow.
    fn rates(&mut self, name: &str, problem: &Value, unit: &str, budget: u64) -> Result<()> {
        let grid: Vec<f64> =
            (-10..=4).map(|k| format!("{:.2e}", 10f64.powf(f64::from(k) / 2.0)).parse().unwrap_or(1.0)).collect();
        let last = |r: &Record| r.summary.last.as_ref().map_or(f64::INFINITY, |p| p.train_loss);
        let lost = |r: &Record| matches!(r.summary.outcome, Outcome::Diverged { .. });
        let mut known = f64::INFINITY;
        let mut planned: Vec<(Trial, Cause)> = Vec::new();
        for optimizer in [
            json!({ "name": "sgd" }),
            json!({ "name": "sgd", "momentum": 0.9 }),
            json!({ "name": "adam" }),
            json!({ "name": "adagrad" }),
        ] {
            let trials = self.trials(problem, (unit, budget), optimizer.clone(), &grid, json!({}))?;
            let records = self.run(&trials)?;
            known = records.iter().filter(|r| !lost(r)).map(last).fold(known, f64::min);
            let mean = |lr: f64| {
                let of: Vec<&Record> = records.iter().filter(|r| r.trial.lr == lr).collect();
                if of.iter().any(|r| lost(r)) {
                    f64::INFINITY
                } else {
                    let validation = |r: &&Record| r.summary.last.as_ref().map_or(f64::INFINITY, |p| p.validation_loss);
                    of.iter().map(validation).sum::<f64>() / of.len() as f64
                }
            };
            let best = grid.iter().copied().min_by(|a, b| mean(*a).total_cmp(&mean(*b))).context("an empty grid")?;
            let cliff = grid.iter().copied().find(|&lr| lr > best && mean(lr).is_infinite());
            let at = |lr: f64, cause: Cause| trials.iter().filter(move |t| t.lr == lr).map(move |t| (t.clone(), cause));
            planned.extend(at(best, Cause::Healthy));
            planned.extend(cliff.into_iter().flat_map(|lr| at(lr, Cause::Cliff)));
            // The last rate before the cliff, if it is another one.
            let below = grid.iter().copied().rfind(|&lr| cliff.is_some_and(|cliff| lr < cliff)).filter(|&lr| lr > best);
            planned.extend(below.into_iter().flat_map(|lr| at(lr, Cause::Oscillating)));
            let slow = best * 1e-3;
            let crawl = self.trials(problem, (unit, budget), optimizer.clone(), &[slow], json!({}))?;
            if optimizer["name"] != "adagrad" {
                planned.extend(crawl.into_iter().map(|t| (t, Cause::Crawling)));
            }
            // A rate that grows to thirty times the cliff along the way: it blows up when it passes it.
            if let Some(cliff) = cliff.filter(|_| optimizer["name"] == "sgd") {
                let grows = json!({ "schedule": { "name": "linear", "start": 0.003, "end": 1.0, "over": 1.0 } });
                let late = self.trials(problem, (unit, budget), optimizer.clone(), &[2.0 * cliff], grows)?;
                planned.extend(late.into_iter().map(|t| (t, Cause::LateDivergence)));
            }
            // The rate falls with the number of steps by itself, from a hundredth of the best.
            if optimizer["name"] == "adagrad" {
                let vanishing = json!({ "name": "adagrad", "lr_decay": 1.0 });
                let trials = self.trials(problem, (unit, budget), vanishing, &[0.03 * best, 0.1 * best], json!({}))?;
                planned.extend(trials.into_iter().map(|t| (t, Cause::RateVanished)));
            }
        }
        // Steps of one length that is large for the problem: they jump over the minimum for ever.
        for name in ["sign-sgd", "lion"] {
            let trials =
                self.trials(problem, (unit, budget), json!({ "name": name }), &[0.03, 0.1, 0.3, 1.0], json!({}))?;
            planned.extend(trials.into_iter().map(|t| (t, Cause::Oscillating)));
        }
        let trials: Vec<Trial> = planned.iter().map(|(t, _)| t.clone()).collect();
        let records = self.run(&trials)?;
        for (record, (_, cause)) in records.iter().zip(&planned) {
            // What was planted must have done harm: a rate that is too large or too small leaves a tenth of the way or more,
            // one beyond the cliff ends in a divergence, one before it does not.
            let start = record.curve.first().map_or(f64::NAN, |p| p.train_loss);
            let left = (last(record) - known) / (start - known);
            let harmed = match cause {
                Cause::Cliff | Cause::LateDivergence => lost(record),
                Cause::Healthy => !lost(record),
                _ => !lost(record) && left > 0.1,
            };
            if harmed {
                self.judge(name, record, *cause, Some(known));
            }
        }
        Ok(())
    }

    /// A penalty so heavy that the model cannot follow the data.
    fn underfit(&mut self, name: &str, problem: &Value, epochs: u64) -> Result<()> {
        let optimizer = json!({ "name": "adam" });
        let free =
            self.run(&self.trials(problem, ("epochs", epochs), optimizer.clone(), &[1e-3, 1e-2, 1e-1], json!({}))?)?;
        let known =
            free.iter().filter_map(|r| r.summary.last.as_ref()).map(|p| p.train_loss).fold(f64::INFINITY, f64::min);
        let settles = json!({ "schedule": { "name": "cosine" } });
        for l2 in [1.0, 3.0] {
            let mut heavy = problem.clone();
            heavy["penalty"] = json!({ "l2": l2 });
            for record in
                self.run(&self.trials(&heavy, ("epochs", epochs), optimizer.clone(), &[1e-2], settles.clone())?)?
            {
                self.judge(name, &record, Cause::Underfitting, Some(known));
            }
        }
        Ok(())
    }

    /// Gradient descent from random starts that ended at a known minimum which is not the deepest.
    fn traps(&mut self, name: &str) -> Result<()> {
        let problem = json!({ "name": name, "start": "random" });
        let seeds: Vec<u64> = (0..12).collect();
        let rates = [1e-4, 1e-3, 1e-2, 1e-1];
        let trials =
            self.trials(&problem, ("steps", 3000), json!({ "name": "sgd" }), &rates, json!({ "seeds": seeds }))?;
        let mut cases = Vec::new();
        for record in self.run(&trials)? {
            let Some(landscape) = Landscape::of_trial(&record.trial, &self.lab) else { continue };
            let Some(end) = record.summary.last.as_ref() else { continue };
            let minima = landscape.minima();
            let near = |at: &[f64]| at.len() == end.x.len() && at.iter().zip(&end.x).all(|(a, b)| (a - b).abs() < 1e-2);
            let Some(minimum) = minima.iter().find(|m| near(&m.at)) else { continue };
            let cause = if minimum.global { Cause::Healthy } else { Cause::Stuck };
            // A start so near that next to nothing was left is no case.
            let start = record.curve.first().map_or(0.0, |p| p.train_loss);
            if start - minimum.value > 0.1 * (start - minima[0].value) && start - minima[0].value > 1e-6 {
                cases.push((record, cause, minima[0].value));
            }
        }
        let mut count = BTreeMap::new();
        for (record, cause, known) in cases {
            let n = count.entry(cause).or_insert(0);
            *n += 1;
            if *n <= 4 {
                self.judge(name, &record, cause, Some(known));
            }
        }
        Ok(())
    }

    /// A large network on a fifth of few data, for a long time.
    fn overfit(&mut self, name: &str, data: &str, loss: Option<&str>) -> Result<()> {
        let mut problem = json!({ "name": "mlp", "data": data, "hidden": [[128, 128]] });
        if let Some(loss) = loss {
            problem["loss"] = json!(loss);
        }
        let few = json!({ "split": { "validation": 0.4, "test": 0.4 }, "batch": 16 });
        for (optimizer, lr) in [("adam", 1e-2), ("rmsprop", 1e-2), ("adam", 3e-3), ("nadam", 1e-2)] {
            for record in
                self.run(&self.trials(&problem, ("epochs", 300), json!({ "name": optimizer }), &[lr], few.clone())?)?
            {
                // On test data, which the diagnosis does not see, the end must be worse than some point before.
                let tests = || record.curve.iter().map(|p| p.test_loss);
                let (start, end) = (tests().next().unwrap_or(f64::NAN), tests().next_back().unwrap_or(f64::NAN));
                let lowest = tests().fold(f64::INFINITY, f64::min);
                if end - lowest > 0.1 * (start - lowest) {
                    self.judge(name, &record, Cause::Overfitting, None);
                }
            }
        }
        Ok(())
    }
}

fn page(cases: &[Case]) -> String {
    let mut page = String::from(
        "<!-- Made by `cargo run -p runner --example diagnosis`. Do not edit. -->\n\n# Is the named cause the right one?\n\n\
         Real trials in which a cause was planted, without a look at what the diagnosis looks at: learning rates a thousandth \
         of the best of a grid, the best, the first that diverges, one that grows until it does; Adagrad with a rate that also \
         falls with the steps; steps of a fixed length that is too large; penalties too heavy; large networks on few data; ends \
         in minima that are known not to be the deepest. Thresholds were set on half of the problems; the others were run \
         afterwards. In their first run 220 of 260 were right (84.6 %). Then, with the rules as they were, two plantings were mended \
         that had planted nothing: networks that did not overfit (a case must now be worse at its end on test data), and heavy \
         penalties whose descent was not over (the rate now falls to zero). The table is the second run.\n\n",
    );
    for seen in [false, true] {
        let of: Vec<&Case> = cases.iter().filter(|c| c.seen == seen).collect();
        let right = of.iter().filter(|c| c.planted == c.found).count();
        let (low, high) = runner::stats::wilson(right, of.len());
        let title = if seen { "Problems on which thresholds were set" } else { "Problems that were not looked at" };
        let mut names: Vec<&str> = of.iter().map(|c| c.problem.as_str()).collect();
        names.dedup();
        page.push_str(&format!(
            "## {title}\n\n{right} of {} are right: {:.1} % [{:.1}, {:.1}]. {}.\n\n",
            of.len(),
            100.0 * right as f64 / of.len() as f64,
            100.0 * low,
            100.0 * high,
            names.join(", ")
        ));
        page.push_str(&confusion(&of));
    }
    page.push_str("## What was taken for something else\n\n| problem | optimizer | lr | seed | planted | found | evidence |\n|---|---|---:|---:|---|---|---|\n");
    for c in cases.iter().filter(|c| c.planted != c.found) {
        let row = format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            c.problem,
            c.optimizer,
            runner::table::plain(c.lr),
            c.seed,
            c.planted,
            c.found,
            c.evidence
        );
        page.push_str(&row);
    }
    page
}

fn confusion(cases: &[&Case]) -> String {
    let words = Cause::ALL.map(Cause::word);
    let mut table = format!("| planted \\ found | {} |\n|---|{}\n", words.join(" | "), "---:|".repeat(words.len()));
    for planted in words {
        let count = |found: &str| cases.iter().filter(|c| c.planted == planted && c.found == found).count();
        let cells: Vec<String> = words
            .map(|found| match count(found) {
                0 => String::new(),
                n => n.to_string(),
            })
            .to_vec();
        table.push_str(&format!("| {planted} | {} |\n", cells.join(" | ")));
    }
    table + "\n"
}
