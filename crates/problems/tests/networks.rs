//! Networks learn what they are for, with Adam and a rate that was found by trying three.

#![allow(clippy::unwrap_used)]

use downhill::{AdamW, Method};
use downhill_problems::{
    Families, Measures, Part, Problem, Sample, Sampler, Sampling, Scratch, SplitSpec, Stream, Streams, World,
};
use serde_json::{Value, json};
use std::sync::Arc;

fn build(table: &Value) -> (Arc<dyn Problem<f32>>, Streams) {
    let configured = Families::builtin().configure(table).unwrap();
    let streams = Streams::new(configured.stream_key(), 0);
    (configured.build(&World::new().context(&SplitSpec::default(), &streams)).unwrap(), streams)
}

/// Measures of a part after these numbers of steps.
fn train(table: Value, [lr, decay]: [f64; 2], sampling: Sampling, steps: &[u64], part: Part) -> Vec<Measures> {
    let (problem, streams) = build(&table);
    let mut x = vec![0.0; problem.layout().len()];
    let (mut g, mut scratch) = (x.clone(), Scratch::new());
    problem.start(&mut streams.rng(Stream::Start), &mut x);
    let mut sampler = Sampler::new(sampling, problem.examples(), &streams).unwrap();
    let mut adam = AdamW { decay, ..AdamW::default() }.stepper(&problem.layout(), lr);
    let mut found = vec![];
    for t in 1..=*steps.last().unwrap() {
        problem.eval(&x, &Sample { batch: sampler.batch(t), t, streams: &streams }, &mut g, &mut scratch);
        adam.step(&mut x, &g);
        if steps.contains(&t) {
            found.push(problem.measure(&x, part, &mut scratch));
        }
    }
    found
}

/// In batches.
fn learn(table: Value, lr: f64, batch: usize, steps: u64) -> Measures {
    train(table, [lr, 0.0], Sampling { batch, ..Sampling::default() }, &[steps], Part::Validation)[0]
}

#[test]
fn convolutions_read_digits() {
    let found = learn(json!({ "name": "conv" }), 0.03, 32, 136);
    assert!(found.metric.unwrap() > 0.9, "{found:?}");
}

#[test]
fn a_code_of_eight_numbers_keeps_most_of_a_digit() {
    // The loss of a constant is half of the sum of the pixels' variances.
    let constant = learn(json!({ "name": "autoencoder", "hidden": [1], "init": { "std": 0.0 } }), 0.03, 32, 300).loss;
    for tied in [false, true] {
        let found = learn(json!({ "name": "autoencoder", "tied": tied }), 0.01, 32, 272).loss;
        assert!(found < 0.5 * constant, "{tied}: {found} of {constant}");
    }
}

#[test]
fn a_code_that_is_drawn_says_more_than_it_costs() {
    // A code without a word costs nothing, and leaves the sum of the pixels' variances. One that says where an image lies along a
    // line of variance v gains v - 1/2 - 1/2 log 2v: of images as small as these 0.03, 0.02 and 0.003 along the first three.
    let constant = learn(json!({ "name": "autoencoder", "hidden": [1], "init": { "std": 0.0 } }), 0.03, 32, 300).loss;
    let found = learn(json!({ "name": "vae", "code": 3, "filters": 8, "dropout": 0.0 }), 0.003, 64, 1700).loss;
    assert!(found < 2.0 * constant - 0.01, "{found} of {}", 2.0 * constant);
}

#[test]
fn a_low_rank_is_found_from_a_third_of_the_entries() {
    let found = learn(json!({ "name": "factorisation" }), 0.03, 32, 600).loss;
    assert!(found < 0.01, "{found}");
}

#[test]
fn recurrent_units_remember() {
    // Who remembers nothing has log 4, or 1/12.
    let copied = learn(json!({ "name": "copying", "cell": "plain", "length": 2, "delay": 4 }), 0.03, 32, 320).loss;
    let added = learn(json!({ "name": "adding" }), 0.03, 32, 128).loss;
    assert!(copied < 0.2 && added < 0.04, "{copied} {added}");
}

#[test]
fn language_models_look_at_the_text() {
    // The entropy of this beginning's letters alone is 3.1, with one letter before them 2.4.
    let found = learn(json!({ "name": "recurrent", "cell": "plain" }), 0.03, 16, 114).loss;
    assert!(found < 2.4, "{found}");
    let found = learn(json!({ "name": "transformer", "width": 16 }), 0.01, 16, 114).loss;
    assert!(found < 2.7, "{found}");
}

#[test]
fn decay_finds_the_rule_of_addition_long_after_all_pairs_are_known() {
    let everything = Sampling { order: downhill_problems::Order::Full, ..Sampling::default() };
    let accuracy = |decay, part| -> Vec<f64> {
        let found = train(json!({ "name": "modular" }), [0.01, decay], everything, &[100, 1000], part);
        found.iter().map(|m| m.metric.unwrap()).collect()
    };
    let (seen, new, without) = (accuracy(1.0, Part::Train), accuracy(1.0, Part::Test), accuracy(0.0, Part::Test));
    assert!(seen[0] > 0.99 && new[0] < 0.1 && new[1] > 0.9 && without[1] < 0.1, "{seen:?} {new:?} {without:?}");
}

#[test]
fn the_network_of_deepobs_has_its_number_of_parameters() {
    // 5*5*32 + 32, 5*5*32*64 + 64, 7*7*64*1024 + 1024, 1024*10 + 10 on images of 28 pixels a side.
    use downhill_problems::data::{Labels, Matrix, Portion, Splits};
    use downhill_problems::models::{Cnn, Init, Model};
    let portion = || Portion { x: Matrix::Dense(vec![0.5f32; 784]), y: Labels::Classes(vec![3]) };
    let splits = Splits { train: portion(), validation: portion(), test: portion(), width: 784, classes: 10 };
    let (channels, hidden, init) = (vec![32, 64], vec![1024], Init::Truncated(0.05));
    let net =
        Cnn { channels, hidden, init, kernel: 5, bias: 0.05, ..Cnn::default() }.network(Arc::new(splits)).unwrap();
    let problem: &dyn Problem<f32> = &net;
    assert_eq!(problem.layout().len(), 832 + 51_264 + 3_212_288 + 10_250);
    let names: Vec<_> = problem.layout().blocks().iter().map(|b| (b.name.clone(), b.shape.clone(), b.role)).collect();
    assert_eq!(names[0], ("w1".into(), vec![32, 1, 5, 5], downhill::Role::Hidden));
    assert_eq!(names[6], ("w4".into(), vec![10, 1024], downhill::Role::Head));
    // The start: weights within two deviations of 0.05, whose deviation then is 0.88 of it, and all offsets 0.05.
    let mut x = vec![0.0; problem.layout().len()];
    problem.start(&mut Streams::new("2c2d", 0).rng(Stream::Start), &mut x);
    for block in problem.layout().blocks() {
        let x = &x[block.range.clone()];
        if block.role == downhill::Role::Bias {
            assert!(x.iter().all(|&b| b == 0.05));
        } else {
            assert!(x.iter().all(|w| w.abs() <= 0.1));
            let deviation = (x.iter().map(|w| f64::from(w * w)).sum::<f64>() / x.len() as f64).sqrt();
            assert!((deviation / 0.05 - 0.8796).abs() < 0.05, "{}: {deviation}", block.name);
        }
    }
}

/// What nobody has memory or time for is an error before anything is built.
#[test]
fn sizes_have_limits() {
    let families = Families::builtin();
    for (table, words) in [
        (json!({ "name": "transformer", "layers": 1025 }), "`layers` is 1025, allowed are at most 1024"),
        (json!({ "name": "recurrent", "width": 1 << 25 }), "`width` is 33554432, allowed are at most 16777216"),
        (json!({ "name": "mlp", "hidden": [1 << 14, 1 << 14] }), "allowed is a product of at most 67108864"),
    ] {
        let error = families.configure(&table).map(|_| ()).unwrap_err().0;
        assert!(error.contains(words), "{error}");
    }
    assert!(families.configure(&json!({ "name": "transformer", "layers": 1024 })).is_ok());
    let wide = families.configure(&json!({ "name": "factorisation", "rank": 51 })).unwrap();
    let error = wide.build::<f64>(&World::new().context(&SplitSpec::default(), &Streams::new("x", 0))).err().unwrap().0;
    assert!(error.contains("`rank` is 51, allowed are at most 50"), "{error}");
}
