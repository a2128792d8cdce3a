//! Identities in closed form, one for each classical mistake.

use crate::common::{Walk, difference, gradients, noise};
use downhill::{Adam, Layout, Lion, Method, NoOracle, RAdam, Sgd, Step};
use serde_json::{Value, json};

const LR: f64 = 0.05;

fn walk(table: &Value, start: &[f64]) -> Walk<f64> {
    Walk::new(table, &Layout::vector(start.len()), start, LR)
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-13 * a.abs().max(b.abs()), "{a} is not {b}");
}

/// Bias correction from t = 0, or the root's eps in another place, would move it elsewhere.
#[test]
fn adams_first_step_is_the_rate_in_the_gradients_direction() {
    for g in [1e-8, 1e-4, -3.0, 1e6] {
        let mut adam = walk(&json!({ "name": "adam" }), &[0.0]);
        adam.step(&[g]);
        close(adam.x[0], -LR * g / (f64::abs(g) + 1e-8));
    }
}

/// The start that bias correction is for: 0.1 / sqrt(0.001), three times too long.
#[test]
fn without_bias_correction_adams_first_step_is_three_times_as_long() {
    let mut adam = walk(&json!({ "name": "adam", "bias_correction": false, "eps": 0.0 }), &[0.0]);
    adam.step(&[-2.0]);
    close(adam.x[0], LR * 0.1 / 0.001f64.sqrt());
}

/// Coefficients by repeated multiplication would have drifted.
#[test]
fn bias_correction_is_gone_after_a_million_steps() {
    let mut x = [0.0];
    let mut adam = Adam::default().build(&Layout::vector(1));
    adam.step(&mut x, &[2.0f64], &mut Step { t: 1_000_000, lr: LR, loss: 0.0, oracle: &mut NoOracle });
    close(x[0], -LR * (0.1 * 2.0) / ((0.001f64 * 4.0).sqrt() + 1e-8));
}

#[test]
fn decoupled_decay_alone_is_geometric_and_l2_is_not() {
    let zeros = vec![vec![0.0]; 50];
    let law = 0.7 * (1.0 - LR * 0.1f64).powi(50);
    for table in [
        json!({ "name": "adamw", "decay": 0.1 }),
        json!({ "name": "adam", "wrap": { "name": "decay", "lambda": 0.1 } }),
    ] {
        let mut end = walk(&table, &[0.7]).along(&zeros);
        close(end.x[0], law);
        let untouched =
            end.save().iter().all(|(_, v)| matches!(v, downhill::Values::F64(v) if v.iter().all(|&v| v == 0.0)));
        assert!(untouched, "{table}: the moments saw the decay");
    }
    let coupled = walk(&json!({ "name": "adam", "wrap": { "name": "l2", "lambda": 0.1 } }), &[0.7]).along(&zeros);
    assert!((coupled.x[0] - law).abs() > 0.1);
}

/// Nesterov's own form, `v <- mu v - lr grad(y + mu v); y <- y + v`, seen from `x = y + mu v`.
#[test]
fn nesterov_is_the_look_ahead_in_other_variables() {
    let (mu, curvature) = (0.9, [1.0, 4.0]);
    let gradient = |x: &[f64]| x.iter().zip(curvature).map(|(x, h)| h * x + 0.1 * x * x * x).collect::<Vec<_>>();
    let mut torch = walk(&json!({ "name": "sgd", "momentum": mu, "nesterov": true }), &[1.0, -0.5]);
    let (mut y, mut v) = (vec![1.0, -0.5], vec![0.0, 0.0]);
    for _ in 0..50 {
        let g = gradient(&torch.x);
        torch.step(&g);
        let ahead: Vec<f64> = y.iter().zip(&v).map(|(y, v)| y + mu * v).collect();
        for (i, g) in gradient(&ahead).into_iter().enumerate() {
            v[i] = mu * v[i] - LR * g;
            y[i] += v[i];
        }
        let seen: Vec<f64> = y.iter().zip(&v).map(|(y, v)| y + mu * v).collect();
        assert!(difference(&torch.x, &seen) < 1e-13);
    }
}

/// With the rate inside the buffer, old directions would keep their old rate.
#[test]
fn the_rate_stands_outside_the_momentum() {
    let mut opt = Sgd { momentum: 0.5, ..Sgd::default() }.stepper(&Layout::vector(1), 1.0);
    let mut x = [0.0f64];
    opt.step(&mut x, &[1.0]);
    opt.set_lr(0.25);
    opt.step(&mut x, &[0.0]);
    assert_eq!(x[0], -1.0 - 0.25 * 0.5);
}

#[test]
fn the_first_momentum_is_not_dampened() {
    let dampened =
        walk(&json!({ "name": "sgd", "momentum": 0.5, "dampening": 0.5 }), &[0.0]).along(&[vec![1.0], vec![1.0]]);
    close(dampened.x[0], -LR - LR * (0.5 + 0.5));
}

/// The counter of `lr_decay` starts at 0, and a zero gradient at the first step is not 0/0.
#[test]
fn adagrads_first_step_is_the_full_rate() {
    let mut adagrad = walk(&json!({ "name": "adagrad", "lr_decay": 0.5 }), &[0.0, 0.0]);
    adagrad.step(&[4.0, 0.0]);
    close(adagrad.x[0], -LR * 4.0 / (4.0 + 1e-10));
    assert_eq!(adagrad.x[1], 0.0);
    let before = adagrad.x[0];
    adagrad.step(&[4.0, 0.0]);
    close(adagrad.x[0] - before, -LR / 1.5 * 4.0 / (32f64.sqrt() + 1e-10));
}

/// No bias correction: the first step is `lr / sqrt(1 - alpha)`, ten times the rate.
#[test]
fn rmsprops_first_step_is_ten_times_the_rate() {
    let mut rmsprop = walk(&json!({ "name": "rmsprop", "eps": 0.0 }), &[0.0]);
    rmsprop.step(&[3.0]);
    close(rmsprop.x[0], -10.0 * LR);
}

/// The start of the paths of `mu` that torch follows: the product is taken before its use, one factor ahead for m.
#[test]
fn nadams_momentum_warms_up() {
    let (mu1, mu2) = (0.450_073_473_591_296_07, 0.450_146_935_186_217_5);
    let mut nadam = walk(&json!({ "name": "nadam", "eps": 0.0 }), &[0.0]);
    nadam.step(&[2.0]);
    close(nadam.x[0], -LR * ((1.0 - mu1) / (1.0 - mu1) * 2.0 + mu2 / (1.0 - mu1 * mu2) * 0.2) / 2.0);
}

/// With beta2 = 0.999, rho is 4.996 at step 5 and 5.994 at step 6.
#[test]
fn radam_is_momentum_for_five_steps() {
    let mut opt = RAdam::default().stepper(&Layout::vector(1), LR);
    let mut x = [0.0f64];
    let mut moves = Vec::new();
    for _ in 0..7 {
        let before = x[0];
        opt.step(&mut x, &[2.0]);
        moves.push(before - x[0]);
    }
    moves[..5].iter().for_each(|m| close(*m, LR * 2.0));
    assert!(moves[5..].iter().all(|m| *m < 0.1 * LR), "{moves:?}");
}

/// After a gradient of 10, v is 0.1 and stays the largest: torch's form divides it by `1 - beta2^2` in the second
/// step. optax's would keep `0.1 / (1 - beta2)` from the first, the paper's would divide by nothing.
#[test]
fn amsgrad_is_torchs() {
    let mut amsgrad = walk(&json!({ "name": "amsgrad", "eps": 0.0, "beta1": 0.0 }), &[0.0]);
    amsgrad.step(&[10.0]);
    close(amsgrad.x[0], -LR);
    let before = amsgrad.x[0];
    amsgrad.step(&[0.25]);
    close(before - amsgrad.x[0], LR * 0.25 / (0.1 / (1.0 - 0.999f64.powi(2))).sqrt());
}

#[test]
fn adabeliefs_first_step_is_the_rate_over_beta1() {
    let mut adabelief = walk(&json!({ "name": "adabelief" }), &[0.0]);
    adabelief.step(&[3.0]);
    assert!((adabelief.x[0] + LR / 0.9).abs() < 1e-13);
}

/// Nothing moves without gradient and momentum, and each coordinate moves by the rate with any.
#[test]
fn lion_moves_by_the_rate_or_not_at_all() {
    let mut opt = Lion::default().stepper(&Layout::vector(3), LR);
    let mut x = [0.0f64; 3];
    opt.step(&mut x, &[0.0, 1e-30, -5.0]);
    assert_eq!(x, [0.0, -LR, LR]);
}

/// After g = 1 the momentum is 0.1 and the mix 0.09 + 0.1 g: it turns below -0.9. With the momentum updated first it
/// would turn below -0.43.
#[test]
fn lion_looks_before_it_remembers() {
    let turned = |g: f64| {
        let end = walk(&json!({ "name": "lion", "beta2": 0.9 }), &[0.0]).along(&[vec![1.0], vec![g]]);
        end.x[0]
    };
    close(turned(-0.95), -LR + LR);
    close(turned(-0.85), -2.0 * LR);
}

#[test]
fn lion_holds_sign_descent_and_signum() {
    let sign = walk(&json!({ "name": "lion", "beta1": 0.0, "beta2": 0.0 }), &noise(0, 4)).along(&gradients(5, 4));
    let expected: Vec<f64> =
        (0..4).map(|i| gradients(5, 4).iter().fold(noise(0, 4)[i], |x, g| x - LR * g[i].signum())).collect();
    assert_eq!(sign.x, expected);
}

#[test]
fn adadelta_starts_with_the_root_of_eps() {
    let mut adadelta = walk(&json!({ "name": "adadelta" }), &[0.0]);
    adadelta.step(&[5.0]);
    close(adadelta.x[0], -LR * (1e-6f64 / (0.1 * 25.0 + 1e-6)).sqrt() * 5.0);
}

#[test]
fn adamaxs_scale_forgets_slowly() {
    let mut adamax = walk(&json!({ "name": "adamax", "beta1": 0.0, "eps": 0.0 }), &[0.0]).along(&[vec![8.0]]);
    close(adamax.x[0], -LR);
    adamax.step(&[1.0]);
    close(adamax.x[0], -LR - LR / (0.999 * 8.0));
}
