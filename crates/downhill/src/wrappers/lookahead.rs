//! Lookahead.

use crate::{Block, Hyper, Layout, Optimizer, Range, Real, Step, Visit, Wrapper, WrapperFacts};
use serde::{Deserialize, Serialize};

/// Lookahead: k steps forward, one step back.
///
/// ```text
/// after every k-th step of the inner method:
///     slow <- slow + alpha (x - slow);   x <- slow
/// ```
///
/// Zhang et al. 2019, arXiv:1907.08610. The slow weights start where the path starts, and are what is read out, as the
/// paper's algorithm returns them. The inner method keeps its momentum when the parameters are set back, as in the
/// paper's experiments, optax and pytorch_optimizer, whose options to reset it or to pull it back are not here.
/// Ranger is RAdam in it, with k = 6.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lookahead {
    /// Steps forward, at least 1.
    pub k: u64,
    /// Share of the way that is kept, `[0, 1]`; above 1 it goes on in its direction.
    pub alpha: f64,
}

impl Default for Lookahead {
    fn default() -> Self {
        Lookahead { k: 5, alpha: 0.5 }
    }
}

impl Wrapper for Lookahead {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "lookahead",
        source: "Zhang et al. 2019, arXiv:1907.08610",
        formula: "every k steps slow <- slow + alpha (x - slow); x <- slow; readout slow",
        convention: "paper: the inner state is kept",
        hypers: &[
            Hyper::new("k", Range::AtLeast(1), "steps forward"),
            Hyper::new("alpha", Range::NonNegative, "share of the way that is kept, at most 1 in the paper"),
        ],
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Box::new(Ahead {
            config: *self,
            n: 0,
            slow: vec![R::ZERO; layout.len()],
            blocks: layout.blocks().to_vec(),
            inner,
        })
    }
}

struct Ahead<R: Real> {
    config: Lookahead,
    /// Steps of the inner method.
    n: u64,
    slow: Vec<R>,
    blocks: Vec<Block>,
    inner: Box<dyn Optimizer<R>>,
}

impl<R: Real> Optimizer<R> for Ahead<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        if self.n == 0 {
            self.slow.copy_from_slice(x);
        }
        self.inner.step(x, g, step);
        self.n += 1;
        if self.n.is_multiple_of(self.config.k) {
            for (x, slow) in x.iter_mut().zip(&mut self.slow) {
                *slow = between(*slow, *x, self.config.alpha);
                *x = *slow;
            }
        }
    }
    fn readout<'a>(&'a self, x: &'a [R], into: &'a mut [R]) -> &'a [R] {
        self.inner.readout(if self.n == 0 { x } else { &self.slow }, into)
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.within("lookahead", |visit| {
            visit.count("n", &mut self.n);
            visit.by_block(&self.blocks, "slow", &mut self.slow);
        });
        visit.within("inner", |v| self.inner.visit(v));
    }
}

/// `a + share (b - a)`, from the nearer end: exactly `a` for 0 and exactly `b` for 1, as torch's `lerp`.
#[inline]
pub(super) fn between<R: Real>(a: R, b: R, share: f64) -> R {
    if share <= 0.5 { a + R::of(share) * (b - a) } else { b - R::of(1.0 - share) * (b - a) }
}
