//! Formulas are those of the sources, and so are starts.

use crate::cases::{Case, case, cases};
use downhill_problems::{Families, Part, Scratch};
use serde_json::json;
use std::collections::BTreeSet;

/// Values from textbook formulas in 40 digits; `values.py` beside it writes them.
const VALUES: &str = include_str!("values.csv");

#[test]
fn values_are_those_of_the_sources() {
    let families = Families::builtin();
    let mut seen = BTreeSet::new();
    for line in VALUES.lines().skip(1) {
        let [table, x, value] = line.split(';').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let case = case(&families, serde_json::from_str(table).unwrap());
        let x: Vec<f64> = x.split(' ').map(|x| x.parse().unwrap()).collect();
        let (found, value) =
            (case.build::<f64>().measure(&x, Part::Test, &mut Scratch::new()).loss, value.parse::<f64>().unwrap());
        assert!((found - value).abs() <= 1e-13 * value.abs().max(0.01), "{table} at {x:?}: {found}, not {value}");
        seen.insert(case.family.name);
    }
    // What is drawn at random has no textbook value; tests/deepobs.rs holds DeepOBS's draws against numpy's.
    let drawn = |case: &Case| case.has("deepobs") || case.family.hypers.iter().any(|h| h.name == "instance");
    let functions = cases().into_iter().filter(|case| case.build::<f64>().facts().minimum.is_some() && !drawn(case));
    let functions: BTreeSet<_> = functions.map(|case| case.family.name).collect();
    assert_eq!(seen, functions);
}

#[test]
fn starts_are_the_published_ones() {
    // Moré, Garbow & Hillstrom 1981 give the starts; the values follow by hand.
    for (name, value) in [
        ("rosenbrock", 24.2),
        ("freudenstein-roth", 400.5),
        ("beale", 14.203125),
        ("powell-singular", 215.0),
        ("wood", 19192.0),
    ] {
        let case = case(&Families::builtin(), json!({ "name": name }));
        let problem = case.build::<f64>();
        let found = problem.measure(&case.start(&*problem, 0), Part::Train, &mut Scratch::new()).loss;
        assert!((found - value).abs() < 1e-12 * value, "{name}: {found}, not {value}");
    }
}
