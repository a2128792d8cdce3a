//! The same bytes for any number of jobs, any order, and any number of interruptions.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{LONG, Place, SMALL, wait_for};
use std::collections::HashSet;
use std::time::Duration;

#[test]
fn jobs_and_order_leave_no_trace() {
    let place = Place::new();
    place.write("study.toml", SMALL);
    for (out, how) in
        [("one", "--jobs 1"), ("two", "--jobs 2"), ("five", "--jobs 5 --shuffle 7"), ("again", "--shuffle 8")]
    {
        place.run(&format!("sweep study.toml --quiet --out {out} {how}")).expect(0, &[]);
        assert!(place.tables(out) == place.tables("one"), "{how}");
    }
    assert!(place.keys("one") != place.keys("again"), "--shuffle did not change the order");
    assert_eq!(place.read("one/trials.csv").lines().count(), 1 + 36);
}

#[test]
fn a_filtered_sweep_is_a_part_of_the_whole() {
    let place = Place::new();
    place.write("study.toml", SMALL);
    place.run("sweep study.toml -q --out whole").expect(0, &[]);
    place.run("sweep study.toml -q --out parts --filter optimizer=adam,problem=softmax").expect(0, &[]);
    assert_eq!(place.keys("parts").len(), 9);
    let part = place.read("parts/trials.csv");
    assert!(part.lines().all(|line| place.read("whole/trials.csv").contains(line)));
    place.run("sweep study.toml -q --out parts").expect(0, &[]);
    assert!(place.tables("parts") == place.tables("whole"));
    assert_eq!(place.keys("parts").len(), 36);
}

#[test]
fn a_killed_sweep_goes_on_where_it_was() {
    let place = Place::new();
    place.write("study.toml", LONG);
    let sweep = "sweep study.toml --quiet --jobs 2 --out";
    let mut done = Vec::new();
    for round in 0..8u64 {
        let mut child = place.spawn(&format!("{sweep} killed"));
        wait_for(|| place.keys("killed").len() > done.len() || child_is_done(&place));
        std::thread::sleep(Duration::from_millis(round * round % 13));
        child.kill().unwrap(); // SIGKILL: nothing can be tidied up
        child.wait().unwrap();
        let now = place.keys("killed");
        assert!(now.starts_with(&done), "what was finished is kept, in its place");
        done = now;
    }
    assert!((8..240).contains(&done.len()), "{} trials were finished between kills", done.len());
    place.run(&format!("{sweep} killed")).expect(0, &[]);
    let keys = place.keys("killed");
    assert_eq!((keys.len(), keys.iter().collect::<HashSet<_>>().len()), (240, 240), "no trial was run twice");
    place.run(&format!("{sweep} undisturbed")).expect(0, &[]);
    assert!(place.tables("killed") == place.tables("undisturbed"));
}

fn child_is_done(place: &Place) -> bool {
    place.path("killed/trials.csv").exists()
}

#[test]
fn an_edited_study_runs_what_is_new_and_keeps_the_rest() {
    let place = Place::new();
    place.write("study.toml", SMALL);
    place.run("sweep study.toml -q --out out").expect(0, &[]);
    let before = place.tables("out");
    place.write("study.toml", SMALL.replace("seeds = 3", "seeds = [1, 5]"));
    place.run("sweep study.toml -q --out out").expect(0, &[]);
    assert_eq!(place.keys("out").len(), 36 + 12, "seed 1 was known");
    assert_eq!(place.read("out/trials.csv").lines().count(), 1 + 24, "and the others are no part of the answer");
    place.write("study.toml", SMALL);
    place.run("sweep study.toml -q --out out").expect(0, &[]);
    assert_eq!(place.keys("out").len(), 48);
    assert!(place.tables("out") == before);
    place.run("sweep study.toml -q --out out --fresh").expect(0, &[]);
    assert_eq!(place.keys("out").len(), 36);
    assert!(place.tables("out") == before);
}
