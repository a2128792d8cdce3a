//! Gradients are exact, single precision follows double, noise has mean 0.

use crate::cases::{Case, cases, cast, distance, dot, eval, everything, norm, normal};
use downhill_problems::{Batch, Part, Problem, Sample, Scratch, Stream, Streams};

/// Unit vectors: the axes in few dimensions, random ones in many.
fn directions(n: usize, streams: &Streams) -> Vec<Vec<f64>> {
    let mut rng = streams.rng(Stream::Noise);
    let random = |_| {
        let v: Vec<f64> = (0..n).map(|_| normal(&mut rng)).collect();
        let length = norm(&v);
        v.iter().map(|x| x / length).collect()
    };
    match n {
        1..=10 => (0..n).map(|i| (0..n).map(|j| f64::from(i == j)).collect()).collect(),
        _ => (0..10).map(random).collect(),
    }
}

/// The slope of `f` at `x` along `d`: central differences, extrapolated to the fourth order.
fn slope(f: impl Fn(&[f64]) -> f64, x: &[f64], d: &[f64]) -> f64 {
    let at = |h: f64| f(&x.iter().zip(d).map(|(x, d)| x + h * d).collect::<Vec<_>>());
    let central = |h: f64| (at(h) - at(-h)) / (2.0 * h);
    (4.0 * central(5e-4) - central(1e-3)) / 3.0
}

/// Whether every minimum, and what else has a kink, is further away than where that spoils differences.
fn clear_of_kinks(case: &Case, problem: &dyn Problem<f64>, x: &[f64]) -> bool {
    if case.has("nonsmooth") {
        return x.iter().all(|x| x.abs() > 1e-3);
    }
    !case.has("kink") || problem.facts().minimisers.iter().all(|kink| distance(x, kink) > 0.1)
}

#[test]
fn gradients_are_those_of_the_values() {
    // Models have kinks of their own; tests/models.rs differentiates them.
    for case in cases().into_iter().filter(|case| !case.needs_data()) {
        let (problem, streams) = (case.build::<f64>(), case.streams(0));
        let sample = everything(&streams);
        let points = case.points(&*problem, 100);
        let points: Vec<_> = points.iter().filter(|x| clear_of_kinks(&case, &*problem, x)).collect();
        assert!(points.len() >= 50, "{}: {} points", case.table, points.len());
        for x in points {
            let (f, g) = eval(&*problem, x, &sample);
            // The differences err by about h^4 f''''' / 480 with h = 1e-3, and by eps |f| / h.
            let tolerance = 1e-8 * (f.abs() + norm(&g)) + 1e-10;
            for d in directions(x.len(), &streams) {
                let (found, expected) = (dot(&g, &d), slope(|x| eval(&*problem, x, &sample).0, x, &d));
                assert!(
                    (found - expected).abs() <= tolerance,
                    "{} at {x:?} along {d:?}: {found}, {expected}",
                    case.table
                );
            }
        }
    }
}

#[test]
fn single_precision_follows_double() {
    for case in cases() {
        let (single, double, streams) = (case.build::<f32>(), case.build::<f64>(), case.streams(0));
        let sample = everything(&streams);
        // Errors of value and gradient, and the largest of both: what cancels rounds in proportion to its size.
        let (mut errors, mut largest) = ([0.0f64; 2], [0.0f64; 2]);
        for x in case.points(&*double, if case.needs_data() { 3 } else { 100 }) {
            let x: Vec<f32> = cast(&x);
            let ((f32, g32), (f64, g64)) = (eval(&*single, &x, &sample), eval(&*double, &cast(&x), &sample));
            let (df, dg) = (f64 - f64::from(f32), distance(&cast(&g32), &g64));
            errors = [errors[0].max(df.abs()), errors[1].max(dg)];
            largest = [largest[0].max(f64.abs()), largest[1].max(norm(&g64))];
        }
        // Waves round their angle as well, which is up to 600 here; the largest found is 118 eps.
        let bound = 256.0 * f64::from(f32::EPSILON);
        assert!(errors[0] <= bound * largest[0], "{}: values {errors:?} of {largest:?}", case.table);
        assert!(errors[1] <= bound * largest[1], "{}: gradients {errors:?} of {largest:?}", case.table);
    }
}

#[test]
fn noise_has_mean_zero() {
    // For dropout this does not hold: the mean of a network is not the network of the mean.
    let noisy = |case: &Case| case.build::<f64>().facts().noisy && !case.needs_data();
    let cases: Vec<_> = cases().into_iter().filter(noisy).collect();
    assert!(cases.len() >= 2);
    for case in cases {
        let (problem, streams) = (case.build::<f64>(), case.streams(0));
        let x = &case.points(&*problem, 1)[0];
        // Late steps: what moves has come to rest.
        let (first, n) = (1_000_000, 4000);
        let gradients: Vec<_> = (first..first + n)
            .map(|t| eval(&*problem, x, &Sample { batch: Batch::All, t, streams: &streams }).1)
            .collect();
        for d in directions(x.len(), &streams) {
            let along: Vec<_> = gradients.iter().map(|g| dot(g, &d)).collect();
            let mean = along.iter().sum::<f64>() / n as f64;
            let error = (along.iter().map(|s| (s - mean) * (s - mean)).sum::<f64>() / n as f64 / n as f64).sqrt();
            let still = slope(|x| problem.measure(x, Part::Train, &mut Scratch::new()).objective, x, &d);
            assert!(error > 0.0 && (mean - still).abs() < 4.5 * error, "{}: {mean} +- {error}, {still}", case.table);
        }
    }
}
