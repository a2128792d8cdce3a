//! Identities of wrappers in closed form, one for each classical mistake.

use crate::common::{Walk, bits, configure, difference, gradients, in_wrapper, layout, noise, wrapped};
use downhill::{Layout, Oracle, Refused, Role, State, Step, Values};
use serde_json::{Value, json};

const LR: f64 = 0.05;

fn sgd(wrapper: Value) -> Value {
    in_wrapper(&json!({ "name": "sgd" }), wrapper)
}

fn walk(table: &Value, start: &[f64]) -> Walk<f64> {
    Walk::new(table, &Layout::vector(start.len()), start, LR)
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-13 * a.abs().max(b.abs()), "{a} is not {b}");
}

/// Everywhere in 12 steps on 17 parameters.
fn path(table: &Value) -> Vec<Vec<u64>> {
    let n = layout().len();
    let mut walk = Walk::<f32>::new(table, &layout(), &noise(0, n), LR);
    let step = |g: &Vec<f64>| {
        walk.step(g);
        [walk.bits(), bits(&walk.readout())].concat()
    };
    gradients(12, n).iter().map(step).collect()
}

/// Steps that change nothing, if slow weights, counters and copies are where they should be.
#[test]
fn what_does_nothing_is_the_inner_method_bit_for_bit() {
    for method in wrapped() {
        for nothing in [
            json!({ "name": "lookahead", "k": 1, "alpha": 1.0 }),
            json!({ "name": "accumulate", "k": 1 }),
            json!({ "name": "nan-guard" }),
            json!({ "name": "sam", "rho": 0.0 }),
            json!({ "name": "asam", "rho": 0.0 }),
            json!({ "name": "grokfast", "lamb": 0.0 }),
            json!({ "name": "swa", "start": 100 }),
            json!({ "name": "ema", "decay": 0.0 }),
            json!({ "name": "clip-adaptive", "clipping": 1e9 }),
        ] {
            let table = in_wrapper(&method, nothing);
            assert!(path(&table) == path(&method), "{table}");
        }
    }
}

/// Slow weights that start at the first synchronisation, or at 0, would move.
#[test]
fn lookahead_that_keeps_nothing_is_back_at_the_start_after_every_k_steps() {
    let start = noise(0, 5);
    let mut lookahead =
        walk(&in_wrapper(&json!({ "name": "adam" }), json!({ "name": "lookahead", "k": 3, "alpha": 0.0 })), &start);
    for (t, g) in gradients(30, 5).iter().enumerate() {
        lookahead.step(g);
        assert_eq!(lookahead.x == start, t % 3 == 2, "after step {}", t + 1);
        assert_eq!(lookahead.readout(), start);
    }
}

/// The buffer is 1 and then 1.5: with a reset it would be 1 again.
#[test]
fn lookahead_keeps_the_momentum() {
    let table =
        in_wrapper(&json!({ "name": "sgd", "momentum": 0.5 }), json!({ "name": "lookahead", "k": 1, "alpha": 0.5 }));
    close(walk(&table, &[0.0]).along(&[vec![1.0], vec![1.0]]).x[0], -0.5 * LR * (1.0 + 1.5));
}

/// The gradients at `x + e` are `g + e`: with a norm for each block, `e` would be `rho` in both.
#[test]
fn sam_looks_along_the_whole_gradient() {
    let blocks = Layout::new().block("a", [1], Role::Hidden).block("b", [1], Role::Bias);
    let table = sgd(json!({ "name": "sam", "rho": 0.5 }));
    let mut sam = Walk::<f64>::new(&table, &blocks, &[0.0, 0.0], LR);
    sam.step(&[3.0, 4.0]);
    close(sam.x[0], -LR * (3.0 + 0.5 * 0.6));
    close(sam.x[1], -LR * (4.0 + 0.5 * 0.8));
}

/// `x + e - e` is another number for most of these.
#[test]
fn sam_restores_the_parameters_bit_for_bit() {
    for name in ["sam", "asam"] {
        let start: Vec<f64> = noise(0, 1000).iter().map(|x| 1e-3 * x).map(|x| f64::from(x as f32)).collect();
        let table = sgd(json!({ "name": name, "rho": 0.7 }));
        let still = Walk::<f32>::new(&table, &Layout::vector(1000), &start, 0.0).along(&gradients(3, 1000));
        assert_eq!(still.bits(), bits(&start), "{name}");
    }
}

/// `T g = (3, 4)`; a bias is not scaled.
#[test]
fn asam_looks_in_units_of_the_parameters() {
    let blocks = Layout::new().block("w", [1], Role::Hidden).block("b", [1], Role::Bias);
    let table = sgd(json!({ "name": "asam", "rho": 0.5, "eta": 0.25 }));
    let mut asam = Walk::<f64>::new(&table, &blocks, &[-1.75, 7.0], LR);
    asam.step(&[1.5, 4.0]);
    close(asam.x[0], -1.75 - LR * (1.5 + 0.5 * 2.0 * 3.0 / 5.0));
    close(asam.x[1], 7.0 - LR * (4.0 + 0.5 * 4.0 / 5.0));
}

/// A counter that is off by one would give 1.5 or 2.25.
#[test]
fn the_average_of_1_2_3_is_2() {
    let read = |wrapper: Value| {
        let mut walk = Walk::<f64>::new(&sgd(wrapper), &Layout::vector(1), &[0.0], 1.0);
        let read = |_| {
            walk.step(&[-1.0]);
            walk.readout()[0]
        };
        [(); 5].map(read)
    };
    assert_eq!(read(json!({ "name": "swa", "start": 1 })), [1.0, 1.5, 2.0, 2.5, 3.0]);
    assert_eq!(read(json!({ "name": "swa", "start": 2, "every": 2 })), [1.0, 2.0, 2.0, 3.0, 3.0]);
    assert_eq!(read(json!({ "name": "polyak-average" })), [1.0, 1.5, 2.0, 2.5, 3.0]);
    assert_eq!(read(json!({ "name": "polyak-average", "start": 3 })), [1.0, 2.0, 3.0, 3.5, 4.0]);
}

#[test]
fn the_average_of_a_constant_is_the_constant() {
    for wrapper in [
        json!({ "name": "swa", "start": 3, "every": 2 }),
        json!({ "name": "polyak-average" }),
        json!({ "name": "ema", "decay": 0.9 }),
    ] {
        let end = walk(&sgd(wrapper), &noise(0, 5)).along(&vec![vec![0.0; 5]; 100]);
        assert_eq!(bits(&end.readout()), bits(&noise(0, 5)));
    }
}

/// A sum in place of the mean, or a bias correction by the outer step, would lead elsewhere.
#[test]
fn accumulated_adam_is_adam_on_the_means() {
    let adam = json!({ "name": "adam" });
    let g = gradients(12, 5);
    let means: Vec<Vec<f64>> =
        g.chunks(3).map(|c| (0..5).map(|i| c.iter().map(|g| g[i]).sum::<f64>() / 3.0).collect()).collect();
    let pieces = walk(&in_wrapper(&adam, json!({ "name": "accumulate", "k": 3 })), &noise(0, 5)).along(&g);
    assert!(difference(&walk(&adam, &noise(0, 5)).along(&means).x, &pieces.x) < 1e-15);
    let between = pieces.along(&g[..2]);
    assert!(difference(&walk(&adam, &noise(0, 5)).along(&means).x, &between.x) < 1e-15, "it moved in between");
}

/// Polyak's step is as long as the loss is high.
#[test]
fn accumulated_polyak_goes_by_the_mean_of_the_losses() {
    let table = json!({ "name": "polyak", "wrap": [{ "name": "accumulate", "k": 3 }] });
    let mut optimizer = configure(&table).build::<f64>(&Layout::vector(1)).unwrap();
    let mut x = [1.0];
    for (t, loss) in [0.5, 2.0, 6.5].into_iter().enumerate() {
        optimizer.step(&mut x, &[2.0], &mut Step { t: t as u64 + 1, lr: 1.0, loss, oracle: &mut Floor });
    }
    assert_eq!(x, [1.0 - 3.0 / 4.0 * 2.0]);
}

/// A loss that is never below 0.
struct Floor;
impl Oracle<f64> for Floor {
    fn lower_bound(&mut self) -> Result<f64, Refused> {
        Ok(0.0)
    }
}

/// A counter that goes on, or a NaN that reached the moments, would show in the steps after.
#[test]
fn a_skipped_step_has_not_been() {
    let table = |policy: &str| in_wrapper(&json!({ "name": "adam" }), json!({ "name": "nan-guard", "policy": policy }));
    let (skip, stop) = (table("skip"), table("stop"));
    let good = gradients(20, 5);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut mixed = good.clone();
        for at in [15, 7, 7, 0] {
            let mut g = noise(99, 5);
            g[at % 5] = bad;
            mixed.insert(at, g);
        }
        let (mut clean, mut guarded) =
            (walk(&skip, &noise(0, 5)).along(&good), walk(&skip, &noise(0, 5)).along(&mixed));
        assert_eq!(guarded.bits(), clean.bits());
        assert_eq!(guarded.save(), clean.save());
        // The first bad one is the very first.
        assert_eq!(walk(&stop, &noise(0, 5)).along(&mixed).x, noise(0, 5));
        let until = walk(&stop, &noise(0, 5)).along(&mixed[1..]);
        assert_eq!(until.bits(), walk(&stop, &noise(0, 5)).along(&good[..7]).bits());
    }
}

/// After (1, 1) and (-0.1, 1) the momentum is (0.8, 1.9): the first would climb.
#[test]
fn cautious_steps_do_not_climb() {
    let second = |wrapper: Value| {
        let mut walk = walk(&in_wrapper(&json!({ "name": "sgd", "momentum": 0.9 }), wrapper), &[0.0, 0.0]);
        walk.step(&[1.0, 1.0]);
        let before = walk.x.clone();
        walk.step(&[-0.1, 1.0]);
        [before[0] - walk.x[0], before[1] - walk.x[1]]
    };
    let authors = second(json!({ "name": "cautious" }));
    assert_eq!(authors[0], 0.0);
    close(authors[1], LR * 1.9 * 2.0);
    let paper = second(json!({ "name": "cautious", "xi": 1.0 }));
    assert_eq!(paper[0], 0.0);
    // The first step was 2/3 as long; the second is whole.
    close(paper[1], LR * 1.9);
}

/// One coordinate of 4000 agrees: it is scaled by 1000 and no more.
#[test]
fn caution_scales_no_more_than_a_thousandfold() {
    let n = 4000;
    let momentum = json!({ "name": "sgd", "momentum": 0.9 });
    let mut walk =
        Walk::<f64>::new(&in_wrapper(&momentum, json!({ "name": "cautious" })), &Layout::vector(n), &vec![0.0; n], LR);
    walk.step(&vec![1.0; n]);
    let before = walk.x[0];
    // All but the first turn round.
    let mut g = vec![-0.1; n];
    g[0] = 1.0;
    walk.step(&g);
    close(before - walk.x[0], LR * 1.9 * 1000.0);
}

#[test]
fn where_all_agrees_or_nothing_does_caution_changes_nothing_or_all() {
    let n = layout().len();
    let table = sgd(json!({ "name": "cautious" }));
    let along = |table: &Value| Walk::<f64>::new(table, &layout(), &noise(0, n), LR).along(&gradients(20, n)).x;
    assert!(difference(&along(&json!({ "name": "sgd" })), &along(&table)) < 1e-15);
    // Uphill: against all gradients.
    let mut uphill = Walk::<f64>::new(&table, &layout(), &noise(0, n), -LR);
    uphill.step(&noise(1, n));
    assert_eq!(uphill.x, noise(0, n));
}

/// Means over the other dimension, or of biases, would show.
#[test]
fn a_centralized_gradient_has_rows_without_mean() {
    let n = layout().len();
    let table = sgd(json!({ "name": "gradient-centralization" }));
    let mut walk = Walk::<f64>::new(&table, &layout(), &vec![0.0; n], 1.0);
    let g = noise(1, n);
    walk.step(&g);
    for row in 0..4 {
        let (x, g) = (&walk.x[3 * row..3 * row + 3], &g[3 * row..3 * row + 3]);
        assert!(x.iter().sum::<f64>().abs() < 1e-15);
        close(x[0] - x[1], g[1] - g[0]);
    }
    assert_eq!(walk.x[12..], g[12..].iter().map(|g| -g).collect::<Vec<_>>());
}

/// Norms over columns, or over the whole matrix, would leave other lengths.
#[test]
fn adaptive_clipping_goes_by_rows() {
    let n = layout().len();
    let mut start = noise(0, n);
    start[3..6].fill(0.0);
    let table = sgd(json!({ "name": "clip-adaptive", "clipping": 0.25, "eps": 0.01 }));
    let mut walk = Walk::<f64>::new(&table, &layout(), &start, 1.0);
    walk.step(&vec![100.0; n]);
    let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
    for unit in [0..3, 3..6, 6..9, 9..12, 12..16, 16..17] {
        let moved: Vec<f64> = unit.clone().map(|i| walk.x[i] - start[i]).collect();
        assert!((norm(&moved) - 0.25 * norm(&start[unit]).max(0.01)).abs() < 1e-14);
    }
}

/// An average that starts at 0 would add `1 - alpha` of it only.
#[test]
fn grokfast_starts_with_the_first_gradient() {
    let table = sgd(json!({ "name": "grokfast", "alpha": 0.9, "lamb": 2.0 }));
    let mut grokfast = walk(&table, &[0.0]);
    grokfast.step(&[1.0]);
    close(grokfast.x[0], -LR * 3.0);
    grokfast.step(&[0.0]);
    close(grokfast.x[0], -LR * (3.0 + 2.0 * 0.9));
}

/// In the first step the inner product is 0 and `s` comes to `s_init`, whatever the number of betas.
#[test]
fn mechanic_starts_with_its_first_scale_and_grows() {
    for betas in [json!([0.9]), json!([0.9, 0.99, 0.999])] {
        let table = sgd(json!({ "name": "mechanic", "betas": betas, "s_init": 1e-4, "s_decay": 0.0 }));
        let mut mechanic = walk(&table, &[0.0]);
        mechanic.step(&[2.0]);
        close(mechanic.x[0], -1e-4 * LR * 2.0);
        let far = mechanic.along(&vec![vec![2.0]; 100]);
        // 100 steps at the first scale would be 1e-3 long.
        assert!(far.x[0] < -1.0, "{}", far.x[0]);
    }
}

/// What others do to the parameters stays: found from them again, the sum of steps would take it for a step.
#[test]
fn mechanic_leaves_an_outer_decay_alone() {
    let table = json!({ "name": "sgd", "wrap": [{ "name": "decay", "lambda": 0.1 }, { "name": "mechanic" }] });
    let mut end = walk(&table, &[0.7]).along(&vec![vec![0.0]; 50]);
    close(end.x[0], 0.7 * (1.0 - LR * 0.1f64).powi(50));
    let state: State = end.save();
    let sum = state.iter().find(|(name, _)| name.ends_with("sum")).unwrap().1.clone();
    assert_eq!(sum, Values::F64(vec![0.0]));
}

/// `maximize(f)` is `minimize(-f)`: the decay must not turn with the sign.
#[test]
fn a_turned_gradient_does_not_turn_the_decay() {
    for name in ["decay", "l2"] {
        let end = |g: f64| {
            let mut walk = walk(&sgd(json!({ "name": name, "lambda": 0.1 })), &[0.7]);
            walk.step(&[g]);
            walk.x[0]
        };
        close(0.5 * (end(3.0) + end(-3.0)), 0.7 * (1.0 - LR * 0.1));
    }
}

#[test]
fn usual_values_are_defaults_and_others_must_be_given() {
    for (name, defaults) in [
        ("lookahead", json!({ "k": 5, "alpha": 0.5 })),
        ("sam", json!({ "rho": 0.05 })),
        ("asam", json!({ "rho": 0.5, "eta": 0.01 })),
        ("clip-adaptive", json!({ "clipping": 0.01, "eps": 1e-3 })),
        ("cautious", json!({ "xi": 0.0 })),
        ("grokfast", json!({ "alpha": 0.98, "lamb": 2.0 })),
        ("nan-guard", json!({ "policy": "skip" })),
        ("polyak-average", json!({ "start": 1 })),
    ] {
        let canonical = configure(&sgd(json!({ "name": name }))).canonical();
        let mut expected = defaults;
        expected["name"] = json!(name);
        assert_eq!(canonical["wrap"][0], expected);
    }
    for (name, field) in [("accumulate", "k"), ("swa", "start"), ("ema", "decay")] {
        let registry = downhill::Registry::builtin();
        let message = registry.configure(&sgd(json!({ "name": name }))).err().unwrap().to_string();
        assert_eq!(message, format!("wrapper `{name}`: missing field `{field}`"));
    }
}
