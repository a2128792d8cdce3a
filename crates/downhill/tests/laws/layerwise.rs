//! Identities of the layer-wise methods, one for each classical mistake.

use crate::common::{Walk, bits, difference, gradients, noise};
use downhill::{Layout, Role};
use serde_json::{Value, json};

const LR: f64 = 0.05;

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-12 * a.abs().max(b.abs()), "{a} is not {b}");
}

fn length(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// The first step of each block of two.
fn moves(table: &Value, layout: &Layout, start: &[f64], g: &[f64]) -> Vec<f64> {
    let mut walk = Walk::<f64>::new(table, layout, start, LR);
    walk.step(g);
    let difference: Vec<_> = start.iter().zip(&walk.x).map(|(a, b)| a - b).collect();
    difference.chunks(2).map(length).collect()
}

/// A ratio over the flat vector would be the same for both.
#[test]
fn each_block_has_its_own_ratio() {
    let layout = Layout::new().block("small", [2], Role::Hidden).block("large", [2], Role::Hidden);
    let start = [0.6, -0.8, 600.0, -800.0];
    let g = [0.5, 0.25, 0.5, 0.25];
    let lamb = moves(&json!({ "name": "lamb", "decay": 0.0 }), &layout, &start, &g);
    close(lamb[0], LR);
    close(lamb[1], 1000.0 * LR);
    for joint in [false, true] {
        let table = json!({ "name": "lars", "decay": 0.0, "coefficient": 1.0, "joint": joint });
        let lars = moves(&table, &layout, &start, &g);
        close(lars[0], LR);
        close(lars[1], 1000.0 * LR);
    }
}

/// A ratio of 0 would keep a block at zero for ever, and 0 / 0 would make it NaN.
#[test]
fn a_block_at_zero_moves_by_the_direction_itself() {
    let layout = Layout::new().block("b", [1], Role::Bias);
    let first = |table: Value, g: f64| {
        let mut walk = Walk::<f64>::new(&table, &layout, &[0.0], LR);
        walk.step(&[g]);
        walk.x[0]
    };
    close(first(json!({ "name": "lamb" }), 3.0), -LR * 3.0 / (3.0 + 1e-6));
    close(first(json!({ "name": "lars" }), 3.0), -LR * 3.0);
    assert_eq!(first(json!({ "name": "lamb" }), 0.0), 0.0);
    assert_eq!(first(json!({ "name": "lars" }), 0.0), 0.0);
}

/// Without bias correction, ratio and decay behind it, an offset would go elsewhere than Adam's.
#[test]
fn what_lamb_leaves_out_is_adams() {
    let layout = Layout::new().block("w", [2, 3], Role::Hidden).block("b", [3], Role::Bias).block("s", [2], Role::Gain);
    let (start, g) = (noise(0, 11), gradients(20, 11));
    let end = |table: Value| Walk::<f64>::new(&table, &layout, &start, LR).along(&g).x;
    let (lamb, adam) = (end(json!({ "name": "lamb", "exclude": true })), end(json!({ "name": "adam", "eps": 1e-6 })));
    assert_eq!(lamb[6..], adam[6..]);
    assert!(difference(&lamb[..6], &adam[..6]) > 1e-3);
    let lars = end(json!({ "name": "lars", "exclude": true }));
    let momentum = end(json!({ "name": "sgd", "momentum": 0.9 }));
    assert!(difference(&lars[6..], &momentum[6..]) < 1e-14);
}

#[test]
fn lambs_clip_bounds_the_step() {
    let layout = Layout::vector(2);
    let of = |clip: f64, start: &[f64]| {
        moves(&json!({ "name": "lamb", "decay": 0.0, "clip": clip }), &layout, start, &[1.0, 2.0])[0]
    };
    close(of(10.0, &[30.0, 40.0]), LR * 10.0);
    close(of(10.0, &[3.0, 4.0]), LR * 5.0);
}

/// Behind the buffer, a rate of 0 would stop at once.
#[test]
fn lars_has_the_rate_inside_the_buffer() {
    let table = json!({ "name": "lars", "momentum": 0.5, "decay": 0.0, "coefficient": 0.25 });
    let mut lars = Walk::<f64>::new(&table, &Layout::vector(1), &[2.0], 0.125);
    lars.step(&[8.0]);
    assert_eq!(lars.x[0], 2.0 - 0.125 * 0.25 * 2.0);
    lars.lr = 0.0;
    lars.step(&[8.0]);
    assert_eq!(lars.x[0], 2.0 - 1.5 * 0.125 * 0.25 * 2.0);
}

/// The paper divides by the sum of norms; here gradient and decay cancel, and only optax's norm of the sum sees it.
#[test]
fn lars_adds_norms_and_optax_takes_the_norm_of_the_sum() {
    let of = |joint: bool| {
        let table = json!({ "name": "lars", "decay": 0.5, "coefficient": 1.0, "joint": joint });
        moves(&table, &Layout::vector(2), &[3.0, 4.0], &[-1.5, -1.0])[0]
    };
    let (sum, norm) = (length(&[0.0, 1.0]), length(&[1.5, 1.0]) + 0.5 * 5.0);
    close(of(true), LR * 5.0);
    close(of(false), LR * 5.0 * sum / norm);
}

/// With v from 0 the first step would be 1 / sqrt(1 - beta2) = 7 times as long; with a gradient of weight 1 - beta1,
/// a twentieth.
#[test]
fn novograds_first_step_has_the_length_of_the_rate() {
    let table = json!({ "name": "novograd", "eps": 1e-30, "decay": 0.0 });
    close(moves(&table, &Layout::vector(2), &[3.0, 4.0], &[1e-3, -2e-3])[0], LR);
    let twice = Walk::<f64>::new(&table, &Layout::vector(1), &[0.0], LR).along(&[vec![7.0], vec![7.0]]);
    close(twice.x[0], -LR * (1.0 + 1.95));
}

/// One scale for two rows, or for an offset's neighbours, would differ.
#[test]
fn adam_mini_with_scales_of_one_is_adam() {
    let layout = Layout::new().block("w", [5, 1], Role::Hidden).block("b", [4], Role::Bias).block("s", [1], Role::Gain);
    let (start, g) = (noise(0, 10), gradients(30, 10));
    let end = |name: &str| Walk::<f64>::new(&json!({ "name": name }), &layout, &start, LR).along(&g).bits();
    assert_eq!(end("adam-mini"), end("adam"));
    let narrow = |name: &str| Walk::<f32>::new(&json!({ "name": name }), &layout, &start, LR).along(&g).bits();
    assert_eq!(narrow("adam-mini"), narrow("adam"));
}

/// Columns for rows, or one scale for all, would move the first row.
#[test]
fn adam_minis_rows_do_not_see_each_other() {
    for role in [Role::Hidden, Role::Embedding, Role::Head] {
        let layout = Layout::new().block("w", [2, 3], role);
        let (start, g) = (noise(0, 6), gradients(10, 6));
        let louder: Vec<Vec<f64>> = g.iter().map(|g| [&g[..3], &[g[3] * 8.0, g[4] * 8.0, g[5]]].concat()).collect();
        let end = |g: &[Vec<f64>]| Walk::<f64>::new(&json!({ "name": "adam-mini" }), &layout, &start, LR).along(g).x;
        let (a, b) = (end(&g), end(&louder));
        assert_eq!(bits(&a[..3]), bits(&b[..3]));
        assert!(a[5] != b[5], "the last coordinate has no scale of its own");
    }
}

/// Gradients of 1, then one of 1000: v^ and rms in closed form. The other block's step is as long as ever.
#[test]
fn stable_adamw_shortens_the_step_of_the_block_that_spikes() {
    let layout = Layout::new().block("a", [1], Role::Hidden).block("b", [1], Role::Hidden);
    let table = json!({ "name": "stable-adamw", "beta1": 0.0, "decay": 0.0, "eps": 1e-12 });
    let mut walk = Walk::<f64>::new(&table, &layout, &[0.0, 0.0], LR).along(&vec![vec![1.0, 1.0]; 99]);
    let before = walk.x.clone();
    walk.step(&[1000.0, 1.0]);
    let c = 1.0 - 0.99f64.powi(100);
    let v = (0.99 * (1.0 - 0.99f64.powi(99)) + 0.01 * 1e6) / c;
    let rms = 1000.0 / v.sqrt();
    assert!(rms > 7.0);
    close(before[0] - walk.x[0], LR * 1000.0 / v.sqrt() / rms);
    close(before[1] - walk.x[1], LR);
}

/// Clipping at any other threshold, or a decay outside it, would differ where nothing spikes.
#[test]
fn stable_adamw_is_adamw_while_gradients_do_not_grow() {
    let g: Vec<Vec<f64>> = (0..50).map(|t| vec![0.97f64.powi(t), -0.9f64.powi(t)]).collect();
    let end = |table: Value| Walk::<f64>::new(&table, &Layout::vector(2), &[1.0, -2.0], LR).along(&g).x;
    let stable = end(json!({ "name": "stable-adamw", "decay": 0.1 }));
    let adamw = end(json!({ "name": "adamw", "beta2": 0.99, "decay": 0.1 }));
    assert!(difference(&stable, &adamw) < 1e-13);
}

/// A shortcut at a rate of 0 would skip moments that look at gradients only.
#[test]
fn moments_do_not_depend_on_the_rate() {
    let g = gradients(9, 6);
    for name in ["lamb", "stable-adamw", "adam-mini", "sophia-h", "adahessian"] {
        let layout = Layout::new().block("w", [2, 3], Role::Hidden);
        let state = |lr: f64| Walk::<f64>::new(&json!({ "name": name }), &layout, &noise(0, 6), lr).along(&g).save();
        assert!(state(0.0) == state(LR), "{name}");
    }
}
