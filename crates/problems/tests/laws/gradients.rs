//! Gradients are exact, single precision follows double, noise has mean 0.

use crate::cases::{Case, cases, cast, distance, dot, eval, everything, norm, normal};
use downhill_problems::{Batch, Part, Precision, Problem, Sample, Scratch, Stream, Streams};

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

/// The slope of `f` at `x` along `d`, and how far it is to be trusted: central differences, extrapolated to the fourth
/// order, of the widths that agree best. Wide ones err by the fifth derivative, narrow ones by rounding, and near a
/// kink no two agree.
fn slope(f: impl Fn(&[f64]) -> f64, x: &[f64], d: &[f64]) -> (f64, f64) {
    let at = |h: f64| f(&x.iter().zip(d).map(|(x, d)| x + h * d).collect::<Vec<_>>());
    let central = |h: f64| (at(h) - at(-h)) / (2.0 * h);
    let [wide, middle, narrow] = [5e-4, 1.5e-4, 4e-5].map(|h| (4.0 * central(h) - central(2.0 * h)) / 3.0);
    let pairs = [(middle, (wide - middle).abs()), (narrow, (middle - narrow).abs())];
    if pairs[0].1 <= pairs[1].1 { pairs[0] } else { pairs[1] }
}

#[test]
fn gradients_are_those_of_the_values() {
    for case in cases() {
        let (problem, streams) = (case.build::<f64>(), case.streams(0));
        // Models have kinks of their own; tests/models.rs differentiates them. Those of texts are smooth, and take long.
        if case.needs_data() && !(case.has("text") && problem.examples() < 200) {
            continue;
        }
        let (sample, facts) = (everything(&streams), problem.facts());
        let value = |x: &[f64]| eval(&*problem, x, &sample).0;
        // A sum over many examples takes long, and has one term like another; one of networks the longest.
        let points = match problem.examples() {
            0 => 100,
            _ if case.has("network") => 2,
            _ => 10,
        };
        let mut compared = 0;
        for x in case.points(&*problem, points) {
            let (f, g) = eval(&*problem, &x, &sample);
            let mut smooth = true;
            for mut d in directions(x.len(), &streams) {
                // A coordinate that lives in a narrow interval takes small steps.
                for (i, d) in d.iter_mut().enumerate() {
                    *d *= facts.interval(i).map_or(1.0, |(low, high)| (0.25 * (high - low)).min(1.0));
                }
                let (found, (expected, doubt)) = (dot(&g, &d), slope(value, &x, &d));
                let tolerance = 1e-8 * (f.abs() + norm(&g) * norm(&d)) + 1e-10;
                // What is the slope at a kink is not for differences to say.
                if case.has("kink") && doubt > 0.1 * tolerance {
                    smooth = false;
                    continue;
                }
                assert!(
                    (found - expected).abs() <= tolerance,
                    "{} at {x:?} along {d:?}: {found}, {expected}",
                    case.table
                );
            }
            compared += usize::from(smooth);
        }
        assert!(2 * compared >= points, "{}: {compared} points", case.table);
    }
}

/// How far value and gradient move when each coordinate is rounded by a few units of single precision.
fn rounding(problem: &dyn Problem<f64>, x: &[f64], sample: &Sample<'_>) -> [f64; 2] {
    let (f, g) = eval(problem, x, sample);
    let mut most = [0.0f64; 2];
    for (i, by) in (0..x.len()).flat_map(|i| [-8.0, 8.0].map(|by| (i, by))) {
        let mut near = x.to_vec();
        near[i] *= 1.0 + by * f64::from(f32::EPSILON);
        let (near_f, near_g) = eval(problem, &near, sample);
        most = [most[0].max((near_f - f).abs()), most[1].max(distance(&near_g, &g))];
    }
    most
}

/// The error budget of single precision: 256 units of the largest value or gradient that is met; and in few dimensions
/// what rounding the point does, for angles are squares of it here, and kinks lie beside it.
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
            let few = !case.needs_data() && x.len() <= 12;
            let allowed = if few { rounding(&*double, &cast(&x), &sample) } else { [0.0; 2] };
            let (df, dg) = ((f64 - f64::from(f32)).abs(), distance(&cast(&g32), &g64));
            assert!(df.is_finite() && dg.is_finite(), "{} at {x:?}: {f32}, {g32:?}", case.table);
            errors = [errors[0].max(df - allowed[0]), errors[1].max(dg - allowed[1])];
            largest = [largest[0].max(f64.abs()), largest[1].max(norm(&g64))];
        }
        let bound = 256.0 * f64::from(f32::EPSILON);
        assert!(errors[0] <= bound * largest[0], "{}: values {errors:?} of {largest:?}", case.table);
        assert!(errors[1] <= bound * largest[1], "{}: gradients {errors:?} of {largest:?}", case.table);
    }
}

#[test]
fn starts_have_finite_values_and_slopes_in_both_precisions() {
    fn check<R: Precision>(case: &Case) {
        let (problem, streams) = (case.build::<R>(), case.streams(0));
        let x = case.start(&*problem, 0);
        let (f, g) = eval(&*problem, &x, &everything(&streams));
        assert!(f.is_finite() && g.iter().all(|g| g.is_finite()), "{} in {}: {f}, {g:?}", case.table, R::NAME);
    }
    for case in cases() {
        check::<f32>(&case);
        check::<f64>(&case);
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
            let still = slope(|x| problem.measure(x, Part::Train, &mut Scratch::new()).objective, x, &d).0;
            assert!(error > 0.0 && (mean - still).abs() < 4.5 * error, "{}: {mean} +- {error}, {still}", case.table);
        }
    }
}
