//! Products with the Hessian are slopes of the gradient; labels drawn from a model leave no slope on average.

use crate::cases::{Case, case, cases, distance, dot, eval, everything, norm, normal};
use downhill_problems::{Families, Problem, Scratch, Stream};
use serde_json::json;

/// The Hessian at `x` along `v`: central differences of the gradient, extrapolated to the fourth order.
fn differences(problem: &dyn Problem<f64>, case: &Case, x: &[f64], v: &[f64]) -> Vec<f64> {
    let streams = case.streams(0);
    let at = |h: f64| {
        let moved: Vec<f64> = x.iter().zip(v).map(|(x, v)| x + h * v).collect();
        eval(problem, &moved, &everything(&streams)).1
    };
    let central = |h: f64| -> Vec<f64> { at(h).iter().zip(at(-h)).map(|(a, b)| (a - b) / (2.0 * h)).collect() };
    central(5e-4).iter().zip(central(1e-3)).map(|(fine, coarse)| (4.0 * fine - coarse) / 3.0).collect()
}

/// Every case, and linear models with every loss.
fn all() -> Vec<Case> {
    let losses = ["squared", "huber"].map(|loss| json!({ "name": "linear", "loss": loss }));
    let penalised = [
        json!({ "name": "softmax", "data": "iris", "penalty": { "l2": 0.3 } }),
        json!({ "name": "logistic", "penalty": { "l2": 0.3 } }),
        json!({ "name": "mlp", "data": "breast_cancer", "hidden": [], "loss": "logistic" }),
        json!({ "name": "mlp", "data": "iris", "hidden": [], "loss": "logistic" }),
    ];
    let more = losses.into_iter().chain(penalised).map(|table| case(&Families::builtin(), table));
    cases().into_iter().chain(more).collect()
}

#[test]
fn products_with_the_hessian_are_slopes_of_the_gradient() {
    let mut curved = 0;
    for case in all() {
        let problem = case.build::<f64>();
        let (streams, mut rng) = (case.streams(0), case.streams(3).rng(Stream::Noise));
        for x in case.points(&*problem, 3) {
            let v: Vec<f64> = x.iter().map(|_| normal(&mut rng)).collect();
            let mut hv = vec![f64::NAN; x.len()];
            let sample = everything(&streams);
            let answer = problem.hessian_vector(&x, &v, &sample, &mut hv, &mut Scratch::new());
            assert_eq!(answer.is_some(), problem.facts().curved, "{}", case.table);
            if answer.is_none() {
                continue;
            }
            let expected = differences(&*problem, &case, &x, &v);
            // A hinge has a jump in the slope, which a difference sees as a huge curvature; a squared one, and Huber's
            // loss, have one in the curvature.
            let text = case.canonical().to_string();
            let tolerance = match () {
                () if text.contains("\"hinge\"") => continue,
                () if text.contains("squared-hinge") || text.contains("huber") => 1e-2,
                () => 1e-7,
            };
            let off = distance(&hv, &expected);
            assert!(off <= tolerance * norm(&expected), "{text}: {off:e} of {}", norm(&expected));
            curved += 1;
        }
    }
    assert!(curved >= 30, "{curved} products");
}

#[test]
fn a_root_of_the_hessian_times_its_transpose_is_the_hessian() {
    let mut found = 0;
    for case in cases() {
        let (problem, streams) = (case.build::<f64>(), case.streams(0));
        let n = problem.layout().len();
        let column = |i: usize| {
            let mut z: Vec<f64> = (0..n).map(|j| f64::from(u8::from(i == j))).collect();
            problem.root_hessian(&mut z).map(|()| z)
        };
        let Some(columns) = (0..n).map(column).collect::<Option<Vec<_>>>() else { continue };
        let v: Vec<f64> = (0..n).map(|i| (i as f64).cos()).collect();
        let mut expected = vec![0.0; n];
        for column in columns {
            let along = dot(&column, &v);
            expected.iter_mut().zip(&column).for_each(|(sum, c)| *sum += along * c);
        }
        let (x, mut hv) = (case.start(&*problem, 0), vec![0.0; n]);
        problem.hessian_vector(&x, &v, &everything(&streams), &mut hv, &mut Scratch::new()).unwrap();
        // A random factor scales the Hessian of a step, and not the noise.
        if case.table["gradient_noise"]["jitter"].is_null() {
            assert!(distance(&hv, &expected) <= 1e-12 * norm(&hv), "{}", case.table);
            found += 1;
        }
    }
    assert!(found >= 5, "{found} roots");
}

#[test]
fn labels_of_the_model_leave_no_slope_on_average() {
    let (mut found, draws) = (0, 2000);
    // A penalty has its own slope, whatever the labels.
    for case in all().into_iter().filter(|case| case.table.get("penalty").is_none()) {
        let problem = case.build::<f64>();
        let (streams, x) = (case.streams(0), &case.points(&*problem, 1)[0]);
        let (sample, mut scratch, mut g) = (everything(&streams), Scratch::new(), vec![0.0; x.len()]);
        let mut rng = streams.rng(Stream::Probe);
        let answer = problem.model_labels(x, &sample, &mut rng, &mut g, &mut scratch);
        assert_eq!(answer.is_some(), problem.facts().probabilistic, "{}", case.table);
        // Large sets take long, and teach nothing new.
        if answer.is_none() || problem.examples() > 500 {
            continue;
        }
        let (mut mean, mut squares) = (vec![0.0; x.len()], 0.0);
        for _ in 0..draws {
            problem.model_labels(x, &sample, &mut rng, &mut g, &mut scratch);
            squares += g.iter().map(|g| g * g).sum::<f64>() / f64::from(draws);
            mean.iter_mut().zip(&g).for_each(|(mean, g)| *mean += g / f64::from(draws));
        }
        let error = (squares / f64::from(draws)).sqrt();
        assert!(squares > 0.0 && norm(&mean) < 4.5 * error, "{}: {} +- {error}", case.table, norm(&mean));
        found += 1;
    }
    assert!(found >= 2, "{found} models");
}
