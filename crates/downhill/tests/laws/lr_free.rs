//! Methods that find their learning rate: identities in closed form, one for each classical mistake, and what they
//! become at their limits.

use crate::common::{Walk, bits, difference, gradients, noise, widen};
use downhill::{Layout, Real, Role, Values};
use serde_json::{Value, json};

const N: usize = 12;

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-12 * a.abs().max(b.abs()), "{a} is not {b}");
}

fn walk(table: &Value, start: &[f64], lr: f64) -> Walk<f64> {
    Walk::new(table, &Layout::vector(start.len()), start, lr)
}

/// `steps` on a bowl with curvatures from 1 to 4, whose loss is multiplied by `scale`.
fn descend<R: Real>(table: &Value, layout: &Layout, lr: f64, steps: usize, scale: f64) -> Walk<R> {
    let mut walk = Walk::<R>::new(table, layout, &noise(0, N), lr);
    walk.scale = scale;
    for _ in 0..steps {
        let g: Vec<f64> = widen(&walk.x).iter().enumerate().map(|(i, x)| scale * (1.0 + i as f64 / 4.0) * x).collect();
        walk.step(&g);
    }
    walk
}

/// What is remembered under a name that ends so.
fn remembered<R: Real>(walk: &mut Walk<R>, name: &str) -> Vec<f64> {
    let state = walk.save();
    let (_, values) = state.iter().find(|(key, _)| key.ends_with(name)).unwrap();
    match values {
        Values::F64(values) => values.clone(),
        other => panic!("{name} is {other:?}"),
    }
}

const ADAPTED: [&str; 3] = ["dadapt-sgd", "dadapt-adam", "prodigy"];

/// Sums tensor by tensor would find another distance for each way of splitting.
#[test]
fn sums_run_over_all_tensors() {
    let one = Layout::vector(N);
    let two = Layout::new().block("a", [5], Role::Hidden).block("b", [7], Role::Bias);
    let three = Layout::new().block("a", [2, 3], Role::Hidden).block("b", [1], Role::Bias).block("c", [5], Role::Head);
    for name in ADAPTED.into_iter().chain(["dog", "dowg", "momo", "momo-adam", "polyak"]) {
        let table = json!({ "name": name });
        let end = |layout: &Layout| descend::<f64>(&table, layout, 0.5, 60, 1.0);
        let mut whole = end(&one);
        assert_eq!((whole.bits(), whole.bits()), (end(&two).bits(), end(&three).bits()), "{name}");
        if ADAPTED.contains(&name) {
            assert!(remembered(&mut whole, "/d")[0] > 1e-4, "{name} did not adapt");
        }
    }
    let table = json!({ "name": "l-dog" });
    let end = |layout: &Layout| descend::<f64>(&table, layout, 0.5, 60, 1.0).bits();
    assert_ne!(end(&one), end(&two), "l-dog takes each for itself");
}

/// An estimate that does not divide the gradients out would move with the loss.
#[test]
fn the_distance_does_not_depend_on_the_scale_of_the_loss() {
    for name in ADAPTED {
        let table = if name == "dadapt-sgd" { json!({ "name": name }) } else { json!({ "name": name, "eps": 1e-30 }) };
        for scale in [1024.0, 1000.0] {
            let path = |scale: f64| descend::<f64>(&table, &Layout::vector(N), 0.5, 60, scale).x;
            let off = difference(&path(1.0), &path(scale));
            assert!(off < 1e-10, "{name}: {off:e}");
        }
    }
}

/// The next run would find an estimate rounded to single precision elsewhere.
#[test]
fn estimates_and_weights_are_kept_in_double_precision() {
    for (name, scalars) in [
        ("dadapt-sgd", &["/d", "/first", "/r"][..]),
        ("dadapt-adam", &["/d", "/r"]),
        ("prodigy", &["/d", "/highest", "/r"]),
        ("dog", &["/distance", "/squares"]),
        ("dowg", &["/distance2", "/v"]),
        ("momo", &["/along"]),
        ("schedule-free-sgd", &["/lr_max", "/weight_sum"]),
    ] {
        let mut walk = descend::<f32>(&json!({ "name": name }), &Layout::vector(N), 0.3, 40, 1.0);
        for scalar in scalars {
            let value = remembered(&mut walk, scalar)[0];
            assert!(value != f64::from(value as f32), "{name}: {scalar} = {value} fits single precision");
        }
    }
}

#[test]
fn the_distance_grows_no_faster_than_it_may() {
    for name in ADAPTED {
        let free = descend::<f64>(&json!({ "name": name }), &Layout::vector(N), 1.0, 40, 1.0);
        let table = json!({ "name": name, "growth_rate": 1.02 });
        let (mut last, mut grew) = (1e-6, 0);
        for steps in 1..40 {
            let d = remembered(&mut descend::<f64>(&table, &Layout::vector(N), 1.0, steps, 1.0), "/d")[0];
            // Prodigy's first estimate is taken as it is.
            let first = name == "prodigy" && last == 1e-6;
            assert!(last <= d && (first || d <= last * 1.02 * (1.0 + 1e-15)), "{name}, step {steps}: {last} to {d}");
            (last, grew) = (d, grew + usize::from(d > last));
        }
        assert!(grew > 20, "{name} grew in {grew} steps");
        let mut free = free;
        assert!(remembered(&mut free, "/d")[0] > 10.0 * last, "{name}");
    }
}

/// Without bias correction, the authors' default, `(1 - beta1) / sqrt(1 - beta2)` times as long as with it.
#[test]
fn the_first_step_is_the_first_distance() {
    let first = |table: &Value| {
        let mut walk = walk(table, &[0.0], 1.0);
        walk.step(&[-4.0]);
        walk.x[0]
    };
    for name in ["dadapt-adam", "prodigy"] {
        close(first(&json!({ "name": name, "eps": 1e-30 })), 1e-6 * 0.1 / 0.001f64.sqrt());
        close(first(&json!({ "name": name, "eps": 1e-30, "bias_correction": true })), 1e-6);
    }
    close(first(&json!({ "name": "dadapt-sgd" })), 1e-6);
}

/// In the second step of this path the estimate grows fifteenfold: moments and rate have the one before.
#[test]
fn prodigy_uses_the_distance_of_the_step_before() {
    let table = json!({ "name": "prodigy", "eps": 1e-30 });
    let mut walk = walk(&table, &[0.0], 10.0).along(&[vec![2.0]]);
    let before = walk.x[0];
    walk.step(&[2.0]);
    let ratio = remembered(&mut walk, "/d")[0] / 1e-6;
    let (b3, first) = (0.999f64.sqrt(), 0.1 / 0.001f64.sqrt());
    close(ratio, 10.0 * first / (1.0 + b3));
    close(before - walk.x[0], 1e-5 * (1.0 - 0.81) / (1.0 - 0.999f64 * 0.999).sqrt());
}

/// A yardstick of zero would divide by zero.
#[test]
fn d_adaptation_measures_by_the_first_gradient_that_is_not_zero() {
    let start = noise(0, 3);
    let table = json!({ "name": "dadapt-sgd" });
    let late = walk(&table, &start, 1.0).along(&[vec![0.0; 3], vec![3.0, 0.0, 4.0]]);
    let expected = [start[0] - 0.6e-6, start[1], start[2] - 0.8e-6];
    assert!(difference(&late.x, &expected) < 1e-15, "{:?}", late.x);
}

/// Evaluated at y, or with the rate of the step in place of the largest so far, the average would be another.
#[test]
fn schedule_free_reads_out_the_weighted_average() {
    for (name, beta, power) in [
        ("schedule-free-sgd", "momentum", 0.0),
        ("schedule-free-sgd", "momentum", 2.0),
        ("schedule-free-adamw", "beta1", 1.0),
    ] {
        let table = json!({ "name": name, beta: 0.7, "r": power });
        let mut walk = walk(&table, &noise(0, N), 0.0);
        let (mut mean, mut sum) = (vec![0.0; N], 0.0);
        for (t, g) in gradients(50, N).iter().enumerate() {
            let t = t as f64 + 1.0;
            walk.lr = 0.02 * (t / 10.0).min(1.0).min(2.0 - t / 30.0);
            walk.step(g);
            let weight = t.powf(power) * (0.02 * (t / 10.0).min(1.0)).powi(2);
            sum += weight;
            let z = remembered(&mut walk, "/z");
            mean.iter_mut().zip(&z).for_each(|(m, z)| *m += weight * z);
            let average: Vec<f64> = mean.iter().map(|m| m / sum).collect();
            assert!(difference(&average, &walk.readout()) < 1e-12, "{table}, step {t}");
            // To the readout and back is where it was.
            let back: Vec<f64> = walk.readout().iter().zip(&z).map(|(x, z)| 0.7 * x + (1.0 - 0.7) * z).collect();
            assert!(difference(&back, &walk.x) < 1e-15, "{table}, step {t}");
        }
    }
}

/// A rate of zero at the start, as of a warm-up, gives weights of zero and no 0/0.
#[test]
fn schedule_free_survives_a_rate_of_zero() {
    let mut walk = walk(&json!({ "name": "schedule-free-sgd" }), &noise(0, N), 0.0).along(&gradients(2, N));
    assert_eq!(walk.readout(), noise(0, N));
    walk.lr = 0.1;
    walk.step(&gradients(3, N)[2]);
    let z = remembered(&mut walk, "/z");
    assert!(difference(&walk.readout(), &z) < 1e-15, "the first weight is the whole");
}

#[test]
fn schedule_free_without_momentum_is_gradient_descent() {
    let path = |table: Value| walk(&table, &noise(0, N), 0.1).along(&gradients(30, N));
    let free = path(json!({ "name": "schedule-free-sgd", "momentum": 0.0 }));
    let plain = path(json!({ "name": "sgd" }));
    assert!(difference(&plain.x, &free.x) < 1e-14);
    assert_eq!(bits(&free.readout()), free.bits());
}

/// On `x^2 / 2` the straight line meets zero half way, and SPS's c = 1/2 makes it the minimum.
#[test]
fn polyaks_step_goes_half_way_down_a_parabola_and_sps_all_of_it() {
    // The walk's loss is 1, its bound 0.
    let x = 2f64.sqrt();
    for (table, expected) in [
        (json!({ "name": "polyak" }), x / 2.0),
        (json!({ "name": "polyak", "max": 0.25 }), x * 0.75),
        (json!({ "name": "sps" }), 0.0),
        (json!({ "name": "sps", "c": 2.0 }), x * 0.75),
        (json!({ "name": "ali-g", "eps": 2.0 }), x * 0.75),
        (json!({ "name": "momo" }), x / 2.0),
    ] {
        let mut walk = walk(&table, &[x], 1.0);
        walk.step(&[x]);
        assert!((walk.x[0] - expected).abs() < 1e-12, "{table}: {}", walk.x[0]);
    }
}

/// At their longest step nothing is left of Polyak's.
#[test]
fn longest_steps_are_those_of_the_method_within() {
    for (table, limit) in [
        (json!({ "name": "ali-g", "momentum": 0.9 }), json!({ "name": "sgd", "momentum": 0.9, "nesterov": true })),
        (json!({ "name": "momo" }), json!({ "name": "sgd", "momentum": 0.9, "dampening": 0.9 })),
        (json!({ "name": "momo-adam" }), json!({ "name": "adam" })),
    ] {
        let path = |table: &Value| walk(table, &noise(0, N), 1e-4).along(&gradients(50, N)).x;
        assert!(difference(&path(&limit), &path(&table)) < 1e-14, "{table}");
    }
}

#[test]
fn momo_without_momentum_is_sps() {
    let path = |table: Value| walk(&table, &noise(0, N), 1.0).along(&gradients(50, N)).x;
    let sps = path(json!({ "name": "sps", "c": 1.0 }));
    let off = difference(&sps, &path(json!({ "name": "momo", "beta": 0.0 })));
    assert!(off < 1e-12, "{off:e}");
}

/// After steps that were short the longest step is short, and doubles in as many steps as said.
#[test]
fn spss_longest_step_doubles() {
    let table = json!({ "name": "sps", "doubling": 2.0 });
    let mut walk = walk(&table, &[0.0], 1.0).along(&[vec![1024.0]]);
    close(walk.x[0], -2.0 / 1024.0);
    let lengths = [2f64.sqrt(), 2.0, 8f64.sqrt()].map(|factor| factor * 2.0 / 1024.0 / 1024.0);
    for length in lengths {
        let before = walk.x[0];
        walk.step(&[1.0]);
        assert!((before - walk.x[0] - length).abs() < 1e-15);
    }
}

/// The sum starts at eps, the distance in units of `1 + |x|`; after n steps with gamma = 0 the average is plain.
#[test]
fn dogs_first_step_and_its_average() {
    let start = [3.0, -4.0];
    let mut dog = walk(&json!({ "name": "dog", "eps": 11.0, "gamma": 0.0 }), &start, 1.0);
    dog.step(&[3.0, 4.0]);
    assert!(difference(&dog.x, &[3.0 - 3e-6, -4.0 - 4e-6]) < 1e-15, "{:?}", dog.x);
    assert_eq!(bits(&dog.readout()), dog.bits(), "the start does not count");
    let mut mean: Vec<f64> = dog.x.iter().map(|x| x / 20.0).collect();
    for g in gradients(19, 2) {
        dog.step(&g);
        mean.iter_mut().zip(&dog.x).for_each(|(m, x)| *m += x / 20.0);
    }
    assert!(difference(&mean, &dog.readout()) < 1e-14);
}

/// With the distance outside the sum, or eps inside the root, it would be DoG's.
#[test]
fn dowg_weighs_gradients_by_squared_distances() {
    let mut dowg = walk(&json!({ "name": "dowg", "init": 0.04, "eps": 0.5 }), &[0.0], 1.0);
    dowg.step(&[5.0]);
    close(dowg.x[0], -0.04 / (0.2 * 5.0 + 0.5) * 5.0);
    let d2 = dowg.x[0] * dowg.x[0];
    assert!(d2 < 0.04);
    dowg.step(&[-10.0]);
    close(dowg.x[0] + 0.04 / 1.5 * 5.0, 0.04 / ((0.04f64 * 125.0).sqrt() + 0.5) * 10.0);
}

/// A share of 1 / alpha of the first coin, however large the gradient; a bet that is lost is not paid twice.
#[test]
fn cocob_bets_its_wealth() {
    for g in [1e-3, 1.0, 1e6] {
        let mut cocob = walk(&json!({ "name": "cocob" }), &[1.0, 0.0], 1.0).along(&[vec![g, -g]]);
        assert!(difference(&cocob.x, &[0.99, 0.01]) < 1e-15, "{:?}", cocob.x);
        // Right twice: sum 2, wealth 0.01 of the coins' size.
        cocob.step(&[g, -g]);
        close(cocob.x[1], 2.0 * 1.01 / 100.0);
        // Wrong: wealth falls by 0.0202 below zero, and is zero.
        cocob.step(&[-g, g]);
        assert_eq!(remembered(&mut cocob, "/wealth"), [0.0, 0.0]);
        close(cocob.x[1], 1.0 / 100.0);
    }
}
