//! What Sophia-H and Sophia-G share: all but the estimate of the curvature.

use crate::isa::{Kernel, dispatch};
use crate::optimizers::adam_line::unbias;
use crate::{Block, Layout, Optimizer, Real, Step, Visit};

/// An estimate of the Hessian's diagonal.
pub(super) trait Diagonal<R: Real>: Send + 'static {
    /// At `x`, into `h`.
    fn estimate(&mut self, x: &[R], step: &mut Step<'_, R>, h: &mut [R]);
}

/// Momentum over curvature, clipped.
///
/// ```text
/// m <- m + (1 - beta1) (g - m)
/// h <- h + (1 - beta2) (estimate(x) - h)      in steps 1, 1 + every, ...
/// u  = clip(m / max(gamma h, eps), 1) + decay x
/// ```
#[derive(Clone, Debug)]
pub(super) struct Clipped {
    pub(super) beta1: f64,
    pub(super) beta2: f64,
    pub(super) gamma: f64,
    pub(super) eps: f64,
    pub(super) decay: f64,
    pub(super) every: u64,
    /// `m / (1 - beta1^t)`.
    pub(super) bias_correction: bool,
    /// `gamma h + eps` for `max(gamma h, eps)`.
    pub(super) add_eps: bool,
    /// An estimate counts from the next step on.
    pub(super) late: bool,
}

/// The optimizer of both.
pub(super) struct Sophia<R, D> {
    rule: Clipped,
    diagonal: D,
    blocks: Vec<Block>,
    m: Vec<R>,
    h: Vec<R>,
    fresh: Vec<R>,
}

impl<R: Real, D: Diagonal<R>> Sophia<R, D> {
    pub(super) fn boxed(rule: Clipped, diagonal: D, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let zeros = || vec![R::ZERO; layout.len()];
        Box::new(Sophia { rule, diagonal, blocks: layout.blocks().to_vec(), m: zeros(), h: zeros(), fresh: zeros() })
    }

    /// `h <- h + (1 - beta2) (fresh - h)`
    fn learn(&mut self) {
        let a2 = R::of(1.0 - self.rule.beta2);
        self.h.iter_mut().zip(&self.fresh).for_each(|(h, &fresh)| *h += a2 * (fresh - *h));
    }
}

impl<R: Real, D: Diagonal<R>> Optimizer<R> for Sophia<R, D> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let due = step.t % self.rule.every == 1 % self.rule.every;
        if due {
            self.diagonal.estimate(x, step, &mut self.fresh);
        }
        if due && !self.rule.late {
            self.learn();
        }
        let Clipped { beta1, gamma, eps, decay, bias_correction, add_eps, .. } = self.rule;
        for block in &self.blocks {
            let (range, at) = (block.range.clone(), step.at(block));
            dispatch(Move {
                a1: R::of(1.0 - beta1),
                unbias1: if bias_correction { R::of(unbias(beta1, step.t)) } else { R::ONE },
                gamma: R::of(gamma),
                floor: R::of(if add_eps { 0.0 } else { eps }),
                eps: R::of(if add_eps { eps } else { 0.0 }),
                decay: R::of(at.decay.unwrap_or(decay)),
                lr: R::of(at.lr),
                m: &mut self.m[range.clone()],
                h: &self.h[range.clone()],
                x: &mut x[range.clone()],
                g: &g[range],
            });
        }
        if due && self.rule.late {
            self.learn();
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.by_block(&self.blocks, "m", &mut self.m);
        visit.by_block(&self.blocks, "h", &mut self.h);
    }
}

/// The step of one block. One of `floor` and `eps` is 0.
struct Move<'a, R> {
    a1: R,
    unbias1: R,
    gamma: R,
    floor: R,
    eps: R,
    decay: R,
    lr: R,
    m: &'a mut [R],
    h: &'a [R],
    x: &'a mut [R],
    g: &'a [R],
}
impl<R: Real> Kernel for Move<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (((m, &h), x), &g) in self.m.iter_mut().zip(self.h).zip(self.x).zip(self.g) {
            *m += self.a1 * (g - *m);
            let scale = (self.gamma * h).larger(self.floor) + self.eps;
            let u = *m * self.unbias1 / scale;
            *x -= self.lr * (u.smaller(R::ONE).larger(-R::ONE) + self.decay * *x);
        }
    }
}
