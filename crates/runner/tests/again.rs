//! The command that stands under each row of a report makes its numbers again.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Place, SMALL};
use std::collections::HashSet;

/// The commands of a page, as a reader would copy them.
fn commands(page: &str) -> Vec<String> {
    let all = page.split("<pre>downhill ").skip(1).map(|rest| rest.split("</pre>").next().unwrap().to_owned());
    all.filter(|words| words.starts_with("again ")).collect()
}

#[test]
fn every_row_can_be_made_again() {
    let place = Place::new();
    // With rounds: trials on fresh seeds, which no filter of the study would find before its search is done.
    place.write("study.toml", SMALL.replace("[[optimizer]]", "[protocol]\n[[optimizer]]"));
    place.run("sweep study.toml --out results/small --quiet").expect(0, &[]);
    let before = place.tables("results/small");
    let commands = commands(&place.read("results/small/report.html"));
    assert!(commands.len() > 20, "{commands:?}");
    let keys: HashSet<&str> = commands.iter().flat_map(|c| c.split(' ').skip(2)).collect();
    let file = place.read("results/small/trials.csv");
    let known: HashSet<&str> = file.lines().skip(1).map(|l| l.split(',').next().unwrap()).collect();
    assert!(keys.is_subset(&known));
    assert_eq!(keys.len(), known.len(), "each trial has a part in some row");
    for command in [&commands[0], commands.iter().max_by_key(|c| c.len()).unwrap()] {
        let n = command.split(' ').count() - 2;
        place.run(command).expect(0, &[&format!("{n} of {n} trials came out as in results/small/trials.csv")]);
    }
    assert_eq!(place.tables("results/small"), before, "nothing is written");
}

#[test]
fn what_came_out_otherwise_is_named() {
    let place = Place::new();
    place.write("study.toml", SMALL);
    place.run("sweep study.toml --out results/small --quiet").expect(0, &[]);
    let path = place.path("results/small/trials.csv");
    let mut rows: Vec<runner::rows::TrialRow> = runner::store::read_csv(&path).unwrap();
    rows[3].test_loss += 1e-6;
    let (good, bad) = (rows[2].key.clone(), rows[3].key.clone());
    rows[5].spec = rows[5].spec.to_string().replace("\"seed\":", "\"seed\":1").as_str().into();
    let other = rows[5].key.clone();
    runner::store::write_csv(&path, &rows).unwrap();
    place.run(&format!("again results/small {good}")).expect(0, &["1 of 1"]);
    place.run(&format!("again results/small {good} {bad}")).expect(1, &["test_loss", "1 of 2 trials"]);
    place.run(&format!("again results/small {other}")).expect(1, &[&other, "another trial"]);
    place.run("again results/small 0123").expect(1, &["no trial has the key `0123`", "all 36"]);
    place.run("again results/none").expect(1, &["results/none/trials.csv"]);
}
