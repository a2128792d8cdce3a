//! RMSprop.

use crate::{
    At, Cell, Chain, Driver, Facts, Fused, Hyper, Layout, Method, Momentum, Optimizer, Pointwise, Range, Real, Slot,
    Slots,
};
use serde::{Deserialize, Serialize};

/// RMSprop: the gradient over its running root mean square, then momentum.
///
/// ```text
/// v <- alpha v + (1 - alpha) g^2
/// r  = g / (sqrt(v) + eps)         or, centered,   r = g / (sqrt(v - a^2) + eps),   a <- alpha a + (1 - alpha) g
/// b <- momentum b + r
/// u  = b
/// ```
///
/// Tieleman & Hinton 2012, lecture 6e; centered: Graves 2013, arXiv:1308.0850. As torch: `eps` outside the root, v
/// from 0 without bias correction (the first step is `lr / sqrt(1 - alpha)`), the learning rate outside the
/// momentum. The lecture and optax have alpha 0.9; optax and TensorFlow 1 add eps inside the root; TensorFlow 1
/// starts v at 1. Unlike torch, a variance that rounding makes negative counts as 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RmsProp {
    /// Decay of the mean of squares, `[0, 1)`.
    pub alpha: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Share of the last direction that is kept, `[0, 1)`.
    pub momentum: f64,
    /// Divide by the standard deviation in place of the root mean square.
    pub centered: bool,
}

impl Default for RmsProp {
    fn default() -> Self {
        RmsProp { alpha: 0.99, eps: 1e-8, momentum: 0.0, centered: false }
    }
}

impl Method for RmsProp {
    const FACTS: Facts = Facts {
        name: "rmsprop",
        formula: "v <- alpha v + (1 - alpha) g^2; b <- momentum b + g / (sqrt(v) + eps); x <- x - lr b",
        source: "Tieleman & Hinton 2012, lecture 6e; centered: Graves 2013, arXiv:1308.0850",
        convention: "torch: alpha 0.99, eps after the root, no bias correction, lr outside the momentum",
        failure: "the first step is lr / sqrt(1 - alpha); no momentum and no bias correction by default",
        lr: 1e-2,
        grid: (1e-5, 1e-1),
        hypers: &[
            Hyper::new("alpha", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
            Hyper::new("momentum", Range::Decay, "share of the last direction that is kept"),
            Hyper::new("centered", Range::Flag, "divide by the standard deviation"),
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let &RmsProp { alpha, eps, momentum, centered } = self;
        let momentum = (momentum > 0.0).then_some(Momentum { mu: momentum, dampening: 0.0, nesterov: false });
        match (centered, momentum) {
            (false, None) => Driver::boxed(Fused(Rms { alpha, eps }), layout),
            (false, Some(m)) => Driver::boxed(Fused(Chain(Rms { alpha, eps }, m)), layout),
            (true, None) => Driver::boxed(Fused(Deviation { alpha, eps }), layout),
            (true, Some(m)) => Driver::boxed(Fused(Chain(Deviation { alpha, eps }, m)), layout),
        }
    }
}

/// The gradient over its running root mean square.
#[derive(Clone, Copy, Debug)]
pub struct Rms {
    /// Decay of the mean of squares.
    pub alpha: f64,
    /// Added to the root.
    pub eps: f64,
}

impl<R: Real> Pointwise<R> for Rms {
    type Memory = Slots<1>;
    type Clock = ();
    /// `(alpha, 1 - alpha, eps)`
    type Coef = (R, R, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("v", 0.0)]
    }
    fn coef(&self, _: &(), _: &At) -> Self::Coef {
        (R::of(self.alpha), R::of(1.0 - self.alpha), R::of(self.eps))
    }
    #[inline(always)]
    fn update((alpha, fresh, eps): Self::Coef, [v]: Cell<'_, Slots<1>, R>, _: R, g: R) -> R {
        *v = alpha * *v + fresh * (g * g);
        g / (v.sqrt() + eps)
    }
}

/// The gradient over its running standard deviation.
#[derive(Clone, Copy, Debug)]
pub struct Deviation {
    /// Decay of both means.
    pub alpha: f64,
    /// Added to the deviation.
    pub eps: f64,
}

impl<R: Real> Pointwise<R> for Deviation {
    type Memory = Slots<2>;
    type Clock = ();
    /// `(alpha, 1 - alpha, eps)`
    type Coef = (R, R, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("v", 0.0), ("a", 0.0)]
    }
    fn coef(&self, _: &(), _: &At) -> Self::Coef {
        (R::of(self.alpha), R::of(1.0 - self.alpha), R::of(self.eps))
    }
    #[inline(always)]
    fn update((alpha, fresh, eps): Self::Coef, [v, a]: Cell<'_, Slots<2>, R>, _: R, g: R) -> R {
        *v = alpha * *v + fresh * (g * g);
        *a = alpha * *a + fresh * g;
        g / ((*v - *a * *a).larger(R::ZERO).sqrt() + eps)
    }
}
