//! The command line: what is wrong is said clearly, before work starts, and the exit code tells its kind.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Place, SMALL};
use std::fs;

/// A study of one model on a file.
fn on_file(data: &str) -> String {
    format!(
        "epochs = 1\nbatch = 4\nlr = 0.1\n[[optimizer]]\nname = \"sgd\"\n[[problem]]\nname = \"softmax\"\ndata = {data}\n"
    )
}

#[test]
fn a_wrong_command_line_is_usage() {
    let place = Place::new();
    place.write("study.toml", SMALL);
    for (words, said) in [
        ("", &["Usage", "sweep", "Examples"][..]),
        ("swep", &["swep", "sweep"]),
        ("sweep --jobs 0", &["--jobs", "0"]),
        ("sweep --jobs many", &["--jobs", "many"]),
        ("sweep study.toml --format pdf", &["pdf", "table", "csv", "json", "md"]),
        #[cfg(feature = "burn")]
        ("sweep study.toml --backend cuda", &["cuda", "flex", "ndarray"]),
        ("sweep study.toml --filter optimizer=adamm", &["no trial matches", "adam", "rosenbrock"]),
        ("list optimisers", &["optimisers", "optimizers", "problems", "datasets", "schedules", "wrappers"]),
        ("list optimizers adamm", &["unknown optimizer `adamm`", "did you mean `adam`"]),
        ("run --optimizer adam", &["--problem"]),
        ("run -p sphere -o adamm", &["unknown optimizer `adamm`", "did you mean `adam`"]),
        ("run -p spere -o adam", &["unknown problem `spere`", "did you mean `sphere`"]),
        ("run -p sphere -o adam --lr -1", &["`lr` is -1", "> 0"]),
        ("run -p sphere -o adam --lr=-1", &["`lr` is -1", "> 0"]),
        ("run -p sphere -o adam --lr 0", &["`lr` is 0", "> 0"]),
        ("run -p sphere -o adam --set beta2=1", &["`beta2` is 1", "0 <= value < 1"]),
        ("run -p sphere -o adam --set beta3=1", &["beta3", "beta1", "dim", "precision"]),
        ("run -p sphere -o adam --set beta2", &["beta2", "FIELD=VALUE"]),
        ("run -p sphere -o adam --precision f16", &["`precision` is \"f16\"", "`f32`, `f64`"]),
        ("run -p sphere -o adam --steps 0", &["`steps` is 0", ">= 1"]),
        ("run -p sphere -o adam --epochs 5", &["sphere", "no epochs", "`steps`"]),
        ("run -p sphere -o adam --schedule cosinus", &["cosinus", "`cosine`"]),
        ("run -p mlp -d digit -o adam", &["unknown data set `digit`", "did you mean `digits`"]),
        ("run -p mlp -o adam --batch 4000", &["`batch` is 4000", "1078"]),
        ("run -p {name= -o adam", &["--problem"]),
    ] {
        place.run(words).expect(2, said);
    }
}

#[test]
fn what_is_asked_for_is_no_error() {
    let place = Place::new();
    place.run("--help").expect(0, &["sweep", "run", "list", "check", "downhill sweep"]);
    place.run("--version").expect(0, &[env!("CARGO_PKG_VERSION")]);
    place.run("list").expect(0, &["adam", "rosenbrock", "digits", "cosine", "clip-global", "epochs"]);
    #[cfg(feature = "burn")]
    place.run("list optimizers").expect(0, &["burn/adam"]);
    place.run("list optimizers").expect(0, &["arXiv:1412.6980", "beta1=0.9"]);
    place.run("list optimizers adam").expect(0, &["beta2", "0.999", "0 <= value < 1", "decay of the mean of squares"]);
    place.run("list datasets --format md").expect(0, &["| name ", "| ---", "| letter"]);
    let list = place.run("list problems --format json");
    let problems: serde_json::Value = serde_json::from_str(&list.expect(0, &[]).out).unwrap();
    assert!(problems.as_array().unwrap().iter().any(|p| p["name"] == "mlp"));
}

#[test]
fn one_trial_shows_its_curve_and_its_points() {
    let place = Place::new();
    let run = "run -p rosenbrock -o adam --lr 0.1 --steps 300 --set beta2=0.99";
    place.run(run).expect(0, &["|*", "300 steps", "adam beta2=0.99 at lr 0.1 on rosenbrock, seed 0: lowest loss"]);
    assert_eq!(place.run(&format!("{run} --quiet")).err, "");
    place.run("run -p rosenbrock -o sgd --lr 1").expect(0, &["diverged at step"]);
    let csv = place.run(&format!("{run} --format csv")).out;
    assert!(csv.starts_with("step,lr,loss,") && csv.lines().count() > 5, "{csv}");
    let table = ["run", "-q", "-p", "{ name = \"mlp\", hidden = [8, 4] }", "-d", "iris", "-o", "adam", "--epochs", "2"];
    let output =
        place.command("").args(table).args(["--set", "penalty.l2=0.01", "--schedule", "cosine"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("mlp/iris hidden=[8,4] penalty(") && said.contains("validation"), "{said}");
}

#[test]
fn a_wrong_study_names_file_line_and_choices() {
    let place = Place::new();
    for (text, said) in [
        (SMALL.replace("steps", "stepz"), &["study.toml:4: unknown key `stepz`", "did you mean `steps`"][..]),
        (SMALL.replace("rosenbrock", "rosenbrok"), &["study.toml:10: unknown problem `rosenbrok`", "`rosenbrock`"]),
        (SMALL.replace("\"adam\"", "\"adamm\""), &["study.toml:7: unknown optimizer `adamm`", "did you mean `adam`"]),
        (
            SMALL.replace("lr =", "beta3 = 1\nlr ="),
            &["study.toml:8: optimizer `sgd`: unknown field `beta3`", "`momentum`"],
        ),
        (SMALL.replace("seeds = 3", "seeds = []"), &["study.toml:3: `seeds`", "empty axis"]),
        (SMALL.replace("seeds = 3", "seeds = 3\nbatch = 1000"), &["study.toml:4: ", "`batch` is 1000", "90 training"]),
        (SMALL.replace("seeds = 3", "seeds = "), &["study.toml:3: "]),
    ] {
        place.write("study.toml", text);
        place.run("sweep study.toml --out out").expect(1, &["error: "]).expect(1, said);
        place.run("check study.toml").expect(1, said);
    }
    assert!(!place.path("out").exists(), "no work was begun");
    place.run("sweep no/such.toml").expect(1, &["no/such.toml"]);
    place.run("sweep").expect(1, &["experiments/default.toml"]);
}

#[test]
fn a_wrong_table_names_its_row() {
    let place = Place::new();
    let rows = |bad: &str| format!("a,b,class\n{}{bad}\n", "1.5,2,x\n3,4,y\n".repeat(10));
    place.write("study.toml", on_file("{ csv = \"mine.csv\", target = \"class\" }"));
    for (csv, said) in [
        (rows("1,2"), &["`mine.csv`, line 22", "2 cells", "3"][..]),
        (rows("1,two,x"), &["`mine.csv`, line 22, column `b`", "`two` is not a number"]),
        (rows("1,NaN,x"), &["`mine.csv`, line 22, column `b`", "`NaN`"]),
        (rows("1,,x"), &["`mine.csv`, line 22, column `b`", "missing"]),
        (rows("1,2,x").replace(",y", ",x"), &["`mine.csv`", "`class`", "at least two classes"]),
    ] {
        place.write("mine.csv", csv);
        place.run("sweep study.toml --out out").expect(1, &["study.toml:8: "]).expect(1, said);
    }
    assert!(!place.path("out").exists(), "no work was begun");
    place.write("mine.csv", rows("1,2,x"));
    place.run("sweep study.toml --out out").expect(0, &["softmax/mine"]);
    let before = place.keys("out");
    place.write("mine.csv", rows("1,2.5,x"));
    place.run("sweep study.toml --out out").expect(0, &[]);
    assert!(place.keys("out").len() == 2 && place.keys("out")[0] == before[0], "an edited table is new work");
}

#[test]
fn wrong_images_are_named() {
    let place = Place::new();
    place.write("study.toml", on_file("\"train-images-idx3-ubyte\""));
    let sweep = || place.run("sweep study.toml --out out");
    sweep().expect(1, &["study.toml:8: ", "train-images-idx3-ubyte"]);
    place.write("train-images-idx3-ubyte", [0, 0, 9, 9]);
    place.write("train-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 0]);
    sweep().expect(1, &["train-images-idx3-ubyte", "0x00000909", "0x00000803"]);
    let header = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2];
    place.write("train-images-idx3-ubyte", [&header[..], &[7; 5]].concat());
    sweep().expect(1, &["train-images-idx3-ubyte"]);
    assert!(!place.path("out").exists(), "no work was begun");
}

#[test]
fn studies_are_found_from_folders_below() {
    let place = Place::new();
    place.write("experiments/default.toml", SMALL);
    place.write("experiments/article/ravine.toml", SMALL.replace("seeds = 3", "seeds = 1"));
    fs::create_dir_all(place.path("some/where")).unwrap();
    let below = |words: &str| {
        let output = place.command(words).current_dir(place.path("some/where")).output().unwrap();
        assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    below("sweep -q");
    assert!(place.path("results/default/trials.csv").exists());
    below("sweep -q ../../experiments/article/ravine.toml");
    assert!(place.path("results/article/ravine/trials.csv").exists());
    let checked = below("check");
    assert!(
        checked.contains("default.toml: 36 trials, 4 pairs") && checked.contains("ravine.toml: 12 trials"),
        "{checked}"
    );
    // The copy among the results is a study itself, and goes on in its place.
    below("sweep -q ../../results/article/ravine/study.toml");
    assert_eq!(place.keys("results/article/ravine").len(), 12);
    assert_eq!(place.read("results/article/ravine/study.toml").matches("# Run by downhill").count(), 1);
    below("sweep -q --results elsewhere");
    assert!(place.path("some/where/elsewhere/default/trials.csv").exists());
}

#[test]
fn a_dry_run_counts_and_runs_nothing() {
    let place = Place::new();
    place.write("study.toml", SMALL);
    place.run("sweep study.toml --dry-run --jobs 2 --out out").expect(0, &["36 trials", "about", "2 threads"]);
    place.run("sweep study.toml --dry-run --filter problem=softmax,seed=0 --out out").expect(0, &["6 trials"]);
    assert!(!place.path("out").exists());
}

#[test]
fn results_say_what_was_run() {
    let place = Place::new();
    place.write("study.toml", SMALL);
    place.run("sweep study.toml --out out").expect(0, &["36 trials", "softmax/iris", "36 trials in"]);
    let study = place.read("out/study.toml");
    assert!(study.ends_with(SMALL) && study.starts_with("# Run by downhill"), "{study}");
    assert!(study.contains("# optimizer: adam, lr 0.0001 0.001 0.01\n"), "{study}");
    let machine: toml::Table = place.read("out/machine.toml").parse().unwrap();
    assert!(machine["rustc"].as_str().unwrap().starts_with("rustc 1.") && machine["cores"].as_integer() > Some(0));
    let results = runner::store::Results::read(&place.path("out")).unwrap();
    assert_eq!((results.study.question.as_str(), results.trials.len()), ("Does it run?", 36));
    assert_eq!(results.timings.map(|t| t.len()), Some(36));
    assert!(results.curves.iter().any(|c| c.x0.is_some()) && results.curves.iter().all(|c| c.key.len() == 16));
    place.run("sweep study.toml --out out").expect(0, &["36 trials, 36 of them done before"]);
}
