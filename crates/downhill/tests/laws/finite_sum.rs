//! Finite sums: what the memory of gradients is for, and how it is kept.
// Matrices by index read as the formulas do.
#![allow(clippy::needless_range_loop)]

use crate::common::{difference, noise};
use crate::sums::{Descent, Sum, batches};
use downhill::State;
use serde_json::json;

const METHODS: [&str; 3] = ["sag", "svrg", "saga"];

/// Logistic regression with 50 examples of 5 features and a penalty.
struct Logistic {
    a: Vec<Vec<f64>>,
    b: Vec<f64>,
}

const EXAMPLES: usize = 50;
const PENALTY: f64 = 0.05;

impl Logistic {
    fn new() -> Self {
        let a: Vec<Vec<f64>> = (0..EXAMPLES).map(|i| noise(100 + i as u64, 5)).collect();
        // Labels that no plane separates.
        let b = (0..EXAMPLES).map(|i| if a[i][0] - 0.5 * a[i][3] + noise(7, EXAMPLES)[i] > 0.0 { 1.0 } else { -1.0 });
        Logistic { b: b.collect(), a }
    }
    fn margin(&self, i: usize, x: &[f64]) -> f64 {
        self.b[i] * self.a[i].iter().zip(x).map(|(a, x)| a * x).sum::<f64>()
    }
    fn summand(&self, i: usize, x: &[f64], g: &mut [f64]) -> f64 {
        let m = self.margin(i, x);
        let pull = -self.b[i] / (1.0 + m.exp());
        g.iter_mut().zip(self.a[i].iter().zip(x)).for_each(|(g, (a, x))| *g = pull * a + PENALTY * x);
        (-m).exp().ln_1p() + 0.5 * PENALTY * x.iter().map(|x| x * x).sum::<f64>()
    }
    /// The steepest curvature of a summand.
    fn curvature(&self) -> f64 {
        self.a.iter().map(|a| a.iter().map(|a| a * a).sum::<f64>()).fold(0.0, f64::max) / 4.0 + PENALTY
    }
    /// By Newton's method.
    fn minimum(&self, sum: &Sum<'_>) -> Vec<f64> {
        let mut x = vec![0.0; 5];
        for _ in 0..20 {
            let (_, g) = sum.all(&x);
            let mut h = vec![vec![0.0; 6]; 5];
            for i in 0..EXAMPLES {
                let p = 1.0 / (1.0 + self.margin(i, &x).exp());
                for j in 0..5 {
                    for k in 0..5 {
                        h[j][k] += p * (1.0 - p) * self.a[i][j] * self.a[i][k] / EXAMPLES as f64;
                    }
                }
            }
            for j in 0..5 {
                h[j][j] += PENALTY;
                h[j][5] = g[j];
            }
            // Gauss and Jordan.
            for j in 0..5 {
                let pivot = h[j].clone();
                for (k, row) in h.iter_mut().enumerate() {
                    let factor = if k == j { 1.0 - 1.0 / pivot[j] } else { row[j] / pivot[j] };
                    row.iter_mut().zip(&pivot).for_each(|(r, p)| *r -= factor * p);
                }
            }
            x.iter_mut().zip(&h).for_each(|(x, row)| *x -= row[5]);
        }
        x
    }
}

/// With the rate 1 / (3 L): a tenfold gain every few passes for all three, a floor of noise for plain descent.
#[test]
fn converges_linearly_where_sgd_stays_in_the_noise() {
    let logistic = Logistic::new();
    let summand = |i: usize, x: &[f64], g: &mut [f64]| logistic.summand(i, x, g);
    let least = Sum::new(EXAMPLES, &summand).all(&logistic.minimum(&Sum::new(EXAMPLES, &summand))).0;
    let gaps = |name: &str| {
        let mut descent = Descent::new(&json!({ "name": name }), Sum::new(EXAMPLES, &summand), &[0.0; 5]);
        let mut batches = batches(EXAMPLES, 1);
        let lr = 1.0 / (3.0 * logistic.curvature());
        [8, 8, 8].map(|passes| {
            (0..passes * EXAMPLES).for_each(|_| descent.step(lr, &batches.next().unwrap()));
            descent.sum.all(&descent.x).0 - least
        })
    };
    for name in METHODS {
        let [a, b, c] = gaps(name);
        println!("{name:6} f - f* after 8, 16, 24 passes: {a:.1e} {b:.1e} {c:.1e}");
        assert!(b < 0.1 * a && c < 0.1 * b && c < 1e-7, "{name}: {a:e}, {b:e}, {c:e}");
    }
    let [a, b, c] = gaps("sgd");
    println!("sgd    f - f* after 8, 16, 24 passes: {a:.1e} {b:.1e} {c:.1e}");
    assert!(a.min(b).min(c) > 1e-4, "sgd: {a:e}, {b:e}, {c:e}");
}

/// Summands about different points: `h_i (x - m_i)^2 / 2`.
fn parabola(i: usize, x: &[f64], g: &mut [f64]) -> f64 {
    let (h, m) = (0.5 + i as f64 / 4.0, noise(i as u64, x.len()));
    let mut value = 0.0;
    for j in 0..x.len() {
        g[j] = h * (x[j] - m[j]);
        value += 0.5 * h * (x[j] - m[j]) * (x[j] - m[j]);
    }
    value
}

#[test]
fn a_batch_of_everything_is_gradient_descent() {
    let rows: Vec<u32> = (0..6).collect();
    for name in METHODS {
        let mut descent = Descent::new(&json!({ "name": name }), Sum::new(6, &parabola), &noise(9, 4));
        let mut x = noise(9, 4);
        for _ in 0..30 {
            descent.step(0.3, &rows);
            let (_, g) = descent.sum.all(&x);
            x.iter_mut().zip(g).for_each(|(x, g)| *x -= 0.3 * g);
            assert!(difference(&x, &descent.x) < 1e-14, "{name}");
        }
    }
}

/// Divided by the number of all examples, the first steps would be shorter by as much as they are more.
#[test]
fn sags_first_steps_are_means_of_what_it_has_seen() {
    let slope = |i: usize, _: &[f64], g: &mut [f64]| {
        g[0] = [1.0, 3.0, 8.0, 100.0][i];
        0.0
    };
    let mut sag = Descent::new(&json!({ "name": "sag" }), Sum::new(4, &slope), &[0.0]);
    for (row, direction) in [(0, 1.0), (1, 2.0), (0, 2.0), (2, 4.0), (3, 28.0)] {
        let before = sag.x[0];
        sag.step(0.5, &[row]);
        assert_eq!(before - sag.x[0], 0.5 * direction);
    }
}

/// In any state the mean of the directions over all batches is the gradient; with SAG's division by n of the change it
/// would not be.
#[test]
fn saga_and_svrg_are_unbiased() {
    for name in ["saga", "svrg"] {
        let table = json!({ "name": name });
        let mut descent = Descent::new(&table, Sum::new(6, &parabola), &noise(9, 4));
        batches(6, 1).take(8).for_each(|rows| descent.step(0.1, &rows));
        let (state, x) = (State::save(&mut *descent.optimizer), descent.x.clone());
        let mut mean = vec![0.0; 4];
        for i in 0..6 {
            let mut one = Descent::new(&table, Sum::new(6, &parabola), &x);
            state.load(&mut *one.optimizer).unwrap();
            one.step(1.0, &[i]);
            mean.iter_mut().zip(x.iter().zip(&one.x)).for_each(|(mean, (x, moved))| *mean += (x - moved) / 6.0);
        }
        assert!(difference(&descent.sum.all(&x).1, &mean) < 1e-14, "{name}");
    }
}

/// Plain descent is thrown off its minimum by any batch.
#[test]
fn at_the_minimum_no_batch_moves_it() {
    let sum = Sum::new(6, &parabola);
    let (h, mut x) = ((0..6).map(|i| 0.5 + f64::from(i) / 4.0).sum::<f64>(), vec![0.0; 4]);
    for i in 0..6 {
        let m = noise(i, 4);
        x.iter_mut().zip(m).for_each(|(x, m)| *x += (0.5 + i as f64 / 4.0) * m / h);
    }
    assert!(sum.all(&x).1.iter().all(|g| g.abs() < 1e-15));
    for name in METHODS {
        let mut descent = Descent::new(&json!({ "name": name, }), Sum::new(6, &parabola), &x);
        // The tables fill with a rate of 0.
        (0..6).for_each(|i| descent.step(0.0, &[i]));
        batches(6, 1).take(50).for_each(|rows| descent.step(0.3, &rows));
        assert!(difference(&x, &descent.x) < 1e-14, "{name}");
    }
    let mut sgd = Descent::new(&json!({ "name": "sgd" }), Sum::new(6, &parabola), &x);
    sgd.step(0.3, &[0]);
    assert!(difference(&x, &sgd.x) > 0.01);
}

/// 10 examples in batches of 3: 20 / 3 steps, rounded up, are two passes.
#[test]
fn svrg_asks_for_a_full_gradient_every_two_passes() {
    let full = |inner: u64, steps: usize| {
        let mut svrg = Descent::new(&json!({ "name": "svrg", "inner": inner }), Sum::new(10, &parabola), &noise(9, 4));
        batches(10, 3).take(steps).for_each(|rows| svrg.step(0.1, &rows));
        svrg.sum.asked[0]
    };
    assert_eq!([full(0, 7), full(0, 8), full(0, 14), full(0, 15)], [1, 2, 2, 3]);
    assert_eq!([full(5, 5), full(5, 6)], [1, 2]);
}

/// One example: its gradient is the step's, and nothing is asked. Several: one question each.
#[test]
fn single_gradients_are_asked_for_only_in_batches() {
    for name in ["sag", "saga"] {
        let mut descent = Descent::new(&json!({ "name": name }), Sum::new(10, &parabola), &noise(9, 4));
        descent.step(0.1, &[3]);
        assert_eq!(descent.sum.asked, [0, 0], "{name}");
        descent.step(0.1, &[1, 3, 5]);
        assert_eq!(descent.sum.asked, [0, 3], "{name}");
    }
}

/// A row an example, and it is saved: an empty table would give other steps.
#[test]
fn the_table_is_the_state() {
    for name in ["sag", "saga"] {
        let table = json!({ "name": name });
        let mut descent = Descent::new(&table, Sum::new(10, &parabola), &noise(9, 4));
        batches(10, 2).take(8).for_each(|rows| descent.step(0.1, &rows));
        let state = State::save(&mut *descent.optimizer);
        assert!(State::bytes(&mut *descent.optimizer) >= 10 * 4 * 8, "{name}");
        let mut other = Descent::new(&table, Sum::new(10, &parabola), &descent.x);
        state.load(&mut *other.optimizer).unwrap();
        for rows in batches(10, 1).take(20) {
            descent.step(0.1, &rows);
            other.step(0.1, &rows);
        }
        assert_eq!(descent.x, other.x, "{name}");
    }
}
