//! The directions of line searches: conjugate gradients, Barzilai and Borwein's, L-BFGS.

use crate::common::{difference, noise};
use crate::line_search::{bowl, named, rosenbrock, square, stepper};
use downhill::{Layout, Stepper, Values};
use serde_json::{Value, json};

/// torch's first evaluations; with the wrong first trial, or with another interpolation, they differ at once.
#[test]
fn l_bfgs_evaluates_as_torch_does() {
    let mut l_bfgs = named("l-bfgs", 2);
    let (mut x, mut g, mut values) = (vec![-1.2, 1.0], vec![0.0; 2], Vec::new());
    for _ in 0..6 {
        let mut asked = 0;
        values.push(l_bfgs.step_with(&mut x, &mut g, |x, g| {
            asked += 1;
            rosenbrock(x, g)
        }));
        // The point itself, and one trial, but for the first step: its first trial is too short.
        assert_eq!(asked, if l_bfgs.steps() == 1 { 3 } else { 2 }, "step {}", l_bfgs.steps());
    }
    for (value, expected) in values.iter().zip([24.2, 4.14693, 4.12559, 4.12113, 4.11182, 4.08496]) {
        assert!((value - expected).abs() < 5e-6, "{values:?}");
    }
}

/// With an exact search. Fletcher-Reeves' beta would do, too; one without the last direction, or a restart in between,
/// would not.
#[test]
fn conjugate_gradients_end_in_as_many_steps_as_there_are_dimensions() {
    let n = 6;
    for beta in ["polak-ribiere", "hager-zhang"] {
        let table = json!({ "name": "nonlinear-cg", "beta": beta, "c2": 1e-9, "c1": 1e-12 });
        let gradient = |table: &Value, steps: usize| {
            let mut cg = stepper::<f64>(table, &Layout::vector(n), 1.0);
            let (mut x, mut g) = (vec![1.0; n], vec![0.0; n]);
            (0..steps).for_each(|_| _ = cg.step_with(&mut x, &mut g, bowl));
            bowl(&x, &mut g);
            square(&g).sqrt()
        };
        assert!(gradient(&table, n - 1) > 1e-2, "{beta}: {:e}", gradient(&table, n - 1));
        assert!(gradient(&table, n) < 1e-7, "{beta}: {:e}", gradient(&table, n));
        let mut restarted = table;
        restarted["restart"] = json!(3);
        assert!(gradient(&restarted, n) > 1e-2, "{beta}: {:e}", gradient(&restarted, n));
    }
}

/// Every `restart` steps, and in each where two gradients in a row are far from orthogonal.
#[test]
fn conjugate_gradients_start_again_from_the_gradient() {
    let along_gradient = |table: Value, steps: usize| {
        let mut cg = stepper::<f64>(&table, &Layout::vector(5), 1.0);
        let (mut x, mut g) = (noise(3, 5), vec![0.0; 5]);
        let mut along = Vec::new();
        for _ in 0..steps {
            let from = x.clone();
            cg.step_with(&mut x, &mut g, bowl);
            let moved: Vec<f64> = x.iter().zip(&from).map(|(x, from)| x - from).collect();
            let dot: f64 = moved.iter().zip(&g).map(|(m, g)| m * g).sum();
            along.push((dot * dot / square(&moved) / square(&g) - 1.0).abs() < 1e-12);
        }
        along
    };
    let restart = |n: u64| json!({ "name": "nonlinear-cg", "c2": 0.01, "restart": n });
    assert_eq!(along_gradient(restart(3), 7), [true, false, false, true, false, false, true]);
    assert_eq!(along_gradient(restart(1), 4), [true; 4]);
    // A sloppy search takes the first trial as it is; later ones come from an interpolation, which is exact here.
    let orthogonal = |share: f64| json!({ "name": "nonlinear-cg", "c2": 0.9, "orthogonal": share });
    assert_eq!(along_gradient(orthogonal(0.1), 4), [true, true, false, false]);
}

/// In one dimension both quotients are the curvature's inverse: the second step hits the bottom.
#[test]
fn barzilai_borwein_hits_the_bottom_of_a_parabola() {
    for quotient in ["long", "short", "alternating"] {
        let table = json!({ "name": "barzilai-borwein", "quotient": quotient });
        let mut opt = stepper::<f64>(&table, &Layout::vector(1), 0.3);
        let (mut x, mut g) = (vec![1.0], vec![0.0]);
        opt.step_with(&mut x, &mut g, bowl);
        assert_eq!(x[0], 0.7, "{quotient}: the first step is the rate's");
        opt.step_with(&mut x, &mut g, bowl);
        assert!(x[0].abs() < 1e-15, "{quotient}: {}", x[0]);
    }
}

/// The long step is the longer one (Cauchy and Schwarz), and the two take turns.
#[test]
fn barzilai_borweins_quotients() {
    let second = |quotient: &str, steps: usize| {
        let table = json!({ "name": "barzilai-borwein", "quotient": quotient });
        let mut opt = stepper::<f64>(&table, &Layout::vector(2), 0.25);
        let (mut x, mut g) = (vec![1.0, 1.0], vec![0.0; 2]);
        (0..steps).for_each(|_| _ = opt.step_with(&mut x, &mut g, bowl));
        x
    };
    // x = (1, 1), g = (1, 2); then x = (3/4, 1/2), g = (3/4, 1): s = -(1, 2) / 4, y = -(1, 4) / 4.
    let (long, short) = (5.0 / 9.0, 9.0 / 17.0);
    assert!(difference(&second("long", 2), &[0.75 - long * 0.75, 0.5 - long]) < 1e-15);
    assert!(difference(&second("short", 2), &[0.75 - short * 0.75, 0.5 - short]) < 1e-15);
    assert_eq!(second("alternating", 2), second("short", 2));
    assert_ne!(second("alternating", 3), second("short", 3));
}

/// R-linearly, and not monotonically: with a memory of one value it would have to be.
#[test]
fn barzilai_borwein_is_linear_on_a_quadratic_and_rises_on_the_way() {
    let values = |memory: u64| {
        let mut opt = stepper::<f64>(&json!({ "name": "barzilai-borwein", "memory": memory }), &Layout::vector(8), 1.0);
        let (mut x, mut g) = (vec![1.0; 8], vec![0.0; 8]);
        (0..160).map(|_| opt.step_with(&mut x, &mut g, bowl)).collect::<Vec<_>>()
    };
    let rises = |values: &[f64]| values.windows(2).any(|pair| pair[1] > pair[0]);
    let free = values(10);
    assert!((1..4).all(|k| free[40 * k + 39] < 1e-3 * free[40 * k - 1]), "{free:?}");
    assert!(rises(&free) && !rises(&values(1)));
}

/// The gradient does not change: `s.y` is 0.
#[test]
fn without_curvature_barzilai_borwein_takes_the_rate() {
    let mut opt = stepper::<f64>(&json!({ "name": "barzilai-borwein" }), &Layout::vector(1), 0.125);
    let (mut x, mut g) = (vec![0.0], vec![0.0]);
    for t in 1..=10 {
        opt.step_with(&mut x, &mut g, |x, g| {
            g[0] = -2.0;
            -2.0 * x[0]
        });
        assert_eq!(x[0], 0.25 * f64::from(t));
    }
}

/// Pairs, and not all gradients: two vectors each, at most `history` of them.
#[test]
fn l_bfgs_remembers_no_more_than_its_history() {
    let mut opt = stepper::<f64>(&json!({ "name": "l-bfgs", "history": 4 }), &Layout::vector(2), 1.0);
    let (mut x, mut g) = (vec![-1.2, 1.0], vec![0.0; 2]);
    let held = |opt: &mut Stepper<f64>| {
        let (_, state) = opt.save();
        let length = |name: &str| match state.iter().find(|(key, _)| key.ends_with(name)).unwrap().1 {
            Values::F64(v) => v.len(),
            _ => panic!("{name}"),
        };
        (length("/s"), length("/y"), length("/rho"))
    };
    for pairs in [0, 1, 2, 3, 4, 4, 4] {
        opt.step_with(&mut x, &mut g, rosenbrock);
        assert_eq!(held(&mut opt), (2 * pairs, 2 * pairs, pairs));
    }
}

/// Rounding can make of what is remembered a direction that climbs; here an edited state does. (No new pair is good
/// enough to mend it.)
#[test]
fn l_bfgs_forgets_what_points_uphill() {
    let mut opt = stepper::<f64>(&json!({ "name": "l-bfgs", "skip": 1e300 }), &Layout::vector(2), 1.0);
    let (mut x, mut g) = (vec![-1.2, 1.0], vec![0.0; 2]);
    opt.step_with(&mut x, &mut g, rosenbrock);
    let (t, state) = opt.save();
    let mut edited = serde_json::to_value(state).unwrap();
    edited["l-bfgs/gamma"] = serde_json::to_value(Values::F64(vec![-1.0])).unwrap();
    opt.load(&(t, serde_json::from_value(edited).unwrap())).unwrap();
    let before = opt.step_with(&mut x, &mut g, rosenbrock);
    let (_, state) = opt.save();
    let (_, gamma) = state.iter().find(|(name, _)| *name == "l-bfgs/gamma").unwrap();
    assert_eq!(*gamma, Values::F64(vec![1.0]));
    assert!(opt.step_with(&mut x, &mut g, rosenbrock) < before);
}
