//! A mean of summands, asked through an oracle that counts.

use crate::common::configure;
use downhill::{Layout, Optimizer, Oracle, Refused, Step};
use serde_json::Value;

/// Value of summand `i` at `x`; its gradient goes into the slice.
pub(crate) type Summand<'a> = &'a dyn Fn(usize, &[f64], &mut [f64]) -> f64;

/// The mean of `n` summands, seen through the batch `rows`.
pub(crate) struct Sum<'a> {
    pub(crate) n: usize,
    pub(crate) summand: Summand<'a>,
    pub(crate) rows: Vec<u32>,
    /// Full gradients asked for, and single ones.
    pub(crate) asked: [usize; 2],
}

impl<'a> Sum<'a> {
    pub(crate) fn new(n: usize, summand: Summand<'a>) -> Self {
        Sum { n, summand, rows: Vec::new(), asked: [0, 0] }
    }

    fn mean(&self, rows: impl ExactSizeIterator<Item = usize>, x: &[f64], g: &mut [f64]) -> f64 {
        let (count, mut one, mut value) = (rows.len() as f64, vec![0.0; x.len()], 0.0);
        g.fill(0.0);
        for i in rows {
            value += (self.summand)(i, x, &mut one) / count;
            g.iter_mut().zip(&one).for_each(|(g, one)| *g += one / count);
        }
        value
    }

    /// Value and gradient of all of them.
    pub(crate) fn all(&self, x: &[f64]) -> (f64, Vec<f64>) {
        let mut g = vec![0.0; x.len()];
        (self.mean(0..self.n, x, &mut g), g)
    }
}

impl Oracle<f64> for Sum<'_> {
    fn again(&mut self, x: &[f64], g: &mut [f64]) -> Result<f64, Refused> {
        Ok(self.mean(self.rows.iter().map(|&i| i as usize), x, g))
    }
    fn full(&mut self, x: &[f64], g: &mut [f64]) -> Result<f64, Refused> {
        self.asked[0] += 1;
        Ok(self.mean(0..self.n, x, g))
    }
    fn examples(&mut self) -> Result<usize, Refused> {
        Ok(self.n)
    }
    fn rows(&mut self) -> Result<&[u32], Refused> {
        Ok(&self.rows)
    }
    fn summand(&mut self, i: usize, x: &[f64], g: &mut [f64]) -> Result<f64, Refused> {
        self.asked[1] += 1;
        Ok((self.summand)(i, x, g))
    }
}

/// An optimizer on a sum.
pub(crate) struct Descent<'a> {
    pub(crate) sum: Sum<'a>,
    pub(crate) optimizer: Box<dyn Optimizer<f64>>,
    pub(crate) x: Vec<f64>,
    t: u64,
}

impl<'a> Descent<'a> {
    pub(crate) fn new(table: &Value, sum: Sum<'a>, start: &[f64]) -> Self {
        let optimizer = configure(table).build(&Layout::vector(start.len())).unwrap();
        Descent { sum, optimizer, x: start.to_vec(), t: 0 }
    }

    /// A step on the mean over a batch.
    pub(crate) fn step(&mut self, lr: f64, rows: &[u32]) {
        self.t += 1;
        self.sum.rows = rows.to_vec();
        let mut g = vec![0.0; self.x.len()];
        let loss = self.sum.again(&self.x, &mut g).unwrap();
        self.optimizer.step(&mut self.x, &g, &mut Step { t: self.t, lr, loss, oracle: &mut self.sum });
    }
}

/// Batches of `size` among `n`, drawn with replacement between them and without inside.
pub(crate) fn batches(n: usize, size: usize) -> impl Iterator<Item = Vec<u32>> {
    let mut s = 1_u64;
    std::iter::repeat_with(move || {
        let mut rows = Vec::new();
        while rows.len() < size {
            s = s.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let i = ((s >> 33) % n as u64) as u32;
            if !rows.contains(&i) {
                rows.push(i);
            }
        }
        rows
    })
}
