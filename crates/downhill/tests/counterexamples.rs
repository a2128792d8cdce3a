//! Where methods are known to part ways: small problems on which theory says who fails, and who does not.

#![allow(clippy::unwrap_used)]

#[path = "laws/common.rs"]
#[allow(dead_code)]
mod common;

use common::{configure, noise};
use downhill::{Layout, NoOracle, Optimizer, Step};
use serde_json::{Value, json};

fn optimizer(table: &Value, n: usize) -> Box<dyn Optimizer<f64>> {
    configure(table).build(&Layout::vector(n)).unwrap()
}

fn step(optimizer: &mut dyn Optimizer<f64>, x: &mut [f64], g: &[f64], t: u64, lr: f64) {
    optimizer.step(x, g, &mut Step { t, lr, loss: 0.0, oracle: &mut NoOracle });
}

/// Online in [-1, 1] with the rate `alpha / sqrt(t)`: where the linear losses with slopes `g(t)` lead.
fn online(table: &Value, alpha: f64, steps: u64, g: impl Fn(u64) -> f64) -> f64 {
    let (mut optimizer, mut x) = (optimizer(table, 1), [0.0]);
    for t in 1..=steps {
        step(&mut *optimizer, &mut x, &[g(t)], t, alpha / (t as f64).sqrt());
        x[0] = x[0].clamp(-1.0, 1.0);
    }
    x[0]
}

/// Reddi, Kale & Kumar 2018, theorem 1: the slopes are C, -1, -1, whose sum is positive, so the best point is -1; Adam
/// forgets the C before it has walked back.
#[test]
fn adam_walks_to_the_worst_point_and_amsgrad_to_the_best() {
    for c in [3.0, 4.0] {
        let beta2 = 1.0 / (1.0 + c * c);
        let slope = |t: u64| if t % 3 == 1 { c } else { -1.0 };
        let adam = json!({ "name": "adam", "beta1": 0.0, "beta2": beta2, "eps": 0.0, "bias_correction": false });
        let amsgrad = json!({ "name": "amsgrad", "preset": "paper", "beta1": 0.0, "beta2": beta2 });
        assert_eq!(online(&adam, 0.1, 30_000, slope), 1.0, "C = {c}");
        let end = online(&amsgrad, 0.1, 30_000, slope);
        assert!(end < -0.99, "C = {c}: {end}");
    }
}

/// The same with the paper's own numbers: 1010 once in 101 steps, else -10.
#[test]
fn adam_fails_on_reddis_sequence_at_every_rate() {
    let slope = |t: u64| if t % 101 == 1 { 1010.0 } else { -10.0 };
    let betas = |name: &str| json!({ "name": name, "beta1": 0.9, "beta2": 0.99 });
    let mut amsgrad = betas("amsgrad");
    amsgrad["preset"] = json!("paper");
    for (alpha, below) in [(0.1, -0.4), (0.5, -0.9), (1.0, -0.9)] {
        assert!(online(&betas("adam"), alpha, 1_000_000, slope) > 0.9, "alpha = {alpha}");
        let end = online(&amsgrad, alpha, 1_000_000, slope);
        assert!(end < below, "alpha = {alpha}: {end}");
    }
}

/// Wilson et al. 2017, section 3.3: the first feature is the label, two are 1 always, and each example has features of
/// its own, more of them if the label is -1. Least squares has many solutions: the one near the origin classifies new
/// examples without error, the one where all weights have the same size calls everything positive.
#[test]
fn adaptive_methods_find_the_solution_that_generalises_badly() {
    let n = 100;
    let label = |u: f64| if u < 0.2 { 1.0 } else { -1.0 }; // u is uniform in (-1, 1): 60 % positive
    let train: Vec<f64> = noise(1, n).into_iter().map(label).collect();
    let fresh: Vec<f64> = noise(2, 1000).into_iter().map(label).collect();
    let negative = fresh.iter().filter(|y| **y < 0.0).count() as f64 / fresh.len() as f64;
    let features = |i: usize, y: f64| -> Vec<(usize, f64)> {
        let own = if y > 0.0 { 1 } else { 5 };
        [(0, y), (1, 1.0), (2, 1.0)].into_iter().chain((0..own).map(|k| (3 + 5 * i + k, 1.0))).collect()
    };
    let rows: Vec<_> = train.iter().enumerate().map(|(i, &y)| features(i, y)).collect();
    for (table, lr, decay, bad) in [
        (json!({ "name": "sgd" }), 0.3, false, false),
        (json!({ "name": "sgd", "momentum": 0.9 }), 0.03, false, false),
        (json!({ "name": "adagrad" }), 0.1, false, true),
        (json!({ "name": "rmsprop" }), 0.01, true, true),
        (json!({ "name": "adam" }), 0.01, true, true),
    ] {
        let d = 3 + 5 * n;
        let (mut optimizer, mut w, steps) = (optimizer(&table, d), vec![0.0; d], 5000);
        let mut loss = 0.0;
        for t in 1..=steps {
            let mut g = vec![0.0; d];
            loss = 0.0;
            for (row, y) in rows.iter().zip(&train) {
                let r = row.iter().map(|&(j, v)| w[j] * v).sum::<f64>() - y;
                loss += 0.5 * r * r / n as f64;
                row.iter().for_each(|&(j, v)| g[j] += r * v / n as f64);
            }
            // Methods that move by about lr in every step need a rate that falls to reach the solution.
            let lr = if decay { lr * (1.0 - t as f64 / steps as f64) } else { lr };
            step(&mut *optimizer, &mut w, &g, t, lr);
        }
        assert!(loss < 1e-4, "{table}: the training loss is {loss:e}");
        let wrong = fresh.iter().filter(|&&y| (w[0] * y + w[1] + w[2]) * y <= 0.0).count() as f64;
        let error = wrong / fresh.len() as f64;
        assert_eq!(error, if bad { negative } else { 0.0 }, "{table}: weights {:?}", &w[..3]);
    }
    assert!((negative - 0.4).abs() < 0.05);
}

/// Logistic regression online, on features as rare as words: the share of wrong predictions before each step.
fn zipf(table: &Value, lr: f64) -> f64 {
    let (d, n) = (1000, 8000);
    let presence = |j: usize| (2.0 / (j + 1) as f64).min(1.0);
    let (normal, uniform) = (noise(7, 12 * d), noise(8, n));
    let planted = |j: usize| -presence(j).ln() * (0..12).map(|k| normal[12 * j + k]).sum::<f64>() / 2.0;
    let planted: Vec<f64> = (0..d).map(planted).collect();
    let (mut optimizer, mut w, mut wrong) = (optimizer(table, d), vec![0.0; d], 0);
    for t in 1..=n as u64 {
        let row: Vec<usize> = noise(1000 + t, d)
            .iter()
            .enumerate()
            .filter(|(j, u)| 0.5 * (*u + 1.0) < presence(*j))
            .map(|(j, _)| j)
            .collect();
        let truth = row.iter().map(|&j| planted[j]).sum::<f64>();
        let y = if 0.5 * (uniform[t as usize - 1] + 1.0) < 1.0 / (1.0 + (-truth).exp()) { 1.0 } else { -1.0 };
        let margin = y * row.iter().map(|&j| w[j]).sum::<f64>();
        wrong += u32::from(margin <= 0.0);
        let mut g = vec![0.0; d];
        row.iter().for_each(|&j| g[j] = -y / (1.0 + margin.exp()));
        step(&mut *optimizer, &mut w, &g, t, lr);
    }
    f64::from(wrong) / n as f64
}

/// Each at the best of its rates.
#[test]
fn rare_features_want_a_rate_of_their_own() {
    let best = |name: &str, rates: &[f64]| {
        rates.iter().map(|&lr| zipf(&json!({ "name": name }), lr)).fold(f64::INFINITY, f64::min)
    };
    let adagrad = best("adagrad", &[0.1, 0.3, 1.0]);
    let adam = best("adam", &[0.003, 0.01, 0.03]);
    let rmsprop = best("rmsprop", &[0.003, 0.01, 0.03]);
    let sgd = best("sgd", &[0.03, 0.1, 0.3]);
    assert!(adagrad < adam && adam < rmsprop && rmsprop < sgd, "{adagrad} {adam} {rmsprop} {sgd}");
}

/// Under gradients of size 1 Adagrad's rate is `lr / sqrt(t)` and never grows.
#[test]
fn adagrads_rate_vanishes_like_the_root_of_time() {
    let (mut adagrad, mut x, mut last) = (optimizer(&json!({ "name": "adagrad" }), 1), [0.0], f64::INFINITY);
    for t in 1..=10_000u64 {
        let (g, before) = (if t % 2 == 0 { 1.0 } else { -1.0 }, x[0]);
        step(&mut *adagrad, &mut x, &[g], t, 1.0);
        let rate = (before - x[0]) / g;
        assert!(rate <= last, "{rate} after {last} at step {t}");
        assert!((rate * (t as f64).sqrt() - 1.0).abs() < 1e-9, "{rate} at step {t}");
        last = rate;
    }
}

/// The value of sum_i i x_i^2 / 2 after 1000 steps from ones.
fn bowl(table: &Value, lr: f64) -> f64 {
    let (mut optimizer, mut x) = (optimizer(table, 10), vec![1.0; 10]);
    for t in 1..=1000 {
        let g: Vec<f64> = x.iter().enumerate().map(|(i, x)| (i + 1) as f64 * x).collect();
        step(&mut *optimizer, &mut x, &g, t, lr);
    }
    x.iter().enumerate().map(|(i, x)| 0.5 * (i + 1) as f64 * x * x).sum()
}

/// Ward, Wu & Bottou 2019: too large a rate is repaired by itself; too small a one is not.
#[test]
fn adagrad_norm_forgives_large_rates() {
    let norm = json!({ "name": "adagrad-norm" });
    for lr in [1.0, 10.0, 100.0] {
        assert!(bowl(&norm, lr) < 1e-30, "lr = {lr}: {:e}", bowl(&norm, lr));
    }
    assert!(bowl(&norm, 0.01) > 1.0);
    assert!(bowl(&json!({ "name": "sgd" }), 0.19) < 1e-10 && bowl(&json!({ "name": "sgd" }), 0.21) > 1e10);
}

/// Karimireddy et al. 2019, arXiv:1901.09847: gradients of 4 once in four steps, else -1. Their mean is positive, their
/// sign mostly negative: the sign climbs, and what error feedback keeps brings the mean back.
#[test]
fn the_sign_climbs_where_gradients_are_skewed() {
    let end = |table: Value| {
        let (mut optimizer, mut x) = (optimizer(&table, 1), [0.0]);
        for t in 1..=4000 {
            step(&mut *optimizer, &mut x, &[if t % 4 == 0 { 4.0 } else { -1.0 }], t, 0.01);
        }
        x[0]
    };
    assert!(end(json!({ "name": "sign-sgd" })) > 10.0);
    assert!(end(json!({ "name": "sgd" })) < -9.0);
    assert!(end(json!({ "name": "ef-sign-sgd" })) < -9.0);
}

/// The largest stable rate on `curvature x^2 / 2`, by bisection.
fn edge(table: &Value, curvature: f64) -> f64 {
    let stable = |lr: f64| {
        let (mut optimizer, mut x) = (optimizer(table, 1), [1.0]);
        for t in 1..=20_000 {
            let g = [curvature * x[0]];
            step(&mut *optimizer, &mut x, &g, t, lr);
        }
        x[0].abs() < 1.0
    };
    let (mut low, mut high) = (0.0, 10.0 / curvature);
    while high - low > 1e-5 / curvature {
        let middle = 0.5 * (low + high);
        if stable(middle) { low = middle } else { high = middle }
    }
    low
}

#[test]
fn the_edges_of_stability_are_those_of_theory() {
    let mu = 0.9;
    for curvature in [1.0, 25.0] {
        for (table, expected) in [
            (json!({ "name": "sgd" }), 2.0),
            (json!({ "name": "sgd", "momentum": mu }), 2.0 * (1.0 + mu)),
            (json!({ "name": "sgd", "momentum": mu, "nesterov": true }), 2.0 * (1.0 + mu) / (1.0 + 2.0 * mu)),
        ] {
            let found = edge(&table, curvature) * curvature;
            assert!((found - expected).abs() < 1e-3, "{table} at {curvature}: {found}, theory {expected}");
        }
    }
}
