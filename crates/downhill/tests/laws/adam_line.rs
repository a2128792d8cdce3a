//! Adam's line: identities in closed form, one for each classical mistake, and what each method becomes in a limit.

use crate::common::{Walk, bits, difference, gradients, noise};
use downhill::{AdaBound, Adopt, Layout, Method, Role};
use serde_json::{Value, json};

const LR: f64 = 0.05;

fn walk(table: &Value, start: &[f64]) -> Walk<f64> {
    Walk::new(table, &Layout::vector(start.len()), start, LR)
}

/// Where a scalar stands after each of these gradients, from 0.
fn path(table: &Value, gradients: &[f64]) -> Vec<f64> {
    let mut walk = walk(table, &[0.0]);
    let step = |g: &f64| {
        walk.step(&[*g]);
        walk.x[0]
    };
    gradients.iter().map(step).collect()
}

/// Where four parameters stand after 50 steps along noise.
fn end(table: &Value) -> Vec<f64> {
    walk(table, &noise(0, 4)).along(&gradients(50, 4)).x
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-13 * a.abs().max(b.abs()), "{a} is not {b}");
}

fn near(a: &[f64], b: &[f64]) {
    assert!(difference(a, b) < 1e-13, "{a:?} is not {b:?}");
}

// --- mistakes ------------------------------------------------------------------------------------

/// TensorFlow 1's eps is not corrected: 1 / sqrt(1 - beta2) as much in the first step.
#[test]
fn tf1s_eps_is_thirty_times_as_much_at_first() {
    let x = path(&json!({ "name": "adam", "preset": "tf1", "eps": 1e-4 }), &[2e-3]);
    close(x[0], -LR * 2e-3 / (2e-3 + 1e-4 / 0.001f64.sqrt()));
}

/// Added after the moments, the penalty would not turn the first step round.
#[test]
fn a_penalty_goes_through_adams_moments() {
    let mut adam = walk(&json!({ "name": "adam", "eps": 0.0, "wrap": { "name": "l2", "lambda": 0.5 } }), &[8.0]);
    adam.step(&[-3.0]);
    close(adam.x[0], 8.0 - LR);
}

/// Decay after the step, on the new point, or twice by the rate, would leave another power.
#[test]
fn nadamws_decay_alone_is_geometric() {
    let x = walk(&json!({ "name": "nadamw", "decay": 0.1 }), &[0.7]).along(&vec![vec![0.0]; 50]).x;
    close(x[0], 0.7 * (1.0 - LR * 0.1f64).powi(50));
}

/// A product that is one factor late is right at the first step and wrong from the second on.
#[test]
fn nadams_product_has_a_factor_of_each_step() {
    let (mu1, mu2, mu3) = (0.450_073_473_591_296_07, 0.450_146_935_186_217_5, 0.450_220_384_786_722_94);
    let x = path(&json!({ "name": "nadam", "eps": 0.0 }), &[2.0, 3.0]);
    let m = 0.9 * 0.2 + 0.1 * 3.0;
    let v = (0.999 * 0.004 + 0.001 * 9.0) / (1.0 - 0.999 * 0.999);
    let numerator = (1.0 - mu2) / (1.0 - mu1 * mu2) * 3.0 + mu3 / (1.0 - mu1 * mu2 * mu3) * m;
    close(x[0] - x[1], LR * numerator / f64::sqrt(v));
}

/// The numerator's two terms have denominators of their own, `1 - beta1^2` and `1 - beta1`.
#[test]
fn optaxs_nadam_starts_with_more_than_the_rate() {
    let x = path(&json!({ "name": "nadam", "preset": "optax", "eps": 0.0 }), &[2.0]);
    close(x[0], -LR * (0.9 * 0.1 / (1.0 - 0.81) + 1.0));
}

/// rho is 3.997 at step 4, 4.996 at step 5 and 5.994 at step 6.
#[test]
fn the_papers_radam_is_momentum_for_one_step_less() {
    for (preset, plain) in [("paper", 4), ("torch", 5), ("optax", 5)] {
        let x = path(&json!({ "name": "radam", "preset": preset }), &[2.0; 7]);
        let moves: Vec<_> = [0.0].iter().chain(&x).zip(&x).map(|(a, b)| (a - b) / LR).collect();
        let short = moves.iter().position(|m| *m < 1.0);
        assert_eq!(short, Some(plain), "{preset}: {moves:?}");
    }
}

/// optax's eps is corrected, torch's is not: at step 6, by sqrt(1 - 0.999^6).
#[test]
fn radams_eps_stands_before_the_correction_and_optaxs_after_it() {
    let (g, c2) = (1e-3, 1.0 - 0.999f64.powi(6));
    let last = |preset| {
        let x = path(&json!({ "name": "radam", "preset": preset, "eps": 1e-3 }), &[g; 6]);
        x[5] - x[4]
    };
    close(last("torch") / last("optax"), (g + 1e-3) / (g + 1e-3 / c2.sqrt()));
}

/// After gradients of 10 and 0.25 with beta1 = 0, the paper divides by sqrt(0.1), optax by the first gradient.
#[test]
fn three_amsgrads_part_in_the_second_step() {
    let second = |preset| {
        let x = path(&json!({ "name": "amsgrad", "preset": preset, "eps": 0.0, "beta1": 0.0 }), &[10.0, 0.25]);
        (x[0] - x[1]) / LR
    };
    close(second("paper"), 0.25 / 0.1f64.sqrt());
    close(second("torch"), 0.25 / (0.1 / (1.0 - 0.999f64.powi(2))).sqrt());
    close(second("optax"), 0.25 / 10.0);
}

/// With beta1 = 0 nothing is off the mean, and the scale is what eps_root gathers: `eps_root / (1 - beta2)` from the
/// first step on. Without gathering it would be `1 - beta2` of that, corrected.
#[test]
fn adabeliefs_eps_gathers() {
    let table = json!({ "name": "adabelief", "beta1": 0.0, "eps": 0.5, "eps_root": 1e-3 });
    let x = path(&table, &[3.0; 20]);
    (1..=20).for_each(|t| close(x[t - 1], -LR * t as f64 * 3.0 / (1.0 + 0.5)));
}

/// A scale of `g^2` stays, a larger one falls by `0.001 g^2` and not by a thousandth of itself, as Adam's would.
#[test]
fn yogis_scale_moves_by_the_square_of_the_gradient() {
    for (start, v) in [(4.0, 4.0), (9.0, 9.0 - 0.004), (1.0, 1.0 + 0.004), (0.0, 0.004)] {
        let x = path(&json!({ "name": "yogi", "m_start": 0.0, "v_start": start }), &[2.0]);
        close(x[0], -LR * 2.0 / ((v / 0.001f64).sqrt() + 1e-3));
    }
}

/// optax's start of m is a step of its own: nine times 1e-6 at step 1.
#[test]
fn yogis_start_moves_without_a_gradient_and_the_authors_does_not() {
    close(path(&json!({ "name": "yogi" }), &[0.0])[0], -LR * 9e-6 / ((1e-6f64 / 0.001).sqrt() + 1e-3));
    assert_eq!(path(&json!({ "name": "yogi", "preset": "authors" }), &[0.0]), [0.0]);
}

/// With `g_last = 0` the first change would be g itself, and the numerator 1.92 g.
#[test]
fn adans_first_step_is_the_rate() {
    for g in [3.0, -1e-3] {
        let x = path(&json!({ "name": "adan", "preset": "authors", "eps": 0.0 }), &[g]);
        close(x[0], -LR * g.signum());
    }
}

/// A factor of 0.08, `1 - beta2`, for the 0.92 in front of the change would give another second step.
#[test]
fn adans_look_ahead_is_the_larger_factor() {
    let (g, d): (f64, f64) = (1.5, 0.5);
    let x = path(&json!({ "name": "adan", "preset": "authors", "eps": 0.0 }), &[1.0, g]);
    let m = (0.98 * 0.02 + 0.02 * g) / (1.0 - 0.98 * 0.98);
    let v = 0.08 * d / (1.0 - 0.92 * 0.92);
    let n = (0.99 * 0.01 + 0.01 * (g + 0.92 * d).powi(2)) / (1.0 - 0.99 * 0.99);
    close(x[0] - x[1], LR * (m + 0.92 * v) / n.sqrt());
}

/// Without a gradient, one divides and the other multiplies.
#[test]
fn adan_decays_around_the_step_or_before_it() {
    let zeros = vec![vec![0.0]; 50];
    let around = walk(&json!({ "name": "adan", "decay": 0.1 }), &[0.7]).along(&zeros).x;
    close(around[0], 0.7 / (1.0 + LR * 0.1f64).powi(50));
    let before = walk(&json!({ "name": "adan", "decay": 0.1, "no_prox": true }), &[0.7]).along(&zeros).x;
    close(before[0], 0.7 * (1.0 - LR * 0.1f64).powi(50));
}

/// v updated before its use would scale the second gradient by itself; the first one must move nothing.
#[test]
fn adopt_scales_by_the_gradients_before() {
    let x = path(&json!({ "name": "adopt", "unclipped": true }), &[2.0, 6.0, 6.0]);
    assert_eq!(x[0], 0.0);
    close(x[1], -LR * 0.1 * (6.0 / 2.0));
    let scale = (0.9999 * 4.0 + 0.0001 * 36.0f64).sqrt();
    close(x[2] - x[1], -LR * (0.9 * 0.1 * 3.0 + 0.1 * 6.0 / scale));
}

/// The limit is 1 for the second gradient and the fourth root of 2 for the third: it counts from the second.
#[test]
fn adopts_limit_counts_from_the_second_gradient() {
    let mut opt = Adopt { beta1: 0.0, ..Adopt::default() }.stepper(&Layout::vector(1), 1.0);
    let mut x = [0.0f64];
    let mut after = |g: f64| {
        opt.step(&mut x, &[g]);
        x[0]
    };
    assert_eq!(after(0.0), 0.0);
    assert_eq!(after(1.0), -1.0);
    close(after(-1e9), -1.0 + 2f64.powf(0.25));
}

/// An outlier scales only its own gradient; in Adam it scales the momentum of those before, too.
#[test]
fn laprop_scales_before_it_averages() {
    let x = path(&json!({ "name": "laprop" }), &[1.0, 100.0]);
    let scale = ((0.999 * 0.001 + 0.001 * 1e4) / (1.0 - 0.999f64 * 0.999)).sqrt();
    close(x[0], -LR);
    close(x[1] - x[0], -LR * (0.9 * 0.1 + 0.1 * 100.0 / scale) / (1.0 - 0.81));
}

/// The bounds of a later, lower rate are lower, too; with an absolute `final_lr` this step would be 0.1.
#[test]
fn adabounds_bounds_follow_the_schedule() {
    let sgd = AdaBound { beta1: 0.0, gamma: 1e12, ..AdaBound::default() };
    let mut opt = sgd.stepper(&Layout::vector(1), 1e-3);
    let mut x = [0.0f64];
    opt.step(&mut x, &[1.0]);
    assert!((x[0] + 0.1).abs() < 1e-12);
    opt.set_lr(2.5e-4);
    opt.step(&mut x, &[1.0]);
    assert!((x[0] + 0.125).abs() < 1e-12);
}

/// With the largest `v` an outlier keeps the rate down to the lower bound, `final_lr (1 - 1 / (gamma t + 1))`.
#[test]
fn amsbound_keeps_the_largest_scale() {
    let last = |amsbound| {
        let table = json!({ "name": "adabound", "beta1": 0.0, "beta2": 0.0, "eps": 0.0, "amsbound": amsbound });
        let x = path(&table, &[1e4, 1.0]);
        x[0] - x[1]
    };
    close(last(false), LR);
    close(last(true), 0.1 * (1.0 - 1.0 / 1.002));
}

/// Half-lives grow linearly: from beta1 = 0.5 (one step) to 0.5^(1/5) (five steps), three steps is in the middle.
#[test]
fn ademamixs_warm_up_is_linear_in_half_lives() {
    let beta3 = 0.5f64.powf(0.2);
    let slow = |warmup| {
        let table = json!({
            "name": "ademamix", "beta1": 0.5, "beta2": 0.0, "beta3": beta3, "alpha": 8.0, "warmup": warmup, "eps": 0.0
        });
        -path(&table, &[1.0])[0] / LR - 1.0
    };
    close(slow(0), 8.0 * (1.0 - beta3));
    close(slow(1), 8.0 * (1.0 - beta3));
    close(slow(2), 4.0 * (1.0 - 0.5f64.powf(1.0 / 3.0)));
}

/// c = 1.475 g at first, then g + 0.475 (g - g_last); the norm is below 1.
#[test]
fn mars_corrects_by_the_change() {
    let (g, h): (f64, f64) = (0.25, 0.5);
    let x = path(&json!({ "name": "mars", "eps": 0.0 }), &[g, h]);
    let factor = 0.025 * 0.95 / (1.0 - 0.95);
    let (b, c) = ((1.0 + factor) * g, h + factor * (h - g));
    let m = (0.95 * 0.05 * b + 0.05 * c) / (1.0 - 0.95 * 0.95);
    let v = (0.99 * 0.01 * b * b + 0.01 * c * c) / (1.0 - 0.99 * 0.99);
    close(x[0] - x[1], LR * m / v.sqrt());
}

/// Over all blocks at once, a large gradient in the one would shrink that in the other.
#[test]
fn mars_clips_each_block_for_itself() {
    let layout = Layout::new().block("a", [1, 1], Role::Hidden).block("b", [1], Role::Bias);
    let walk = |g: f64| {
        let table = json!({ "name": "mars", "eps": 0.125 });
        Walk::<f64>::new(&table, &layout, &[0.0; 2], LR).along(&[vec![g, 0.25], vec![g, 0.5]]).x
    };
    let (small, large) = (walk(0.5), walk(1e6));
    assert_eq!(small[1], large[1]);
    close(large[0], -2.0 * LR / 1.125);
}

#[test]
fn mars_leaves_vectors_to_adam_as_the_authors_do() {
    let layout = Layout::new().block("a", [1, 1], Role::Hidden).block("b", [1], Role::Bias);
    let along = |table: Value| Walk::<f64>::new(&table, &layout, &[0.0; 2], LR).along(&gradients(20, 2)).x;
    let authors = along(json!({ "name": "mars", "preset": "authors" }));
    assert_eq!(authors[0], along(json!({ "name": "mars" }))[0]);
    assert_eq!(authors[1], along(json!({ "name": "adam", "beta2": 0.95 }))[1]);
}

// --- limits ---------------------------------------------------------------------------------------

/// Choi et al. 2019: with a huge eps and a rate in proportion, Adam is momentum, corrected for its start.
#[test]
fn adam_with_a_huge_eps_is_momentum() {
    let (eps, rate) = (1e8, 0.05);
    let table = json!({ "name": "adam", "eps": eps });
    let adam = Walk::<f64>::new(&table, &Layout::vector(4), &noise(0, 4), rate * eps).along(&gradients(100, 4));
    let (mut x, mut m) = (noise(0, 4), [0.0; 4]);
    for (t, g) in gradients(100, 4).iter().enumerate() {
        for i in 0..4 {
            m[i] = 0.9 * m[i] + 0.1 * g[i];
            x[i] -= rate * m[i] / (1.0 - 0.9f64.powi(t as i32 + 1));
        }
    }
    assert!(difference(&adam.x, &x) < 1e-6);
}

/// Without means nothing is left but the sign.
#[test]
fn adam_without_memory_is_the_sign() {
    for name in ["adam", "laprop"] {
        let table = json!({ "name": name, "beta1": 0.0, "beta2": 0.0, "eps": 1e-300 });
        near(&end(&table), &end(&json!({ "name": "lion", "beta1": 0.0, "beta2": 0.0 })));
    }
}

#[test]
fn methods_that_hold_adam() {
    let adam = end(&json!({ "name": "adam", "eps": 1e-3 }));
    for table in [
        json!({ "name": "qhadam", "preset": "authors", "eps": 1e-3 }),
        json!({ "name": "ademamix", "alpha": 0.0, "eps": 1e-3 }),
        json!({ "name": "adamw", "decay": 0.0, "eps": 1e-3 }),
    ] {
        assert_eq!(bits(&end(&table)), bits(&adam), "{table}");
    }
    let tf1 = end(&json!({ "name": "adam", "preset": "tf1", "eps": 1e-3 }));
    near(&end(&json!({ "name": "adabound", "gamma": 0.0, "eps": 1e-3 })), &tf1);
    let amsgrad = end(&json!({ "name": "amsgrad", "form": "torch", "eps": 0.0 }));
    near(&end(&json!({ "name": "adabound", "gamma": 0.0, "eps": 0.0, "amsbound": true })), &amsgrad);
    // Gradients of four coordinates below 1/2 each have a norm below 1: nothing is clipped.
    let halves: Vec<Vec<f64>> = gradients(50, 4).iter().map(|g| g.iter().map(|g| g / 2.0).collect()).collect();
    let along = |table: Value| walk(&table, &[0.0; 4]).along(&halves).x;
    let adam = along(json!({ "name": "adam", "beta1": 0.95, "beta2": 0.99 }));
    assert_eq!(along(json!({ "name": "mars", "gamma": 0.0 })), adam);
}

#[test]
fn without_a_first_mean_some_are_the_same() {
    let adam = end(&json!({ "name": "adam", "beta1": 0.0, "beta2": 0.95 }));
    let still = json!({ "beta1": 0.0, "beta2": 0.95, "eps": 1e-8 });
    for name in ["laprop", "ademamix-simplified", "nadam"] {
        let mut table = still.clone();
        table["name"] = json!(name);
        if name == "ademamix-simplified" {
            table["alpha"] = json!(0.0);
        }
        near(&end(&table), &adam);
    }
}

/// `(1 - beta1)` of a sum is the mean, before correction.
#[test]
fn the_simplified_ademamix_is_adam_by_a_sum() {
    let sum = |lr| {
        let table = json!({ "name": "ademamix-simplified", "beta1": 0.9, "beta2": 0.0, "alpha": 0.0, "eps": 1.0 });
        Walk::<f64>::new(&table, &Layout::vector(4), &noise(0, 4), lr).along(&gradients(50, 4)).x
    };
    let mean = end(&json!({ "name": "adam", "beta2": 0.0, "eps": 1.0, "bias_correction": false }));
    near(&sum(0.1 * LR), &mean);
}

/// Both bounds at once: momentum as a mean, without bias correction.
#[test]
fn adabound_ends_as_momentum() {
    let adabound = end(&json!({ "name": "adabound", "gamma": 1e15, "final_lr": 0.1 }));
    let (mut x, mut m) = (noise(0, 4), [0.0; 4]);
    for g in gradients(50, 4) {
        for i in 0..4 {
            m[i] += 0.1 * (g[i] - m[i]);
            x[i] -= 0.1 * m[i];
        }
    }
    near(&adabound, &x);
}

/// Signum: the sign of a mean.
#[test]
fn lion_with_one_beta_is_signum_and_tiger() {
    let (mut x, mut m) = (noise(0, 4), [0.0; 4]);
    for g in gradients(50, 4) {
        for i in 0..4 {
            m[i] = 0.9 * m[i] + 0.1 * g[i];
            x[i] -= LR * f64::signum(m[i]);
        }
    }
    near(&end(&json!({ "name": "lion", "beta1": 0.9, "beta2": 0.9 })), &x);
    near(&end(&json!({ "name": "tiger", "beta": 0.9 })), &x);
}
