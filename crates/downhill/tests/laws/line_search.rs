//! Line searches: what they promise, and where they stop.

use crate::common::{configure, noise};
use downhill::{Layout, Real, Role, Schedule, State, Stepper};
use serde_json::{Value, json};

const METHODS: [&str; 4] = ["armijo", "barzilai-borwein", "nonlinear-cg", "l-bfgs"];

pub(crate) fn stepper<R: Real>(table: &Value, layout: &Layout, lr: f64) -> Stepper<R> {
    Stepper::new(configure(table).build(layout).unwrap(), lr, Schedule::default())
}

pub(crate) fn named(name: &str, n: usize) -> Stepper<f64> {
    stepper(&json!({ "name": name }), &Layout::vector(n), 1.0)
}

pub(crate) fn rosenbrock(x: &[f64], g: &mut [f64]) -> f64 {
    let (r, s) = (x[1] - x[0] * x[0], 1.0 - x[0]);
    (g[0], g[1]) = (-400.0 * x[0] * r - 2.0 * s, 200.0 * r);
    100.0 * r * r + s * s
}

/// Curvatures 1, 2, 4, ...
pub(crate) fn bowl<R: Real>(x: &[R], g: &mut [R]) -> R {
    let mut value = R::ZERO;
    for i in 0..x.len() {
        let h = R::of(f64::from(1 << i));
        g[i] = h * x[i];
        value += R::of(0.5) * h * x[i] * x[i];
    }
    value
}

/// A landscape with waves, another for each seed.
fn waves(seed: u64) -> impl Fn(&[f64], &mut [f64]) -> f64 {
    let (h, w) = (noise(seed, 6), noise(seed + 1000, 6));
    move |x, g| {
        let mut value = 0.0;
        for i in 0..x.len() {
            let (h, w) = (1.0 + h[i].abs(), 8.0 * w[i]);
            value += 0.5 * h * x[i] * x[i] + (w * x[i]).sin();
            g[i] = h * x[i] + w * (w * x[i]).cos();
        }
        value
    }
}

pub(crate) fn square(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}

/// The first power of `shrink` that fulfils it, and no other: a longer one did not.
#[test]
fn each_step_of_armijo_is_the_first_that_lowers_enough() {
    let (c, shrink) = (0.2, 0.5);
    for seed in 0..20 {
        let f = waves(seed);
        let mut armijo = stepper(&json!({ "name": "armijo", "c": c, "shrink": shrink }), &Layout::vector(6), 4.0);
        let (mut x, mut g, mut room) = (noise(seed + 50, 6), vec![0.0; 6], vec![0.0; 6]);
        for _ in 0..30 {
            let from = x.clone();
            let loss = armijo.step_with(&mut x, &mut g, &f);
            let mut t = 4.0;
            let enough = |t: f64, room: &mut Vec<f64>| {
                let to: Vec<f64> = from.iter().zip(&g).map(|(x, g)| x - t * g).collect();
                f(&to, room) <= loss - c * t * square(&g)
            };
            while !enough(t, &mut room) {
                t *= shrink;
            }
            let expected: Vec<f64> = from.iter().zip(&g).map(|(x, g)| x - t * g).collect();
            assert_eq!(x, expected, "seed {seed}");
        }
    }
}

/// On `x^2 / 2` all steps below 2 are taken: 3 goes to 1.5. With growth the next starts from there, and not above the
/// learning rate.
#[test]
fn armijo_grows_from_its_last_step_up_to_the_rate() {
    let steps = |growth: f64| {
        let mut armijo = stepper(&json!({ "name": "armijo", "growth": growth, "c": 0.0625 }), &Layout::vector(1), 3.0);
        let (mut x, mut g) = (vec![1.0], vec![0.0]);
        [(); 3].map(|()| {
            let from = x[0];
            armijo.step_with(&mut x, &mut g, bowl);
            (from - x[0]) / from
        })
    };
    assert_eq!(steps(0.0), [1.5, 1.5, 1.5]);
    assert_eq!(steps(1.0), [1.5, 1.5, 1.5]);
    assert_eq!(steps(0.5), [1.5, 0.75, 0.375]);
    assert_eq!(steps(1.25), [1.5, 1.875, 1.171_875]);
    assert_eq!(steps(16.0), [1.5, 1.5, 1.5]);
}

/// A step of 0 grows to nothing: the next begins at the learning rate again.
#[test]
fn armijo_goes_on_after_a_rate_of_zero() {
    let mut armijo = stepper(&json!({ "name": "armijo", "growth": 1.5 }), &Layout::vector(1), 0.0);
    let (mut x, mut g) = (vec![1.0], vec![0.0]);
    armijo.step_with(&mut x, &mut g, bowl);
    armijo.set_lr(0.5);
    armijo.step_with(&mut x, &mut g, bowl);
    assert_eq!(x, [0.5]);
}

/// How often `f` is asked for by one step from 0.
fn evaluations(name: &str, lr: f64, f: impl Fn(f64) -> [f64; 2]) -> usize {
    let mut opt = stepper(&json!({ "name": name }), &Layout::vector(1), lr);
    let mut asked = 0;
    opt.step_with(&mut [0.0], &mut [0.0], |x: &[f64], g: &mut [f64]| {
        asked += 1;
        let [value, slope] = f(x[0]);
        g[0] = slope;
        value
    });
    asked
}

#[test]
fn a_rate_of_zero_needs_no_search() {
    for name in METHODS {
        assert_eq!(evaluations(name, 0.0, |x| [-x, -1.0]), 1, "{name}");
    }
}

/// A cliff: every trial is too high. Of 1e-7 slopes of 1e-3 nothing is worth a second one, of 1e-3 it is.
#[test]
fn a_bracket_is_short_in_units_of_the_parameters() {
    let cliff = |x: f64| [if x == 0.0 { 0.0 } else { 1.0 }, -1e-3];
    assert_eq!(evaluations("l-bfgs", 1e-7, cliff), 2);
    assert!(evaluations("l-bfgs", 1e-3, cliff) > 2);
}

#[test]
fn newton_like_methods_are_done_with_rosenbrock_soon() {
    for (name, steps) in [("l-bfgs", 40), ("nonlinear-cg", 60), ("barzilai-borwein", 200)] {
        let mut opt = named(name, 2);
        let (mut x, mut g) = (vec![-1.2, 1.0], vec![0.0; 2]);
        (0..steps).for_each(|_| _ = opt.step_with(&mut x, &mut g, rosenbrock));
        assert!(rosenbrock(&x, &mut g) < 1e-20, "{name}: {x:?}");
    }
}

/// On hills and in holes, with few trials or many, all but the one that may.
#[test]
fn no_search_climbs_or_asks_too_often() {
    for name in METHODS {
        for (seed, max_eval) in (0..20).flat_map(|seed| [1, 2, 3, 25].map(|m| (seed, m))) {
            let mut table = json!({ "name": name, "max_eval": max_eval });
            if name == "barzilai-borwein" {
                table["memory"] = json!(1);
            }
            let f = waves(seed);
            let mut opt = stepper(&table, &Layout::vector(6), 10.0);
            let (mut x, mut g, mut last) = (noise(seed + 50, 6), vec![0.0; 6], f64::INFINITY);
            for _ in 0..40 {
                let mut asked = 0;
                let loss = opt.step_with(&mut x, &mut g, |x, g| {
                    asked += 1;
                    f(x, g)
                });
                assert!(loss <= last, "{table}, seed {seed}: {loss} after {last}");
                assert!(asked <= 1 + max_eval, "{table}, seed {seed}: {asked} evaluations");
                last = loss;
            }
        }
    }
}

/// The far end of the bracket is the lower one, and between the two there is no value.
#[test]
fn a_search_goes_around_a_hole() {
    for name in METHODS {
        let mut opt = named(name, 1);
        let (mut x, mut g) = (vec![0.0], vec![0.0]);
        opt.step_with(&mut x, &mut g, |x, g| {
            g[0] = if x[0] < 0.1 { -1.0 } else { 3.0 };
            if x[0] > 0.1 && x[0] < 0.9 { f64::NAN } else { -0.5 * x[0] }
        });
        assert!(x[0] >= 0.9 && x[0] <= 1.0, "{name}: {}", x[0]);
    }
}

/// `x - ln x` is not a number below 0, and `1 / x + x` in a box is infinite outside: trials go there, steps do not.
#[test]
fn a_search_turns_back_from_where_there_is_no_value() {
    let logarithm = |x: &[f64], g: &mut [f64]| {
        g[0] = 1.0 - 1.0 / x[0];
        x[0] - x[0].ln()
    };
    let wall = |x: &[f64], g: &mut [f64]| {
        g[0] = 1.0 - 1.0 / (x[0] * x[0]);
        if x[0] > 0.0 && x[0] < 8.0 { x[0] + 1.0 / x[0] } else { f64::INFINITY }
    };
    for name in METHODS {
        for start in [0.01, 0.5, 7.0] {
            for f in [&logarithm as &dyn Fn(&[f64], &mut [f64]) -> f64, &wall] {
                let mut opt = stepper(&json!({ "name": name }), &Layout::vector(1), 100.0);
                let (mut x, mut g) = (vec![start], vec![0.0]);
                for _ in 0..60 {
                    opt.step_with(&mut x, &mut g, f);
                    assert!(x[0] > 0.0 && x[0].is_finite(), "{name} from {start}: {}", x[0]);
                }
                assert!((x[0] - 1.0).abs() < 1e-6, "{name} from {start}: {}", x[0]);
            }
        }
    }
}

/// No hang and no panic, in whichever the number is.
#[test]
fn a_search_ends_with_any_number() {
    for name in METHODS {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300, 1e-300] {
            for at in 0..3 {
                let mut opt = named(name, 2);
                let (mut x, mut g, mut asked) = (vec![1.0, -1.0], vec![0.0; 2], 0);
                for t in 0..8 {
                    opt.step_with(&mut x, &mut g, |x, g| {
                        asked += 1;
                        let value = bowl(x, g);
                        if t > 2 && at < 2 {
                            g[at] = bad;
                        }
                        if t > 2 && at == 2 { bad } else { value }
                    });
                }
                assert!(asked <= 8 * 31, "{name}, {bad}: {asked}");
                assert!(!(bad.is_nan() && at < 2) || x[at].is_nan(), "{name}: {x:?}");
            }
        }
    }
}

/// In single precision decreases drown in the value's rounding at about the root of its precision: 4e-4. Gradients do
/// not, and on a bowl whose bottom is 0 neither does the value.
#[test]
fn in_single_precision_a_search_ends_where_it_does_in_double() {
    fn end<R: Real>(name: &str, floor: f64) -> f64 {
        let mut opt = stepper::<R>(&json!({ "name": name }), &Layout::vector(5), 1.0);
        let (mut x, mut g) = (noise(3, 5).into_iter().map(R::of).collect::<Vec<_>>(), vec![R::ZERO; 5]);
        for _ in 0..200 {
            opt.step_with(&mut x, &mut g, |x, g| bowl(x, g) + R::of(floor));
        }
        x.iter().fold(0.0, |m, x| x.to_f64().abs().max(m))
    }
    for name in METHODS {
        assert!(end::<f64>(name, 0.0) < 1e-4 && end::<f32>(name, 0.0) < 1e-4, "{name}: {:e}", end::<f32>(name, 0.0));
        assert!(end::<f32>(name, 1.0) < 2e-3, "{name}: {:e}", end::<f32>(name, 1.0));
    }
}

/// The history, the last direction and step: with another memory the next step is another.
#[test]
fn the_history_survives() {
    for (name, more) in [("l-bfgs", json!({ "history": 4 })), ("nonlinear-cg", json!({ "restart": 9 }))] {
        let mut table = json!({ "name": name });
        table.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let new = || stepper::<f64>(&table, &Layout::vector(2), 1.0);
        let (mut first, mut x, mut g) = (new(), vec![-1.2, 1.0], vec![0.0; 2]);
        (0..11).for_each(|_| _ = first.step_with(&mut x, &mut g, rosenbrock));
        let (mut y, text) = (x.clone(), serde_json::to_string(&first.save()).unwrap());
        let saved: (u64, State) = serde_json::from_str(&text).unwrap();
        let mut second = new();
        second.load(&saved).unwrap();
        let (mut fresh, mut z) = (new(), x.clone());
        for step in 0..12 {
            first.step_with(&mut x, &mut g, rosenbrock);
            second.step_with(&mut y, &mut g, rosenbrock);
            fresh.step_with(&mut z, &mut g, rosenbrock);
            assert_eq!(x, y, "{name}, step {step}");
            assert_ne!(x, z, "{name}, step {step}: nothing was remembered");
        }
        assert_eq!(first.save(), second.save(), "{name}");
    }
}

/// A group at rest takes no part: neither in moves nor in products. The others go as if it were not there.
#[test]
fn a_group_with_a_scale_of_zero_rests() {
    let layout = Layout::new().block("w", [4], Role::Hidden).block("b", [2], Role::Bias);
    for name in METHODS {
        let table = json!({ "name": name, "groups": [{ "role": "bias", "lr_scale": 0.0 }] });
        let mut opt = stepper::<f64>(&table, &layout, 1.0);
        let (mut x, mut g) = (noise(3, 6), vec![0.0; 6]);
        let start = x.clone();
        (0..200).for_each(|_| _ = opt.step_with(&mut x, &mut g, bowl));
        assert_eq!(x[4..], start[4..], "{name}");
        assert!(x[..4].iter().all(|x| x.abs() < 1e-5), "{name}: {x:?}");
    }
}
