//! Schedule-free AdamW.

use super::schedule_free::{ScheduleFree, Weights};
use crate::{
    At, Cell, Chain, Claim, Decay, Facts, Hyper, Layout, Method, Optimizer, Pointwise, Range, Real, Slot, Slots,
};
use serde::{Deserialize, Serialize};

/// Schedule-free AdamW: Adam's scale, decoupled decay, and an average in place of a rate that falls.
///
/// ```text
/// v <- beta2 v + (1 - beta2) g^2,  g = grad(y)
/// z <- z - lr (g / (sqrt(v / (1 - beta2^t)) + eps) + decay y)
/// x <- x + c (z - x),  c = w_t / (w_1 + ... + w_t),  w_t = t^r max(lr_1 ... lr_t)^lr_power
/// y  = (1 - beta1) z + beta1 x
/// ```
///
/// Defazio, Yang, Mehta, Mishchenko, Khaled & Cutkosky 2024, arXiv:2405.15682, and the authors' package `schedulefree`,
/// which decays at `y`. The parameters are `y`, where gradients belong; the readout is `x`, where losses belong. The
/// package's `warmup_steps` is the schedule `warmup`. optax's warm-up begins at a rate of 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleFreeAdamW {
    /// Share of the average in the point of the gradient, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Weight decay, per step and learning rate.
    pub decay: f64,
    /// Power of the step in the average's weights, `>= 0`.
    pub r: f64,
    /// Power of the largest rate so far in the average's weights, `>= 0`.
    pub lr_power: f64,
}

impl Default for ScheduleFreeAdamW {
    fn default() -> Self {
        ScheduleFreeAdamW { beta1: 0.9, beta2: 0.999, eps: 1e-8, decay: 0.0, r: 0.0, lr_power: 2.0 }
    }
}

impl Method for ScheduleFreeAdamW {
    const FACTS: Facts = Facts {
        name: "schedule-free-adamw",
        formula: "z <- z - lr (g / (sqrt(v^) + eps) + decay y), g at y; x <- x + c (z - x), c = w_t / sum w, w_t = t^r max(lr)^lr_power; y = (1 - beta1) z + beta1 x; readout x",
        source: "Defazio et al. 2024, arXiv:2405.15682",
        convention: "the authors' package schedulefree; its warm-up is the schedule warmup",
        preset: "authors",
        failure: "evaluated at y instead of the readout x it looks worse; a rate that falls to 0 is averaged away",
        lr: 2.5e-3,
        grid: (1e-4, 1.0),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "share of the average in the point of the gradient"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
            Hyper::new("decay", Range::NonNegative, "weight decay, per step and learning rate")
                .breaking(Claim::BROKEN_BY_DECAY),
            Hyper::new("r", Range::NonNegative, "power of the step in the average's weights"),
            Hyper::new("lr_power", Range::NonNegative, "power of the largest rate in the average's weights"),
        ],
        averages: true,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let &ScheduleFreeAdamW { beta1: beta, beta2, eps, decay, r, lr_power } = self;
        let rule = Chain(Scaled { beta2, eps }, Decay { lambda: decay });
        ScheduleFree::boxed(rule, Weights { beta, r, lr_power }, layout)
    }
}

/// Adam without a mean of gradients.
#[derive(Clone, Copy)]
struct Scaled {
    beta2: f64,
    eps: f64,
}

impl<R: Real> Pointwise<R> for Scaled {
    type Memory = Slots<1>;
    type Clock = ();
    /// `(1 - beta2, 1 / (1 - beta2^t), eps)`
    type Coef = (R, R, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("v", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Self::Coef {
        (R::of(1.0 - self.beta2), R::of(1.0 / (1.0 - libm::pow(self.beta2, at.t as f64))), R::of(self.eps))
    }
    #[inline(always)]
    fn update((a2, unbias, eps): Self::Coef, [v]: Cell<'_, Slots<1>, R>, _: R, g: R) -> R {
        *v += a2 * (g * g - *v);
        g / ((*v * unbias).sqrt() + eps)
    }
}
