//! Causes that are planted are named; the committed page counts what its file holds.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::Place;
use std::collections::BTreeMap;
use std::path::Path;

#[test]
fn a_run_says_what_went_wrong() {
    let place = Place::new();
    for (words, said) in [
        ("-p rosenbrock -o sgd --lr 1", "diverged: cliff"),
        ("-p ellipsoid -o sgd --lr 1e-7 --steps 500", "crawling"),
        ("-p ellipsoid -o sign-sgd --lr 3 --steps 500", "oscillating"),
        ("-p ellipsoid -o adagrad --lr 0.01 --set lr_decay=1 --steps 2000", "rate vanished"),
        ("-p freudenstein-roth -o sgd --lr 2e-3 --steps 20000", "stuck"),
    ] {
        place.run(&format!("run -q {words}")).expect(0, &[said, "; try "]);
    }
    let healthy = place.run("run -q -p ellipsoid -o l-bfgs --lr 1 --steps 200");
    assert!(!healthy.expect(0, &["lowest loss"]).out.contains("; try "), "{}", healthy.out);
}

/// The shares on the page are those of the file, and at least nine in ten are right.
#[test]
fn the_committed_page_is_what_its_cases_say() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/diagnosis");
    let page = std::fs::read_to_string(dir.join("README.md")).unwrap();
    let mut rows = csv::Reader::from_path(dir.join("cases.csv")).unwrap();
    let mut counts: BTreeMap<bool, (usize, usize)> = BTreeMap::new();
    for row in rows.deserialize::<BTreeMap<String, String>>() {
        let row = row.unwrap();
        let count = counts.entry(row["seen"] == "true").or_default();
        count.0 += usize::from(row["planted"] == row["found"]);
        count.1 += 1;
    }
    let (seen, unseen) = (counts[&true], counts[&false]);
    for (right, of) in [seen, unseen] {
        assert!(page.contains(&format!("{right} of {of} are right")), "{right} of {of}");
        assert!(10 * right >= 9 * of, "{right} of {of}");
    }
    assert!(unseen.1 >= 200, "{unseen:?}");
}
