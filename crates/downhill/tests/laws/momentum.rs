//! Momentum's line: identities, one for each classical mistake, and which method holds which.

use crate::common::{Walk, difference, gradients, layout, noise};
use downhill::{Layout, Nesterov};
use serde_json::{Value, json};

const LR: f64 = 0.05;

fn walk(table: &Value, start: &[f64]) -> Walk<f64> {
    Walk::new(table, &Layout::vector(start.len()), start, LR)
}

/// Where a method goes along thirty gradients.
fn path(table: &Value) -> Vec<f64> {
    walk(table, &noise(0, 8)).along(&gradients(30, 8)).x
}

/// Where a method comes in `steps` steps down a quadratic of these curvatures.
fn down(table: &Value, curvature: &[f64], lr: f64, steps: usize) -> f64 {
    let mut walk = Walk::<f64>::new(table, &Layout::vector(curvature.len()), &vec![1.0; curvature.len()], lr);
    for _ in 0..steps {
        let g: Vec<_> = walk.x.iter().zip(curvature).map(|(x, h)| h * x).collect();
        walk.step(&g);
    }
    walk.x.iter().zip(curvature).map(|(x, h)| 0.5 * h * x * x).sum()
}

#[test]
fn the_names_are_sgd_bit_for_bit() {
    let sgd = |more: Value| {
        let mut table = json!({ "name": "sgd" });
        table.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        path(&table)
    };
    assert_eq!(path(&json!({ "name": "heavy-ball" })), sgd(json!({ "momentum": 0.9 })));
    assert_eq!(path(&json!({ "name": "nesterov" })), sgd(json!({ "momentum": 0.9, "nesterov": true })));
    assert_eq!(path(&json!({ "name": "sgdw", "decay": 0.0 })), sgd(json!({ "momentum": 0.9 })));
    assert_eq!(path(&json!({ "name": "aggmo", "betas": [0.0] })), sgd(json!({})));
    assert_eq!(path(&json!({ "name": "aggmo", "betas": [0.9] })), sgd(json!({ "momentum": 0.9 })));
    assert_eq!(path(&json!({ "name": "qhm", "nu": 0.0 })), sgd(json!({})));
    assert_eq!(path(&json!({ "name": "pid", "integral": 0.0, "derivative": 0.0 })), sgd(json!({})));
    assert_eq!(path(&json!({ "name": "asgd", "lambda": 0.0 })), sgd(json!({})));
    let mean = json!({ "name": "aggmo", "betas": [0.0, 0.9] });
    let halves = |a: Vec<f64>, b: Vec<f64>| a.iter().zip(&b).map(|(a, b)| (a + b) / 2.0).collect::<Vec<_>>();
    assert!(difference(&path(&mean), &halves(sgd(json!({})), sgd(json!({ "momentum": 0.9 })))) < 1e-13);
}

/// The weights of gradient and mean in each other's place would hold neither.
#[test]
fn qhm_holds_nesterov_and_momentum_as_a_mean() {
    let (beta, x) = (0.75, noise(0, 8));
    let as_long = |a: &[f64], b: &[f64]| {
        let moved: Vec<_> = b.iter().zip(&x).map(|(b, x)| x + (1.0 - beta) * (b - x)).collect();
        assert!(difference(a, &moved) < 1e-13);
    };
    let qhm = |nu: f64| path(&json!({ "name": "qhm", "beta": beta, "nu": nu }));
    as_long(&qhm(beta), &path(&json!({ "name": "nesterov", "momentum": beta })));
    as_long(&qhm(1.0), &path(&json!({ "name": "heavy-ball", "momentum": beta })));
}

/// The decay of the parameters must not pass through the buffer.
#[test]
fn sgdw_without_gradient_is_geometric() {
    let end = walk(&json!({ "name": "sgdw", "decay": 0.5 }), &[0.7]).along(&vec![vec![0.0]; 50]);
    assert!((end.x[0] - 0.7 * (1.0 - LR * 0.5f64).powi(50)).abs() < 1e-14);
}

/// `mu_t = (a_{t-1} - 1) / a_t`: one index further, and the first step would carry something on.
#[test]
fn the_convex_schedule_begins_with_two_plain_steps() {
    let mut convex = walk(&json!({ "name": "nesterov", "convex": true }), &[0.0]);
    let mut moves = Vec::new();
    for g in [1.0, 0.0, 0.0] {
        let before = convex.x[0];
        convex.step(&[g]);
        moves.push(before - convex.x[0]);
    }
    assert_eq!(moves, [LR, 0.0, 0.0], "mu is 0 in the first step: nothing is carried");
    convex.step(&[1.0]);
    let before = convex.x[0];
    convex.step(&[0.0]);
    let a = |a: f64| 0.5 * (1.0 + (1.0 + 4.0 * a * a).sqrt());
    let (a4, a5, a6) = (a(a(a(1.0))), a(a(a(a(1.0)))), a(a(a(a(a(1.0))))));
    let (mu4, mu5) = ((a4 - 1.0) / a5, (a5 - 1.0) / a6);
    assert!((before - convex.x[0] - LR * mu5 * mu4).abs() < 1e-15);
}

/// The bound that gives the method its name: `f - f* <= 2 |x_0|^2 / (lr (t + 1)^2)`, which gradient descent
/// breaks on a curvature of about `1 / (lr t)`.
#[test]
fn the_convex_schedule_keeps_nesterovs_bound() {
    for t in [30, 100, 300] {
        let curvature = [1.0, 2.0 / (t * t) as f64, 20.0 / (t * t) as f64];
        let bound = 2.0 * 3.0 / ((t + 1) * (t + 1)) as f64;
        assert!(down(&json!({ "name": "nesterov", "convex": true }), &curvature, 1.0, t) < bound);
        assert!(down(&json!({ "name": "sgd" }), &[0.25 / t as f64], 1.0, t) > bound / 3.0);
    }
}

/// With the sign of the test turned, it would restart in every good step.
#[test]
fn a_restart_ends_the_ripples() {
    let curvature = [1.0, 0.01];
    let after = |table: Value| down(&table, &curvature, 1.0, 300);
    let rippling = after(json!({ "name": "nesterov", "convex": true }));
    let restarted = after(json!({ "name": "nesterov", "convex": true, "restart": true }));
    assert!(restarted < 1e-6 * rippling, "{restarted:e} and {rippling:e}");
    let best = serde_json::to_value(Nesterov::conditioned(100.0)).unwrap();
    assert!((best["momentum"].as_f64().unwrap() - 9.0 / 11.0).abs() < 1e-15);
    let conditioned = json!({ "name": "nesterov", "momentum": best["momentum"] });
    assert!(after(conditioned) < 1e-6 * after(json!({ "name": "sgd" })));
}

/// The question is to the whole vector: a block that still goes down would lose its momentum alone.
#[test]
fn a_restart_is_for_all_blocks() {
    let table = json!({ "name": "nesterov", "restart": true });
    let layout = Layout::vector(1).block("other", [1], downhill::Role::Hidden);
    let mut walk = Walk::<f64>::new(&table, &layout, &[0.0, 0.0], LR);
    walk.step(&[1.0, 1.0]);
    let before = walk.x.clone();
    // b would be (0.1, -99.1): the second has turned, and more.
    walk.step(&[-0.8, -100.0]);
    let ran_on: Vec<_> = before.iter().zip([-0.8, -100.0]).map(|(x, g)| x - LR * (g + 0.9 * (0.9 + g))).collect();
    assert!(difference(&walk.x, &ran_on) < 1e-14, "both gradients agree with the last move");
    let before = walk.x.clone();
    walk.step(&[-0.5, 50.0]);
    assert_eq!(walk.x, [before[0] + LR * 0.5, before[1] - LR * 50.0], "one went uphill: both restart");
}

#[test]
fn signs_are_lions_and_each_others() {
    assert_eq!(path(&json!({ "name": "signum", "momentum": 0.0 })), path(&json!({ "name": "sign-sgd" })));
    let lion = json!({ "name": "lion", "beta1": 0.9, "beta2": 0.9 });
    assert_eq!(path(&json!({ "name": "signum" })), path(&lion));
    let mut still = walk(&json!({ "name": "sign-sgd" }), &[0.5, 0.5, 0.5]);
    still.step(&[0.0, 1e-300, -7.0]);
    assert_eq!(still.x, [0.5, 0.5 - LR, 0.5 + LR], "the sign of 0 is 0");
}

/// `x - e` takes the steps of gradient descent: whatever is left out is paid later. An error without the rate, or
/// gathered before the signs are taken, would break it.
#[test]
fn error_feedback_loses_nothing() {
    let (x, g) = (noise(0, 17), gradients(30, 17));
    let mut fed = Walk::<f64>::new(&json!({ "name": "ef-sign-sgd" }), &layout(), &x, LR);
    let mut plain = Walk::<f64>::new(&json!({ "name": "sgd" }), &layout(), &x, LR);
    for (t, g) in g.iter().enumerate() {
        (fed.lr, plain.lr) = (LR / (t + 1) as f64, LR / (t + 1) as f64);
        fed.step(g);
        plain.step(g);
        // By name: b, s, w.
        let state = fed.save();
        let e = |name: &str| match state.iter().find(|(key, _)| *key == format!("ef-sign-sgd/{name}/e")).unwrap().1 {
            downhill::Values::F64(v) => v.clone(),
            _ => panic!("{name}"),
        };
        let errors = [e("w"), e("b"), e("s")].concat();
        let paid: Vec<_> = fed.x.iter().zip(&errors).map(|(x, e)| x - e).collect();
        assert!(difference(&paid, &plain.x) < 1e-14);
        assert_eq!(fed.x[16], plain.x[16], "a scalar leaves nothing out");
    }
}

/// Karimireddy et al. 2019, Counterexample 1: `f = |x1 + x2| / 2 + |x1 - x2|`. The signs of its gradients are
/// `(1, -1)` and `(-1, 1)` alone, and never lead down the valley.
#[test]
fn error_feedback_converges_where_signs_do_not() {
    let valley = |name: &str| {
        let mut walk = walk(&json!({ "name": name }), &[1.0, 1.0]);
        for t in 0..4000 {
            let (s, d) = ((walk.x[0] + walk.x[1]).signum() / 2.0, (walk.x[0] - walk.x[1]).signum());
            walk.lr = LR / f64::from(1 + t).sqrt();
            walk.step(&[s + d, s - d]);
        }
        walk.x[0] + walk.x[1]
    };
    assert!((valley("sign-sgd") - 2.0).abs() < 1e-12);
    assert!(valley("ef-sign-sgd").abs() < 0.05);
}

/// From step 2 on, as torch counts: `mu` is `1 / max(1, t - 1 - t0)`.
#[test]
fn asgd_reads_out_the_mean_of_its_points() {
    let mut asgd = walk(&json!({ "name": "asgd", "lambda": 0.0, "t0": 3 }), &[0.0]);
    assert_eq!(asgd.readout(), [0.0], "the start, before the first step");
    let mut points = Vec::new();
    for (t, g) in gradients(20, 1).iter().enumerate() {
        asgd.step(g);
        if t < 5 {
            assert_eq!(asgd.readout(), asgd.x, "no mean yet");
            points.clear();
        }
        points.push(asgd.x[0]);
        let mean = points.iter().sum::<f64>() / points.len() as f64;
        assert!((asgd.readout()[0] - mean).abs() < 1e-15);
    }
}

/// The rate of the first step is not slowed, and the decay is a factor before the gradient's step.
#[test]
fn asgds_rate_falls_from_the_second_step() {
    let mut asgd = walk(&json!({ "name": "asgd", "lambda": 0.5, "alpha": 1.0 }), &[2.0]);
    asgd.step(&[1.0]);
    let x = 2.0 * (1.0 - 0.5 * LR) - LR;
    assert!((asgd.x[0] - x).abs() < 1e-15);
    asgd.step(&[1.0]);
    let eta = LR / (1.0 + 0.5 * LR);
    assert!((asgd.x[0] - (x * (1.0 - 0.5 * eta) - eta)).abs() < 1e-15);
}

/// The first step is the rate (not 1.2 of it); a turn halves the step, rests, and forgets the gradient's sign.
#[test]
fn rprop_rests_after_a_turn() {
    let mut rprop = walk(&json!({ "name": "rprop" }), &[0.0]);
    let mut moves = Vec::new();
    for g in [3.0, 0.1, -2.0, -2.0, -5.0] {
        let before = rprop.x[0];
        rprop.step(&[g]);
        moves.push((before - rprop.x[0]) / LR);
    }
    let expected = [1.0, 1.2, 0.0, -0.6, -0.72];
    assert!(difference(&moves, &expected) < 1e-13, "{moves:?}");
}

#[test]
fn rprops_steps_stay_in_their_range() {
    let mut rprop = walk(&json!({ "name": "rprop", "min": 0.01, "max": 0.2 }), &[0.0]);
    let mut moves = |signs: &mut dyn Iterator<Item = f64>| {
        let of = |g| {
            let before = rprop.x[0];
            rprop.step(&[g]);
            (before - rprop.x[0]).abs()
        };
        signs.map(of).filter(|m| *m > 0.0).collect::<Vec<_>>()
    };
    let largest = moves(&mut (0..30).map(|_| 1.0)).into_iter().fold(0.0, f64::max);
    let smallest = moves(&mut (0..30).map(|t| f64::from(t % 2) * 2.0 - 1.0)).into_iter().fold(1.0, f64::min);
    assert!((largest - 0.2).abs() < 1e-14 && (smallest - 0.01).abs() < 1e-14, "{largest} and {smallest}");
}

/// No change at the first step: a last gradient of 0, as in the authors' code, would be one.
#[test]
fn pids_derivative_begins_with_the_second_gradient() {
    let mut pid = walk(&json!({ "name": "pid", "integral": 0.0, "derivative": 10.0, "momentum": 0.5 }), &[0.0]);
    pid.step(&[4.0]);
    assert_eq!(pid.x[0], -LR * 4.0);
    let before = pid.x[0];
    pid.step(&[5.0]);
    assert!((before - pid.x[0] - LR * (5.0 + 10.0 * 0.5)).abs() < 1e-15);
}
