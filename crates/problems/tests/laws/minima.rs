//! Known minima are minima, traps are traps, and nothing lies below.

use crate::cases::{Case, cases, eval, everything, norm, normal};
use downhill_problems::{Part, Problem, Scratch, Stream};

fn loss(problem: &dyn Problem<f64>, x: &[f64]) -> f64 {
    problem.measure(x, Part::Train, &mut Scratch::new()).loss
}

/// The value is right to 12 digits, the gradient is 0, and no point nearby is lower.
fn is_a_minimum(case: &Case, problem: &dyn Problem<f64>, x: &[f64], value: f64) {
    let tolerance = 1e-12 * value.abs().max(1.0);
    let found = loss(problem, x);
    assert!((found - value).abs() <= tolerance, "{} at {x:?}: {found}, not {value}", case.table);
    let facts = problem.facts();
    // At a kink that is not the minimum of a symmetric one, no gradient is 0.
    if !facts.noisy && !case.has("nonsmooth") {
        let g = eval(problem, x, &everything(&case.streams(0))).1;
        assert!(norm(&g) < 1e-8, "{} at {x:?}: gradient {g:?}", case.table);
    }
    let mut rng = case.streams(2).rng(Stream::Noise);
    for k in 0..200 {
        let radius = 10f64.powf(-2.0 - 3.0 * f64::from(k) / 200.0);
        let near: Vec<_> = x.iter().map(|x| x + radius * normal(&mut rng)).collect();
        assert!(loss(problem, &near) >= value - tolerance, "{} at {near:?} is lower than at {x:?}", case.table);
    }
}

#[test]
fn known_minima_are_minima() {
    for case in cases() {
        let problem = case.build::<f64>();
        let facts = problem.facts();
        assert!(facts.minimum.is_none() || !facts.minimisers.is_empty(), "{}: where?", case.table);
        for (i, x) in facts.minimisers.iter().enumerate() {
            is_a_minimum(&case, &*problem, x, facts.minimum.unwrap());
            assert!(!facts.minimisers[..i].contains(x), "{}: {x:?} twice", case.table);
            let inside = |(i, &x): (usize, &f64)| facts.interval(i).is_some_and(|(low, high)| low <= x && x <= high);
            assert!(x.iter().enumerate().all(inside), "{}: {x:?} is outside of the domain", case.table);
        }
    }
}

#[test]
fn traps_are_minima_that_are_not_global() {
    for case in cases() {
        let problem = case.build::<f64>();
        let facts = problem.facts();
        for (x, value) in &facts.traps {
            is_a_minimum(&case, &*problem, x, *value);
            assert!(*value > facts.minimum.unwrap() + 1e-3, "{}: {x:?} is no trap", case.table);
        }
    }
}

#[test]
fn nothing_lies_below_the_minimum() {
    for case in cases() {
        let problem = case.build::<f64>();
        let Some(minimum) = problem.facts().minimum else { continue };
        let facts = problem.facts();
        for x in case.points(&*problem, 4000) {
            let inside = |(i, &x): (usize, &f64)| facts.interval(i).is_some_and(|(low, high)| low <= x && x <= high);
            if facts.lower_bound.is_some() || x.iter().enumerate().all(inside) {
                let found = loss(&*problem, &x);
                assert!(found >= minimum - 1e-12 * minimum.abs().max(1.0), "{} at {x:?}: {found}", case.table);
            }
        }
    }
}
