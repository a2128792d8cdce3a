//! `downhill time`: what it measures and says. No test asserts a time.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::Place;
use runner::store::read_csv;
use runner::timing::{Cost, page};

#[test]
fn optimizers_take_turns_and_sgd_is_one_of_them() {
    let place = Place::new();
    let done = place.run("time -o adam muon --parameters 64,100 --rounds 6 --results results");
    done.expect(0, &["adam", "muon", "sgd", "64 parameters", "100 parameters", "results/time/README.md"]);
    let costs: Vec<Cost> = read_csv(&place.path("results/time/time.csv")).unwrap();
    let names: Vec<(&str, usize)> = costs.iter().map(|c| (c.name.as_str(), c.parameters)).collect();
    assert_eq!(names, [("sgd", 64), ("adam", 64), ("muon", 64), ("sgd", 100), ("adam", 100), ("muon", 100)]);
    for cost in &costs {
        assert!(cost.ns > 0.0 && cost.ns_low <= cost.ns && cost.ns <= cost.ns_high, "{cost:?}");
        assert!(cost.steps.is_power_of_two() && cost.share > 0.0 && cost.rounds == 6, "{cost:?}");
        assert!(cost.rank.is_some_and(|rank| (1..=3).contains(&rank)), "{cost:?}");
        // Its own ratio is 1 in every round; what a matrix product moves is not known.
        assert!(cost.name != "sgd" || [cost.ratio, cost.ratio_low, cost.ratio_high] == [1.0; 3], "{cost:?}");
        assert_eq!(
            cost.bytes,
            match cost.name.as_str() {
                "sgd" => Some(12.0),
                "adam" => Some(28.0),
                _ => None,
            }
        );
        let gigabytes = |cost: &Cost| Some(cost.bytes? * cost.parameters as f64 / cost.ns);
        assert_eq!(cost.gb_s.is_some(), cost.bytes.is_some());
        assert!(cost.gb_s.zip(gigabytes(cost)).is_none_or(|(a, b)| (a / b - 1.0).abs() < 0.01), "{cost:?}");
    }
    let machine: toml::Table = place.read("results/time/machine.toml").parse().unwrap();
    for key in ["cpu", "cores", "kernel", "rustc", "before", "during"] {
        assert!(machine.contains_key(key) || !cfg!(target_os = "linux"), "{key}: {machine:?}");
    }
    assert!(machine["during"]["processor_share"].as_float().is_some());
}

#[test]
fn a_problem_has_its_gradient_measured_too() {
    let place = Place::new();
    let words =
        "time -o lion --problem softmax --data iris --batch 16 --rounds 6 --precision f64 --out here --format csv";
    let done = place.run(words);
    assert!(done.expect(0, &[]).out.starts_with("place,rank,name,us,"), "{}", done.out);
    let costs: Vec<Cost> = read_csv(&place.path("here/time.csv")).unwrap();
    let rows: Vec<(&str, &str, usize)> =
        costs.iter().map(|c| (c.what.as_str(), c.name.as_str(), c.parameters)).collect();
    assert_eq!(rows, [("gradient", "softmax/iris", 15), ("step", "sgd", 15), ("step", "lion", 15)]);
    assert!(costs.iter().all(|c| c.precision == "f64") && costs[0].rank.is_none());
    // Parameters and gradients are twice as wide.
    assert_eq!([costs[1].bytes, costs[2].bytes], [Some(24.0), Some(40.0)]);
}

#[test]
fn without_names_all_simple_optimizers_are_measured() {
    let place = Place::new();
    place.run("time --parameters 10 --rounds 6 --out here").expect(0, &["sgd", "adam", "adagrad", "lion"]);
    let costs: Vec<Cost> = read_csv(&place.path("here/time.csv")).unwrap();
    assert!(costs.len() > 20 && costs.iter().all(|c| c.bytes.is_some()));
    assert!(costs.iter().all(|c| !["muon", "l-bfgs", "svrg", "polyak"].contains(&c.name.as_str())));
}

#[test]
fn what_cannot_be_measured_is_said_before() {
    let place = Place::new();
    for (words, code, said) in [
        ("-o adamm", 2, &["unknown optimizer `adamm`", "did you mean `adam`"][..]),
        ("-o l-bfgs", 1, &["l-bfgs", "its step asks for loss and gradient at further points", "leave it out"]),
        ("-o svrg --problem softmax --data iris", 1, &["svrg", "its step asks for"]),
        ("-o muon --problem rosenbrock", 1, &["muon"]),
        ("--problem spere", 1, &["unknown problem `spere`", "did you mean `sphere`"]),
        #[cfg(target_os = "linux")]
        ("--parameters 1000000000000", 1, &["MB are free", "fewer --optimizers or --parameters"]),
        ("--parameters 0", 2, &["--parameters", "0"]),
        ("--rounds 5", 2, &["--rounds", "6"]),
        ("--parameters 10 --problem sphere", 2, &["--parameters", "--problem"]),
        ("--data iris", 2, &["--problem"]),
    ] {
        place.run(&format!("time {words} --out here")).expect(code, said);
    }
    assert!(!place.path("here/time.csv").exists());
}

/// What a sweep keeps beside its tables: the thread's time of every trial, and how the machine was.
#[test]
fn a_sweep_notes_its_times_and_its_machine() {
    let place = Place::new();
    place.write("small.toml", common::SMALL);
    place.run("sweep small.toml --out small --quiet").expect(0, &[]);
    let timings: Vec<runner::rows::TimingRow> = read_csv(&place.path("small/timings.csv")).unwrap();
    assert_eq!(timings.len(), 36);
    assert!(timings.iter().all(|t| t.cpu > 0.0 && t.wall > 0.0), "{timings:?}");
    let machine: toml::Table = place.read("small/machine.toml").parse().unwrap();
    let share = machine["during"]["processor_share"].as_float().unwrap();
    let (cpu, wall) = timings.iter().fold((0.0, 0.0), |(c, w), t| (c + t.cpu, w + t.wall));
    assert!((share - cpu / wall).abs() <= 1e-4, "{share} of {cpu} / {wall}");
}

/// The page is a function of its files, and a loaded machine stands in it.
#[test]
fn the_page_says_what_ranks_and_whether_the_machine_was_loaded() {
    let place = Place::new();
    place.write(
        "time.csv",
        "what,name,place,parameters,precision,rounds,steps,ns,ns_low,ns_high,ratio,ratio_low,ratio_high,rank,bytes,gb_s,share\n\
         gradient,mlp/digits,mlp/digits,1000,f32,9,1,9000.0,8000.0,9500.0,90.0,88.0,91.0,,,,0.99\n\
         step,adam,mlp/digits,1000,f32,9,8,1000.0,990.0,1010.0,10.0,9.9,10.1,2,28.0,28.0,0.99\n\
         step,sgd,mlp/digits,1000,f32,9,64,100.0,99.0,101.0,1.0,1.0,1.0,1,12.0,120.0,0.99\n",
    );
    place.write("machine.toml", "cpu = \"quiet\"\npinned = 1\n[during]\ncores_of_others = 0.01\n");
    let quiet = page(&place.path("")).unwrap();
    assert!(quiet.contains("Only numbers like these rank optimizers by speed") && !quiet.contains("loaded"), "{quiet}");
    assert!(quiet.contains("takes 9.00 [8.00, 9.50] us") && quiet.contains("1.1 to 10 %"), "{quiet}");
    assert!(quiet.contains("on one thread pinned to a core:"), "{quiet}");
    let (sgd, adam) = (quiet.find("| sgd").unwrap(), quiet.find("| adam").unwrap());
    assert!(sgd < adam && quiet.contains("10.0 [9.90, 10.1]"), "the cheapest first\n{quiet}");
    place.write("machine.toml", "cpu = \"busy\"\nloaded = \"during: other processes had 1.3 cores\"\n");
    let busy = page(&place.path("")).unwrap();
    assert!(busy.contains("on one thread:"), "{busy}");
    assert!(busy.contains("**The machine was loaded** (during: other processes had 1.3 cores)"), "{busy}");
}
