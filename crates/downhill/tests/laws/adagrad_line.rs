//! Adagrad's line: identities, one for each classical mistake, and which method holds which.

use crate::common::{Walk, difference, gradients, noise};
use downhill::{Layout, Role};
use serde_json::{Value, json};

const LR: f64 = 0.05;

fn walk(table: &Value, start: &[f64]) -> Walk<f64> {
    Walk::new(table, &Layout::vector(start.len()), start, LR)
}

fn path(table: &Value, start: &[f64]) -> Vec<f64> {
    walk(table, start).along(&gradients(30, start.len())).x
}

/// Where a method goes on one block of this shape; its gradients, too, are numbered in the order of `shape`.
fn shaped(table: &Value, shape: &[usize], order: impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
    let layout = Layout::new().block("w", shape, Role::Hidden);
    let g: Vec<_> = gradients(30, layout.len()).iter().map(|g| order(g)).collect();
    Walk::<f64>::new(table, &layout, &order(&noise(0, layout.len())), LR).along(&g).x
}

/// `[a, b, c]` read as `[c, b, a]`.
fn turned([a, b, c]: [usize; 3]) -> impl Fn(&[f64]) -> Vec<f64> {
    move |x| (0..a * b * c).map(|at| x[(at % a) * b * c + (at / a % b) * c + at / (a * b)]).collect()
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-13 * a.abs().max(b.abs()), "{a} is not {b}");
}

/// What is small against the root is not: 1e-7 inside is 3e-4 outside.
#[test]
fn eps_stands_inside_or_outside_the_root() {
    for (table, expected) in [
        (json!({ "name": "adagrad", "eps": 1e-4 }), 1e-4 / (1e-4 + 1e-4)),
        (json!({ "name": "adagrad", "eps": 1e-8, "eps_inside": true }), 1e-4 / 2e-8f64.sqrt()),
        (json!({ "name": "adagrad", "preset": "optax" }), 1e-4 / (0.1 + 1e-8 + 1e-7f64).sqrt()),
        (json!({ "name": "adagrad", "preset": "tf1" }), 1e-4 / (0.1 + 1e-8f64).sqrt()),
        (json!({ "name": "rmsprop", "eps": 1e-4, "alpha": 0.0 }), 1e-4 / (1e-4 + 1e-4)),
        (json!({ "name": "rmsprop", "eps": 1e-8, "eps_inside": true, "alpha": 0.0 }), 1e-4 / 2e-8f64.sqrt()),
        (json!({ "name": "rmsprop", "preset": "tf1" }), 1e-4 / (0.9 + 0.1 * 1e-8 + 1e-10f64).sqrt()),
    ] {
        let mut walk = walk(&table, &[0.0]);
        walk.step(&[1e-4]);
        close(walk.x[0], -LR * expected);
    }
}

#[test]
fn nothing_over_nothing_is_nothing() {
    for table in [
        json!({ "name": "adagrad", "preset": "paper" }),
        json!({ "name": "rmsprop", "eps": 0.0 }),
        json!({ "name": "sm3", "eps": 0.0 }),
        json!({ "name": "adagrad-norm", "initial": 0.0 }),
        json!({ "name": "ftrl", "beta": 0.0, "l2": 0.0 }),
    ] {
        let end = walk(&table, &[0.5, -0.5]).along(&vec![vec![0.0; 2]; 3]);
        assert_eq!(end.x, [0.5, -0.5], "{table}");
    }
}

/// Old directions keep their rate where it stands inside the momentum, and take the new one where it does not.
#[test]
fn rmsprops_rate_stands_inside_or_outside() {
    for (inside, expected) in [(false, 0.25 * 0.5), (true, 0.5)] {
        let table = json!({ "name": "rmsprop", "alpha": 0.0, "eps": 0.0, "momentum": 0.5, "lr_inside": inside });
        let mut walk = walk(&table, &[0.0]);
        walk.lr = 1.0;
        walk.step(&[3.0]);
        walk.lr = 0.25;
        walk.step(&[0.0]);
        close(walk.x[0], -1.0 - expected);
    }
}

/// A scale that is all eps is none: what remains is momentum.
#[test]
fn rmsprop_of_a_huge_eps_is_heavy_ball() {
    let x = noise(0, 8);
    let mut rmsprop = walk(&json!({ "name": "rmsprop", "eps": 1e12, "momentum": 0.9 }), &x);
    rmsprop.lr = LR * 1e12;
    let heavy_ball = path(&json!({ "name": "heavy-ball" }), &x);
    assert!(difference(&rmsprop.along(&gradients(30, 8)).x, &heavy_ball) < 1e-11);
}

#[test]
fn adagrad_norm_of_one_coordinate_is_adagrad() {
    let norm = path(&json!({ "name": "adagrad-norm", "initial": 0.5 }), &[0.25]);
    assert!(difference(&norm, &path(&json!({ "name": "adagrad", "eps": 0.0, "initial": 0.25 }), &[0.25])) < 1e-14);
}

/// The norm is of all parameters: of each block, two blocks would move by the rate each.
#[test]
fn adagrad_norm_has_one_rate() {
    let layout = Layout::vector(1).block("other", [1], Role::Hidden);
    let mut walk = Walk::<f64>::new(&json!({ "name": "adagrad-norm", "initial": 0.0 }), &layout, &[0.0, 0.0], LR);
    walk.step(&[3.0, -4.0]);
    close(walk.x[0], -LR * 0.6);
    close(walk.x[1], LR * 0.8);
}

/// Whatever the start: `z` is the sum of gradients against the start, not against 0.
#[test]
fn ftrl_without_penalties_is_adagrad() {
    let ftrl = |beta: f64| json!({ "name": "ftrl", "beta": beta, "l1": 0.0, "l2": 0.0 });
    let adagrad = |eps: f64| json!({ "name": "adagrad", "eps": eps });
    assert!(difference(&path(&ftrl(0.0), &[0.0; 8]), &path(&adagrad(0.0), &[0.0; 8])) < 1e-14);
    for start in [vec![0.0; 8], noise(0, 8)] {
        assert!(difference(&path(&ftrl(1.0), &start), &path(&adagrad(1.0), &start)) < 1e-14);
    }
    // A schedule scales the steps; with z over the rate it would move the points.
    let falling = |table: &Value| {
        let mut walk = walk(table, &noise(0, 8));
        for (t, g) in gradients(30, 8).iter().enumerate() {
            walk.lr = LR / (t + 1) as f64;
            walk.step(g);
        }
        walk.x
    };
    assert!(difference(&falling(&ftrl(1.0)), &falling(&adagrad(1.0))) < 1e-14);
}

/// `beta` holds the start, or pulls it to 0 within a step.
#[test]
fn ftrl_keeps_the_start_or_loses_it() {
    let first = |keep: bool| {
        let table = json!({ "name": "ftrl", "l1": 0.0, "l2": 0.0, "keep_start": keep });
        let mut walk = walk(&table, &[2.0]);
        walk.step(&[0.25]);
        walk.x[0]
    };
    close(first(true), 2.0 - LR * 0.25 / 1.25);
    close(first(false), (2.0 - 1.0 / 1.25 * 2.0) - LR * 0.25 / 1.25);
}

/// Exactly: a proximal step, where a subgradient would cross 0 to and fro.
#[test]
fn ftrls_penalty_makes_zeros() {
    let end = path(&json!({ "name": "ftrl", "l1": 10.0 }), &[0.0; 8]);
    assert_eq!(end, [0.0; 8]);
    let some = path(&json!({ "name": "ftrl", "l1": 3.0 }), &[0.0; 16]);
    let zeros = some.iter().filter(|x| **x == 0.0).count();
    assert!((1..16).contains(&zeros), "{some:?}");
}

/// The old bound and the new square, in one: a vector has one bound a coordinate.
#[test]
fn sm3_of_a_vector_is_adagrad_bit_for_bit() {
    let sm3 = json!({ "name": "sm3", "momentum": 0.0, "eps": 1e-7 });
    let adagrad = json!({ "name": "adagrad", "eps": 1e-7, "eps_inside": true });
    assert_eq!(path(&sm3, &noise(0, 8)), path(&adagrad, &noise(0, 8)));
}

/// After one step the bound of each row is the largest square in it, and the smaller of two bounds counts.
#[test]
fn sm3_takes_the_smaller_of_two_maxima() {
    let layout = Layout::new().block("w", [2, 3], Role::Hidden);
    let mut sm3 = Walk::<f64>::new(&json!({ "name": "sm3", "momentum": 0.0, "eps": 0.0 }), &layout, &[0.0; 6], LR);
    sm3.step(&[1.0, 2.0, 3.0, 6.0, 5.0, 4.0]);
    assert!(difference(&sm3.x, &[-LR; 6]) < 1e-15);
    sm3.step(&[1.0; 6]);
    // Rows 9 and 36, columns 36, 25 and 16.
    let bounds = [9.0, 9.0, 9.0, 36.0, 25.0, 16.0];
    let expected: Vec<_> = bounds.iter().map(|b: &f64| -LR - LR / (b + 1.0).sqrt()).collect();
    assert!(difference(&sm3.x, &expected) < 1e-15);
}

/// Rows and columns in each other's place would not turn with the block.
#[test]
fn a_turned_block_gives_the_turned_path() {
    for shape in [[4, 1, 3], [2, 3, 4]] {
        let [a, b, c] = shape;
        let (turn, back) = (turned(shape), turned([c, b, a]));
        let sm3 = json!({ "name": "sm3" });
        assert_eq!(back(&shaped(&sm3, &[c, b, a], &turn)), shaped(&sm3, &shape, <[f64]>::to_vec));
    }
    let turn = turned([4, 1, 3]);
    for table in [json!({ "name": "adafactor" }), json!({ "name": "adafactor", "preset": "paper" })] {
        let found = turned([3, 1, 4])(&shaped(&table, &[3, 4], &turn));
        assert!(difference(&found, &shaped(&table, &[4, 3], <[f64]>::to_vec)) < 1e-13, "{table}");
    }
}

/// Squares of rank one are their factors' product exactly: every direction is 1 or -1.
#[test]
fn adafactor_is_exact_for_rank_one() {
    let layout = Layout::new().block("w", [2, 3], Role::Hidden);
    let g: Vec<_> = [0.5, -3.0].iter().flat_map(|a| [1.0, -2.0, 10.0].map(|b| a * b)).collect();
    let mut adafactor = Walk::<f64>::new(&json!({ "name": "adafactor" }), &layout, &[1.0; 6], LR);
    adafactor.step(&g);
    let expected: Vec<_> = g.iter().map(|g| 1.0 - LR * g.signum()).collect();
    assert!(difference(&adafactor.x, &expected) < 1e-14);
}

/// Of three dimensions, the last two are a matrix, and each of them has its own factors.
#[test]
fn adafactor_factors_each_matrix_of_a_stack() {
    // So that neither the parameters' size nor a clipping, which are of the whole block, counts.
    let table = json!({ "name": "adafactor", "eps2": 100.0, "clip": 1e6 });
    let (x, g) = (noise(0, 24), gradients(20, 24));
    let end = |layout: &Layout| Walk::<f64>::new(&table, layout, &x, 1e-4).along(&g).x;
    let stack = Layout::new().block("w", [2, 3, 4], Role::Hidden);
    let two = Layout::new().block("a", [3, 4], Role::Hidden).block("b", [3, 4], Role::Hidden);
    assert_eq!(end(&stack), end(&two));
    assert!(difference(&end(&stack), &end(&Layout::new().block("w", [6, 4], Role::Hidden))) > 1e-4);
}

/// In `f32`, `1e-30` times itself is nothing: an empty row among others must stay where it is.
#[test]
fn adafactors_empty_rows_rest() {
    let layout = Layout::new().block("w", [2, 2], Role::Embedding);
    for preset in ["torch", "paper"] {
        let table = json!({ "name": "adafactor", "preset": preset });
        let end = Walk::<f32>::new(&table, &layout, &[1.0; 4], LR).along(&vec![vec![0.0, 0.0, 1.0, 0.0]; 5]);
        assert_eq!((&end.x[..2], end.x[3]), (&[1.0, 1.0][..], 1.0), "{preset}");
        assert!(end.x[2] < 1.0);
    }
}

/// `(lambda g)` over the cube root of `lambda g^2`, from the start, and a tenth of the way.
#[test]
fn madgrads_first_steps_are_a_cube_root() {
    let mut madgrad = walk(&json!({ "name": "madgrad" }), &[3.0]);
    let lambda = LR + 1e-6;
    madgrad.step(&[-2.0]);
    let z = 3.0 + 2.0 * lambda / ((4.0 * lambda).cbrt() + 1e-6);
    close(madgrad.x[0], 0.9 * 3.0 + 0.1 * z);
    let x = madgrad.x[0];
    madgrad.step(&[-2.0]);
    let sum = lambda * (1.0 + 2f64.sqrt());
    let z = 3.0 + 2.0 * sum / ((4.0 * sum).cbrt() + 1e-6);
    close(madgrad.x[0], 0.9 * x + 0.1 * z);
}
