//! LARS.

use super::{is_offset_or_gain, scale};
use crate::isa::{Kernel, dispatch};
use crate::{
    At, Block, Claim, Decay, Driver, Facts, Fused, Given, Hyper, Layout, Method, Momentum, Optimizer, Preset, Range,
    Real, Rule, Visit, real,
};
use serde::{Deserialize, Serialize};

/// LARS: momentum with a rate for each block, in proportion to its parameters over its gradient.
///
/// ```text
/// ratio = coefficient |x| / (|g| + decay |x|)      of each block;  1 where a norm is 0
/// b <- momentum b + lr ratio (g + decay x)
/// x <- x - b
/// ```
///
/// You, Gitman & Ginsburg 2017, arXiv:1708.03888, Algorithm 1: the rate stands inside the buffer. optax divides by
/// `|g + decay x|` (`joint`). The paper adapts every block; recipes since then leave offsets and gains out
/// (`exclude`), as pytorch_optimizer does with all vectors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lars {
    /// Share of the last step that is kept, `[0, 1)`.
    pub momentum: f64,
    /// Weight decay, inside the ratio.
    pub decay: f64,
    /// The length of a step at a rate of 1, in units of the parameters' norm.
    pub coefficient: f64,
    /// Divide by the norm of the sum, not by the sum of the norms.
    pub joint: bool,
    /// Leave offsets and gains out of ratio and decay: plain momentum for them.
    pub exclude: bool,
}

impl Default for Lars {
    fn default() -> Self {
        Lars { momentum: 0.9, decay: 1e-4, coefficient: 1e-3, joint: false, exclude: false }
    }
}

impl Method for Lars {
    const FACTS: Facts = Facts {
        name: "lars",
        formula: "ratio = coefficient |x| / (|g| + decay |x|); b <- momentum b + lr ratio (g + decay x); x <- x - b, block by block",
        source: "You, Gitman & Ginsburg 2017, arXiv:1708.03888",
        convention: "paper: lr inside the buffer, |g| + decay |x|, all blocks adapted; optax: |g + decay x|",
        preset: "paper",
        presets: &[Preset::new("optax", &[("decay", Given::Number(0.0)), ("joint", Given::Flag(true))])],
        failure: "diverges at the start without a warm-up; one rate for all scales within a block",
        lr: 1.0,
        grid: (1e-2, 31.6),
        hypers: &[
            Hyper::new("momentum", Range::Decay, "share of the last step that is kept"),
            Hyper::new("decay", Range::NonNegative, "weight decay, inside the ratio"),
            Hyper::new("coefficient", Range::Positive, "length of a step at a rate of 1, in units of |x|"),
            Hyper::new("joint", Range::Flag, "divide by |g + decay x|, not by |g| + decay |x|"),
            Hyper::new("exclude", Range::Flag, "plain momentum, without ratio and decay, for offsets and gains")
                .breaking(&[Claim::Separable]),
        ],
        claims: &[
            Claim::Separable,
            Claim::SignEquivariant,
            Claim::PermutationEquivariant,
            Claim::RotationEquivariant,
            Claim::LinearInLr,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Adapted { lars: self.clone() }, layout)
    }
}

/// LARS of a block. Its direction is the step itself, rate included.
struct Adapted {
    lars: Lars,
}

impl Adapted {
    fn momentum(&self) -> Fused<Momentum> {
        Fused(Momentum { mu: self.lars.momentum, dampening: 0.0, nesterov: false })
    }

    /// Adds the decay to the gradient in `u`, and returns the ratio.
    fn ratio<R: Real>(&self, at: &At, x: &[R], u: &mut [R]) -> f64 {
        let &Lars { decay, coefficient, joint, .. } = &self.lars;
        let (size, slope) = (real::norm(x), real::norm(u));
        Fused(Decay { lambda: decay }).direct(at, &mut ((), []), x, u);
        let length = if joint { real::norm(u) } else { slope + at.decay.unwrap_or(decay) * size };
        if size == 0.0 || length == 0.0 { 1.0 } else { coefficient * size / length }
    }
}

impl<R: Real> Rule<R> for Adapted {
    /// Whether the block is left out, and the buffer.
    type State = (bool, <Fused<Momentum> as Rule<R>>::State);
    fn init(&self, block: &Block) -> Self::State {
        (self.lars.exclude && is_offset_or_gain(block), self.momentum().init(block))
    }
    fn direct(&self, at: &At, (left_out, buffer): &mut Self::State, x: &[R], u: &mut [R]) {
        let ratio = if *left_out { 1.0 } else { self.ratio(at, x, u) };
        scale(u, at.lr * ratio);
        self.momentum().direct(at, buffer, x, u);
    }
    fn apply(&self, at: &At, state: &mut Self::State, x: &mut [R], g: &[R], u: &mut [R]) {
        u.copy_from_slice(g);
        self.direct(at, state, x, u);
        dispatch(Subtract { x, u });
    }
    fn visit(&self, (_, buffer): &mut Self::State, visit: &mut Visit<'_>) {
        self.momentum().visit(buffer, visit);
    }
}

/// `x -= u`.
struct Subtract<'a, R> {
    x: &'a mut [R],
    u: &'a [R],
}
impl<R: Real> Kernel for Subtract<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (x, &u) in self.x.iter_mut().zip(self.u) {
            *x -= u;
        }
    }
}
