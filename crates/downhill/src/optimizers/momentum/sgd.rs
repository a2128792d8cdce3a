//! Stochastic gradient descent with momentum.

use crate::{At, Cell, Driver, Facts, Fused, Hyper, Layout, Method, Optimizer, Pointwise, Range, Real, Slot, Slots};
use serde::{Deserialize, Serialize};

/// Gradient descent, heavy-ball momentum, Nesterov's look-ahead.
///
/// ```text
/// b <- momentum b + (1 - dampening) g      (b <- g at the first step)
/// u  = b            or, nesterov,   u = g + momentum b
/// x <- x - lr u
/// ```
///
/// Robbins & Monro 1951; Polyak 1964; Nesterov 1983 in the form of Sutskever et al. 2013.
/// As torch, and as optax and TensorFlow 1, which have no dampening: the learning rate stands outside the buffer.
/// Caffe, Keras and Sutskever put it inside, which differs as soon as the rate changes. The first step is not
/// dampened. Torch refuses Nesterov with dampening; here the formula holds for both. [`HeavyBall`](crate::HeavyBall)
/// and [`Nesterov`](crate::Nesterov) are the same with momentum by default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sgd {
    /// Share of the last direction that is kept, `[0, 1)`.
    pub momentum: f64,
    /// Share of the gradient that is left out of the buffer, `[0, 1)`.
    pub dampening: f64,
    /// Look ahead along the momentum.
    pub nesterov: bool,
}

impl Method for Sgd {
    const FACTS: Facts = Facts {
        name: "sgd",
        formula: "b <- momentum b + (1 - dampening) g; x <- x - lr b, nesterov: x <- x - lr (g + momentum b)",
        source: "Robbins & Monro 1951; momentum: Polyak 1964, Sutskever et al. 2013",
        convention: "torch: lr outside the momentum buffer, first step not dampened",
        failure: "one rate for all scales: slow along ravines, and divergence above 2 / curvature",
        lr: 1e-2,
        grid: (1e-4, 1.0),
        hypers: &[
            Hyper::new("momentum", Range::Decay, "share of the last direction that is kept"),
            Hyper::new("dampening", Range::Decay, "share of the gradient left out of the buffer"),
            Hyper::new("nesterov", Range::Flag, "look ahead along the momentum"),
        ],
        claims: super::LINEAR,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        if self.momentum == 0.0 {
            return Driver::boxed(Fused(Plain), layout);
        }
        Driver::boxed(Fused(Momentum { mu: self.momentum, dampening: self.dampening, nesterov: self.nesterov }), layout)
    }
}

/// `u = g`: gradient descent itself.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl<R: Real> Pointwise<R> for Plain {
    type Memory = Slots<0>;
    type Clock = ();
    type Coef = ();
    fn coef(&self, _: &(), _: &At) {}
    #[inline(always)]
    fn update(_: (), _: Cell<'_, Slots<0>, R>, _: R, g: R) -> R {
        g
    }
}

/// The momentum buffer, a rule of its own so that others can be chained with it.
#[derive(Clone, Copy, Debug)]
pub struct Momentum {
    /// Share of the buffer that is kept.
    pub mu: f64,
    /// Share of the gradient left out, from the second step on.
    pub dampening: f64,
    /// Look ahead.
    pub nesterov: bool,
}

impl<R: Real> Pointwise<R> for Momentum {
    type Memory = Slots<1>;
    type Clock = ();
    /// `(mu, 1 - dampening, share of g in u, share of b in u)`
    type Coef = (R, R, R, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("b", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Self::Coef {
        let fresh = if at.t == 1 { 1.0 } else { 1.0 - self.dampening };
        let (of_g, of_b) = if self.nesterov { (1.0, self.mu) } else { (0.0, 1.0) };
        (R::of(self.mu), R::of(fresh), R::of(of_g), R::of(of_b))
    }
    #[inline(always)]
    fn update((mu, fresh, of_g, of_b): Self::Coef, [b]: Cell<'_, Slots<1>, R>, _: R, g: R) -> R {
        *b = mu * *b + fresh * g;
        of_g * g + of_b * *b
    }
}
