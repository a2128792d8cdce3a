//! Reports are functions of files: the same bytes again, and nothing that was chosen looked at test data.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Place, SMALL};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The committed results, and the pages that quote them, are what `downhill report` makes of them. In a copy without
/// what else may lie in `results`.
#[test]
#[cfg_attr(not(feature = "burn"), ignore = "the pages list burn's optimizers, too")]
fn committed_reports_are_what_their_files_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let place = Place::new();
    for name in ["README.md", "docs", "experiments", "results/article", "results/zoo", "results/speed.csv"] {
        copy(&root.join(name), &place.path(name));
    }
    for words in ["report --check", "plot --check"] {
        place.run(words).expect(0, &[]);
    }
    let csv = place.read("results/article/hiker/trials.csv");
    place.write("results/article/hiker/trials.csv", csv.replace(",diverged,", ",finished,"));
    place.run("report --check").expect(1, &["results/article/hiker/README.md", "docs/article.md"]);
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        let entries = fs::read_dir(from).unwrap().map(|entry| entry.unwrap().file_name());
        entries.for_each(|name| copy(&from.join(&name), &to.join(&name)));
    } else if from.extension().is_none_or(|e| e != "jsonl") {
        fs::copy(from, to).unwrap();
    }
}

/// Keeping the chosen curves alone leaves out no figure's, and changes nothing else.
#[test]
fn chosen_curves_are_those_that_figures_show() {
    let place = Place::new();
    let [all, chosen] = ["all", "chosen"].map(|kept| {
        let hills = "[[problem]]\nname = \"hills\"\nstart = \"random\"";
        place.write("study.toml", format!("curves = \"{kept}\"\n{SMALL}{hills}"));
        place.run("sweep study.toml --out results/small --quiet --fresh").expect(0, &[]);
        let rows = place.read("results/small/curves.csv");
        let keys: BTreeSet<_> = rows.lines().skip(1).map(|row| row.split(',').next().unwrap().to_owned()).collect();
        let names = ["README.md", "trials.csv", "plots/loss.svg", "plots/paths.svg", "plots/rates.svg"];
        (keys.len(), names.map(|name| place.read(&format!("results/small/{name}"))))
    });
    assert_eq!((all.0, chosen.0), (54, 18), "one learning rate of three");
    assert_eq!(all.1, chosen.1);
    assert!(all.1[0].contains("Which minimum was reached"), "{}", all.1[0]);
}

#[test]
fn a_sweep_leaves_a_report_that_its_files_alone_make_again() {
    let place = Place::new();
    place.write("study.toml", SMALL);
    place.run("sweep study.toml --out results/small --quiet").expect(0, &["rosenbrock", "ends lowest"]);
    let names = ["README.md", "report.html", "plots/loss.svg", "plots/rates.svg", "plots/paths.svg"];
    let texts = || names.map(|name| place.read(&format!("results/small/{name}")));
    let first = texts();
    assert!(first[0].contains("# Does it run?") && first[0].contains("36 trials"), "{}", first[0]);
    assert!(first[1].contains("<svg") && !first[1].contains("http-equiv") && first[1].matches("<script").count() == 1);
    // A figure of an earlier report, and a lost one.
    place.write("results/small/plots/old.svg", "");
    fs::remove_file(place.path("results/small/plots/loss.svg")).unwrap();
    place.run("report results/small --check").expect(1, &["old.svg", "loss.svg", "2 of "]);
    place.run("report results/small").expect(0, &["2 of them changed"]);
    assert!(!place.path("results/small/plots/old.svg").exists());
    assert_eq!(texts(), first);
    place.run("plot results/small --check").expect(0, &[]);
}

#[test]
fn what_cannot_be_reported_is_named() {
    let place = Place::new();
    place.run("report results/none").expect(1, &["results/none/study.toml"]);
    fs::create_dir(place.path("results")).unwrap();
    place.run("plot").expect(1, &["no results (trials.csv) below"]);
    place.write("results/empty/study.toml", "question = \"?\"");
    place.write("results/empty/trials.csv", "key,problem\n");
    place.write("results/empty/curves.csv", "");
    place.run("report results/empty").expect(1, &["results/empty", "no trials"]);
}

/// Test data take no part in any choice: with their columns reversed from trial to trial, the same rates are chosen.
#[test]
fn choices_do_not_see_test_data() {
    let place = Place::new();
    place.write("study.toml", SMALL);
    place.run("sweep study.toml --out results/small --quiet").expect(0, &[]);
    let chosen = || {
        let lab = runner::Lab::new(downhill::Registry::builtin(), downhill_problems::Families::builtin());
        let results = runner::store::Results::read(&place.path("results/small")).unwrap();
        let view = runner::view::View::new(&results, &lab).unwrap();
        let members = view.groups.iter().flat_map(|g| &g.members);
        let rates: Vec<f64> = members.map(|m| m.best().unwrap().lr).collect();
        let tests: Vec<f64> = results.trials.iter().map(|t| t.test_loss).collect();
        (rates, tests)
    };
    let before = chosen();
    let path = place.path("results/small/trials.csv");
    let mut rows: Vec<runner::rows::TrialRow> = runner::store::read_csv(&path).unwrap();
    let tests: Vec<_> = rows.iter().map(|t| (t.test_loss, t.test_metric, t.best_test_loss)).rev().collect();
    for (row, test) in rows.iter_mut().zip(tests) {
        (row.test_loss, row.test_metric, row.best_test_loss) = test;
    }
    runner::store::write_csv(&path, &rows).unwrap();
    let after = chosen();
    assert_ne!(before.1, after.1, "the columns have changed");
    assert_eq!(before.0, after.0, "and the choices have not");
}

/// The expected best of k is the mean over all ways to draw k candidates; a method without a rate is one candidate beside them.
#[test]
fn what_tuning_buys_is_the_mean_over_all_draws() {
    let place = Place::new();
    let optimizers =
        "[[optimizer]]\nname = \"prodigy\"\nlr = 1\n[[optimizer]]\nname = \"sgd\"\nlr = [1e-5, 1e-4, 1e-3, 1e9]\n";
    let study = "steps = 30\nseeds = 3\n[[problem]]\nname = \"rotated-quadratic\"\nstart = \"random\"\n";
    place.write("study.toml", format!("{study}{optimizers}"));
    place.run("sweep study.toml --out results/small --quiet").expect(0, &[]);
    let results = runner::store::Results::read(&place.path("results/small")).unwrap();
    let lab = runner::Lab::new(downhill::Registry::builtin(), downhill_problems::Families::builtin());
    let view = runner::view::View::new(&results, &lab).unwrap();
    let told = runner::tuning::tuning(&view.groups[0]);
    let labels: Vec<&str> = told.iter().map(|t| t.label.as_str()).collect();
    assert_eq!(labels, ["prodigy", "sgd"]);
    assert_eq!(told[0].best.len(), 1);
    // The losses of the four rates, the one that was lost as bad as the worst that was not.
    let of = |lr: f64| results.trials.iter().filter(move |t| t.optimizer == "sgd" && t.lr == lr);
    let mean = |lr| of(lr).map(|t| t.validation_loss).sum::<f64>() / 3.0;
    assert!(of(1e9).all(|t| t.outcome == "diverged"));
    let prodigy =
        results.trials.iter().filter(|t| t.optimizer == "prodigy").map(|t| t.validation_loss).sum::<f64>() / 3.0;
    let mut losses = [1e-5, 1e-4, 1e-3].map(mean).to_vec();
    losses.push(losses.iter().copied().fold(prodigy, f64::max));
    for k in 1..=4 {
        let draws = (0u32..16).filter(|set| set.count_ones() == k);
        let lowest = |set: u32| (0..4).filter(|i| set >> i & 1 == 1).map(|i| losses[i]).fold(f64::INFINITY, f64::min);
        let all: Vec<f64> = draws.map(lowest).collect();
        let expected = all.iter().sum::<f64>() / all.len() as f64;
        let found = told[1].best[k as usize - 1];
        assert!((found - expected).abs() <= 1e-12 * expected.abs(), "k = {k}: {found}, {expected}");
    }
    assert_eq!(told[1].spent, [1e-5, 1e-4, 1e-3, 1e9].into_iter().flat_map(of).map(|t| t.spent()).sum::<f64>() / 4.0);
}

/// A claim in a study is checked before anything runs, and its report says on which problems it held.
#[test]
fn a_report_says_whether_what_was_expected_held() {
    let place = Place::new();
    let sweep = |expect: &str| {
        let optimizers = "[[optimizer]]\nname = [\"sgd\", \"adam\"]\nlr = [1e-4, 1e-3]\n";
        let problems = "[[problem]]\nname = [\"sphere\", \"sum-squares\"]\nstart = \"random\"\n";
        place.write("study.toml", format!("expect = {expect}\nsteps = 50\nseeds = 6\n{optimizers}{problems}"));
        place.run("sweep study.toml --out results/small --quiet --fresh")
    };
    sweep(r#"["sgd < adam", "test_loss: adam > sgd", "adam <= sgd"]"#).expect(0, &[]);
    let page = place.read("results/small/README.md");
    for words in
        [r"Expected \`sgd < adam\`: held on all 2", r"Expected \`adam <= sgd\`: held on none of 2", "(n = 6), not held"]
    {
        assert!(page.contains(words), "lacks `{words}`:\n{page}");
    }
    sweep(r#""sgd < adam""#).expect(1, &["study.toml:1", "expect"]);
    sweep(r#"["sgd < adma"]"#).expect(1, &["study.toml:1", "`adma` is none of adam, sgd"]);
    sweep(r#"["loss: sgd < adam"]"#).expect(1, &["study.toml:1", "`loss` is no numeric column"]);
    sweep(r#"["sgd beats adam"]"#).expect(1, &["study.toml:1", "adam <= sgd"]);
}

/// Numbers of others stand beside ours, with a verdict; what cannot be there is refused before anything runs.
#[test]
fn a_report_says_whether_what_was_published_came_out() {
    let place = Place::new();
    let sweep = |published: &str, problems: &str| {
        let optimizer = "[[optimizer]]\nname = \"sgd\"\nlr = [0.1, 0.5, 30.0]\n";
        let text = format!("published = {published}\nsteps = 20\nspacing = {{ at = [5] }}\n{optimizer}{problems}");
        place.write("study.toml", text);
        place.run("sweep study.toml --out results/small --quiet --fresh")
    };
    let sphere = "[[problem]]\nname = \"sphere\"\ndim = 1\n";
    // x^2 from 1: each step multiplies x by 1 - 2 lr.
    let right = 0.8f64.powi(2 * 5);
    let wrong = format!("sgd lr=0.1 at 5 = {:.4} +- 0.0001", 1.01 * right);
    let list = format!(
        "[\"sgd lr=0.1 at 5 = {right:.4} +- 0.0001\", \"{wrong}\", \"sgd = 0.0\", \"sgd lr=30 = diverges\", \
         \"train_loss: sgd lr=30.0 = 1\", \"sgd lr=0.5 = finishes\"]"
    );
    sweep(&list, sphere).expect(0, &[]);
    let page = place.read("results/small/README.md");
    let missed = format!("3 of 6 numbers of others are met. Missed: \\`{wrong}\\`, \\`train_loss: sgd lr=30.0 = 1\\`.");
    for words in [&missed, "Open: \\`sgd = 0.0\\`", "| 1 of 1 lost", "| 0 of 1 lost", "Published numbers and ours"] {
        assert!(page.contains(words), "lacks `{words}`:\n{page}");
    }
    sweep(r#"["sgd 3"]"#, sphere).expect(1, &["study.toml:1", "87.4 +- 0.17"]);
    sweep(r#"["adam = 3"]"#, sphere).expect(1, &["study.toml:1", "`adam` is none of sgd"]);
    sweep(r#"["sgd lr=0.2 = 3"]"#, sphere).expect(1, &["study.toml:1", "lr=0.2 is none of", "0.1, 0.5, 30"]);
    sweep(r#"["loss: sgd = 3"]"#, sphere).expect(1, &["study.toml:1", "`loss` is no numeric column of trials.csv"]);
    sweep(r#"["loss: sgd at 5 = 3"]"#, sphere).expect(1, &["`loss` is no numeric column of curves.csv"]);
    sweep(r#"["sgd at 7 = 3"]"#, sphere).expect(1, &["study.toml:1", "no trial is measured at 7", "spacing"]);
    let two = format!("{sphere}[[problem]]\nname = \"sum-squares\"\n");
    sweep(r#"["sgd = 3"]"#, &two).expect(1, &["study.toml:1", "one problem"]);
}

/// Packed results are read as if they were not, and a sweep puts plain tables in their place again.
#[test]
fn packed_tables_are_read_as_they_are() {
    let place = Place::new();
    place.write("study.toml", SMALL);
    place.run("sweep study.toml --out results/small --quiet").expect(0, &[]);
    let page = place.read("results/small/report.html");
    place.run("pack results/small").expect(0, &["trials.csv.gz", "curves.csv.gz"]);
    place.run("pack results/small").expect(0, &[]);
    assert!(!place.path("results/small/trials.csv").exists());
    let packed = fs::read(place.path("results/small/trials.csv.gz")).unwrap();
    assert!(place.read("results/small/README.md").contains("[trials.csv.gz](trials.csv.gz) has"));
    place.run("report results/small --check").expect(0, &[]);
    place.run("again results/small").expect(0, &["36 of 36"]);
    place.run("compare results/small results/small").expect(0, &[]);
    place.run("sweep study.toml --out results/small --quiet").expect(0, &[]);
    assert!(place.path("results/small/trials.csv").exists() && !place.path("results/small/trials.csv.gz").exists());
    assert_eq!(place.read("results/small/report.html"), page);
    place.run("pack results/small").expect(0, &[]);
    assert_eq!(fs::read(place.path("results/small/trials.csv.gz")).unwrap(), packed, "the same bytes again");
    fs::write(place.path("results/small/trials.csv.gz"), &packed[..packed.len() / 2]).unwrap();
    place.run("report results/small").expect(1, &["trials.csv.gz"]);
    place.run("pack nowhere").expect(1, &["nowhere", "downhill sweep"]);
}
