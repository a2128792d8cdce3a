//! A trial is a function of its text: it can stop, be saved, and go on bit for bit.
#![allow(clippy::unwrap_used, reason = "tests")]

use downhill::{Registry, Schedule};
use downhill_problems::{Families, Order, Sampling, SplitSpec};
use runner::trial::{NUMERICS, Precision, Recording, Spacing, kernel_class};
use runner::{Budget, Lab, Outcome, Trial};
use serde_json::json;

fn lab() -> Lab {
    Lab::new(Registry::builtin(), Families::builtin())
}

fn trial(lr: f64) -> Trial {
    Trial {
        problem: json!({ "name": "rosenbrock" }).into(),
        data: None,
        optimizer: json!({ "name": "adam" }).into(),
        lr,
        schedule: Schedule::Constant,
        horizon: None,
        budget: Budget::Steps(400),
        target: Some(1e-3),
        stop_at_target: false,
        sampling: Sampling::default(),
        split: SplitSpec::default(),
        seed: 0,
        fixed: vec![],
        precision: Precision::F64,
        recording: Recording::default(),
        numerics: NUMERICS,
        kernel: kernel_class().into(),
    }
}

#[test]
fn a_trial_resumes_bit_for_bit() {
    let (lab, trial) = (lab(), trial(0.05));
    let whole = trial.run(&lab).unwrap();
    assert_eq!(whole.summary.outcome, Outcome::Finished);
    let mut running = trial.start(&lab).unwrap();
    let mut stops = 0;
    while !running.advance(37 * (stops + 1)) {
        let bytes = running.save();
        running = trial.start(&lab).unwrap();
        running.load(&bytes).unwrap();
        stops += 1;
    }
    assert!(stops > 5);
    let resumed = running.record();
    // As text: NaN stands for "no metric", and is not equal to itself.
    let text = |r: &runner::Record| serde_json::to_string(&(&r.summary, &r.curve)).unwrap();
    assert!(text(&resumed) == text(&whole), "a resumed trial differs from an undisturbed one");
}

/// A trial of `optimizer` on softmax regression of iris, 20 steps on everything, or on batches of ten.
fn on_iris(optimizer: serde_json::Value, order: Order) -> Trial {
    Trial {
        problem: json!({ "name": "softmax", "data": "iris" }).into(),
        optimizer: optimizer.into(),
        budget: Budget::Steps(20),
        target: None,
        sampling: Sampling { order, batch: 10, ..Sampling::default() },
        ..trial(0.1)
    }
}

/// What a method asks beyond the gradient of a step is counted: never less than what it asked, never twice.
#[test]
fn questions_are_counted() {
    let examples = 90; // three fifths of 150 train
    let evaluations = |optimizer: serde_json::Value, order: Order| {
        let record = on_iris(optimizer, order).run(&lab()).unwrap();
        assert_eq!(record.summary.outcome, Outcome::Finished);
        let last = record.curve.last().unwrap();
        (record.summary.evaluations, last.examples)
    };
    assert_eq!(evaluations(json!({ "name": "sgd" }), Order::Shuffled), (20, 200));
    let sam = json!({ "name": "sgd", "wrap": [{ "name": "sam" }] });
    assert_eq!(evaluations(sam, Order::Shuffled), (40, 400), "two gradients a step");
    // A full gradient at the first step, then the step's own gradient and the anchor's.
    let svrg = json!({ "name": "svrg", "inner": 1000 });
    assert_eq!(evaluations(svrg, Order::Shuffled), (20 + 1 + 20, 200 + examples + 200));
    // Ten single examples a step beside the batch.
    assert_eq!(evaluations(json!({ "name": "saga" }), Order::Shuffled), (20 + 200, 400));
    // A product with the Hessian by formula costs a gradient; an MLP has none, and costs two.
    let curved = |problem: serde_json::Value| {
        let trial = Trial { problem: problem.into(), ..on_iris(json!({ "name": "sophia-h" }), Order::Shuffled) };
        trial.run(&lab()).unwrap().summary.evaluations
    };
    assert_eq!(curved(json!({ "name": "softmax", "data": "iris" })), 20 + 2, "every tenth step");
    assert_eq!(curved(json!({ "name": "mlp", "data": "iris" })), 20 + 4, "every tenth step");
    // A line search steps to a point that it has tried: the gradient there is paid for. One trial point a step is the
    // least, so that 20 steps cost the first gradient and at least one question each.
    let (asked, seen) = evaluations(json!({ "name": "l-bfgs" }), Order::Full);
    assert!((21..60).contains(&asked) && seen == asked * examples, "{asked} evaluations");
}

#[test]
fn a_method_that_asks_resumes_bit_for_bit() {
    let lab = lab();
    for (optimizer, order) in [
        (json!({ "name": "l-bfgs" }), Order::Full),
        (json!({ "name": "saga" }), Order::Shuffled),
        (json!({ "name": "svrg" }), Order::Shuffled),
        (json!({ "name": "sophia-g" }), Order::Shuffled),
        (json!({ "name": "adahessian" }), Order::Shuffled),
        (json!({ "name": "prodigy", "wrap": [{ "name": "sam" }] }), Order::Shuffled),
    ] {
        let trial = on_iris(optimizer, order);
        let whole = trial.run(&lab).unwrap();
        let mut running = trial.start(&lab).unwrap();
        for stop in 1..20 {
            running.advance(stop);
            let bytes = running.save();
            running = trial.start(&lab).unwrap();
            running.load(&bytes).unwrap();
        }
        running.advance(u64::MAX);
        let text = |r: &runner::Record| serde_json::to_string(&(&r.summary, &r.curve)).unwrap();
        assert_eq!(text(&running.record()), text(&whole), "{}", trial.optimizer);
    }
}

#[test]
fn divergence_is_a_result() {
    let mut trial = trial(0.1);
    trial.optimizer = json!({ "name": "sgd" }).into();
    let record = trial.run(&lab()).unwrap();
    let Outcome::Diverged { step } = record.summary.outcome else { panic!("{:?}", record.summary.outcome) };
    assert!(step < 10, "stops at once, not at step {step}");
}

#[test]
fn the_key_depends_on_everything_that_decides_the_result() {
    let keys = [trial(0.05), trial(0.06), Trial { seed: 1, ..trial(0.05) }].map(|t| t.key());
    assert!(keys[0] != keys[1] && keys[0] != keys[2] && keys[0].len() == 16);
}

#[test]
fn points_lie_where_they_are_told_to() {
    let at = |spacing, total, unit| Recording { points: 4, spacing }.steps(total, unit);
    assert_eq!(at(Spacing::Linear, 20, 1), [0, 5, 10, 15, 20]);
    assert_eq!(at(Spacing::Log, 81, 1), [0, 3, 9, 27, 81]);
    assert_eq!(at(Spacing::At(vec![5, 1, 2]), 70, 7), [0, 7, 14, 35, 70]); // of ten epochs of seven steps
    let check = |list: Vec<u64>, budget| Recording { points: 4, spacing: Spacing::At(list) }.check(budget);
    assert_eq!(check(vec![1, 10], Budget::Epochs(10)), Ok(()));
    for wrong in [0, 11] {
        let error = check(vec![1, wrong], Budget::Epochs(10)).unwrap_err();
        assert_eq!(error, format!("`spacing.at` has {wrong}, allowed is 1 to the trial's 10 epochs"));
    }
}

#[test]
fn without_points_a_trial_steps_and_measures_nothing() {
    let silent = Trial { recording: Recording { points: 0, spacing: Spacing::Log }, ..trial(0.05) };
    let ends = [silent, trial(0.05)].map(|trial| {
        let mut running = trial.start(&lab()).unwrap();
        assert!(!running.advance(3));
        let saved: serde_json::Value = serde_json::from_slice(&running.save()).unwrap();
        (running.curve().len(), saved["x"].clone())
    });
    assert_eq!(ends[0].0, 0);
    assert!(ends[1].0 > 1);
    assert_eq!(ends[0].1, ends[1].1);
}

/// The key's text is that of the whole as a sorted value, whatever is in it.
#[test]
fn canonical_text_is_the_sorted_value() {
    let long = Trial { fixed: vec![downhill_problems::Stream::Start], stop_at_target: true, ..trial(1e-3) };
    let data = Trial { data: Some("0a1b".into()), horizon: Some(Budget::Epochs(7)), target: None, ..trial(0.1) };
    for trial in [trial(0.05), long, data, on_iris(json!({ "name": "adam", "beta1": 0.5 }), Order::Shuffled)] {
        assert_eq!(trial.canonical(), serde_json::to_value(&trial).unwrap().to_string());
        let again: Trial = serde_json::from_str(&trial.canonical()).unwrap();
        assert_eq!((again.key(), again.canonical()), (trial.key(), trial.canonical()));
    }
}
