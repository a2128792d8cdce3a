//! The problems of `scripts/references/problems.py`, operation by operation, and what they answer.

use crate::STEPS;
use downhill::{Layout, Oracle, Purpose, Refused, Role};

/// One of them.
pub(crate) enum Problem {
    Rosenbrock,
    Quadratic,
    /// `recorded` or `spike`: value and gradient of each step.
    Recorded(Vec<(f64, Vec<f64>)>),
    Matrices,
}

const SHAPES: [(usize, usize); 3] = [(3, 2), (2, 3), (8, 8)];

impl Problem {
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "rosenbrock" => Problem::Rosenbrock,
            "quadratic" => Problem::Quadratic,
            "recorded" => Problem::Recorded(recording(false)),
            "spike" => Problem::Recorded(recording(true)),
            "matrices" => Problem::Matrices,
            _ => panic!("no problem `{name}`"),
        }
    }

    pub(crate) fn start(&self) -> Vec<f64> {
        let of = |n: usize, at: fn(f64) -> f64| (0..n).map(|i| at(i as f64)).collect();
        match self {
            Problem::Rosenbrock => vec![-1.2, 1.0],
            Problem::Quadratic => of(20, |i| 1.0 - i / 8.0),
            Problem::Recorded(_) => of(8, |i| (i - 3.0) / 2.0),
            Problem::Matrices => of(76, |i| ((11.0 * i) % 17.0 - 8.0) / 8.0),
        }
    }

    pub(crate) fn layout(&self) -> Layout {
        match self {
            Problem::Matrices => ["a", "b", "c"]
                .iter()
                .zip(SHAPES)
                .fold(Layout::new(), |layout, (name, (r, c))| layout.block(*name, [r, c], Role::Hidden)),
            _ => Layout::vector(self.start().len()),
        }
    }

    pub(crate) fn lower_bound(&self) -> f64 {
        match self {
            Problem::Rosenbrock | Problem::Quadratic => 0.0,
            Problem::Recorded(_) => 2.0,
            Problem::Matrices => -1.0,
        }
    }

    pub(crate) fn value_and_gradient(&self, x: &[f64], t: u64) -> (f64, Vec<f64>) {
        match self {
            Problem::Rosenbrock => rosenbrock(x),
            Problem::Quadratic => quadratic(x),
            Problem::Recorded(steps) => steps[t as usize - 1].clone(),
            Problem::Matrices => matrices(x, t),
        }
    }

    /// The Hessian at `x` times `v`.
    fn along(&self, x: &[f64], v: &[f64]) -> Vec<f64> {
        match self {
            Problem::Rosenbrock => {
                let (a, b) = (x[0], x[1]);
                vec![(1200.0 * a * a - 400.0 * b + 2.0) * v[0] - 400.0 * a * v[1], 200.0 * v[1] - 400.0 * a * v[0]]
            }
            Problem::Quadratic => quadratic_along(v),
            Problem::Recorded(_) => vec![0.0; 8],
            Problem::Matrices => matrices_along(v),
        }
    }
}

fn rosenbrock(x: &[f64]) -> (f64, Vec<f64>) {
    let (a, b) = (x[0], x[1]);
    let r = b - a * a;
    let value = 100.0 * r * r + (1.0 - a) * (1.0 - a);
    (value, vec![-400.0 * a * r - 2.0 * (1.0 - a), 200.0 * r])
}

/// The frame of the quadratic: turns by (0.6, 0.8), one pair of coordinates after the other.
fn turned(mut z: Vec<f64>) -> Vec<f64> {
    for (i, j) in pairs() {
        (z[i], z[j]) = (0.6 * z[i] - 0.8 * z[j], 0.8 * z[i] + 0.6 * z[j]);
    }
    z
}

fn turned_back(mut g: Vec<f64>) -> Vec<f64> {
    for (i, j) in pairs().rev() {
        (g[i], g[j]) = (0.6 * g[i] + 0.8 * g[j], 0.6 * g[j] - 0.8 * g[i]);
    }
    g
}

fn pairs() -> impl DoubleEndedIterator<Item = (usize, usize)> {
    (0..19).map(|i| (i, i + 1)).chain((0..10).map(|i| (i, i + 10)))
}

fn quadratic(x: &[f64]) -> (f64, Vec<f64>) {
    let (mut value, mut g) = (0.0, Vec::new());
    for (i, z) in turned(x.iter().enumerate().map(|(i, x)| x - (((3 * i) % 7) as f64 - 3.0) / 4.0).collect())
        .into_iter()
        .enumerate()
    {
        let d = 1.0 / f64::from(1 << (i / 2));
        value += 0.5 * (d * z * z);
        g.push(d * z);
    }
    (value, turned_back(g))
}

fn quadratic_along(v: &[f64]) -> Vec<f64> {
    let z = turned(v.to_vec());
    turned_back(z.iter().enumerate().map(|(i, z)| z / f64::from(1 << (i / 2))).collect())
}

/// The next number in (-1, 1).
fn uniform(s: &mut u64) -> f64 {
    *s = s.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*s >> 33) as f64 / f64::from(1 << 30) - 1.0
}

fn recording(spike: bool) -> Vec<(f64, Vec<f64>)> {
    let (mut s, mut last, mut out) = (1_u64, vec![0.0; 8], Vec::new());
    let mut draw = || uniform(&mut s);
    for t in 1..=STEPS {
        let mut g: Vec<_> = (0..8).map(|_| draw()).collect();
        let value = 2.0 + draw().abs();
        if t <= 10 {
            g[4] = 1e-30;
        }
        if t % 7 == 0 {
            g[5] = -1e-30;
        }
        if t <= 40 {
            g[6] = 0.0;
        }
        if 60 < t && t <= 140 {
            g[7] = 0.0;
        }
        if t % 13 == 0 {
            g.clone_from(&last);
        }
        if t % 17 == 0 {
            g.fill(0.0);
        }
        if spike && t == 100 {
            (g[0], g[3]) = (1e10, -1e10);
        }
        last.clone_from(&g);
        out.push((value, g));
    }
    out
}

fn matrices(x: &[f64], t: u64) -> (f64, Vec<f64>) {
    let (mut value, mut g) = (0.0, Vec::new());
    for (rows, cols) in SHAPES {
        let at = g.len();
        let d: Vec<_> = (0..rows * cols).map(|i| x[at + i] - (((5 * i) % 9) as f64 - 4.0) / 4.0).collect();
        for r in 0..rows {
            for c in 0..cols {
                let i = r * cols + c;
                let s = (0..rows).fold(0.0, |s, k| s + d[k * cols + c] / (1 + r.abs_diff(k)) as f64);
                let p = 0.05 * (((7 * t + 3 * (at + i) as u64) % 11) as f64 - 5.0) / 5.0;
                value += 0.5 * (d[i] * s) + p * d[i];
                g.push(s + p);
            }
        }
    }
    (value, g)
}

fn matrices_along(v: &[f64]) -> Vec<f64> {
    let mut g = Vec::new();
    for (rows, cols) in SHAPES {
        let v = &v[g.len()..];
        let row = |r: usize, c: usize| (0..rows).fold(0.0, |s, k| s + v[k * cols + c] / (1 + r.abs_diff(k)) as f64);
        g.extend((0..rows * cols).map(|i| row(i / cols, i % cols)));
    }
    g
}

/// Numbers in (-2, 2), the same for the same step and purpose.
fn noise(t: u64, purpose: Purpose, out: &mut [f64]) {
    let mut s = 4 * t
        + match purpose {
            Purpose::Probe => 0,
            Purpose::Labels => 1,
            Purpose::Step => 2,
        };
    let mut draw = || 2.0 * uniform(&mut s);
    for _ in 0..2 {
        draw(); // the first draws of near seeds are near
    }
    out.fill_with(draw);
}

/// A problem at one step: its value, gradient and curvature at any point.
pub(crate) struct At<'a>(pub(crate) &'a Problem, pub(crate) u64);

impl Oracle<f64> for At<'_> {
    fn again(&mut self, x: &[f64], g: &mut [f64]) -> Result<f64, Refused> {
        let (value, gradient) = self.0.value_and_gradient(x, self.1);
        g.copy_from_slice(&gradient);
        Ok(value)
    }
    fn full(&mut self, x: &[f64], g: &mut [f64]) -> Result<f64, Refused> {
        self.again(x, g)
    }
    fn lower_bound(&mut self) -> Result<f64, Refused> {
        Ok(self.0.lower_bound())
    }
    fn hessian_vector(&mut self, x: &[f64], v: &[f64], hv: &mut [f64]) -> Result<(), Refused> {
        hv.copy_from_slice(&self.0.along(x, v));
        Ok(())
    }
    /// The gradient and noise, as if of three examples.
    fn model_labels(&mut self, x: &[f64], g: &mut [f64]) -> Result<f64, Refused> {
        noise(self.1, Purpose::Labels, g);
        let (value, gradient) = self.0.value_and_gradient(x, self.1);
        g.iter_mut().zip(gradient).for_each(|(noise, g)| *noise += g);
        Ok(value)
    }
    fn examples(&mut self) -> Result<usize, Refused> {
        Ok(3)
    }
    fn noise(&mut self, purpose: Purpose, out: &mut [f64]) -> Result<(), Refused> {
        noise(self.1, purpose, out);
        Ok(())
    }
}
