//! What following `downhill recommend` costs against knowing the whole grid: writes `results/recommend/regret.csv` and its
//! README. `cargo run -p runner --no-default-features --example regret [-- NAME]`, half an hour on two cores.
//!
//! On each problem the whole grid (every optimizer and schedule, every rate, ten seeds) is run, and its best candidate taken
//! by mean validation loss. The race gets a fifth of the grid's trials. Both answers then run on twenty seeds that neither
//! has seen.

use anyhow::{Context as _, Result};
use downhill::Registry;
use downhill_problems::Families;
use runner::Lab;
use runner::race::{FINAL_SEEDS, Heat, Race, Seen};
use runner::recommend::{Answer, Entrant, Question, entrants, settled};
use runner::rounds::{FRESH, Finish};
use runner::stats;
use runner::store::{write_atomically, write_csv};
use runner::trial::{Record, Trial};
use runner::{sweep, table};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The grid's seeds.
const SEEDS: u64 = 10;
/// Seeds that neither side has seen.
const JUDGES: std::ops::Range<u64> = 2 * FRESH..2 * FRESH + 20;
/// The share of the grid's trials that the race gets.
const SHARE: f64 = 0.2;

/// A model on data of which most are kept for testing, so that at least 1,000 rows are.
fn model(name: &str, data: &str, more: Value) -> Value {
    let mut problem = Map::from_iter([("name".to_owned(), json!(name)), ("data".to_owned(), json!(data))]);
    problem.extend(more.as_object().cloned().unwrap_or_default());
    json!({ "problem": [problem], "epochs": 15, "split": { "validation": 0.15, "test": 0.6 } })
}

/// A function from ten and more starts.
fn function(name: &str) -> Value {
    json!({ "problem": [{ "name": name, "start": "random" }], "steps": 500 })
}

/// The problems that were looked at while the numbers of the race were chosen: `-- dev` runs these.
fn dev() -> Vec<(&'static str, Value)> {
    vec![
        ("mlp/digits", model("mlp", "digits", json!({ "hidden": [[32]] }))),
        ("mlp/digits tanh", model("mlp", "digits", json!({ "hidden": [[24, 24]], "activation": "tanh" }))),
        ("mlp/breast_cancer", model("mlp", "breast_cancer", json!({ "hidden": [[32]] }))),
        ("mlp/diabetes", model("mlp", "diabetes", json!({ "hidden": [[32]], "loss": "squared" }))),
        ("softmax/wine", model("softmax", "wine", json!({}))),
        ("ellipsoid", function("ellipsoid")),
        ("sum-squares", function("sum-squares")),
        ("zakharov", function("zakharov")),
        ("rosenbrock", function("rosenbrock")),
    ]
}

/// The problems that are judged: none of them was looked at while the race was made.
fn problems() -> Vec<(&'static str, Value)> {
    let letter = |name: &str, more: Value| {
        let mut problem = Map::from_iter([("name".to_owned(), json!(name)), ("data".to_owned(), json!("letter"))]);
        problem.extend(more.as_object().cloned().unwrap_or_default());
        json!({ "problem": [problem], "epochs": 3, "batch": 128 })
    };
    vec![
        ("softmax/letter", letter("softmax", json!({}))),
        ("mlp/letter", letter("mlp", json!({ "hidden": [[32]] }))),
        ("mlp/letter gelu, two layers", letter("mlp", json!({ "hidden": [[24, 24]], "activation": "gelu" }))),
        ("softmax/digits", model("softmax", "digits", json!({}))),
        ("svm/digits", model("svm", "digits", json!({}))),
        ("zipf", json!({ "problem": [{ "name": "zipf" }], "epochs": 2, "batch": 128 })),
        ("noisy-quadratic", json!({ "problem": [{ "name": "noisy-quadratic" }], "steps": 500 })),
        ("chained-rosenbrock", function("chained-rosenbrock")),
        ("rotated-quadratic", function("rotated-quadratic")),
        ("dixon-price", function("dixon-price")),
        ("wood", function("wood")),
        ("powell-singular", function("powell-singular")),
        ("hager", function("hager")),
        ("trid", function("trid")),
    ]
}

/// One problem.
#[derive(Clone, Debug, Serialize)]
struct Row {
    problem: String,
    /// Trials of the grid, and of the race.
    grid_trials: usize,
    race_trials: usize,
    /// What each chose.
    grid: String,
    grid_lr: f64,
    race: String,
    race_lr: f64,
    /// Mean losses on the seeds of the judges: of the grid's choice, of the race's, of Adam at its default.
    grid_loss: f64,
    race_loss: f64,
    default_loss: f64,
    /// What the difference is divided by: the grid's loss on data, what separates it from the default on functions.
    scale: f64,
    regret: f64,
    low: f64,
    high: f64,
    /// Of the race's choice on ten fresh seeds: trials that diverged, failed, or ended above their start.
    collapses: usize,
}

fn main() -> Result<()> {
    let lab = Lab::new(Registry::builtin(), Families::builtin());
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let mut rows = Vec::new();
    let chosen = if wanted == "dev" { dev() } else { problems() };
    for (name, study) in chosen.into_iter().filter(|(name, _)| wanted == "dev" || name.contains(&wanted)) {
        let row = judge(name, study, &lab).with_context(|| name.to_owned())?;
        println!(
            "{name}: grid {} at {}, race {} at {}, regret {:.2} % [{:.2}, {:.2}], {} of {} trials, {} collapses",
            row.grid,
            row.grid_lr,
            row.race,
            row.race_lr,
            100.0 * row.regret,
            100.0 * row.low,
            100.0 * row.high,
            row.race_trials,
            row.grid_trials,
            row.collapses
        );
        rows.push(row);
    }
    if wanted.is_empty() {
        let dir = Path::new("results/recommend");
        std::fs::create_dir_all(dir)?;
        write_csv(&dir.join("regret.csv"), &rows)?;
        write_atomically(&dir.join("README.md"), page(&rows).as_bytes())?;
    }
    Ok(())
}

/// Trials that were run, by key.
#[derive(Default)]
struct Records(HashMap<String, Record>);

impl Records {
    fn run(&mut self, trials: Vec<Trial>, lab: &Lab) -> Result<()> {
        let todo: Vec<Trial> = trials.into_iter().filter(|t| !self.0.contains_key(&t.key())).collect();
        let jobs = sweep::cores();
        sweep::run(&todo, lab, jobs, &AtomicBool::new(false), |record| {
            self.0.insert(record.key.clone(), record);
            Ok(())
        })
    }
    fn get(&self, trial: &Trial) -> Option<&Record> {
        self.0.get(&trial.key())
    }
    fn finish(&self, trial: &Trial) -> Finish {
        self.get(trial).map_or(Finish { validation: f64::NAN, test: f64::NAN, lost: true }, Finish::from)
    }
}

fn judge(name: &str, study: Value, lab: &Lab) -> Result<Row> {
    let study: Map<String, Value> = study.as_object().cloned().unwrap_or_default();
    let question = Question {
        study,
        optimizers: Question::usual_optimizers(),
        schedules: vec![json!("constant"), json!("cosine")],
        lenient: true,
    };
    let (entered, _) = entrants(&question, lab)?;
    let mut records = Records::default();

    let places = |e: &Entrant| (e.grid.0..=e.grid.1).step_by(2);
    let candidates: Vec<(usize, i32)> =
        entered.iter().enumerate().flat_map(|(i, e)| places(e).map(move |place| (i, place))).collect();
    let seeded = |(entrant, place): (usize, i32), seeds: std::ops::Range<u64>| -> Vec<Trial> {
        seeds.map(|seed| entered[entrant].trial(&Heat { entrant, place, seed })).collect()
    };
    records.run(candidates.iter().flat_map(|c| seeded(*c, 0..SEEDS)).collect(), lab)?;
    let grid_trials = candidates.len() * SEEDS as usize;
    let score = |c: &(usize, i32)| {
        let finishes: Vec<Finish> = seeded(*c, 0..SEEDS).iter().map(|t| records.finish(t)).collect();
        let sound = finishes.iter().all(|f| !f.lost);
        sound.then(|| finishes.iter().map(|f| f.validation).sum::<f64>() / SEEDS as f64)
    };
    let scored = candidates.iter().filter_map(|c| Some((score(c)?, *c)));
    let (_, best) = scored.min_by(|a, b| a.0.total_cmp(&b.0)).context("the whole grid was lost")?;

    let race = Race {
        grids: entered.iter().map(|e| e.start).collect(),
        trials: (SHARE * grid_trials as f64) as usize - FINAL_SEEDS,
    };
    let mut seen = Seen::new();
    loop {
        let plan = race.next(&seen, settled);
        if plan.is_empty() {
            break;
        }
        records.run(plan.iter().map(|heat| entered[heat.entrant].trial(heat)).collect(), lab)?;
        seen.extend(plan.iter().map(|heat| (*heat, records.finish(&entered[heat.entrant].trial(heat)))));
    }
    let answer = Answer::of(&race, &entered, &seen, |t| Ok(records.get(t).cloned()))?.context("no answer")?;
    let (winner, lr) = (&entered[answer.champion.entrant], answer.champion.lr);

    let first = &entered[0];
    let [ours, theirs, default] = [
        JUDGES.map(|seed| winner.at(lr, seed)).collect::<Vec<_>>(),
        seeded(best, JUDGES),
        JUDGES.map(|seed| first.at(first.default, seed)).collect(),
    ];
    records.run([ours.clone(), theirs.clone(), default.clone()].concat(), lab)?;
    let losses = |trials: &[Trial]| trials.iter().map(|t| records.finish(t).test).collect::<Vec<f64>>();
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (a, b, d) = (losses(&ours), losses(&theirs), losses(&default));
    let has_data = winner.template.data.is_some();
    let scale = if has_data { mean(&b) } else { (mean(&d) - mean(&b)).abs() };
    let regret = stats::mean(a.iter().zip(&b).map(|(a, b)| (a - b) / scale)).context("no regret")?;
    let collapses = ours.iter().take(10).filter(|t| records.finish(t).lost).count();
    let label = |e: &Entrant| e.label.clone();
    Ok(Row {
        problem: name.to_owned(),
        grid_trials,
        race_trials: seen.len() + FINAL_SEEDS,
        grid: label(&entered[best.0]),
        grid_lr: runner::race::rate(best.1),
        race: label(winner),
        race_lr: lr,
        grid_loss: mean(&b),
        race_loss: mean(&a),
        default_loss: mean(&d),
        scale,
        regret: regret.value,
        low: regret.low,
        high: regret.high,
        collapses,
    })
}

fn page(rows: &[Row]) -> String {
    let mut regrets: Vec<f64> = rows.iter().map(|r| r.regret).collect();
    regrets.sort_by(f64::total_cmp);
    let median = downhill_stats::median(&regrets, 0.95);
    let interval = median.map_or(String::new(), |m| format!(" [{:.2}, {:.2}]", 100.0 * m.low, 100.0 * m.high));
    let spent: usize = rows.iter().map(|r| r.race_trials).sum();
    let grid: usize = rows.iter().map(|r| r.grid_trials).sum();
    let mut page = format!(
        "<!-- Made by `cargo run -p runner --example regret`. Do not edit. -->\n\n# What following a recommendation costs\n\n\
         On each of {} problems the whole grid is run: every optimizer and schedule that `downhill recommend` chooses from, \
         every learning rate, {SEEDS} seeds; its best candidate by mean validation loss is the standard. The race had {:.0} % \
         of the grid's trials. Both answers then ran on {} seeds that neither had seen. Regret is the difference of their \
         mean test losses (over at least 1,000 rows), over the grid's; on functions it is the difference of the final losses, \
         over what separates the grid's answer from Adam at its default. Below zero, the race found a better one: it looks \
         between the rates of the grid, and beyond its ends.\n\n\
         - Median regret: {:.2} %{interval}; worst: {:.2} %.\n\
         - Collapses of the recommended setting on 10 fresh seeds each: {}.\n\n",
        rows.len(),
        100.0 * spent as f64 / grid as f64,
        JUDGES.end - JUDGES.start,
        100.0 * median.map_or(f64::NAN, |m| m.value),
        100.0 * regrets.last().copied().unwrap_or(f64::NAN),
        rows.iter().map(|r| r.collapses).sum::<usize>(),
    );
    page.push_str("| problem | the grid's choice | the recommendation | regret, % | 95 % interval | loss: grid, race, Adam untuned | trials |\n");
    page.push_str("|---|---|---|---:|---|---|---|\n");
    for r in rows {
        let number = |x: f64| table::significant(x, 4);
        page.push_str(&format!(
            "| {} | {} at {} | {} at {} | {:.2} | {:.2} to {:.2} | {}, {}, {} | {} of {} |\n",
            r.problem,
            r.grid,
            table::plain(r.grid_lr),
            r.race,
            table::plain(r.race_lr),
            100.0 * r.regret,
            100.0 * r.low,
            100.0 * r.high,
            number(r.grid_loss),
            number(r.race_loss),
            number(r.default_loss),
            r.race_trials,
            r.grid_trials,
        ));
    }
    page
}
