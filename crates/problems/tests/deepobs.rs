//! DeepOBS's problems are those that numpy draws (`scripts/deepobs_golden.py`), to the digits that were published.

#![allow(clippy::unwrap_used, reason = "a test")]

use downhill_problems::{Batch, Families, Part, Problem, Sample, Scratch, SplitSpec, Stream, Streams, World};
use serde_json::{Value, json};
use std::sync::Arc;

fn golden() -> Value {
    serde_json::from_str(include_str!("deepobs/numpy.json")).unwrap()
}

fn build(name: &str) -> Arc<dyn Problem<f64>> {
    let (split, streams, world) = (SplitSpec::default(), Streams::new(name, 0), World::new());
    Families::builtin().configure(&json!({ "name": name })).unwrap().build(&world.context(&split, &streams)).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// Losses over all parts and over one batch, and the gradient there, held against the golden ones.
fn agrees(problem: &dyn Problem<f64>, point: &Value, rows: &[u32]) {
    let x = numbers(&point["x"]);
    let streams = Streams::new("golden", 0);
    let (mut g, mut scratch) = (vec![0.0; x.len()], Scratch::new());
    let sample = Sample { batch: Batch::Rows(rows), t: 1, streams: &streams };
    let batch = problem.eval(&x, &sample, &mut g, &mut scratch);
    let [train, validation, test] = Part::ALL.map(|part| problem.measure(&x, part, &mut Scratch::new()).loss);
    for (what, found) in [("train", train), ("validation", validation), ("test", test), ("batch", batch)] {
        let expected = point[what].as_f64().unwrap();
        assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{what}: {found}, not {expected}");
    }
    if let Some(gradient) = point.get("gradient").map(numbers) {
        let largest = gradient.iter().fold(1.0f64, |a, b| a.max(b.abs()));
        for (found, expected) in g.iter().zip(gradient) {
            assert!((found - expected).abs() <= 1e-12 * largest, "{found}, not {expected}");
        }
    }
}

#[test]
fn losses_and_gradients_are_those_of_numpy() {
    let golden = golden();
    let rows: Vec<u32> = serde_json::from_value(golden["rows"].clone()).unwrap();
    let deep = build("quadratic-deep");
    for point in golden["quadratic-deep"].as_array().unwrap().iter().filter(|p| p["what"] == "point") {
        agrees(&*deep, point, &rows);
    }
    for point in golden["two-d"].as_array().unwrap() {
        agrees(&*build(point["problem"].as_str().unwrap()), point, &rows);
    }
}

#[test]
fn the_first_loss_is_the_published_one() {
    // The baselines of DeepOBS 1.1 begin with this test loss, computed in single precision.
    let deep = build("quadratic-deep");
    let mut x = vec![0.0; 100];
    deep.start(&mut Streams::new("golden", 0).rng(Stream::Start), &mut x);
    let found = deep.measure(&x, Part::Test, &mut Scratch::new()).loss;
    assert!((found - 353.446_764_26).abs() < 2e-6, "{found}");
    // The least that a test loss can be, at the mean of the test examples, which training does not know.
    let facts = deep.facts();
    let at_train_mean = deep.measure(&facts.minimisers[0], Part::Test, &mut Scratch::new()).loss;
    assert!((facts.minimum.unwrap() - 84.769_653_275_607_9).abs() < 1e-9, "{facts:?}");
    assert!((at_train_mean - 87.046_007_990_562_98).abs() < 1e-9, "{at_train_mean}");
}
