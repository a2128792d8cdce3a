//! Formulas are those of the sources, and so are starts and minima.

use crate::cases::{Case, case, cases, distance, eval, everything, norm};
use downhill_problems::{Families, Part, Problem, Scratch};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Values and slopes from textbook formulas in 60 digits, and minima found with them; `values.py` beside it writes
/// them.
const VALUES: &str = include_str!("values.csv");

/// One line of the file: a problem, a point, what is true there.
struct Line {
    case: Case,
    problem: Arc<dyn Problem<f64>>,
    x: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
}

/// The lines about one kind of point: `point`, `start` or `minimum`.
fn lines(kind: &str) -> Vec<Line> {
    let families = Families::builtin();
    let numbers = |text: &str| text.split_whitespace().map(|x| x.parse().unwrap()).collect();
    let mut found = Vec::new();
    for line in VALUES.lines().skip(1) {
        let [table, at, x, value, gradient] = line.split(';').collect::<Vec<_>>()[..] else { panic!("{line}") };
        if at == kind {
            let case = case(&families, serde_json::from_str(table).unwrap());
            let (problem, value) = (case.build::<f64>(), value.parse().unwrap());
            found.push(Line { case, problem, x: numbers(x), value, gradient: numbers(gradient) });
        }
    }
    found
}

fn loss(line: &Line) -> f64 {
    line.problem.measure(&line.x, Part::Test, &mut Scratch::new()).loss
}

#[test]
fn values_and_slopes_are_those_of_the_sources() {
    let mut seen = BTreeSet::new();
    for line in lines("point") {
        let (table, x, value, found) = (&line.case.table, &line.x, line.value, loss(&line));
        assert!((found - value).abs() <= 1e-13 * value.abs().max(0.01), "{table} at {x:?}: {found}, not {value}");
        seen.insert(line.case.family.name);
        if line.problem.facts().noisy {
            continue;
        }
        let g = eval(&*line.problem, x, &everything(&line.case.streams(0))).1;
        for (g, expected) in g.iter().zip(&line.gradient) {
            // Where terms of a slope cancel, it is right to the digits of the largest.
            let tolerance = 1e-12 * expected.abs() + 1e-13 * norm(&line.gradient).max(0.01);
            assert!((g - expected).abs() <= tolerance, "{table} at {x:?}: slope {g}, not {expected}");
        }
    }
    // What is drawn at random has no textbook value; tests/deepobs.rs holds DeepOBS's draws against numpy's.
    let drawn = |case: &Case| case.has("deepobs") || case.family.hypers.iter().any(|h| h.name == "instance");
    let functions = cases().into_iter().filter(|case| case.build::<f64>().facts().minimum.is_some() && !drawn(case));
    let functions: BTreeSet<_> = functions.map(|case| case.family.name).collect();
    assert_eq!(seen, functions);
}

#[test]
fn starts_are_the_published_ones() {
    for line in lines("start") {
        let start = line.case.start(&*line.problem, 0);
        assert!(distance(&start, &line.x) <= 4.0 * f64::EPSILON * norm(&line.x), "{}: {start:?}", line.case.table);
        let found = loss(&line);
        assert!((found - line.value).abs() <= 1e-12 * line.value.max(0.01), "{}: {found}", line.case.table);
    }
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

#[test]
fn minima_are_those_that_least_squares_find() {
    for line in lines("minimum") {
        let (table, minimum, found) = (&line.case.table, line.problem.facts().minimum.unwrap(), loss(&line));
        // To 10 digits, or to what rounding leaves of residuals, which are of the size of 1 before they cancel.
        let tolerance = 1e-10 * line.value.max(1e-5);
        assert!((minimum - line.value).abs() <= tolerance, "{table}: {minimum}, not {}", line.value);
        assert!((found - line.value).abs() <= tolerance, "{table} at {:?}: {found}", line.x);
    }
}
