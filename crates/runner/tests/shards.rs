//! Parts of a plan, run anywhere, in any order and more than once, give the bytes of one sweep.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{LONG, Place, SMALL, wait_for};
use sha2::Digest as _;
use std::fs;

/// A place with a plan of the small study, and what a sweep of it gives.
fn planned() -> Place {
    let place = Place::new();
    place.write("small.toml", SMALL);
    place.run("sweep small.toml -q --out whole").expect(0, &[]);
    place.run("plan small.toml -o plan.jsonl").expect(0, &["small: 36 trials in plan.jsonl"]);
    place
}

/// A journal's line, with the checksum that belongs to it.
fn line(json: &str) -> String {
    let digest = sha2::Sha256::digest(json);
    let sum: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{sum} {json}\n")
}

#[test]
fn parts_in_any_number_and_order_are_the_whole() {
    let place = planned();
    for (of, order) in [(1, vec![0]), (3, vec![2, 0, 1]), (8, vec![3, 7, 0, 5, 6, 1, 4, 2])] {
        let out = format!("of{of}");
        for part in &order {
            place.run(&format!("work --plan plan.jsonl --shard {part}/{of} -q --out {out}")).expect(0, &[]);
            // At any time, and again.
            place.run(&format!("merge small.toml --out {out}")).expect(0, &[]);
        }
        place.run(&format!("merge small.toml --out {out}")).expect(0, &["36 records", "0 of them new", "all 36"]);
        assert_eq!(place.keys(&out).len(), 36);
        assert!(place.tables(&out) == place.tables("whole"), "{of} parts");
    }
    // Several cuts of one plan overlap; what was run three times is kept once, whoever comes first.
    for order in
        ["--from of1/shards --from of8/shards --from of3/shards", "--from of8/shards --from of3 --from of1/shards"]
    {
        let out = format!("all{}", order.len());
        let done = place.run(&format!("merge small.toml --out {out} {order}"));
        done.expect(0, &["36 of them new", "all 36"]);
        assert!(place.tables(&out) == place.tables("whole"), "{order}");
    }
}

#[test]
fn a_plan_is_never_changed_and_a_changed_one_is_refused() {
    let place = planned();
    let plan = place.read("plan.jsonl");
    assert_eq!(plan.lines().count(), 1 + 36);
    place.run("plan small.toml -o plan.jsonl").expect(0, &[]);
    assert_eq!(place.read("plan.jsonl"), plan, "the same plan may be written again");
    place.write("other.toml", SMALL.replace("seeds = 3", "seeds = 4"));
    place.run("plan other.toml -o plan.jsonl").expect(1, &["plan.jsonl is another plan", "give another name"]);
    assert_eq!(place.read("plan.jsonl"), plan);
    place.run("plan small.toml -o none.jsonl --out whole").expect(0, &["nothing is left to run"]);
    assert!(!place.path("none.jsonl").exists());
    for (name, text, said) in [
        ("cut", plan[..plan.len() - 200].to_owned(), "was changed or cut"),
        ("short", plan.lines().take(30).map(|l| format!("{l}\n")).collect(), "was changed or cut: 29 trials"),
        ("edited", plan.replacen("\"seed\":0", "\"seed\":5", 1), "was changed or cut"),
        ("study", SMALL.to_owned(), "is no plan"),
        ("numerics", plan.replacen("\"numerics\":", "\"numerics\":9", 1), "numerics version 91"),
        ("kernel", plan.replacen("\"kernel\":\"", "\"kernel\":\"abacus-", 1), "kernel class abacus-"),
    ] {
        place.write(name, text);
        place.run(&format!("work --plan {name} -q --out refused")).expect(1, &[said]);
    }
    assert!(!place.path("refused").exists());
    for wrong in ["8/8", "3", "-1/4", "0/0", "a/b"] {
        place.run(&format!("work --plan plan.jsonl --shard={wrong}")).expect(2, &["--shard", "0/8 to 7/8"]);
    }
}

#[test]
fn other_data_are_refused() {
    let place = Place::new();
    let rows = |last: &str| format!("x,y\n{}{last}\n", "1,2.5\n2,4.1\n3,5.3\n4,9.2\n".repeat(10));
    place.write("mine.csv", rows("5,10.7"));
    let study = "epochs = 1\nbatch = 4\nlr = 0.1\n[[optimizer]]\nname = \"sgd\"\n[[problem]]\nname = \"linear\"\ndata = \"mine.csv\"\n";
    place.write("small.toml", study);
    place.run("plan small.toml -o plan.jsonl").expect(0, &[]);
    place.write("mine.csv", rows("5,11.7"));
    place.run("work --plan plan.jsonl -q --out out").expect(1, &["the data `mine", "are others here"]);
    place.write("mine.csv", rows("5,10.7"));
    place.run("work --plan plan.jsonl -q --out out").expect(0, &[]);
}

#[test]
fn results_that_contradict_are_refused_and_both_are_named() {
    let place = planned();
    place.run("work --plan plan.jsonl --shard 0/2 -q --jobs 1 --out out").expect(0, &[]);
    place.run("work --plan plan.jsonl --shard 1/2 -q --out out").expect(0, &[]);
    let shards: Vec<_> = fs::read_dir(place.path("out/shards")).unwrap().map(|e| e.unwrap().path()).collect();
    let shard = shards.iter().find(|p| p.to_string_lossy().ends_with("-0-of-2.jsonl")).unwrap();
    let text = fs::read_to_string(shard).unwrap();
    let second = &text.lines().nth(1).unwrap()[9..];
    // Another time is no other result.
    let later = second.replacen("\"wall\":", "\"wall\":1", 1);
    let other = second.replacen("\"state_bytes\":", "\"state_bytes\":9", 1);
    assert!(later != second && other != second);
    place.write("later.jsonl", line(&later));
    place.write("other.jsonl", line(&other));
    place
        .run("merge small.toml --out out --from later.jsonl --from out/shards")
        .expect(0, &["37 records", "36 of them new"]);
    let (journal, tables) = (place.read("out/journal.jsonl"), place.tables("out"));
    place
        .run("merge small.toml --out out --from other.jsonl")
        .expect(1, &["1 trials have two results that differ", "out/journal.jsonl:", "other.jsonl:1"]);
    let done = place.run("merge small.toml --out fresh --from out/shards --from other.jsonl");
    done.expect(1, &["-0-of-2.jsonl:2 and other.jsonl:1"]);
    assert!(place.read("out/journal.jsonl") == journal && place.tables("out") == tables, "nothing was merged");
    // A failure is no result, whenever it comes.
    let failed =
        second.replacen("\"outcome\":\"finished\"", "\"outcome\":{\"failed\":{\"reason\":\"a full disk\"}}", 1);
    assert!(failed != second);
    place.write("failed.jsonl", line(&failed));
    for order in ["--from failed.jsonl --from out/shards", "--from out/shards --from failed.jsonl"] {
        let out = format!("failed{}", order.find("failed").unwrap());
        place.run(&format!("merge small.toml --out {out} {order}")).expect(0, &["all 36"]);
        assert!(place.tables(&out) == place.tables("whole"));
    }
    place.run("merge small.toml --out failed --from failed.jsonl").expect(0, &[]);
    place.run("status small.toml --out failed").expect(0, &["failed     1"]);
    place.run("merge small.toml --out failed --from out/shards").expect(0, &["36 of them new"]);
    assert!(place.tables("failed") == place.tables("whole"));
}

#[test]
fn torn_parts_are_joined_as_far_as_they_go_and_finished_by_the_same_command() {
    let place = planned();
    place.run("work --plan plan.jsonl -q --out out").expect(0, &[]);
    let shard = fs::read_dir(place.path("out/shards")).unwrap().map(|e| e.unwrap().path());
    let shard = shard.into_iter().find(|p| p.extension().unwrap() == "jsonl").unwrap();
    let whole = fs::read(&shard).unwrap();
    for keep in [0, 5000, whole.len() / 2, whole.len() - 1] {
        fs::write(&shard, &whole[..keep]).unwrap();
        let out = format!("cut{keep}");
        let from = shard.display();
        place.run(&format!("merge small.toml --out {out} --from {from}")).expect(0, &["of 36 trials are done"]);
        let kept = place.keys(&out).len();
        assert!(kept < 36);
        let status = place.run(&format!("status small.toml --out {out}"));
        status.expect(0, &[&format!("missing    {} trial", 36 - kept), "of one core"][..if kept > 0 { 2 } else { 1 }]);
        if kept > 0 {
            assert!(place.read(&format!("{out}/README.md")).contains("Missing so far are"));
            place.run(&format!("report {out} --check")).expect(0, &[]);
        }
        place.run("work --plan plan.jsonl -q --out out").expect(0, &[]);
        place.run(&format!("merge small.toml --out {out} --from {from}")).expect(0, &["all 36"]);
        assert!(place.tables(&out) == place.tables("whole"));
        assert!(!place.read(&format!("{out}/README.md")).contains("Missing"));
    }
}

#[test]
fn a_study_that_adapts_goes_round_by_round() {
    let place = Place::new();
    let study = "seeds = 2\nsteps = 60\nlr = { around = 3, per_decade = 1 }\n[protocol]\nconfirm = 3\n[[optimizer]]\nname = [\"sgd\", \"adam\"]\n[[problem]]\nname = \"rosenbrock\"\n";
    place.write("small.toml", study);
    place.run("sweep small.toml -q --out whole").expect(0, &[]);
    let mut rounds = 0;
    loop {
        let done = place.run(&format!("plan small.toml -o plan{rounds}.jsonl --out out"));
        if done.out.contains("nothing is left") {
            break;
        }
        place.run(&format!("work --plan plan{rounds}.jsonl --shard 1/2 -q --out out")).expect(0, &[]);
        place.run(&format!("work --plan plan{rounds}.jsonl --shard 0/2 -q --out out")).expect(0, &[]);
        place.run("merge small.toml --out out --no-tables").expect(0, &[]);
        rounds += 1;
        assert!(rounds < 20);
    }
    assert!(rounds > 2, "{rounds} rounds");
    place.run("merge small.toml --out out").expect(0, &["all"]);
    assert!(place.tables("out") == place.tables("whole"));
}

#[test]
fn one_process_a_part_and_any_number_beside_it() {
    let place = Place::new();
    place.write("small.toml", LONG.replace("steps = 60000", "steps = 600000"));
    place.run("plan small.toml -o plan.jsonl").expect(0, &[]);
    let mut first = place.spawn("work --plan plan.jsonl --shard 0/2 --jobs 1 -q --out out");
    let mut beside = place.spawn("work --plan plan.jsonl --shard 1/2 --jobs 1 -q --out out");
    wait_for(|| place.run("status small.toml --out out").out.contains("to merge"));
    let second = place.run("work --plan plan.jsonl --shard 0/2 -q --out out");
    let status = place.run("status small.toml --out out");
    first.kill().unwrap();
    beside.kill().unwrap();
    let ids = [first.id(), beside.id()];
    first.wait().unwrap();
    beside.wait().unwrap();
    second.expect(1, &["another sweep", &format!("process {}", ids[0]), "-0-of-2.jsonl"]);
    status.expect(0, &["trials a second", "missing", "left", "to merge"]);
}

#[test]
fn parts_here_by_one_command() {
    let place = planned();
    place.run("submit local small.toml --shards 2 --out out").expect(0, &["36 trials, 2 of 2 parts", "all 36"]);
    assert!(place.tables("out") == place.tables("whole"));
    place.run("submit local small.toml --out out").expect(0, &["nothing is left to run"]);
    place.run("submit local small.toml --out out --missing").expect(0, &["nothing is left to run"]);
    // A part's file is lost, and so is what was joined.
    let lost = fs::read_dir(place.path("out/shards")).unwrap().map(|e| e.unwrap().path());
    let lost: Vec<_> = lost.filter(|p| p.to_string_lossy().contains("-1-of-2")).collect();
    lost.iter().for_each(|path| fs::remove_file(path).unwrap());
    fs::remove_file(place.path("out/journal.jsonl")).unwrap();
    place.run("submit slurm small.toml --out out --missing --print").expect(0, &["1 of 2 parts", "--array=1 "]);
    place.run("submit local small.toml --out out --missing").expect(0, &["1 of 2 parts", "all 36"]);
    assert!(place.tables("out") == place.tables("whole"));
    place.run("submit local small.toml --out new --missing").expect(1, &["no plan", "leave --missing out"]);
}

#[test]
fn what_is_handed_over_can_be_read() {
    let place = planned();
    let slurm = place.run("submit slurm small.toml --out out --shards 5 --print --sbatch=--partition=short");
    slurm.expect(
        0,
        &["#!/bin/bash", "--requeue", "--signal=B:TERM@60", "--partition=short", "work --plan", "--array=0-4"],
    );
    let script = slurm.out.split("# sbatch").next().unwrap();
    place.write("script.sh", script);
    let parsed = std::process::Command::new("bash").arg("-n").arg(place.path("script.sh")).status();
    assert!(parsed.is_ok_and(|status| status.success()), "{script}");
    place.run("submit slurm small.toml --out out --shards 5000 --print").expect(0, &["--array=0-35"]);
    place
        .run("submit kubernetes small.toml --out out --shards 5")
        .expect(0, &["completions: 5", "Not run by the authors"]);
    place.run("submit hyperqueue small.toml --out out --shards 5").expect(0, &["hq submit", "Not run by the authors"]);
    place.run("submit parallel small.toml --out out --shards 5").expect(0, &["parallel --joblog", "::: 0 1 2 3 4"]);
    place.run("submit ray small.toml --out out --shards 5 --print").expect(0, &["python3", "--shards"]);
    assert!(!place.path("out/shards").exists(), "nothing was run");
}

#[test]
fn a_part_gives_up_trials_that_take_too_long() {
    let place = Place::new();
    place.write(
        "long.toml",
        "steps = [200, 2000000000]\nlr = 0.001\n[[optimizer]]\nname = \"sgd\"\n[[problem]]\nname = \"sphere\"\n",
    );
    place.run("plan long.toml -o plan.jsonl --out out").expect(0, &["2 trials"]);
    place
        .run("work --plan plan.jsonl --out out -q --trial-timeout 0.5")
        .expect(3, &["1 of 2 trials failed or took too long (1)"]);
    place.run("status long.toml --out out").expect(0, &["done       1", "missing    1"]);
}
