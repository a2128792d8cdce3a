//! Identities of the methods that ask for curvature, and of the default answer.

use crate::common::{configure, difference, gradients, noise};
use downhill::{Layout, Oracle, Purpose, Refused, Role, State, Step, Values};
use serde_json::{Value, json};

const LR: f64 = 0.05;

/// `f = 100 (b - a^2)^2 + (1 - a)^2`, or `f = x' A x / 2` with `A_ij = 1 / (1 + |i - j|)`, without a formula for the
/// Hessian.
struct Smooth(bool);

impl Oracle<f64> for Smooth {
    fn again(&mut self, x: &[f64], g: &mut [f64]) -> Result<f64, Refused> {
        if self.0 {
            let r = x[1] - x[0] * x[0];
            g.copy_from_slice(&[-400.0 * x[0] * r - 2.0 * (1.0 - x[0]), 200.0 * r]);
            return Ok(100.0 * r * r + (1.0 - x[0]) * (1.0 - x[0]));
        }
        g.copy_from_slice(&quadratic(x));
        Ok(0.5 * x.iter().zip(g).map(|(x, g)| x * *g).sum::<f64>())
    }
}

fn quadratic(x: &[f64]) -> Vec<f64> {
    let row = |i: usize| x.iter().enumerate().map(|(j, x)| x / (1.0 + i.abs_diff(j) as f64)).sum();
    (0..x.len()).map(row).collect()
}

/// One-sided differences would be off by 1e-5, a step in absolute units by more where x or v is large.
#[test]
fn differences_are_the_product_with_the_hessian() {
    let agree = |oracle: &mut Smooth, x: &[f64], v: &[f64], exact: &[f64]| {
        let mut hv = vec![f64::NAN; x.len()];
        oracle.hessian_vector(x, v, &mut hv).unwrap();
        let (off, size) =
            exact.iter().zip(&hv).fold((0.0f64, 0.0f64), |(o, s), (e, h)| (o.max((e - h).abs()), s.max(e.abs())));
        assert!(off <= 1e-6 * size, "at {x:?} along {v:?}: {hv:?}, exactly {exact:?}");
    };
    for seed in 0..20 {
        for length in [1e-3, 1.0, 1e3] {
            let (x, v): (Vec<_>, Vec<_>) = (
                noise(seed, 2).iter().map(|x| 2.0 * x).collect(),
                noise(seed + 100, 2).iter().map(|v| length * v).collect(),
            );
            let (a, b) = (x[0], x[1]);
            let exact = [(1200.0 * a * a - 400.0 * b + 2.0) * v[0] - 400.0 * a * v[1], 200.0 * v[1] - 400.0 * a * v[0]];
            agree(&mut Smooth(true), &x, &v, &exact);
            let (x, v) = (noise(seed, 12), noise(seed + 100, 12).iter().map(|v| length * v).collect::<Vec<_>>());
            agree(&mut Smooth(false), &x, &v, &quadratic(&v));
        }
    }
    let mut hv = [f64::NAN; 2];
    Smooth(true).hessian_vector(&[1.0, 1.0], &[0.0, 0.0], &mut hv).unwrap();
    assert_eq!(hv, [0.0, 0.0]);
}

/// Curvatures by coordinate, the steps in which it was asked, and as many rows or examples as there are.
struct Bowl {
    t: u64,
    curvature: Vec<f64>,
    rows: Vec<u32>,
    asked: Vec<u64>,
}

impl Bowl {
    fn new(curvature: &[f64]) -> Self {
        Bowl { t: 0, curvature: curvature.to_vec(), rows: vec![0], asked: Vec::new() }
    }
}

impl Oracle<f64> for Bowl {
    fn hessian_vector(&mut self, _: &[f64], v: &[f64], hv: &mut [f64]) -> Result<(), Refused> {
        self.asked.push(self.t);
        hv.iter_mut().zip(v.iter().zip(&self.curvature)).for_each(|(hv, (v, h))| *hv = h * v);
        Ok(())
    }
    fn model_labels(&mut self, _: &[f64], g: &mut [f64]) -> Result<f64, Refused> {
        self.asked.push(self.t);
        g.copy_from_slice(&self.curvature);
        Ok(0.0)
    }
    fn rows(&mut self) -> Result<&[u32], Refused> {
        if self.rows.is_empty() { Err(Refused("all of them")) } else { Ok(&self.rows) }
    }
    fn examples(&mut self) -> Result<usize, Refused> {
        Ok(32)
    }
    fn noise(&mut self, _: Purpose, out: &mut [f64]) -> Result<(), Refused> {
        out.copy_from_slice(&noise(self.t, out.len()));
        Ok(())
    }
}

/// The point and the state after these gradients.
fn walk(table: &Value, layout: &Layout, start: &[f64], oracle: &mut Bowl, gradients: &[Vec<f64>]) -> (Vec<f64>, State) {
    let mut optimizer = configure(table).build(layout).unwrap();
    let mut x = start.to_vec();
    for g in gradients {
        oracle.t += 1;
        let t = oracle.t;
        optimizer.step(&mut x, g, &mut Step { t, lr: LR, loss: 0.0, oracle });
    }
    (x, State::save(&mut *optimizer))
}

fn remembered(state: &State, name: &str) -> Vec<f64> {
    let found = state.iter().find(|(path, _)| path.ends_with(name));
    match found {
        Some((_, Values::F64(values))) => values.clone(),
        other => panic!("{name}: {other:?}"),
    }
}

/// From step 1 on, every so many: one off, and the first steps would go by the sign alone.
#[test]
fn sophia_asks_in_the_first_step_and_every_ten() {
    let (layout, g) = (Layout::vector(3), gradients(31, 3));
    for (table, asked) in [
        (json!({ "name": "sophia-h" }), vec![1, 11, 21, 31]),
        (json!({ "name": "sophia-h", "preset": "optax" }), vec![1, 11, 21, 31]),
        (json!({ "name": "sophia-g" }), vec![1, 11, 21, 31]),
        (json!({ "name": "sophia-g", "every": 1 }), (1..=31).collect()),
        (json!({ "name": "adahessian" }), (1..=31).collect()),
    ] {
        let mut bowl = Bowl::new(&[1.0, 2.0, 3.0]);
        walk(&table, &layout, &[0.0; 3], &mut bowl, &g);
        assert_eq!(bowl.asked, asked, "{table}");
    }
}

/// Where everything is clipped, the size of m must not matter.
#[test]
fn sophia_with_every_coordinate_clipped_is_the_sign_of_the_momentum() {
    let (layout, start, g) = (Layout::vector(5), noise(0, 5), gradients(40, 5));
    for name in ["sophia-h", "sophia-g"] {
        let table = json!({ "name": name, "gamma": 1e-30, "decay": 0.0 });
        let sign = json!({ "name": "lion", "beta1": 0.96, "beta2": 0.96 });
        let curvature = [1.0, -1.0, 0.0, 2.0, 3.0];
        let (clipped, _) = walk(&table, &layout, &start, &mut Bowl::new(&curvature), &g);
        let (signs, _) = walk(&sign, &layout, &start, &mut Bowl::new(&curvature), &g);
        assert_eq!(clipped, signs, "{name}");
    }
}

/// With signs for a probe a diagonal Hessian is known at once: the unclipped step is Newton's, but for beta1 and beta2.
#[test]
fn sophias_step_is_momentum_over_curvature_where_that_is_large() {
    let curvature = [2.0, 4.0, -4.0];
    let table =
        json!({ "name": "sophia-h", "beta1": 0.5, "beta2": 0.75, "gamma": 1.0, "probe": "rademacher", "decay": 0.0 });
    let g = vec![vec![0.25, -0.25, 0.25]];
    let (x, state) = walk(&table, &Layout::vector(3), &[0.0; 3], &mut Bowl::new(&curvature), &g);
    assert_eq!(remembered(&state, "h"), [0.5, 1.0, -1.0]);
    assert_eq!(x, [-LR * 0.25, LR * 0.125, -LR], "where the curvature is negative, the sign is left");
    let late = json!({ "name": "sophia-h", "late": true, "probe": "rademacher", "decay": 0.0 });
    let (x, _) = walk(&late, &Layout::vector(3), &[0.0; 3], &mut Bowl::new(&curvature), &g);
    assert_eq!(x, [-LR, LR, -LR], "an estimate counted in its own step");
}

/// The batch's size forgotten, as it is when a training loop does not pass it.
#[test]
fn sophia_g_multiplies_by_the_number_of_examples() {
    let of = |rows: Vec<u32>| {
        let mut bowl = Bowl { rows, ..Bowl::new(&[3.0, 0.5]) };
        let (_, state) = walk(
            &json!({ "name": "sophia-g", "beta2": 0.5 }),
            &Layout::vector(2),
            &[0.0; 2],
            &mut bowl,
            &[vec![1.0; 2]],
        );
        remembered(&state, "h")
    };
    assert_eq!(of(vec![4, 7, 9, 11]), [0.5 * 4.0 * 9.0, 0.5 * 4.0 * 0.25]);
    assert_eq!(of(Vec::new()), [0.5 * 32.0 * 9.0, 0.5 * 32.0 * 0.25], "a step over all examples names no rows");
}

/// Gradients in the scale would make the first step as long as the rate; a diagonal that is not squared would lose to
/// negative curvature.
#[test]
fn adahessians_first_step_is_newtons() {
    let (curvature, x) = ([8.0, 0.5, -2.0], [1.0, -3.0, 0.25]);
    let g: Vec<_> = curvature.iter().zip(x).map(|(h, x)| h * x).collect();
    let table = json!({ "name": "adahessian", "eps": 1e-30 });
    let (end, _) = walk(&table, &Layout::vector(3), &x, &mut Bowl::new(&curvature), std::slice::from_ref(&g));
    assert!(difference(&end, &[1.0 - LR, -3.0 + 3.0 * LR, 0.25 + LR * 0.25]) < 1e-14, "{end:?}");
    let root = json!({ "name": "adahessian", "eps": 1e-30, "power": 0.5 });
    let (end, _) = walk(&root, &Layout::vector(3), &x, &mut Bowl::new(&curvature), std::slice::from_ref(&g));
    let expected: Vec<_> = (0..3).map(|i| x[i] - LR * g[i] / curvature[i].abs().sqrt()).collect();
    assert!(difference(&end, &expected) < 1e-14, "{end:?}");
}

/// Over rows of a matrix, or over whole blocks, as other releases do, other scales would come out.
#[test]
fn adahessian_averages_over_kernels_of_convolutions_alone() {
    let layout = Layout::new().block("conv", [2, 1, 2, 2], Role::Hidden).block("w", [2, 2], Role::Hidden);
    let curvature = [1.0, 2.0, 3.0, -4.0, 0.5, 0.5, 1.0, 2.0, 1.0, 2.0, 3.0, 4.0];
    let of = |spatial: bool| {
        let table = json!({ "name": "adahessian", "beta2": 0.0, "spatial": spatial });
        let (_, state) = walk(&table, &layout, &[0.0; 12], &mut Bowl::new(&curvature), &[vec![1.0; 12]]);
        remembered(&state, "v").iter().map(|v| v.sqrt()).collect::<Vec<_>>()
    };
    assert_eq!(of(true), [2.5, 2.5, 2.5, 2.5, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0]);
    assert_eq!(of(false), [1.0, 2.0, 3.0, 4.0, 0.5, 0.5, 1.0, 2.0, 1.0, 2.0, 3.0, 4.0]);
}
