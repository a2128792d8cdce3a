//! Methods of whole matrices: identities in closed form, one for each classical mistake, and what turns with the axes.

use crate::common::{Walk, difference, gradients, noise};
use downhill::{Layout, Role, State, Values};
use serde_json::{Value, json};

const LR: f64 = 0.05;
const STEPS: usize = 12;

/// One hidden matrix on its way.
fn walk(table: &Value, (rows, columns): (usize, usize), start: &[f64]) -> Walk<f64> {
    Walk::new(table, &Layout::new().block("w", [rows, columns], Role::Hidden), start, LR)
}

fn near(a: &[f64], b: &[f64], within: f64) {
    let off = difference(a, b);
    assert!(off < within, "off by {off:e}: {a:?} is not {b:?}");
}

fn diagonal(values: &[f64]) -> Vec<f64> {
    let n = values.len();
    (0..n * n).map(|i| if i % (n + 1) == 0 { values[i / n] } else { 0.0 }).collect()
}

fn transposed(x: &[f64], columns: usize) -> Vec<f64> {
    (0..columns).flat_map(|j| x.iter().skip(j).step_by(columns).copied()).collect()
}

/// Turns neighbouring rows, one pair after the other: a rotation from the left.
fn turned(x: &[f64], columns: usize) -> Vec<f64> {
    let (mut x, (sin, cos)) = (x.to_vec(), (0.6, 0.8));
    for i in columns..x.len() {
        let (a, b) = (x[i - columns], x[i]);
        (x[i - columns], x[i]) = (cos * a - sin * b, sin * a + cos * b);
    }
    x
}

/// `Q X P` with two rotations.
fn rotated(x: &[f64], (rows, columns): (usize, usize)) -> Vec<f64> {
    let left = turned(x, columns);
    transposed(&turned(&transposed(&left, columns), rows), rows)
}

// --- what turns with the axes ------------------------------------------------------------------------

/// `U(Q G P) = Q U(G) P`. A `v` that is not permuted with SOAP's eigenvectors, a root of the wrong side or an entry by
/// entry scale would break it.
#[test]
fn rotated_rows_and_columns_give_the_rotated_path() {
    for table in [
        json!({ "name": "muon", "decay": 0.1 }),
        json!({ "name": "muon", "nesterov": false, "scale": "match-rms-adamw" }),
        json!({ "name": "shampoo" }),
        json!({ "name": "shampoo", "beta2": 0.9, "every": 3, "momentum": 0.9, "graft": "sgd" }),
        json!({ "name": "soap" }),
        json!({ "name": "soap", "every": 1 }),
        json!({ "name": "soap", "every": 4, "beta2": 0.8 }),
    ] {
        for shape in [(4, 3), (3, 4), (4, 4)] {
            let n = shape.0 * shape.1;
            let (start, g) = (noise(0, n), gradients(STEPS, n));
            let plain = walk(&table, shape, &start).along(&g);
            let g: Vec<_> = g.iter().map(|g| rotated(g, shape)).collect();
            let other = walk(&table, shape, &rotated(&start, shape)).along(&g);
            near(&rotated(&plain.x, shape), &other.x, 1e-10);
        }
    }
}

/// Rows and columns have the same rights, unless the step's length says how many there are of each.
#[test]
fn transposed_gradients_give_the_transposed_path() {
    for (table, alike) in [
        (json!({ "name": "muon", "scale": "match-rms-adamw" }), true),
        (json!({ "name": "muon", "scale": "none" }), true),
        (json!({ "name": "muon" }), false),
        (json!({ "name": "muon", "scale": "spectral" }), false),
        (json!({ "name": "shampoo" }), true),
        (json!({ "name": "shampoo", "beta2": 0.9, "every": 3, "graft": "adagrad" }), true),
        (json!({ "name": "soap", "every": 2 }), true),
        (json!({ "name": "soap", "max_dim": 3 }), true),
    ] {
        let (start, g) = (noise(0, 12), gradients(STEPS, 12));
        let tall = walk(&table, (4, 3), &start).along(&g);
        let g: Vec<_> = g.iter().map(|g| transposed(g, 3)).collect();
        let wide = walk(&table, (3, 4), &transposed(&start, 3)).along(&g);
        let off = difference(&transposed(&tall.x, 3), &wide.x);
        assert_eq!(off < 1e-12, alike, "{table}: off by {off:e}");
    }
}

/// A matrix kept with its inputs first is the same matrix to every hidden-matrix method, factor of the shape included.
#[test]
fn a_matrix_kept_with_its_inputs_first_walks_the_same_path() {
    for table in [json!({ "name": "muon" }), json!({ "name": "muon", "scale": "spectral" }), json!({ "name": "soap" })]
    {
        let (start, g) = (noise(0, 12), gradients(STEPS, 12));
        let outputs_first = walk(&table, (4, 3), &start).along(&g);
        let layout = Layout::new().block("w", [3, 4], Role::Hidden).inputs_first();
        let g: Vec<_> = g.iter().map(|g| transposed(g, 3)).collect();
        let inputs_first = Walk::new(&table, &layout, &transposed(&start, 3), LR).along(&g);
        near(&transposed(&outputs_first.x, 3), &inputs_first.x, 1e-12);
    }
}

// --- Muon ---------------------------------------------------------------------------------------------

/// What five steps make of a singular value `s` beside another one, when the norm is 1.
fn orthogonalised(s: f64) -> [f64; 2] {
    let table = json!({ "name": "muon", "momentum": 0.0, "nesterov": false, "scale": "none", "decay": 0.0 });
    let mut muon = walk(&table, (2, 2), &[0.0; 4]);
    muon.step(&diagonal(&[s, (1.0 - s * s).sqrt()]));
    assert!(muon.x[1] == 0.0 && muon.x[2] == 0.0);
    [-muon.x[0] / LR, -muon.x[3] / LR]
}

/// A wrong coefficient or count of steps would leave the interval. Not 1: that is not what these coefficients are for.
#[test]
fn five_newton_schulz_steps_bring_singular_values_near_one() {
    for i in 0..=10_000 {
        let s = 0.01 + 0.99 * f64::from(i) / 10_000.0;
        assert!((0.6818..=1.1344).contains(&orthogonalised(s)[0]), "{s}");
        let s = 0.003 + 0.007 * f64::from(i) / 10_000.0;
        assert!((0.6818..=1.2024).contains(&orthogonalised(s)[0]), "{s}");
    }
    assert!((orthogonalised(1e-3)[0] - 0.47).abs() < 0.01);
}

/// Without the least norm it would be 0 / 0.
#[test]
fn muon_stands_still_at_a_zero_gradient() {
    for scale in ["original", "match-rms-adamw", "spectral", "none"] {
        let start = noise(0, 12);
        let end =
            walk(&json!({ "name": "muon", "decay": 0.0, "scale": scale }), (4, 3), &start)
                .along(&vec![vec![0.0; 12]; 5]);
        assert_eq!(end.x, start);
    }
}

/// The shape scales the step alone: [4, 1] has a factor of 2, or of 0.4.
#[test]
fn muons_decay_is_not_scaled_by_the_shape() {
    for scale in ["original", "match-rms-adamw", "spectral"] {
        let start = noise(0, 4);
        let end = walk(&json!({ "name": "muon", "scale": scale }), (4, 1), &start).along(&vec![vec![0.0; 4]; 20]);
        let law: Vec<_> = start.iter().map(|x| x * (1.0 - LR * 0.1f64).powi(20)).collect();
        near(&end.x, &law, 1e-14);
    }
}

/// Rows are outputs: `[4, 1]` is tall and steps twice as far as `[1, 4]`. optax counts the other way round.
#[test]
fn muons_step_grows_with_the_outputs() {
    let length = |scale: &str, shape| {
        let mut muon = walk(&json!({ "name": "muon", "scale": scale, "decay": 0.0 }), shape, &[0.0; 4]);
        muon.step(&[1.0, -2.0, 0.5, 3.0]);
        muon.x.iter().map(|x| x * x).sum::<f64>().sqrt()
    };
    let one = length("none", (4, 1));
    for (scale, tall, wide) in [("original", 2.0, 1.0), ("match-rms-adamw", 0.4, 0.4), ("spectral", 2.0, 0.5)] {
        near(&[length(scale, (4, 1)), length(scale, (1, 4))], &[tall * one, wide * one], 1e-14);
    }
}

/// Embeddings, heads, gains and biases, two-dimensional or not.
#[test]
fn what_is_no_hidden_matrix_follows_adamw_at_its_own_rate() {
    let others = |l: Layout| {
        l.block("e", [3, 2], Role::Embedding).block("h", [2, 3], Role::Head).block("b", [3], Role::Bias).block(
            "x",
            [2],
            Role::Hidden,
        )
    };
    let hidden = Layout::new().block("w", [2, 2], Role::Hidden);
    let (start, g) = (noise(0, 21), gradients(STEPS, 21));
    let muon = json!({ "name": "muon", "adamw_lr": 0.25, "adamw_beta2": 0.9, "adamw_decay": 0.2 });
    let muon = Walk::<f64>::new(&muon, &others(hidden), &start, LR).along(&g);
    let adamw = json!({ "name": "adamw", "beta2": 0.9, "decay": 0.2 });
    let g: Vec<_> = g.iter().map(|g| g[4..].to_vec()).collect();
    let adamw = Walk::<f64>::new(&adamw, &others(Layout::new()), &start[4..], LR * 0.25).along(&g);
    near(&muon.x[4..], &adamw.x, 1e-14);
}

// --- Shampoo ------------------------------------------------------------------------------------------

/// A power of -1/4 on each side, or of -1/2 on one: the square root of Adagrad's sum in both.
#[test]
fn shampoos_first_step_is_the_gradient_over_its_size() {
    let g = [3.0, -0.5, 1e-3];
    let mut shampoo = walk(&json!({ "name": "shampoo" }), (3, 3), &[0.0; 9]);
    shampoo.step(&diagonal(&g));
    near(&shampoo.x, &diagonal(&g.map(|g| -LR * g / (g * g + 1e-4).sqrt())), 1e-13);
    let mut one_sided = walk(&json!({ "name": "shampoo", "max_dim": 1 }), (3, 1), &[0.0; 3]);
    one_sided.step(&g);
    let square: f64 = g.iter().map(|g| g * g).sum();
    near(&one_sided.x, &g.map(|g| -LR * g / (square + 1e-4).sqrt()), 1e-13);
}

#[test]
fn shampoos_roots_are_as_old_as_said() {
    let table = json!({ "name": "shampoo", "every": 3 });
    let mut shampoo = walk(&table, (2, 2), &[0.0; 4]);
    let (mut x, mut sum, mut root) = ([0.0; 2], [1e-4; 2], [0.0; 2]);
    for (t, g) in [[1.0, -2.0], [3.0, 0.5], [-0.5, 0.25], [2.0, 1.0], [1.0, 1.0]].into_iter().enumerate() {
        shampoo.step(&diagonal(&g));
        for i in 0..2 {
            sum[i] += g[i] * g[i];
            root[i] = if t % 3 == 0 { sum[i].sqrt() } else { root[i] };
            x[i] -= LR * g[i] / root[i];
        }
        near(&shampoo.x, &diagonal(&x), 1e-13);
    }
}

#[test]
fn a_grafted_step_is_as_long_as_the_other_method() {
    let g = gradients(1, 12).remove(0);
    let length = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
    for (graft, expected) in [("sgd", length(&g)), ("adagrad", 12f64.sqrt())] {
        let mut shampoo = walk(&json!({ "name": "shampoo", "graft": graft }), (4, 3), &[0.0; 12]);
        shampoo.step(&g);
        near(&[length(&shampoo.x)], &[LR * expected], 1e-9);
    }
}

#[test]
fn shampoo_on_a_vector_is_adagrad() {
    let end = |table: Value| Walk::<f64>::new(&table, &Layout::vector(6), &noise(0, 6), LR).along(&gradients(30, 6)).x;
    assert_eq!(end(json!({ "name": "shampoo" })), end(json!({ "name": "adagrad" })));
    assert_eq!(end(json!({ "name": "shampoo", "graft": "sgd" })), end(json!({ "name": "sgd" })));
}

// --- SOAP ---------------------------------------------------------------------------------------------

/// Adam of the gradients from the second on: with no side turned, with a vector, and where the eigenvectors are the
/// axes. Its eps stands before the bias correction, and its decay behind the step.
#[test]
fn soap_without_a_turn_is_adam_a_step_late() {
    // An eps that lets rounding beside the axes stay small.
    let adam = json!({ "name": "adam", "beta1": 0.95, "beta2": 0.95, "eps": 1e-3, "eps_hat": true });
    let soap = |more: Value| {
        let mut table = json!({ "name": "soap", "decay": 0.0, "eps": 1e-3 });
        table.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        table
    };
    let (start, g) = (noise(0, 12), gradients(40, 12));
    let late = |g: &[Vec<f64>], start: &[f64]| {
        Walk::<f64>::new(&adam, &Layout::vector(start.len()), start, LR).along(&g[1..]).x
    };
    near(&walk(&soap(json!({ "max_dim": 2 })), (4, 3), &start).along(&g).x, &late(&g, &start), 1e-13);
    let vector = Walk::<f64>::new(&soap(json!({})), &Layout::vector(12), &start, LR).along(&g);
    near(&vector.x, &late(&g, &start), 1e-13);
    // The axes come in the order of their sizes, which changes on the way.
    let small: Vec<Vec<f64>> = g.iter().map(|g| g[..3].to_vec()).collect();
    let full: Vec<_> = small.iter().map(|g| diagonal(g)).collect();
    let axes = walk(&soap(json!({ "every": 2 })), (3, 3), &diagonal(&start[..3])).along(&full);
    near(&axes.x, &diagonal(&late(&small, &start[..3])), 1e-12);
}

#[test]
fn soaps_first_step_moves_nothing_and_its_decay_comes_last() {
    let start = noise(0, 12);
    let mut soap = walk(&json!({ "name": "soap", "decay": 0.5, "max_dim": 0 }), (4, 3), &start);
    let g = gradients(2, 12);
    soap.step(&g[0]);
    assert_eq!(soap.x, start);
    soap.step(&g[1]);
    // The first step that moves is Adam's: by the rate, in the direction of the gradient's signs.
    let law: Vec<_> = start.iter().zip(&g[1]).map(|(x, g)| (1.0 - LR * 0.5) * (x - LR * g.signum())).collect();
    near(&soap.x, &law, 1e-6);
}

// --- PSGD ---------------------------------------------------------------------------------------------

/// Q^T Q is fitted to the inverse root of the gradient's square, whatever its size: the mean step is the noise's size.
#[test]
fn psgd_learns_the_size_of_the_gradient() {
    for size in [1e-3, 1.0, 1e3] {
        for shape in [(1, 1), (1, 2), (2, 1)] {
            let n = shape.0 * shape.1;
            let mut kron = walk(&json!({ "name": "psgd-kron", "flat": 4000 }), shape, &vec![0.0; n]);
            let g = vec![size; n];
            kron = kron.along(&vec![g.clone(); 1000]);
            let before = kron.x.clone();
            kron = kron.along(&vec![g; 1000]);
            let step = before.iter().zip(&kron.x).map(|(a, b)| a - b).sum::<f64>() / (1000.0 * LR * n as f64);
            assert!((0.3..1.1).contains(&step), "{size}, {shape:?}: {step}");
        }
    }
}

/// A balance that changed the product of the factors would change the path.
#[test]
fn psgds_balance_leaves_the_path() {
    let end = |balance: u64| {
        let table = json!({ "name": "psgd-kron", "balance": balance });
        walk(&table, (4, 3), &noise(0, 12)).along(&gradients(60, 12)).x
    };
    near(&end(1), &end(1000), 1e-12);
}

/// From a state where the one is 64 times as large as the other.
#[test]
fn psgds_balance_leaves_both_factors_as_large() {
    let mut kron = walk(&json!({ "name": "psgd-kron", "balance": 1 }), (4, 3), &noise(0, 12)).along(&gradients(5, 12));
    let factor = |state: &State, end: &str| {
        let (name, values) = state.iter().find(|(name, _)| name.ends_with(end)).unwrap();
        let Values::F64(q) = values else { panic!("{values:?}") };
        (name.to_owned(), q.clone())
    };
    let mut state = serde_json::to_value(kron.save()).unwrap();
    let (name, left) = factor(&kron.save(), "Q_L");
    state[name] = serde_json::to_value(Values::F64(left.iter().map(|q| 64.0 * q).collect())).unwrap();
    serde_json::from_value::<State>(state).unwrap().load(&mut *kron.optimizer).unwrap();
    kron.step(&noise(9, 12));
    let after = kron.save();
    let largest = |end: &str| factor(&after, end).1.iter().fold(0.0, |m: f64, q| m.max(q.abs()));
    let ratio = largest("Q_L") / largest("Q_R");
    assert!((ratio - 1.0).abs() < 0.1, "{ratio}");
}

/// In every step until `flat`, then ever more rarely, to one in four.
#[test]
fn psgd_learns_ever_more_rarely() {
    let table = json!({ "name": "psgd-kron", "flat": 10, "probability_decay": 0.2, "min_probability": 0.25 });
    let mut kron = walk(&table, (2, 2), &[0.0; 4]);
    let mut learned = Vec::new();
    for (t, g) in gradients(24, 4).iter().enumerate() {
        let before = kron.save();
        kron.step(g);
        let after = kron.save();
        let q = |state: &State| state.iter().find(|(name, _)| name.ends_with("Q_L")).unwrap().1.clone();
        if q(&before) != q(&after) {
            learned.push(t + 1);
        }
    }
    assert_eq!(learned, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 16, 20, 24]);
}
