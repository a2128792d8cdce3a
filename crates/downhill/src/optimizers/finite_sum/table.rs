//! The last gradient of every example.

use crate::{Block, Real, Step, Visit};

/// The last gradient of every example, 0 before the first, and their sum.
pub(super) struct Table<R> {
    /// One row an example; empty before the first step.
    rows: Vec<R>,
    pub(super) sum: Vec<R>,
    /// How many examples have a gradient.
    pub(super) seen: u64,
    /// 1 for an example that has one.
    known: Vec<f32>,
    /// Room for the examples of a batch, and for a gradient.
    batch: Vec<u32>,
    g: Vec<R>,
}

impl<R: Real> Table<R> {
    pub(super) fn new(n: usize) -> Self {
        let zeros = vec![R::ZERO; n];
        Table { rows: Vec::new(), sum: zeros.clone(), seen: 0, known: Vec::new(), batch: Vec::new(), g: zeros }
    }

    /// Takes the gradients of the batch at `x`, and tells `each` what changes, as a share of the batch.
    pub(super) fn renew(&mut self, x: &[R], g: &[R], step: &mut Step<'_, R>, mut each: impl FnMut(&[R])) {
        let (n, examples) = (x.len(), step.examples());
        self.rows.resize(examples * n, R::ZERO);
        self.known.resize(examples, 0.0);
        step.rows(&mut self.batch);
        let share = R::of(1.0 / self.batch.len() as f64);
        for &i in &self.batch {
            let i = i as usize;
            if self.batch.len() == 1 {
                self.g.copy_from_slice(g);
            } else {
                step.summand(i, x, &mut self.g);
            }
            if self.known[i] == 0.0 {
                self.known[i] = 1.0;
                self.seen += 1;
            }
            for ((g, y), sum) in self.g.iter_mut().zip(&mut self.rows[i * n..][..n]).zip(&mut self.sum) {
                let change = *g - *y;
                (*y, *g) = (*g, share * change);
                *sum += change;
            }
            each(&self.g);
        }
    }

    pub(super) fn visit(&mut self, blocks: &[Block], visit: &mut Visit<'_>) {
        visit.by_block(blocks, "sum", &mut self.sum);
        visit.growing("rows", &mut self.rows);
        visit.growing("known", &mut self.known);
        visit.count("seen", &mut self.seen);
    }
}
