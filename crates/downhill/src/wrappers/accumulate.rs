//! Accumulation of gradients.

use crate::{Block, Hyper, Layout, Optimizer, Range, Real, Step, Visit, Wrapper, WrapperFacts};
use serde::{Deserialize, Serialize};

/// Large batches in small pieces: one inner step with the mean of k gradients.
///
/// ```text
/// at steps k, 2k, ...:  inner step t / k with the mean of the last k gradients and losses
/// at the others:        nothing moves
/// ```
///
/// As optax's `MultiSteps` and the usual torch loop with the loss divided by k. The inner method counts its own steps,
/// for bias corrections; the rate is that of step `t`, whereas an optax schedule inside counts inner steps. What the
/// inner method asks for beyond the gradient is answered on the last piece alone.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accumulate {
    /// Gradients in a mean, at least 1.
    pub k: u64,
}

impl Wrapper for Accumulate {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "accumulate",
        source: "optax's MultiSteps",
        formula: "every k steps an inner step with the mean of k gradients",
        convention: "optax: the mean, not the sum; the schedule counts outer steps",
        hypers: &[Hyper::new("k", Range::AtLeast(1), "gradients in a mean")],
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Box::new(Accumulated {
            k: self.k,
            seen: 0,
            mean: vec![R::ZERO; layout.len()],
            loss: 0.0,
            blocks: layout.blocks().to_vec(),
            inner,
        })
    }
}

struct Accumulated<R: Real> {
    k: u64,
    /// Gradients so far.
    seen: u64,
    mean: Vec<R>,
    loss: f64,
    blocks: Vec<Block>,
    inner: Box<dyn Optimizer<R>>,
}

impl<R: Real> Optimizer<R> for Accumulated<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let n = self.seen % self.k + 1;
        if n == 1 {
            self.mean.copy_from_slice(g);
            self.loss = step.loss.to_f64();
        } else {
            let share = 1.0 / n as f64;
            self.mean.iter_mut().zip(g).for_each(|(mean, &g)| *mean += R::of(share) * (g - *mean));
            self.loss += share * (step.loss.to_f64() - self.loss);
        }
        self.seen += 1;
        if n == self.k {
            let (t, loss) = (self.seen / self.k, R::of(self.loss));
            self.inner.step(x, &self.mean, &mut Step { t, lr: step.lr, loss, oracle: &mut *step.oracle });
        }
    }
    fn readout<'a>(&'a self, x: &'a [R], into: &'a mut [R]) -> &'a [R] {
        self.inner.readout(x, into)
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.within("accumulate", |visit| {
            visit.count("seen", &mut self.seen);
            visit.by_block(&self.blocks, "mean", &mut self.mean);
            visit.scalar("loss", &mut self.loss);
        });
        visit.within("inner", |v| self.inner.visit(v));
    }
}
