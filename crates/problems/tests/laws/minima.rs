//! Known minima are minima, traps are traps, and nothing lies below.

use crate::cases::{Case, cases, distance, eval, everything, norm, normal};
use downhill_problems::{Part, Problem, Scratch, Stream};

fn loss(problem: &dyn Problem<f64>, x: &[f64]) -> f64 {
    problem.measure(x, Part::Train, &mut Scratch::new()).loss
}

/// The gradient at `x`, without what points out of a box within which alone the minimum is known.
fn slope_within(problem: &dyn Problem<f64>, x: &[f64], case: &Case) -> Vec<f64> {
    let facts = problem.facts();
    let mut g = eval(problem, x, &everything(&case.streams(0))).1;
    for (i, g) in g.iter_mut().enumerate().filter(|_| facts.lower_bound.is_none()) {
        let (low, high) = facts.interval(i).unwrap();
        if (x[i] <= low && *g > 0.0) || (x[i] >= high && *g < 0.0) {
            *g = 0.0;
        }
    }
    g
}

/// What value and gradient may be off at a minimum for no other reason than that `x` is rounded: how they change over a
/// few units in the last place of each coordinate.
fn rounding(problem: &dyn Problem<f64>, x: &[f64], case: &Case) -> [f64; 2] {
    let (f, g) = (loss(problem, x), slope_within(problem, x, case));
    let mut sum = [0.0; 2];
    for i in 0..x.len() {
        let mut near = x.to_vec();
        near[i] *= 1.0 + 8.0 * f64::EPSILON;
        let changes = [(loss(problem, &near) - f).abs(), distance(&slope_within(problem, &near, case), &g)];
        sum = [sum[0] + changes[0], sum[1] + changes[1]];
    }
    sum
}

/// Whether both ways along the gradient, the value rises by half of what the gradient says at least.
fn in_a_kink(problem: &dyn Problem<f64>, x: &[f64], g: &[f64]) -> bool {
    let steep = norm(g);
    let at = |h: f64| loss(problem, &x.iter().zip(g).map(|(x, g)| x + h * g / steep).collect::<Vec<_>>());
    [1e-6, -1e-6].iter().all(|&h| at(h) - loss(problem, x) > 0.5 * h.abs() * steep)
}

/// The value is right to 12 digits, the gradient is 0 or that of one side of a kink, and no point nearby is lower.
fn is_a_minimum(case: &Case, problem: &dyn Problem<f64>, x: &[f64], value: f64) {
    let facts = problem.facts();
    // Sums of squares come close to 0; then six digits are asked of what they are.
    let small = if value == 0.0 { 1.0 } else { 1e-6 * value.abs() };
    let rounding = rounding(problem, x, case);
    let tolerance = (1e-12 * value.abs().max(1.0)).min(small) + rounding[0].min(1e-11 * value.abs());
    let found = loss(problem, x);
    assert!((found - value).abs() <= tolerance, "{} at {x:?}: {found}, not {value}", case.table);
    if !facts.noisy {
        let g = slope_within(problem, x, case);
        let zero = norm(&g) < 1e-8 + rounding[1];
        assert!(zero || case.has("kink") && in_a_kink(problem, x, &g), "{} at {x:?}: gradient {g:?}", case.table);
    }
    let mut rng = case.streams(2).rng(Stream::Noise);
    for k in 0..200 {
        let radius = 10f64.powf(-2.0 - 3.0 * f64::from(k) / 200.0);
        let mut near: Vec<_> = x.iter().map(|x| x + radius * normal(&mut rng)).collect();
        if facts.lower_bound.is_none() {
            near.iter_mut().enumerate().for_each(|(i, x)| *x = facts.interval(i).map_or(*x, |(a, b)| x.clamp(a, b)));
        }
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

/// At a kink any slope given must be that of a line below.
#[test]
fn convex_functions_lie_above_their_tangents() {
    let mut found = 0;
    for case in cases().into_iter().filter(|case| case.has("convex")) {
        let problem = case.build::<f64>();
        if problem.facts().noisy {
            continue;
        }
        let points = case.points(&*problem, if problem.examples() == 0 { 60 } else { 4 });
        let origin = vec![0.0; points[0].len()];
        let points: Vec<_> = points.into_iter().chain([origin]).collect();
        let tangents = points.iter().map(|x| eval(&*problem, x, &everything(&case.streams(0))));
        let tangents: Vec<_> = tangents.collect();
        for (x, (f, g)) in points.iter().zip(&tangents) {
            for (y, (above, _)) in points.iter().zip(&tangents) {
                let rise: f64 = g.iter().zip(y.iter().zip(x)).map(|(g, (y, x))| g * (y - x)).sum();
                let rounding = 1e-10 * (f.abs() + above.abs() + rise.abs());
                assert!(*above >= f + rise - rounding, "{}: from {x:?} to {y:?}", case.table);
            }
        }
        found += 1;
    }
    assert!(found >= 10, "{found} problems");
}
