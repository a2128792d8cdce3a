//! Yogi.

use super::adam::{Coef, eps_hat};
use crate::{
    At, Cell, Claim, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Pointwise, Preset, Range, Real,
    Slot, Slots,
};
use serde::{Deserialize, Serialize};

/// Yogi: Adam whose scale changes by what the gradient brings, not by what it differs.
///
/// ```text
/// m <- m + (1 - beta1) (g - m)
/// v <- v - (1 - beta2) sign(v - g^2) g^2
/// u  = m / (1 - beta1^t)  /  (sqrt(v / (1 - beta2^t)) + eps)
/// ```
///
/// Zaheer et al. 2018, NeurIPS. Adam's `v` falls by a share of itself, and soon; this one falls by a share of `g^2`.
/// As optax and pytorch_optimizer: both means start at 1e-6, and are bias-corrected as if they had started at 0; the
/// start of `m` moves even what has no gradient. TensorFlow's, by the authors, starts `m` at 0 and adds `eps` before
/// the bias correction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Yogi {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Share of `g^2` that `v` keeps out, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Where `m` starts, in units of the gradient.
    pub m_start: f64,
    /// Where `v` starts, in units of the gradient squared.
    pub v_start: f64,
    /// Add `eps` to `sqrt(v)` before the bias correction.
    pub eps_hat: bool,
}

impl Default for Yogi {
    fn default() -> Self {
        Yogi { beta1: 0.9, beta2: 0.999, eps: 1e-3, m_start: 1e-6, v_start: 1e-6, eps_hat: false }
    }
}

impl Method for Yogi {
    const FACTS: Facts = Facts {
        name: "yogi",
        formula: "m as in Adam; v <- v - (1 - beta2) sign(v - g^2) g^2; x <- x - lr m^ / (sqrt(v^) + eps)",
        source: "Zaheer et al. 2018, NeurIPS",
        preset: "optax",
        convention: "optax: m and v start at 1e-6, eps after the bias correction; the authors' m starts at 0, eps before",
        presets: &[Preset::new("authors", &[("m_start", Given::Number(0.0)), ("eps_hat", Given::Flag(true))])],
        failure: "the scale falls in steps, not by shares: slow after the noise drops",
        lr: 1e-2,
        grid: (1e-4, 1.0),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "share of g^2 that v keeps out"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
            Hyper::new("m_start", Range::Finite, "where m starts, in units of the gradient"),
            Hyper::new("v_start", Range::NonNegative, "where v starts, in units of the gradient squared"),
            Hyper::new("eps_hat", Range::Flag, "add eps before the bias correction"),
        ],
        // Neither odd nor still at a zero gradient: m starts above 0.
        claims: &[
            Claim::Splittable,
            Claim::Separable,
            Claim::PermutationEquivariant,
            Claim::LinearInLr,
            Claim::TranslationInvariant,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl<R: Real> Pointwise<R> for Yogi {
    type Memory = Slots<2>;
    type Clock = ();
    type Coef = Coef<R>;
    fn slots(&self) -> Vec<Slot> {
        vec![("m", self.m_start), ("v", self.v_start)]
    }
    fn coef(&self, _: &(), at: &At) -> Coef<R> {
        let eps = if self.eps_hat { eps_hat(self.eps, self.beta2, at.t) } else { self.eps };
        Coef::new(self.beta1, self.beta2, eps, at.t)
    }
    #[inline(always)]
    fn update(c: Coef<R>, [m, v]: Cell<'_, Slots<2>, R>, _: R, g: R) -> R {
        *m += c.a1 * (g - *m);
        let square = g * g;
        *v -= c.a2 * (*v - square).sign() * square;
        *m * c.unbias1 / c.scale(*v)
    }
}
