//! Runs of other harnesses become results like ours, and protocols are tested on recorded runs.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Done, Place, SMALL};
use runner::rows::{CurveRow, TrialRow};
use std::fs;
use std::path::Path;

/// A fixture, copied to where it can be named without spaces.
fn with(name: &str) -> Place {
    let place = Place::new();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import").join(name), &place.path(name));
    place
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        let names = fs::read_dir(from).unwrap().map(|entry| entry.unwrap().file_name());
        names.for_each(|name| copy(&from.join(&name), &to.join(&name)));
    } else {
        fs::copy(from, to).unwrap();
    }
}

fn trials(place: &Place, dir: &str) -> Vec<TrialRow> {
    runner::store::read_csv(&place.path(dir).join("trials.csv")).unwrap()
}

fn curve(place: &Place, dir: &str, key: &str) -> Vec<CurveRow> {
    let all: Vec<CurveRow> = runner::store::read_csv(&place.path(dir).join("curves.csv")).unwrap();
    all.into_iter().filter(|p| p.key == key).collect()
}

/// Version 1.1: no validation data, NaN to the end, further seeds at the chosen rate alone.
#[test]
fn deepobs_runs_come_with_their_seeds_and_divergences() {
    let place = with("deepobs-1.1");
    let words = ["24 runs", "seeds at one learning rate alone", "4 learning rates written", "MomentumOptimizer"];
    place.run("import deepobs-1.1").expect(0, &words);
    let trials = trials(&place, "results/deepobs-1.1");
    assert_eq!(trials.len(), 24);
    let of = |problem: &str, optimizer: &str, lr: f64, seed: u64| {
        let is =
            |t: &&TrialRow| t.problem == problem && t.optimizer.starts_with(optimizer) && (t.lr, t.seed) == (lr, seed);
        trials.iter().find(is).unwrap()
    };
    let plain = of("fmnist_2c2d", "GradientDescent", 0.1, 42);
    assert_eq!((plain.train_loss, plain.test_loss, plain.validation_loss), (1.0, 1.5, 1.5));
    assert_eq!((plain.train_metric, plain.test_metric, plain.batch, plain.epoch), (0.75, 0.65, 128, 4.0));
    assert_eq!(
        (plain.stage.as_str(), plain.budget.as_str(), plain.outcome.as_str()),
        ("search", "4 epochs", "finished")
    );
    assert_eq!(of("fmnist_2c2d", "GradientDescent", 0.1, 43).stage, "confirm");
    let momentum = of("quadratic_deep", "MomentumOptimizer", 0.1, 42);
    assert_eq!(momentum.optimizer, "MomentumOptimizer momentum=0.9 use_nesterov=false");
    assert!(momentum.test_metric.is_nan(), "this problem has no accuracy");
    // The best was at epoch 1, and rose again.
    let late = of("quadratic_deep", "GradientDescent", 1.0, 42);
    assert_eq!((late.best_epoch, late.best_test_loss, late.rise), (1.0, 1.5, 1.5));
    let lost = of("quadratic_deep", "GradientDescent", 10.0, 42);
    assert_eq!((lost.outcome.as_str(), lost.outcome_step), ("diverged", Some(1)));
    assert_eq!(curve(&place, "results/deepobs-1.1", &lost.key).len(), 2, "nothing after the first NaN");
    // A key is the beginning of the digest of the text beside it.
    let digest = <sha2::Sha256 as sha2::Digest>::digest(plain.spec.to_string());
    assert!(digest.iter().map(|b| format!("{b:02x}")).collect::<String>().starts_with(plain.key.as_str()));
}

/// Later versions: validation data, a tail of first values after a divergence, repeated runs, files that are no runs.
#[test]
fn later_deepobs_runs_come_with_validation_data_and_without_the_filled_tail() {
    let place = with("deepobs-1.2");
    place
        .run("import deepobs-1.2 --name later")
        .expect(0, &["6 runs", "1 run was repeated", "1 file has neither", "settings.json"]);
    let trials = trials(&place, "results/later");
    let of = |lr: f64, seed: u64| trials.iter().find(|t| (t.lr, t.seed) == (lr, seed)).unwrap();
    let again = of(0.001, 1);
    assert_eq!((again.train_loss, again.validation_loss, again.test_loss), (0.25, 0.5, 0.75), "the later file counts");
    assert_eq!(of(0.001, 2).train_loss, 0.5);
    assert_eq!(again.optimizer, "Adam betas=[0.9,0.999] eps=1e-8");
    let lost = of(0.1, 1);
    assert_eq!((lost.outcome.as_str(), lost.outcome_step), ("diverged", Some(2)));
    let readme = place.read("results/later/README.md");
    assert!(!readme.contains("Selected on test data"), "{readme}");
}

#[test]
fn all_views_work_on_imported_results() {
    let place = with("deepobs-1.1");
    place.run("import deepobs-1.1 --name d --question Which?").expect(0, &[]);
    let names =
        ["README.md", "report.html", "trials.csv", "curves.csv", "study.toml", "plots/loss.svg", "plots/rates.svg"];
    let first = names.map(|name| place.read(&format!("results/d/{name}")));
    for word in ["# Which?", "Selected on test data", "fmnist_2c2d, quadratic_deep", "higher", "--question 'Which?'"] {
        assert!(first[0].contains(word), "lacks {word}: {}", first[0]);
    }
    // Two against two, t(0.975, 2) = 4.303 times sqrt(2 * 0.015^2 / 2 / 2); seed by seed it would be 0.
    assert!(first[0].contains("0.750 ± 0.046"), "{}", first[0]);
    // What tuning costs is told in epochs: three rates take four, the fourth is lost after one.
    let tuning = place.read("results/d/plots/budget.svg");
    assert!(tuning.contains("k = 4: 1.500 after 13 epochs") && !tuning.contains("gradient"), "{tuning}");
    assert!(first[0].contains("the fewest epochs of all"), "{}", first[0]);
    // Costs were not counted, and no example was.
    for word in ["bytes remembered", "a toy", "a handful decides"] {
        assert!(!first[0].contains(word), "has {word}: {}", first[0]);
    }
    for words in ["report results/d --check", "plot results/d --check"] {
        place.run(words).expect(0, &[]);
    }
    place.run("compare GradientDescent Momentum --within results/d").expect(0, &["lower", "better on 2"]);
    place
        .run("sweep results/d/study.toml")
        .expect(1, &["study.toml", "the runs were imported", "downhill import deepobs-1.1"]);
    // Again, over the old one: the same bytes.
    place.run("import deepobs-1.1 --name d --question Which?").expect(0, &[]);
    assert_eq!(names.map(|name| place.read(&format!("results/d/{name}"))), first);
}

#[test]
fn a_table_is_read_by_its_columns() {
    let place = with("runs.csv");
    place.run("import runs.csv").expect(1, &["runs.csv:12", "sgd on wave, lr 0.1, seed 1, epoch 0", "--hyper"]);
    let done = place.run("import runs.csv --hyper momentum --map acc=test_metric");
    done.expect(0, &["8 runs", "`gpu`", "sgd momentum=0.9"]);
    assert!(!done.err.contains("`acc`"));
    let trials = trials(&place, "results/runs");
    let of = |optimizer: &str, lr: f64, seed: u64| {
        trials.iter().find(|t| t.optimizer == optimizer && (t.lr, t.seed) == (lr, seed)).unwrap()
    };
    let plain = of("sgd", 0.1, 1);
    assert_eq!((plain.train_loss, plain.validation_loss, plain.test_loss, plain.test_metric), (0.5, 0.75, 1.0, 0.75));
    assert_eq!((of("sgd", 1.0, 1).outcome.as_str(), of("sgd", 1.0, 2).outcome.as_str()), ("diverged", "diverged"));
    // One that ends before the others of its kind was cut short.
    let short = of("sgd momentum=0.9", 0.01, 1);
    assert_eq!((short.outcome.as_str(), short.reason.as_str()), ("failed", "ends after 1 of 2 epochs"));
    assert_eq!(of("sgd momentum=0.9", 0.01, 2).outcome, "finished");
}

const HEAD: &str = "problem,optimizer,lr,seed,epoch,test_loss\n";

#[track_caller]
fn refused(table: &str, words: &[&str]) {
    let place = Place::new();
    place.write("a.csv", table);
    place.run("import a.csv").expect(1, words);
    assert!(!place.path("results").exists());
}

#[test]
fn what_is_wrong_with_a_table_is_named() {
    refused("problem,optimizer,lr,epoch\n", &["a.csv:1", "no column seed, test_loss", "`epoch`", "--map"]);
    refused(HEAD, &["a.csv", "no rows"]);
    refused(&format!("{HEAD}p,o,-1,0,0,1\n"), &["a.csv:2", "`lr` is \"-1\"", "a number > 0"]);
    refused(&format!("{HEAD}p,o,1,0,0,1\np,o,1,1.5,0,1\n"), &["a.csv:3", "`seed` is \"1.5\"", "whole number"]);
    refused(&format!("{HEAD}p,o,1,0,-2,1\n"), &["a.csv:2", "`epoch` is \"-2\"", ">= 0"]);
    refused(&format!("{HEAD}p,o,1,0,0,low\n"), &["a.csv:2", "`test_loss` is \"low\"", "NaN"]);
    refused(&format!("{HEAD},o,1,0,0,1\n"), &["a.csv:2", "`problem` is \"\"", "a name"]);
    refused(&format!("{HEAD}p,o,1,0,0\n"), &["a.csv", "line: 2"]);
    refused(
        &format!("{HEAD}p,o,1,0,0,1\np,o,1,0,0,2\n"),
        &["a.csv:3", "a second row of o on p, lr 1, seed 0, epoch 0"],
    );
    refused(&format!("{HEAD}p,o,1,0,0,1\np,o,1,0,1,\np,o,1,0,2,1\n"), &["`test_loss` is empty at 1", "NaN"]);
    let two = "problem,optimizer,lr,learning_rate,seed,epoch,test_loss\n";
    refused(two, &["a.csv:1", "`lr` and `learning_rate` both mean `lr`"]);
    let stage = "problem,optimizer,lr,seed,epoch,test_loss,stage\np,o,1,0,0,1,final\n";
    refused(stage, &["a.csv:2", "`stage` is \"final\"", "search, confirm, default"]);
    let twice = ["o on p, lr 0.1", "seed 0 and lr 0.1", "last digits", "leave one out"];
    refused(&format!("{HEAD}p,o,0.1,0,0,1\np,o,0.10000000149,0,0,1\n"), &twice);
    let parts = "problem,optimizer,lr,seed,epoch,test_loss,val_loss\np,o,1,0,0,1,1\np,o,1,1,0,1,\n";
    refused(parts, &["o on p, lr 1, seed 0 has a `validation_loss`, o on p, lr 1, seed 1 none"]);
}

#[test]
fn wrong_arguments_and_folders_are_named() {
    let place = with("runs.csv");
    place.run("import none.csv").expect(1, &["none.csv"]);
    place.run("import runs.csv --map acc").expect(2, &["--map acc", "THEIRS=OURS"]);
    place.run("import runs.csv --map acc=quality").expect(1, &["`quality` is no column of ours", "test_metric"]);
    place.run("import runs.csv --map none=lr").expect(1, &["there is no column `none`", "`momentum`"]);
    place.run("import runs.csv --hyper none").expect(1, &["--hyper none", "no such column"]);
    place.write("study.toml", SMALL);
    place.run("sweep study.toml --out results/mine --quiet").expect(0, &[]);
    let before = place.tables("results/mine");
    let words = "import runs.csv --hyper momentum --out results/mine";
    place.run(words).expect(1, &["results/mine holds the results of a sweep", "--out"]);
    assert_eq!(place.tables("results/mine"), before);
    place.write("json/a/B/c/run.json", "{\"test_losses\": [1, \"low\"]}");
    place.run("import json").expect(1, &["run.json", "no run of DeepOBS", "line 1"]);
    place.write(
        "json/a/B/c/run.json",
        "{\"test_losses\": [1, 2], \"train_losses\": [1], \"learning_rate\": 1, \"random_seed\": 0}",
    );
    place.run("import json").expect(1, &["run.json", "`train_losses` has 1 values, allowed is none or 2"]);
    place.write("json/a/B/c/run.json", "{\"test_losses\": [1, 2], \"random_seed\": 0}");
    place.run("import json").expect(1, &["run.json", "neither `learning_rate` nor"]);
    place.write("json/a/B/c/run.json", "{\"test_losses\": [1, 2], \"learning_rate\": 0, \"random_seed\": 0}");
    place.run("import json").expect(1, &["run.json", "`learning_rate` is 0", "> 0"]);
    place.write("json/a/B/c/run.json", "{}");
    place.run("import json").expect(1, &["json", "no JSON files of runs"]);
}

/// Tools that leave NaN empty, and a file without validation and test data.
#[test]
fn empty_fields_to_the_end_are_a_divergence() {
    let place = Place::new();
    place.write("a.csv", format!("{}p,o,1,0,0,1\np,o,1,0,1,\np,o,1,0,2,\n", HEAD.replace("test_loss", "train_loss")));
    place.run("import a.csv").expect(0, &["1 run;", "in 1 run a loss stops"]);
    let trials = trials(&place, "results/a");
    assert_eq!((trials[0].outcome.as_str(), trials[0].outcome_step), ("diverged", Some(1)));
    assert!(place.read("results/a/README.md").contains("Selected and reported on training data"));
}

/// Names from files are text, whatever they hold.
#[test]
fn hostile_names_are_text() {
    let place = Place::new();
    let (problem, optimizer) =
        ("\"p|x\n<script>alert(1)</script>\"", "\"<img src=x onerror=\"\"a\"\">[b](javascript:c)\"");
    let row = |lr: f64, seed: u64, epoch: u64| {
        format!("{problem},{optimizer},{lr},{seed},{epoch},{}\n", lr + 1.0 / (epoch + seed + 1) as f64)
    };
    let rows: String = (0..18).map(|i| row([0.1, 1.0, 10.0][i % 3], (i / 3 % 2) as u64, (i / 6) as u64)).collect();
    place.write("a.csv", format!("{HEAD}{rows}"));
    place.run("import a.csv").expect(0, &["6 runs"]);
    let (page, readme) = (place.read("results/a/report.html"), place.read("results/a/README.md"));
    assert!(page.contains("&lt;script&gt;alert(1)") && page.matches("<script").count() == 1 && !page.contains("<img"));
    assert!(
        readme.contains("p\\|x &lt;script>") && !readme.contains("<script") && !readme.contains("<img"),
        "{readme}"
    );
    assert!(!readme.contains("[b](javascript"), "{readme}");
    for plot in fs::read_dir(place.path("results/a/plots")).unwrap() {
        let svg = fs::read_to_string(plot.unwrap().path()).unwrap();
        assert!(!svg.contains("<script") && !svg.contains("<img"), "{svg}");
    }
    place.run("report results/a --check").expect(0, &[]);
    assert_eq!(trials(&place, "results/a")[0].problem, "p|x <script>alert(1)</script>");
}

/// Of plain descent's four rates, 0.1 ends at 1.5 and 1.0 at 3.0; after one epoch 1.0 leads, after two 0.1 is second.
#[test]
fn a_replay_gives_what_the_hand_gives() {
    let place = with("deepobs-1.1");
    place.run("import deepobs-1.1 --name d").expect(0, &[]);
    let row = |done: &Done| -> Vec<String> {
        let lines: Vec<&str> = done.out.lines().filter(|l| l.starts_with("fmnist_2c2d,GradientDescent")).collect();
        lines[0].split(',').map(str::to_owned).collect()
    };
    // problem, optimizer, rates, seeds, chosen lr, grid's lr, test, grid's test, regret, compute, resampled
    let early = place.run("replay results/d --halving 0.25:0.25 --format csv");
    assert_eq!(row(&early)[2..], ["4", "1", "1", "0.1", "3", "1.5", "100", "43.75", "0"].map(number));
    let late = place.run("replay results/d --halving 0.5:0.5 --format csv");
    assert_eq!(row(&late)[2..], ["4", "1", "0.1", "0.1", "1.5", "1.5", "0", "75", "0"].map(number));
    // Three finalists with three seeds more: 0.1 has two of its own, all else is drawn again: 1 + 3 + 3.
    let seeds = place.run("replay results/d --finalists 3 --reseed 3 --format csv");
    assert_eq!(row(&seeds)[2..], ["4", "1", "0.1", "0.1", "1.5", "1.5", "0", "325", "7"].map(number));
    // By accuracy, as by loss here: 0.9 - 3.0 / 4 against 0.9 - 1.5 / 4... of losses 2 and 1.
    let metric = place.run("replay results/d --halving 0.25:0.25 --by metric --format csv");
    assert_eq!(row(&metric)[4..8], ["1", "0.1", "0.6", "0.35"].map(number));
    place
        .run("replay results/d --halving 0.25:0.25")
        .expect(0, &["4 arms for 43.8 % of the grid's compute", "worst 100 %"]);
}

/// As CSV writes it.
fn number(text: &str) -> String {
    let x: f64 = text.parse().unwrap();
    serde_json::Value::from(x).to_string()
}

/// 36 rates, 9 of them after a tenth, 3 after three tenths: (36 * 0.1 + 9 * 0.2 + 3 * 0.7) / 36 = 20.8 %.
#[test]
fn halving_costs_what_arithmetic_says() {
    let place = Place::new();
    let mut table = HEAD.to_owned();
    for (i, epoch) in (0..36).flat_map(|i| (0..=10).map(move |epoch| (i, epoch))) {
        let off = f64::from(i) - 20.0;
        table.push_str(&format!(
            "bowl,gd,{},1,{epoch},{}\n",
            10f64.powf(f64::from(i) / 5.0 - 5.0),
            1.0 + off * off / 100.0 / (1.0 + f64::from(epoch))
        ));
    }
    place.write("bowl.csv", table);
    place.run("import bowl.csv").expect(0, &["36 runs"]);
    let words = "replay results/bowl --halving 0.1:0.25,0.3:0.33";
    place.run(words).expect(0, &["1 arms for 20.8 % of the grid's compute: no regret in 1"]);
    // A random quarter costs a quarter, and which it is does not depend on the moment.
    let random = place.run("replay results/bowl --search random:9");
    random.expect(0, &["1 arms for 25 % of the grid's compute"]);
    assert_eq!(place.run("replay results/bowl --search random:9").out, random.out);
}

#[test]
fn our_own_results_can_be_replayed() {
    let place = Place::new();
    place.write(
        "study.toml",
        format!(
            "{SMALL}\n[protocol]\nhalving = {{ at = [0.5], keep = [0.34] }}\nreseed = 0\nconfirm = 0\ndefault = false\n"
        ),
    );
    place.write("plain.toml", SMALL);
    place.run("sweep plain.toml --out results/plain --quiet").expect(0, &[]);
    place.run("replay results/plain").expect(0, &["4 arms for 100 % of the grid's compute: no regret in 4"]);
    // Two of three rates go on, (3 * 0.5 + 2 * 0.5) / 3 = 83.3 %; where two have diverged one does, 66.7 %.
    let done = place.run("replay results/plain --protocol study.toml");
    done.expect(0, &["rosenbrock", "softmax/iris", "4 arms for 79.2 % of the grid's compute"]);
    place.write("chosen.toml", format!("curves = \"chosen\"\n{SMALL}"));
    place.run("sweep chosen.toml --out results/chosen --quiet").expect(0, &[]);
    place.run("replay results/chosen --halving 0.5:0.5").expect(1, &["curves.csv has no point", "curves = \"all\""]);
    place.run("replay results/chosen").expect(0, &["100 %"]);
}

#[test]
fn a_protocol_that_cannot_be_replayed_is_refused() {
    let place = with("runs.csv");
    place.run("import runs.csv --hyper momentum").expect(0, &[]);
    place.run("replay results/runs --halving 0.1").expect(2, &["--halving 0.1", "AT:KEEP"]);
    place.run("replay results/runs --halving 2:0.5").expect(2, &["`halving.at` is [2.0]"]);
    place.run("replay results/runs --search sobol:8").expect(2, &["--search sobol:8", "random:N"]);
    place.write("a.toml", "[protocol]\nsearch = { sobol = 8 }\n");
    place.run("replay results/runs --protocol a.toml").expect(1, &["grid and random"]);
    place.write("a.toml", "seeds = 3\n");
    place.run("replay results/runs --protocol a.toml").expect(1, &["a.toml", "no table [protocol]"]);
    place.run("replay results/none").expect(1, &["results/none"]);
}
