//! Adaptive studies through the program: rounds that depend on finished trials, and on nothing else.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Place, wait_for};
use runner::rows::TrialRow;
use runner::store::read_csv;
use std::collections::BTreeSet;

/// Two optimizers whose grids lie too low, on a function and on a small table.
const LOW: &str = r#"
seeds = 2
steps = 300
epochs = 4
[protocol]
[[optimizer]]
name = ["sgd", "adam"]
lr = { log = [1e-5, 1e-3], per_decade = 2 }
[[problem]]
name = "ellipsoid"
start = "random"
[[problem]]
name = "softmax"
data = "iris"
"#;

fn rows(place: &Place, dir: &str) -> Vec<TrialRow> {
    read_csv(&place.path(dir).join("trials.csv")).unwrap()
}

fn seeds<'a>(rows: impl IntoIterator<Item = &'a TrialRow>) -> BTreeSet<u64> {
    rows.into_iter().map(|t| t.seed).collect()
}

#[test]
fn grids_grow_and_what_is_reported_chose_nothing() {
    let place = Place::new();
    place.write("low.toml", LOW);
    place.run("sweep low.toml").expect(0, &["adam at its default", "more trials, as those"]);
    assert!(place.read("results/low/README.md").contains(": the standard protocol."));
    let rows = rows(&place, "results/low");
    let of = |optimizer: &str, word: &str| {
        let is = |t: &&TrialRow| t.problem.starts_with("softmax") && t.optimizer == optimizer;
        rows.iter().filter(is).filter(|t| t.stage.split('+').any(|w| w == word)).cloned().collect::<Vec<_>>()
    };
    for optimizer in ["sgd", "adam"] {
        let (search, confirm) = (of(optimizer, "search"), of(optimizer, "confirm"));
        let highest = search.iter().map(|t| t.lr).fold(0.0, f64::max);
        assert!(highest > 1e-3, "{optimizer}: the grid went up to {highest}");
        assert!(seeds(&search).is_disjoint(&seeds(&confirm)));
        assert_eq!((confirm.len(), of(optimizer, "default").len()), (10, 10));
        let chosen: BTreeSet<u64> = confirm.iter().map(|t| t.lr.to_bits()).collect();
        assert_eq!(chosen.len(), 1, "one rate is confirmed");
        // Finalists have five seeds, and the chosen one is the lowest of them on validation data.
        let mean = |lr: f64| {
            let losses: Vec<f64> = search.iter().filter(|t| t.lr == lr).map(|t| t.validation_loss).collect();
            (losses.len() == 5).then(|| losses.iter().sum::<f64>() / 5.0)
        };
        let best = mean(confirm[0].lr).expect("the choice is a finalist");
        assert!(search.iter().filter_map(|t| mean(t.lr)).all(|m| m >= best));
    }
    // Again: nothing is left to run.
    let again = place.run("sweep low.toml");
    assert!(!again.expect(0, &["done before"]).err.contains("more trials"), "{}", again.err);
}

#[test]
fn rounds_do_not_depend_on_how_they_were_run() {
    let place = Place::new();
    place.write("low.toml", LOW);
    place.run("sweep low.toml --quiet --jobs 1 --out single").expect(0, &[]);
    place.run("sweep low.toml --quiet --jobs 2 --shuffle 7 --out double").expect(0, &[]);
    assert_eq!(place.tables("single"), place.tables("double"));
    let readme = |dir: &str| place.read(&format!("{dir}/README.md")).replace(dir, "here");
    assert_eq!(readme("single"), readme("double"));
    // Killed again and again, with a part of the journal lost each time.
    let journal = place.read("single/journal.jsonl");
    let lines: Vec<&str> = journal.split_inclusive('\n').collect();
    for kept in [1, 50, 100, lines.len() - 3] {
        place.write("three/journal.jsonl", lines[..kept].concat());
        place.run("sweep low.toml --quiet --out three").expect(0, &[]);
        assert_eq!(place.tables("single"), place.tables("three"), "{kept} trials kept");
    }
}

#[test]
fn an_interrupt_loses_nothing() {
    let place = Place::new();
    place.write("long.toml", LOW.replace("steps = 300", "steps = 40000"));
    let mut child = place.spawn("sweep long.toml --quiet --out cut");
    wait_for(|| place.keys("cut").len() > 20);
    child.kill().unwrap();
    child.wait().unwrap();
    let before = place.keys("cut");
    place.run("sweep long.toml --quiet --out cut").expect(0, &[]);
    place.run("sweep long.toml --quiet --out whole").expect(0, &[]);
    assert_eq!(place.tables("cut"), place.tables("whole"));
    let after = place.keys("cut");
    assert_eq!(after[..before.len()], before[..]);
    assert_eq!(after.iter().collect::<BTreeSet<_>>().len(), after.len(), "no trial twice");
}

#[test]
fn halving_runs_parts_of_the_budget_that_no_table_mixes_with_whole_ones() {
    let place = Place::new();
    let halving = "[protocol]\nhalving = { at = [0.25], keep = [0.4] }\nextend = 0\n";
    place.write("halved.toml", LOW.replace("[protocol]\n", halving));
    place.run("sweep halved.toml").expect(0, &["softmax/iris"]);
    let readme = place.read("results/halved/README.md");
    for words in ["40 % go on after 25 %", "not the standard protocol in halving, extend"] {
        assert!(readme.contains(words), "{readme}");
    }
    let rows = rows(&place, "results/halved");
    let softmax = |word: &str| {
        rows.iter()
            .filter(|t| t.problem.starts_with("softmax") && t.optimizer == "adam" && t.stage == word)
            .collect::<Vec<_>>()
    };
    let (screened, whole) = (softmax("screen"), softmax("search"));
    // Five rates on two seeds for one epoch of four; two of the rates go on.
    assert_eq!(screened.len(), 10);
    assert!(screened.iter().all(|t| t.budget == "1 epochs"
        && t.epoch == 1.0
        && t.spec.to_string().contains("\"horizon\":{\"epochs\":4}")));
    assert_eq!(whole.iter().map(|t| t.lr.to_bits()).collect::<BTreeSet<_>>().len(), 2);
    assert!(whole.iter().all(|t| t.epoch == 4.0));
    assert!(
        readme.lines().filter(|l| l.starts_with("| softmax/iris (toy)") && l.contains("| adam  ")).count() == 1,
        "{readme}"
    );
    // A part of a trial is its beginning, to the last bit.
    let curves: Vec<runner::rows::CurveRow> = read_csv(&place.path("results/halved/curves.csv")).unwrap();
    let at =
        |key: &str, step: u64| curves.iter().find(|p| p.key == key && p.step == step).map(|p| p.train_loss.to_bits());
    let short = screened.iter().find(|s| s.lr == whole[0].lr && s.seed == whole[0].seed).unwrap();
    let ends = at(&short.key, short.step).expect("its last point");
    let along = at(&whole[0].key, short.step);
    assert!(along.is_none_or(|loss| loss == ends), "{along:?} {ends}");
}

#[test]
fn candidates_are_drawn_from_ranges() {
    let place = Place::new();
    for (name, search) in [("random", "{ random = 12 }"), ("sobol", "{ sobol = 12 }")] {
        let study = format!(
            r#"
seeds = 2
epochs = 3
[protocol]
search = {search}
[[optimizer]]
name = "adam"
lr = {{ log = [1e-3, 1.0] }}
beta1 = {{ linear = [0.5, 0.95] }}
beta2 = {{ one_minus_log = [0.9, 0.9999] }}
eps = [1e-8, 1e-4]
[[optimizer]]
name = ["sgd", "lion"]
[[problem]]
name = "softmax"
data = "iris"
"#
        );
        place.write("drawn.toml", study);
        place
            .run(&format!("sweep drawn.toml --out {name}"))
            .expect(0, &["adam (lr, beta1, beta2, eps drawn)", "sgd (lr drawn)"]);
        let rows = rows(&place, name);
        let adam: Vec<&TrialRow> =
            rows.iter().filter(|t| t.arm.starts_with("adam") && t.stage.contains("search")).collect();
        let drawn: BTreeSet<(u64, &str)> = adam.iter().map(|t| (t.lr.to_bits(), t.optimizer.as_str())).collect();
        assert_eq!(drawn.len(), 12);
        for t in &adam {
            let spec: serde_json::Value = t.spec.parse().unwrap();
            let field = |key: &str| spec["optimizer"][key].as_f64().unwrap();
            assert!((1e-3..=1.0).contains(&t.lr) && (0.5..=0.95).contains(&field("beta1")));
            assert!((0.9..=0.9999).contains(&field("beta2")) && [1e-8, 1e-4].contains(&field("eps")));
        }
        // Equal budgets: each optimizer has as many candidates.
        for optimizer in ["sgd", "lion"] {
            let of = |t: &&TrialRow| t.arm.starts_with(optimizer) && t.stage.contains("search");
            let rates: BTreeSet<u64> = rows.iter().filter(of).map(|t| t.lr.to_bits()).collect();
            assert_eq!(rates.len(), 12, "{optimizer}");
        }
        assert_eq!(rows.iter().filter(|t| t.arm.starts_with("adam") && t.stage.contains("confirm")).count(), 10);
    }
    assert_ne!(place.read("random/trials.csv"), place.read("sobol/trials.csv"));
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let place = Place::new();
    for (wrong, said) in [
        ("[protocol]\nextent = 1", &["low.toml:5", "extent", "extend", "finalists"][..]),
        ("[protocol]\nfinalists = 0", &["low.toml:5", "`finalists` is 0", ">= 1"]),
        ("[protocol]\nsearch = { halton = 3 }", &["low.toml:5", "halton", "random", "sobol"]),
        ("[protocol]\nhalving = { at = [1.5], keep = [0.5] }", &["low.toml:5", "halving.at", "between 0 and 1"]),
    ] {
        place.write("low.toml", LOW.replace("[protocol]", wrong));
        place.run("sweep low.toml").expect(1, said);
    }
    place.write("low.toml", LOW.replace("seeds = 2", "seeds = [0, 1000003]"));
    place.run("sweep low.toml").expect(1, &["low.toml:2", "`seeds`", "1000000", "confirmation"]);
    let drawn = LOW
        .replace("[protocol]", "[protocol]\nsearch = { random = 3 }")
        .replace("{ log = [1e-5, 1e-3], per_decade = 2 }", "{ log = [1, -1] }");
    place.write("low.toml", drawn);
    place.run("sweep low.toml").expect(1, &["low.toml:9", "`lr`", "two ascending numbers"]);
}
