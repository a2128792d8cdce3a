//! Weight decay that the method's scale does not touch.

use crate::{
    At, Block, Cell, Claim, Hyper, Layout, Optimizer, Pointwise, Range, Real, Slots, Step, Visit, Wrapper, WrapperFacts,
};
use serde::{Deserialize, Serialize};

/// Decoupled weight decay: a pull to the origin beside the method's step, not through it.
///
/// ```text
/// u <- u + lambda x                 in a chain, behind the method: Chain(Adam, Decay) is AdamW
/// x <- (1 - lr lambda) x            as a wrapper, before the method's step
/// ```
///
/// The two differ by rounding only, unless the method itself looks at `x`. Loshchilov & Hutter 2019,
/// arXiv:1711.05101. As torch, the decay is multiplied by the learning rate; the paper multiplies it by the schedule
/// alone. All blocks decay, biases too, as in torch; a parameter group exempts (`decay = 0.0`) or changes them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decay {
    /// Per step and learning rate; a group's `decay` replaces it.
    pub lambda: f64,
}

impl<R: Real> Pointwise<R> for Decay {
    type Memory = Slots<0>;
    type Clock = ();
    type Coef = R;
    fn coef(&self, _: &(), at: &At) -> R {
        R::of(at.decay.unwrap_or(self.lambda))
    }
    #[inline(always)]
    fn update(lambda: R, _: Cell<'_, Slots<0>, R>, x: R, u: R) -> R {
        u + lambda * x
    }
}

impl Wrapper for Decay {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "decay",
        source: "Loshchilov & Hutter 2019, arXiv:1711.05101",
        formula: "x <- (1 - lr lambda) x, before the step",
        convention: "torch: multiplied by the learning rate; the paper multiplies it by the schedule alone",
        hypers: &[Hyper::new("lambda", Range::NonNegative, "weight decay, per step and learning rate")],
        breaks: Claim::BROKEN_BY_DECAY,
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Box::new(Decayed { lambda: self.lambda, blocks: layout.blocks().to_vec(), inner })
    }
}

struct Decayed<R> {
    lambda: f64,
    blocks: Vec<Block>,
    inner: Box<dyn Optimizer<R>>,
}

impl<R: Real> Optimizer<R> for Decayed<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        for block in &self.blocks {
            let at = step.at(block);
            let keep = R::of(1.0 - at.lr * at.decay.unwrap_or(self.lambda));
            x[block.range.clone()].iter_mut().for_each(|x| *x *= keep);
        }
        self.inner.step(x, g, step);
    }
    fn readout<'a>(&'a self, x: &'a [R], into: &'a mut [R]) -> &'a [R] {
        self.inner.readout(x, into)
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        self.inner.visit(visit);
    }
}
