//! What a study may expect, beside one member against another: numbers, known minima, budgets, defaults; and the page of
//! claims.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::Place;
use runner::Lab;
use runner::expect::{Expectation, Outcome};
use runner::store::Results;
use runner::study::Study;
use runner::view::View;

fn lab() -> Lab {
    Lab::new(downhill::Registry::builtin(), downhill_problems::Families::builtin())
}

/// What became of an expectation that is asked of results: held, failed or open, for each group.
fn outcome(place: &Place, expectation: &str) -> [usize; 3] {
    let results = Results::read(&place.path("results/small")).unwrap();
    let lab = lab();
    let view = View::new(&results, &lab).unwrap();
    let outcome = Outcome::of(&Expectation::parse(expectation).unwrap(), &view);
    outcome.counts()
}

fn sweep(place: &Place, study: &str) {
    place.write("study.toml", study);
    place.run("sweep study.toml --out results/small --quiet --fresh").expect(0, &[]);
}

const HELD: [usize; 3] = [1, 0, 0];
const FAILED: [usize; 3] = [0, 1, 0];
const OPEN: [usize; 3] = [0, 0, 1];

#[test]
fn a_side_may_be_a_number_or_the_known_minimum() {
    let place = Place::new();
    let problem = "[[problem]]\nname = \"rotated-quadratic\"\nstart = \"random\"\nkappa = 10.0\n";
    let optimizer = "[[optimizer]]\nname = \"sgd\"\nlr = [0.01, 0.1]\n";
    sweep(&place, &format!("seeds = 5\nsteps = 2000\nprecision = \"f64\"\n{optimizer}{problem}"));
    assert_eq!(outcome(&place, "sgd within 1e-9 of minimum"), HELD);
    assert_eq!(outcome(&place, "sgd < 1e-9"), HELD);
    assert_eq!(outcome(&place, "sgd > 1e-9"), FAILED);
    assert_eq!(outcome(&place, "gradient_norm: sgd within 1e-9 of 0"), HELD);
    assert_eq!(outcome(&place, "parameter_norm: sgd > 1000"), FAILED);
    assert_eq!(outcome(&place, "epoch: sgd within 0 of 2000"), HELD);
    assert_eq!(outcome(&place, "epoch: sgd within 1 of 2002"), FAILED);
    assert_eq!(outcome(&place, "adam < 1"), [0; 3], "there is no such member");
}

/// In few steps nothing is told where seeds differ more than the bound allows.
#[test]
fn what_seeds_do_not_tell_is_open() {
    let place = Place::new();
    let rest = "[[optimizer]]\nname = \"sgd\"\nlr = 1e-4\n[[problem]]\nname = \"sphere\"\nstart = \"random\"\n";
    sweep(&place, &format!("seeds = 3\nsteps = 5\n{rest}"));
    let results = Results::read(&place.path("results/small")).unwrap();
    let mean = results.trials.iter().map(|t| t.test_loss).sum::<f64>() / 3.0;
    assert_eq!(outcome(&place, &format!("sgd within 1e-6 of {mean}")), OPEN);
}

/// With one seed the expected best of k candidates is what the report shows for the same k.
#[test]
fn after_k_is_the_expected_best_of_k_candidates() {
    let place = Place::new();
    let rest =
        "[[optimizer]]\nname = \"sgd\"\nlr = [1e-5, 1e-4, 1e-3, 1e9]\n[[problem]]\nname = \"rotated-quadratic\"\n";
    sweep(&place, &format!("seeds = 2\nsteps = 30\n{rest}start = \"random\"\n"));
    let results = Results::read(&place.path("results/small")).unwrap();
    let lab = lab();
    let view = View::new(&results, &lab).unwrap();
    let told = runner::tuning::tuning(&view.groups[0]);
    for k in 1..=4 {
        let best = told[0].best[k - 1];
        // The mean over two seeds of what each expects: losses are lost and ranked on both alike.
        assert_eq!(outcome(&place, &format!("after {k}: sgd > {}", best + 1e9)), FAILED);
        let outcome = Outcome::of(&Expectation::parse(&format!("after {k}: sgd < {best}")).unwrap(), &view);
        let difference = outcome.checked[0].difference.value;
        assert!(difference.abs() < 1e-3 * best.abs(), "k = {k}: {difference}");
    }
    assert_eq!(outcome(&place, "after 5: sgd < 1"), [0; 3], "there are four");
    assert_eq!(outcome(&place, "lost: sgd within 1e-9 of 0.25"), HELD, "the highest rate diverges");
}

/// Of two optimizers at their defaults, validation data pick one.
#[test]
fn the_best_at_its_default_is_one_of_them() {
    let place = Place::new();
    let rest = "[protocol]\nextend = 0\nreseed = 0\nconfirm = 3\n[[optimizer]]\nname = [\"sgd\", \"adam\"]\n\
                lr = { around = 3, per_decade = 1 }\n[[problem]]\nname = \"softmax\"\ndata = \"iris\"\n";
    sweep(&place, &format!("seeds = 2\nepochs = 3\n{rest}"));
    // In three epochs of iris Adam's 0.001 does less than SGD's 0.01.
    assert_eq!(outcome(&place, "the best at its default within 0 of sgd at its default"), HELD);
    assert_eq!(outcome(&place, "adam at its default > the best at its default"), HELD);
    assert_eq!(outcome(&place, "the best tuned < the best at its default"), HELD);
}

/// A claim about training has its rates chosen by training, which many epochs on few examples make larger ones.
#[test]
fn a_study_may_choose_rates_by_another_column() {
    let place = Place::new();
    let rest = "epochs = 60\nseeds = 2\nsplit = { validation = 0.3, test = 0.5 }\n[[optimizer]]\nname = \"adam\"\n\
                lr = [1e-3, 1e-2, 1e-1]\n[[problem]]\nname = \"mlp\"\ndata = \"breast_cancer\"\n";
    let chosen = |choose: &str| {
        sweep(&place, &format!("{choose}{rest}"));
        let results = Results::read(&place.path("results/small")).unwrap();
        let lab = lab();
        let view = View::new(&results, &lab).unwrap();
        let member = &view.groups[0].members[0];
        (member.best().unwrap().lr, member.grid.iter().map(|c| c.search_mean(|t| t.train_loss).unwrap()).collect())
    };
    let (by_validation, _): (f64, Vec<f64>) = chosen("");
    let (by_training, losses) = chosen("choose = \"train_loss\"\n");
    let lowest = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let place_of = [1e-3, 1e-2, 1e-1].iter().position(|&lr| lr == by_training).unwrap();
    assert_eq!(losses[place_of], lowest);
    assert_ne!(by_validation, by_training);
    assert!(place.read("results/small/README.md").contains("chosen by the mean train loss"));
    for (choose, words) in
        [("choose = \"loss\"\n", "`loss` is none of"), ("choose = \"test_loss\"\n[protocol]\n", "[protocol]")]
    {
        // A table must not come before the study's own keys.
        let (keys, tables) = rest.split_at(rest.find("[[optimizer]]").unwrap());
        let (choose, protocol) = choose.split_once('\n').unwrap();
        place.write("study.toml", format!("{choose}\n{keys}{protocol}{tables}"));
        place.run("sweep study.toml --out results/small --quiet --fresh").expect(1, &["study.toml:1", words]);
    }
}

/// What forward-backward splitting sets to 0 is counted, and a subgradient leaves nothing there.
#[test]
fn weights_at_zero_are_counted() {
    let place = Place::new();
    let wrap = |name: &str| {
        format!("[[optimizer]]\nname = \"sgd\"\nlr = 0.1\nwrap = [[{{ name = \"{name}\", lambda = 0.02 }}]]\n")
    };
    let problem = "[[problem]]\nname = \"logistic\"\ndata = \"breast_cancer\"\n";
    sweep(&place, &format!("seeds = 8\nepochs = 20\n{}{}{problem}", wrap("l1"), wrap("prox-l1")));
    assert_eq!(outcome(&place, "nonzero: sgd l1(lambda=0.02) within 1e-9 of 1"), HELD);
    assert_eq!(outcome(&place, "nonzero: sgd prox-l1(lambda=0.02) < 0.99"), HELD);
    assert_eq!(outcome(&place, "nonzero: sgd prox-l1(lambda=0.02) > 0.1"), HELD);
}

/// L-BFGS against the minimum that Newton's method finds, with all bits.
#[test]
fn l_bfgs_reaches_the_minimum_of_a_convex_sum() {
    let lab = lab();
    let text = "steps = 300\norder = \"full\"\nprecision = \"f64\"\n[[optimizer]]\nname = \"l-bfgs\"\nlr = 1\n[[problem]]\n\
                name = \"finite-sum\"\nloss = [\"squared\", \"logistic\"]\nnoise = 1.0\n";
    let study = Study::parse("bound".into(), text.into(), &lab).map_err(|fault| fault.text).unwrap();
    assert_eq!(study.trials().len(), 2);
    for trial in study.trials() {
        let minimum = runner::landscape::Landscape::of_trial(trial, &lab).unwrap().facts.minimum.unwrap();
        let found = trial.run(&lab).unwrap().summary.last.unwrap().train_loss;
        assert!((found - minimum).abs() < 1e-12, "{}: {found}, {minimum}", trial.problem);
    }
}

/// The page is made of all studies with a claim below a folder, packed ones too, and says which held.
#[test]
fn claims_are_told_on_a_page_of_their_own() {
    let place = Place::new();
    place.write("README.md", "");
    place.write("results/papers/README.md", "<!-- downhill:begin claims papers -->\n<!-- downhill:end -->\n");
    let study = |name: &str, expect: &str, remark: &str| {
        format!(
            "question = \"Is {name} | so?\"\nclaim = \"Claim of {name}: SGD | Adam (A paper, arXiv:1)\"\nexpect = {expect}\n{remark}seeds = 10\nsteps = 500\n[[optimizer]]\n\
             name = [\"sgd\", \"adam\"]\nlr = 0.01\n[[problem]]\nname = \"sphere\"\nstart = \"random\"\n"
        )
    };
    for (name, expect, remark) in [
        ("yes", "[\"sgd < adam\"]", ""),
        ("no", "[\"sgd > adam\"]", "remark = \"Steps of one size.\"\n"),
        ("part", "[\"sgd < adam\", \"adam < 0\"]", ""),
    ] {
        place.write(&format!("experiments/papers/{name}.toml"), study(name, expect, remark));
        place.run(&format!("sweep experiments/papers/{name}.toml --quiet")).expect(0, &[]);
    }
    place.run("pack results/papers/no").expect(0, &[]);
    place.run("report").expect(0, &[]);
    let page = place.read("results/papers/README.md");
    let section =
        |name: &str| page.split("\n## ").find(|text| text.starts_with(&format!("{name}\n"))).unwrap().to_owned();
    for (name, verdict, words) in [
        ("yes", "**held**, 1 of 1", ["(n = 10), held", "> Claim of yes: SGD | Adam (A paper, arXiv:1)"]),
        ("no", "**did not hold**, 1 of 1", ["(n = 10), not held", "Steps of one size."]),
        (
            "part",
            "**in part**: held 1, not held 1, open 0",
            ["`adam < 0`: ", "`downhill sweep experiments/papers/part.toml`"],
        ),
    ] {
        let row = format!("| [{name}](#{name}) | Is {name} \\| so? | {verdict} |");
        assert!(page.contains(&row), "lacks {row}: {page}");
        words.iter().for_each(|word| assert!(section(name).contains(word), "lacks `{word}`: {}", section(name)));
    }
    assert!(place.read("results/papers/part/README.md").contains("Expected"));
    place.run("report --check").expect(0, &[]);
}

/// Results on data that are not on this machine make the same report, and `check` says what is missing.
#[test]
fn a_report_does_not_depend_on_which_data_are_here() {
    let place = Place::new();
    let line =
        |i: usize| format!("{} {}:1 {}:1\n", if i.is_multiple_of(3) { "+1" } else { "-1" }, 1 + i % 3, 5 + i % 119);
    for file in ["a9a", "a9a.t"] {
        place.write(&format!("data/a9a/{file}"), (0..300).map(line).collect::<String>());
    }
    let rest = "[[optimizer]]\nname = \"sgd\"\nlr = [0.1, 1.0]\n[[problem]]\nname = [\"logistic\", \"softmax\"]\ndata = \"a9a\"\n";
    place.write("study.toml", format!("seeds = 2\nepochs = 2\n{rest}"));
    let run = |words: &str, data: &str| {
        let mut command = place.command(words);
        command.env("DOWNHILL_DATA_DIR", place.path(data)).env("XDG_CACHE_HOME", place.path("x"));
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    assert_eq!(run("sweep study.toml --out results/small --quiet", "data").0, Some(0));
    assert!(place.read("results/small/README.md").contains("test accuracy"));
    let (code, said) = run("report results/small --check", "nowhere");
    assert_eq!(code, Some(0), "{said}");
    place.write("studies/of-a9a.toml", place.read("study.toml"));
    let (code, said) = run("check studies", "nowhere");
    assert!(code == Some(0) && said.contains("left out") && said.contains("downhill data get a9a"), "{said}");
    assert!(run("check studies", "data").1.contains("2 pairs run"));
}
