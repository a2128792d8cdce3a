//! Adam.

use crate::{
    At, Cell, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Pointwise, Preset, Range, Real, Slot,
    Slots,
};
use serde::{Deserialize, Serialize};

/// Adam: momentum over a running scale, both freed of their bias towards zero.
///
/// ```text
/// m <- m + (1 - beta1) (g - m)
/// v <- v + (1 - beta2) (g^2 - v)
/// u  = m / (1 - beta1^t)  /  (sqrt(v / (1 - beta2^t)) + eps)
/// ```
///
/// Kingma & Ba 2015, arXiv:1412.6980, Algorithm 1. As torch, optax and the paper: `eps` is added after the root and
/// after the bias correction. The "efficient" form at the end of the paper's section 2, which TensorFlow 1 computes,
/// adds its `eps` before the correction ([`eps_hat`](Adam::eps_hat)); burn's default is 1e-5; optax can add a second
/// one inside the root.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adam {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Divide by `1 - beta^t`. Without it, as section 3 of the paper shows, the first steps are `(1 - beta1) /
    /// sqrt(1 - beta2)` times as long: three times, by default.
    pub bias_correction: bool,
    /// Add `eps` to `sqrt(v)` before the bias correction: the paper's epsilon hat. Thirty times as much in the first
    /// step, and the same in the long run.
    pub eps_hat: bool,
}

impl Default for Adam {
    fn default() -> Self {
        Adam { beta1: 0.9, beta2: 0.999, eps: 1e-8, bias_correction: true, eps_hat: false }
    }
}

impl Method for Adam {
    const FACTS: Facts = Facts {
        name: "adam",
        formula: "m <- m + (1 - beta1) (g - m); v <- v + (1 - beta2) (g^2 - v); x <- x - lr m^ / (sqrt(v^) + eps), with ^ = over 1 - beta^t",
        source: "Kingma & Ba 2015, arXiv:1412.6980",
        convention: "torch: eps after the root and the bias correction",
        failure: "may walk away from the optimum where rare gradients carry the information (Reddi et al. 2018)",
        presets: &[
            Preset::new("tf1", &[("eps_hat", Given::Flag(true))]),
            Preset::new("burn", &[("eps", Given::Number(1e-5))]),
        ],
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
            Hyper::new("bias_correction", Range::Flag, "divide both means by 1 - beta^t"),
            Hyper::new("eps_hat", Range::Flag, "add eps before the bias correction"),
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

/// The constants of one step, and the two lines that Adam shares with what it became.
#[derive(Clone, Copy)]
pub struct Coef<R> {
    pub(super) a1: R,
    pub(super) a2: R,
    pub(super) unbias1: R,
    pub(super) unbias2: R,
    pub(super) eps: R,
}

impl<R: Real> Coef<R> {
    pub(super) fn new(beta1: f64, beta2: f64, eps: f64, t: u64) -> Self {
        Coef {
            a1: R::of(1.0 - beta1),
            a2: R::of(1.0 - beta2),
            unbias1: R::of(unbias(beta1, t)),
            unbias2: R::of(unbias(beta2, t)),
            eps: R::of(eps),
        }
    }
    /// `m <- m + (1 - beta1) (g - m)`, `v <- v + (1 - beta2) (g^2 - v)`.
    #[inline(always)]
    pub(super) fn average(self, m: &mut R, v: &mut R, g: R) {
        *m += self.a1 * (g - *m);
        *v += self.a2 * (g * g - *v);
    }
    /// `sqrt(v / (1 - beta2^t)) + eps`.
    #[inline(always)]
    pub(super) fn scale(self, v: R) -> R {
        (v * self.unbias2).sqrt() + self.eps
    }
}

/// `1 / (1 - beta^t)`.
pub(crate) fn unbias(beta: f64, t: u64) -> f64 {
    1.0 / (1.0 - libm::pow(beta, t as f64))
}

/// What to add after the bias correction to have added `eps` before it.
pub(super) fn eps_hat(eps: f64, beta2: f64, t: u64) -> f64 {
    eps * unbias(beta2, t).sqrt()
}

impl<R: Real> Pointwise<R> for Adam {
    type Memory = Slots<2>;
    type Clock = ();
    type Coef = Coef<R>;
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0), ("v", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Coef<R> {
        let eps = if self.eps_hat { eps_hat(self.eps, self.beta2, at.t) } else { self.eps };
        if self.bias_correction {
            Coef::new(self.beta1, self.beta2, eps, at.t)
        } else {
            Coef { unbias1: R::ONE, unbias2: R::ONE, ..Coef::new(self.beta1, self.beta2, self.eps, at.t) }
        }
    }
    #[inline(always)]
    fn update(c: Coef<R>, [m, v]: Cell<'_, Slots<2>, R>, _: R, g: R) -> R {
        c.average(m, v, g);
        *m * c.unbias1 / c.scale(*v)
    }
}
