//! A trial is a function of its text: it can stop, be saved, and go on bit for bit.
#![allow(clippy::unwrap_used, reason = "tests")]

use downhill::{Registry, Schedule};
use downhill_problems::{Families, Sampling, SplitSpec};
use runner::trial::{NUMERICS, Precision, Recording, kernel_class};
use runner::{Budget, Lab, Outcome, Trial};
use serde_json::json;

fn lab() -> Lab {
    Lab::new(Registry::builtin(), Families::builtin())
}

fn trial(lr: f64) -> Trial {
    Trial {
        problem: json!({ "name": "rosenbrock" }),
        data: None,
        optimizer: json!({ "name": "adam" }),
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
        kernel: kernel_class(),
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

#[test]
fn divergence_is_a_result() {
    let mut trial = trial(0.1);
    trial.optimizer = json!({ "name": "sgd" });
    let record = trial.run(&lab()).unwrap();
    let Outcome::Diverged { step } = record.summary.outcome else { panic!("{:?}", record.summary.outcome) };
    assert!(step < 10, "stops at once, not at step {step}");
}

#[test]
fn the_key_depends_on_everything_that_decides_the_result() {
    let keys = [trial(0.05), trial(0.06), Trial { seed: 1, ..trial(0.05) }].map(|t| t.key());
    assert!(keys[0] != keys[1] && keys[0] != keys[2] && keys[0].len() == 16);
}
