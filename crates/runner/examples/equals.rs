//! How often an optimizer beats itself: the same optimizer twice, through search, finalists, confirmation and verdict, each
//! time with seeds of its own. Writes `results/equals/README.md`.
//! `cargo run -p runner --no-default-features --example equals`, a minute or two on two cores.

use anyhow::{Context as _, Result};
use downhill::Registry;
use downhill_problems::Families;
use downhill_stats::{Design, Estimate, Verdict, power, verdict, welch, wilson};
use rand::RngExt as _;
use runner::plan::{Arm, arms, node::Node};
use runner::protocol::{Protocol, Seen, Stage, choice};
use runner::rounds::Finish;
use runner::rows::TrialRow;
use runner::stats::{Cell, Compared};
use runner::store::write_atomically;
use runner::trial::Trial;
use runner::{Lab, sweep};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Comparisons on each problem.
const COMPARISONS: u64 = 500;
/// Seeds of one side of one comparison lie this far from those of the next.
const APART: u64 = 10_000_000;
/// Comparisons by resampling, for each size of difference.
const RESAMPLED: usize = 20_000;

const STUDIES: [(&str, &str); 3] = [
    (
        "softmax/iris",
        "seeds = 2\nepochs = 3\npoints = 1\n[protocol]\ndefault = false\n[[optimizer]]\nname = \"adam\"\nlr = { log = [0.01, 1.0], per_decade = 2 }\n[[problem]]\nname = \"softmax\"\ndata = \"iris\"\n",
    ),
    (
        "noisy-quadratic",
        "seeds = 2\nsteps = 60\npoints = 1\n[protocol]\ndefault = false\n[[optimizer]]\nname = \"sgd\"\nlr = { log = [0.01, 1.0], per_decade = 2 }\n[[problem]]\nname = \"noisy-quadratic\"\n",
    ),
    (
        "linear/diabetes",
        "seeds = 2\nepochs = 2\npoints = 1\n[protocol]\ndefault = false\n[[optimizer]]\nname = \"sgd\"\nlr = { log = [0.001, 0.1], per_decade = 2 }\n[[problem]]\nname = \"linear\"\ndata = \"diabetes\"\n",
    ),
];

fn main() -> Result<()> {
    let lab = Lab::new(Registry::builtin(), Families::builtin());
    let mut page = String::from(
        "<!-- Made by `cargo run -p runner --example equals`. Do not edit. -->\n\n# How often an optimizer beats itself\n\n\
         The same optimizer twice, through the whole standard protocol (a grid of five rates on two seeds, extension, three \
         finalists on three further seeds, the choice on ten fresh ones) with seeds of its own each time, and the verdict on \
         its test losses. With an equivalence bound of 1 % of the loss, and with none.\n\n\
         | problem | comparisons | called different, % | ties | called different without a bound, % |\n|---|---:|---|---:|---|\n",
    );
    let mut all = [0, 0, 0];
    let mut pools = Vec::new();
    for (name, study) in STUDIES {
        let (protocol, planned) = arms(&Node::document(study).map_err(|f| anyhow::anyhow!(f.text))?, &lab)
            .map_err(|f| anyhow::anyhow!("{name}: {}", f.text))?;
        let (protocol, arm) = (protocol.context("no protocol")?, planned.first().context("no arm")?);
        let sides = run(&protocol, arm, 2 * COMPARISONS, &lab)?;
        let compared: Vec<[Option<Compared>; 2]> =
            sides.chunks(2).map(|pair| [0.01, 0.0].map(|bound| compare(&pair[0], &pair[1], bound))).collect();
        let count = |i: usize, is: fn(&Verdict) -> bool| {
            compared.iter().filter(|c| c[i].is_some_and(|c| is(&c.verdict))).count()
        };
        let win = |v: &Verdict| matches!(v, Verdict::Better | Verdict::Worse);
        let (wins, ties, bare) = (count(0, win), count(0, |v| *v == Verdict::Tie), count(1, win));
        all[0] += compared.len();
        all[1] += wins;
        all[2] += bare;
        page.push_str(&format!(
            "| {name} | {} | {} | {ties} | {} |\n",
            compared.len(),
            percent(wins, compared.len()),
            percent(bare, compared.len())
        ));
        println!("{name}: {wins} of {} called different, {bare} without a bound", compared.len());
        // Of one candidate, the one that was chosen most often: losses of several are no one distribution.
        let mut chosen: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
        sides.iter().flatten().for_each(|t| chosen.entry(t.lr.to_bits()).or_default().push(t.test_loss));
        pools.push((name, chosen.into_values().max_by_key(Vec::len).unwrap_or_default()));
    }
    page.push_str(&format!("| all | {} | {} | | {} |\n\n", all[0], percent(all[1], all[0]), percent(all[2], all[0])));
    page.push_str(&resampled(&pools));
    let dir = Path::new("results/equals");
    std::fs::create_dir_all(dir)?;
    write_atomically(&dir.join("README.md"), page.as_bytes())
}

/// The reported trials of so many tunings of one arm, each with seeds of its own.
fn run(protocol: &Protocol, arm: &Arm, sides: u64, lab: &Lab) -> Result<Vec<Vec<TrialRow>>> {
    let outline = arm.outline();
    let own = |side: u64, trial: Trial| Trial { seed: trial.seed + (side + 1) * APART, ..trial };
    let mut seen: Vec<Seen> = vec![Seen::new(); sides as usize];
    let mut rows: BTreeMap<String, TrialRow> = BTreeMap::new();
    loop {
        let mut todo = BTreeMap::new();
        for (side, seen) in seen.iter().enumerate() {
            for t in protocol.plan(&outline, seen).1 {
                let trial = own(side as u64, arm.trial(&t));
                todo.insert(trial.key(), (trial, side, t));
            }
        }
        if todo.is_empty() {
            break;
        }
        let trials: Vec<Trial> = todo.values().map(|(t, ..)| t.clone()).collect();
        let jobs = sweep::cores();
        sweep::run(&trials, lab, jobs, &AtomicBool::new(false), |record| {
            let (_, side, t) = &todo[&record.key];
            seen[*side].insert(*t, Finish::from(&record));
            if t.stage() == Stage::Confirm {
                rows.insert(record.key.clone(), TrialRow::new(&record, lab));
            }
            Ok(())
        })?;
    }
    let reported = |(side, seen): (usize, &Seen)| {
        let chosen = choice(&outline, seen)?.candidate;
        let confirmed = seen.keys().filter(|t| t.stage() == Stage::Confirm && t.candidate == chosen);
        Some(confirmed.filter_map(|t| rows.get(&own(side as u64, arm.trial(t)).key()).cloned()).collect())
    };
    seen.iter().enumerate().map(|s| reported(s).context("an arm without a choice")).collect()
}

fn cell(rows: &[TrialRow]) -> Cell<'_> {
    Cell { lr: 0.0, search: Vec::new(), trials: rows.iter().collect() }
}

fn compare(a: &[TrialRow], b: &[TrialRow], equivalence: f64) -> Option<Compared> {
    let mean = b.iter().map(|t| t.test_loss).sum::<f64>() / b.len() as f64;
    Compared::of(&cell(a), &cell(b), |t| t.test_loss, equivalence * mean.abs())
}

/// Differences of known size between samples of the reported losses: how often they are called, against theory.
fn resampled(pools: &[(&str, Vec<f64>)]) -> String {
    let mut page = format!(
        "Ten losses drawn from those reported above at the rate that was chosen most often, against ten others of which each is so many standard deviations higher; \
         {RESAMPLED} draws each. Theory is the noncentral t distribution, for normal values.\n\n\
         | problem | sd apart | called different, % | theory, % |\n|---|---:|---|---:|\n"
    );
    let mut rng = rand_rng();
    for (name, pool) in pools {
        let mean = pool.iter().sum::<f64>() / pool.len() as f64;
        let sd = (pool.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (pool.len() - 1) as f64).sqrt();
        for effect in [0.0, 0.5, 1.0, 1.5] {
            let mut draw =
                |shift: f64| (0..10).map(|_| pool[rng.random_range(0..pool.len())] + shift).collect::<Vec<f64>>();
            let called = (0..RESAMPLED).filter(|_| {
                let (a, b) = (draw(0.0), draw(effect * sd));
                welch(&a, &b, 0.95).is_some_and(|d| matches!(verdict(&d, 0.0, 0.05), Verdict::Better | Verdict::Worse))
            });
            let called = called.count();
            let theory = 100.0 * power(10.0, effect, 0.05, Design::Unpaired);
            page.push_str(&format!("| {name} | {effect} | {} | {theory:.1} |\n", percent(called, RESAMPLED)));
        }
    }
    page
}

fn rand_rng() -> downhill_problems::Rng {
    downhill_problems::Streams::new("equals", 0).rng(downhill_problems::Stream::Tuner)
}

fn percent(k: usize, n: usize) -> String {
    let Estimate { value, low, high, .. } =
        wilson(k, n, 0.95).unwrap_or(Estimate { value: 0.0, low: 0.0, high: 1.0, n });
    format!("{:.1} [{:.1}, {:.1}]", 100.0 * value, 100.0 * low, 100.0 * high)
}
