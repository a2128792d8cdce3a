//! Resilient backpropagation.

use crate::{
    At, Cell, Driver, Facts, Fused, Hyper, Layout, Method, Need, Optimizer, Pointwise, Range, Real, Slot, Slots,
};
use serde::{Deserialize, Serialize};

/// Rprop: a step size for each coordinate, which grows while the gradient keeps its sign and shrinks when it turns.
///
/// ```text
/// step <- grow step  if g keeps its sign,   shrink step  and g = 0 if it turned,   within [min, max]
/// x    <- x - step sign(g)
/// ```
///
/// Riedmiller & Braun 1993, ICNN; as torch: no step where the sign turned, and the step after it as if nothing had
/// been (the iRprop- of Igel & Huesken 2000). The first step is the learning rate. Torch does not look at it again;
/// here a schedule scales the steps. `optax.rprop` takes each step one call late.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rprop {
    /// Factor of a step whose gradient turned, `(0, 1)`.
    pub shrink: f64,
    /// Factor of a step whose gradient kept its sign, `> 1`.
    pub grow: f64,
    /// The smallest step, in units of the parameters.
    pub min: f64,
    /// The largest step, in units of the parameters.
    pub max: f64,
}

impl Default for Rprop {
    fn default() -> Self {
        Rprop { shrink: 0.5, grow: 1.2, min: 1e-6, max: 50.0 }
    }
}

impl Method for Rprop {
    const FACTS: Facts = Facts {
        name: "rprop",
        formula: "step <- 1.2 step if g keeps its sign, 0.5 step and g = 0 if it turned; x <- x - step sign(g)",
        source: "Riedmiller & Braun 1993, ICNN",
        convention: "torch: iRprop-, first step lr; a schedule scales the steps, unlike torch",
        failure: "noise in the gradients turns signs and shrinks all steps: full batches only",
        lr: 1e-2,
        grid: (1e-4, 1.0),
        hypers: &[
            Hyper::new("shrink", Range::Positive, "factor where the gradient turned"),
            Hyper::new("grow", Range::Positive, "factor where the gradient kept its sign"),
            Hyper::new("min", Range::Positive, "smallest step, in units of the parameters"),
            Hyper::new("max", Range::Positive, "largest step, in units of the parameters"),
        ],
        needs: &[Need::FullBatch],
        claims: super::SIGNS,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl<R: Real> Pointwise<R> for Rprop {
    type Memory = Slots<2>;
    type Clock = ();
    /// `(shrink, grow, min, max)`, the last two over the learning rate.
    type Coef = (R, R, R, R);
    fn slots(&self) -> Vec<Slot> {
        // The step over the learning rate, and the sign of the last gradient, 0 after a turn.
        vec![("step", 1.0), ("sign", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Self::Coef {
        let (min, max) = if at.lr > 0.0 { (self.min / at.lr, self.max / at.lr) } else { (0.0, f64::MAX) };
        (R::of(self.shrink), R::of(self.grow), R::of(min), R::of(max))
    }
    #[inline(always)]
    fn update((shrink, grow, min, max): Self::Coef, [step, sign]: Cell<'_, Slots<2>, R>, _: R, g: R) -> R {
        let turn = *sign * g.sign();
        let factor = if turn > R::ZERO {
            grow
        } else if turn < R::ZERO {
            shrink
        } else {
            R::ONE
        };
        *step = (*step * factor).larger(min).smaller(max);
        *sign = if turn < R::ZERO { R::ZERO } else { g.sign() };
        *sign * *step
    }
}
