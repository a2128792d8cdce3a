//! AdaBound.

use super::adam::{Coef, eps_hat};
use crate::{
    At, Cell, Claim, Driver, Facts, Fused, Hyper, Layout, Method, Optimizer, Pointwise, Range, Real, Slot, Slots,
};
use serde::{Deserialize, Serialize};

/// AdaBound: Adam whose rates are held between two bounds that close on one rate, momentum SGD's.
///
/// ```text
/// m, v as in Adam,   amsbound: v's largest value in place of v
/// rate = lr / (1 - beta1^t)  sqrt(1 - beta2^t) / (sqrt(v) + eps)
/// low  = final_lr lr / lr_1  (1 - 1 / (gamma t + 1))
/// high = final_lr lr / lr_1  (1 + 1 / (gamma t))
/// x <- x - max(low, min(high, rate)) m
/// ```
///
/// Luo et al. 2019, arXiv:1902.09843. As the authors' code: the bounds follow a schedule of the learning rate, by its
/// ratio to the first one, `lr_1`, that is not 0 (theirs is the rate before the schedule), and `m` alone is not
/// corrected where a bound holds. pytorch_optimizer adds 1e-15 to `v`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdaBound {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// The learning rate of SGD that both bounds approach.
    pub final_lr: f64,
    /// How fast they do, per step.
    pub gamma: f64,
    /// AMSBound: scale by the largest mean of squares so far.
    pub amsbound: bool,
}

impl Default for AdaBound {
    fn default() -> Self {
        AdaBound { beta1: 0.9, beta2: 0.999, eps: 1e-8, final_lr: 0.1, gamma: 1e-3, amsbound: false }
    }
}

impl Method for AdaBound {
    const FACTS: Facts = Facts {
        name: "adabound",
        formula: "m, v as in Adam; x <- x - clip(lr / c1 sqrt(c2) / (sqrt(v) + eps), final_lr (1 - 1 / (gamma t + 1)), final_lr (1 + 1 / (gamma t))) m",
        source: "Luo et al. 2019, arXiv:1902.09843",
        preset: "authors",
        convention: "the authors' code: final_lr follows the schedule of lr, eps before the bias correction",
        failure: "two learning rates to tune, and SGD's failures in the end",
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
            Hyper::new("final_lr", Range::NonNegative, "learning rate of SGD that both bounds approach"),
            Hyper::new("gamma", Range::NonNegative, "how fast they do, per step"),
            Hyper::new("amsbound", Range::Flag, "scale by the largest mean of squares so far"),
        ],
        // Not linear in the learning rate: the bounds of the first step do not grow with it.
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::Separable,
            Claim::PermutationEquivariant,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        if self.amsbound {
            return Driver::boxed(Fused(AmsBound(self.clone())), layout);
        }
        Driver::boxed(Fused(self.clone()), layout)
    }
}

/// The constants of one step.
#[derive(Clone, Copy)]
pub struct Bounds<R> {
    adam: Coef<R>,
    low: R,
    high: R,
}

impl<R: Real> Bounds<R> {
    #[inline(always)]
    fn direction(self, m: R, v: R) -> R {
        (self.adam.unbias1 / self.adam.scale(v)).larger(self.low).smaller(self.high) * m
    }
}

impl<R: Real> Pointwise<R> for AdaBound {
    type Memory = Slots<2>;
    /// The first learning rate that is not 0.
    type Clock = f64;
    type Coef = Bounds<R>;
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0), ("v", 0.0)]
    }
    fn tick(&self, first: &mut f64, at: &At) {
        if *first == 0.0 {
            *first = at.lr;
        }
    }
    fn coef(&self, &first: &f64, at: &At) -> Bounds<R> {
        // In units of the learning rate, by which the step multiplies.
        let goal = if first == 0.0 { 0.0 } else { self.final_lr / first };
        let pace = self.gamma * at.t as f64;
        Bounds {
            adam: Coef::new(self.beta1, self.beta2, eps_hat(self.eps, self.beta2, at.t), at.t),
            low: R::of(goal * (1.0 - 1.0 / (pace + 1.0))),
            high: R::of(goal * (1.0 + 1.0 / pace)),
        }
    }
    #[inline(always)]
    fn update(c: Bounds<R>, [m, v]: Cell<'_, Slots<2>, R>, _: R, g: R) -> R {
        c.adam.average(m, v, g);
        c.direction(*m, *v)
    }
}

/// The same with the largest `v`.
#[derive(Clone)]
struct AmsBound(AdaBound);

impl<R: Real> Pointwise<R> for AmsBound {
    type Memory = Slots<3>;
    type Clock = f64;
    type Coef = Bounds<R>;
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0), ("v", 0.0), ("w", 0.0)]
    }
    fn tick(&self, first: &mut f64, at: &At) {
        Pointwise::<R>::tick(&self.0, first, at);
    }
    fn coef(&self, first: &f64, at: &At) -> Bounds<R> {
        self.0.coef(first, at)
    }
    #[inline(always)]
    fn update(c: Bounds<R>, [m, v, w]: Cell<'_, Slots<3>, R>, _: R, g: R) -> R {
        c.adam.average(m, v, g);
        *w = w.larger(*v);
        c.direction(*m, *w)
    }
}
