//! SAG, SVRG and SAGA on batches of one and of three.

use crate::common::difference;
use crate::sums::{Descent, Sum, Summand, batches};
use serde_json::json;

/// Rosenbrock's function as a mean of four.
fn rosenbrock(i: usize, x: &[f64], g: &mut [f64]) -> f64 {
    let (r, s) = (x[1] - x[0] * x[0], 1.0 - x[0]);
    match i {
        0 | 1 => {
            (g[0], g[1]) = (-800.0 * x[0] * r, 400.0 * r);
            200.0 * r * r
        }
        2 => {
            (g[0], g[1]) = (-8.0 * s, 0.0);
            4.0 * s * s
        }
        _ => {
            (g[0], g[1]) = (0.0, 0.0);
            0.0
        }
    }
}

/// A quadratic in rotated axes, a summand an axis: axis i is a row of a reflection.
fn quadratic(i: usize, x: &[f64], g: &mut [f64]) -> f64 {
    let n = x.len();
    let normal: Vec<f64> = (0..n).map(|j| 1.0 + (3 * j % 5) as f64).collect();
    let square: f64 = normal.iter().map(|v| v * v).sum();
    let axis: Vec<f64> = (0..n).map(|j| f64::from(u8::from(i == j)) - 2.0 * normal[i] * normal[j] / square).collect();
    let (h, along) = (n as f64 / f64::from(1 << (i / 2)), axis.iter().zip(x).map(|(a, x)| a * x).sum::<f64>() - 0.5);
    for j in 0..n {
        g[j] = h * along * axis[j];
    }
    0.5 * h * along * along
}

struct Setting<'a> {
    n: usize,
    summand: Summand<'a>,
    start: Vec<f64>,
    batch: usize,
    lr: f64,
}

impl Setting<'_> {
    fn gradient(&self, i: usize, x: &[f64]) -> Vec<f64> {
        let mut g = vec![0.0; x.len()];
        (self.summand)(i, x, &mut g);
        g
    }
    fn mean(&self, rows: &[u32], x: &[f64]) -> Vec<f64> {
        let mut mean = vec![0.0; x.len()];
        for &i in rows {
            let g = self.gradient(i as usize, x);
            for j in 0..x.len() {
                mean[j] += g[j] / rows.len() as f64;
            }
        }
        mean
    }
    fn batches(&self) -> impl Iterator<Item = Vec<u32>> {
        batches(self.n, self.batch).take(200)
    }
}

/// Schmidt, Le Roux & Bach 2017, Algorithm 1 for batches; m counts the examples seen.
fn sag(s: &Setting<'_>) -> Vec<Vec<f64>> {
    let (mut x, mut y, mut path) = (s.start.clone(), vec![None; s.n], Vec::new());
    for rows in s.batches() {
        for i in rows {
            y[i as usize] = Some(s.gradient(i as usize, &x));
        }
        let seen: Vec<&Vec<f64>> = y.iter().flatten().collect();
        for j in 0..x.len() {
            x[j] -= s.lr * seen.iter().map(|y| y[j]).sum::<f64>() / seen.len() as f64;
        }
        path.push(x.clone());
    }
    path
}

/// Defazio, Bach & Lacoste-Julien 2014, (1), for batches, from gradients 0.
fn saga(s: &Setting<'_>) -> Vec<Vec<f64>> {
    let (mut x, mut y, mut path) = (s.start.clone(), vec![vec![0.0; s.start.len()]; s.n], Vec::new());
    for rows in s.batches() {
        let old = y.clone();
        let mut u = vec![0.0; x.len()];
        for &i in &rows {
            y[i as usize] = s.gradient(i as usize, &x);
            for j in 0..x.len() {
                u[j] += (y[i as usize][j] - old[i as usize][j]) / rows.len() as f64;
            }
        }
        for j in 0..x.len() {
            x[j] -= s.lr * (u[j] + old.iter().map(|y| y[j]).sum::<f64>() / s.n as f64);
        }
        path.push(x.clone());
    }
    path
}

/// Johnson & Zhang 2013, with the inner loop unrolled.
fn svrg(s: &Setting<'_>, inner: usize) -> Vec<Vec<f64>> {
    let everything: Vec<u32> = (0..s.n as u32).collect();
    let (mut x, mut path) = (s.start.clone(), Vec::new());
    let (mut anchor, mut mu) = (Vec::new(), Vec::new());
    for (t, rows) in s.batches().enumerate() {
        if t % inner == 0 {
            anchor = x.clone();
            mu = s.mean(&everything, &anchor);
        }
        let (here, there) = (s.mean(&rows, &x), s.mean(&rows, &anchor));
        for j in 0..x.len() {
            x[j] -= s.lr * (here[j] - there[j] + mu[j]);
        }
        path.push(x.clone());
    }
    path
}

fn follows(table: &serde_json::Value, s: &Setting<'_>, path: &[Vec<f64>]) {
    let mut descent = Descent::new(table, Sum::new(s.n, s.summand), &s.start);
    for (t, (rows, expected)) in s.batches().zip(path).enumerate() {
        descent.step(s.lr, &rows);
        let off = difference(expected, &descent.x);
        assert!(off <= 1e-12, "{table}, {} summands, batches of {}, step {}: {off:e}", s.n, s.batch, t + 1);
    }
    let moved = difference(&s.start, path.last().unwrap());
    assert!(moved > 0.1 && moved < 10.0, "{table}: {moved}");
}

#[test]
fn sag_svrg_and_saga_follow_their_papers() {
    for batch in [1, 3] {
        let start: Vec<f64> = (0..12).map(|i| 1.0 - f64::from(i) / 4.0).collect();
        for s in [
            Setting { n: 4, summand: &rosenbrock, start: vec![-1.2, 1.0], batch, lr: 2e-4 },
            Setting { n: 12, summand: &quadratic, start, batch, lr: 0.02 },
        ] {
            follows(&json!({ "name": "sag" }), &s, &sag(&s));
            follows(&json!({ "name": "saga" }), &s, &saga(&s));
            follows(&json!({ "name": "svrg" }), &s, &svrg(&s, (2 * s.n).div_ceil(batch)));
            follows(&json!({ "name": "svrg", "inner": 5 }), &s, &svrg(&s, 5));
        }
    }
}
