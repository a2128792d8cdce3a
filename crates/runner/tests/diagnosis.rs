//! Causes that are planted are named; the committed page counts what its file holds, and its file what trials show.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "../examples/diagnosis/families.rs"]
mod families;
#[path = "../examples/diagnosis/page.rs"]
mod page;
#[path = "../examples/diagnosis/plant.rs"]
mod plant;

use common::Place;
use downhill::Registry;
use downhill_problems::Families;
use plant::{Bench, Case};
use runner::Lab;
use runner::diagnosis::Peers;
use runner::rows::TrialRow;
use runner::store::read_csv;
use std::path::{Path, PathBuf};

fn committed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/diagnosis").join(name)
}

/// What is planted in the problems of these names.
fn only(mut half: families::Half, names: &[&str]) -> families::Half {
    half.smooth.retain(|p| names.contains(&p.0));
    half.models.retain(|p| names.contains(&p.0));
    half.tiny.retain(|p| names.contains(&p.0));
    half.traps.retain(|p| names.contains(p));
    half.flat.retain(|p| names.contains(p));
    half.large.retain(|p| names.contains(&p.0));
    half
}

#[test]
fn a_run_says_what_went_wrong() {
    let place = Place::new();
    for (words, said) in [
        ("-p rosenbrock -o sgd --lr 1", "diverged: cliff"),
        ("-p ellipsoid -o sgd --lr 1e-7 --steps 500", "crawling"),
        ("-p ellipsoid -o sign-sgd --lr 3 --steps 500", "oscillating"),
        ("-p ellipsoid -o adagrad --lr 0.01 --set lr_decay=1 --steps 2000", "rate vanished"),
        ("-p freudenstein-roth -o sgd --lr 2e-3 --steps 20000", "stuck"),
        ("-p plateau -o sgd --lr 0.1 --steps 100", "stuck"),
        ("-p mlp -d iris -o adam --lr 0.01 --epochs 300", "overfitting: since epoch"),
    ] {
        place.run(&format!("run -q {words}")).expect(0, &[said, "; try "]);
    }
    let healthy = place.run("run -q -p ellipsoid -o l-bfgs --lr 1 --steps 200");
    assert!(!healthy.expect(0, &["lowest loss"]).out.contains("; try "), "{}", healthy.out);
}

/// The page is made of the file; of held-out cases as of the others at least nine in ten are right.
#[test]
fn the_committed_page_is_what_its_cases_say() {
    let cases: Vec<Case> = read_csv(&committed("cases.csv")).unwrap();
    assert_eq!(std::fs::read_to_string(committed("README.md")).unwrap(), page::page(&cases));
    for seen in [true, false] {
        let of: Vec<&Case> = cases.iter().filter(|c| c.seen == seen).collect();
        let right = of.iter().filter(|c| c.planted == c.found).count();
        assert!(of.len() >= 200 && 10 * right >= 9 * of.len(), "{right} of {}", of.len());
    }
    let problems = |seen| cases.iter().filter(move |c| c.seen == seen).map(|c| c.problem.as_str());
    assert!(problems(true).all(|known| problems(false).all(|other| known != other)), "a problem in both halves");
}

/// A few problems of both halves, planted and judged again: the same trials, planted and found the same.
#[test]
fn cases_come_out_again() {
    let all: Vec<Case> = read_csv(&committed("cases.csv")).unwrap();
    let few = ["sum-squares", "styblinski-tang", "plateau", "booth", "softmax/wine", "ackley", "easom"];
    let mut bench = Bench { lab: Lab::new(Registry::builtin(), Families::builtin()), seen: true, cases: Vec::new() };
    for (seen, half) in [(true, families::known()), (false, families::held_out())] {
        bench.seen = seen;
        families::plant(&only(half, &few), &mut bench).unwrap();
    }
    let row = |c: &Case| {
        let names = [&c.problem, &c.optimizer, &c.planted, &c.found, &c.alone].map(String::clone);
        (names, c.lr.to_bits(), c.seed, c.seen)
    };
    let then: Vec<_> = all.iter().filter(|c| few.contains(&c.problem.as_str())).map(row).collect();
    let now: Vec<_> = bench.cases.iter().map(row).collect();
    assert!(now.len() > 100, "{} cases", now.len());
    assert_eq!(now, then);
}

/// What a trial is held against: the lowest of the others with its loss function and its seed.
#[test]
fn peers_share_loss_and_seed() {
    let losses = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/article/losses/trials.csv");
    let mut all: Vec<TrialRow> = read_csv(&losses).unwrap();
    all.retain(|t| t.problem.starts_with("linear/diabetes"));
    let loss = |t: &TrialRow| t.problem.split_once("loss=").map(|(_, name)| name.to_owned());
    let peers = Peers::of(all.iter());
    let mut kinds = std::collections::BTreeSet::new();
    for trial in &all {
        let others = all.iter().filter(|t| t.key != trial.key && t.seed == trial.seed && loss(t) == loss(trial));
        let lowest = others.filter(|t| t.outcome == "finished").map(|t| t.train_loss).min_by(f64::total_cmp);
        assert_eq!(peers.best(trial), lowest, "{}", trial.key);
        kinds.insert(loss(trial));
    }
    assert!(kinds.len() > 1);
    assert_eq!(Peers::of(all[..1].iter()).best(&all[0]), None);
}
