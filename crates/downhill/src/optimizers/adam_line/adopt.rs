//! ADOPT.

use crate::{
    At, Cell, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Pointwise, Preset, Range, Real, Slot,
    Slots,
};
use serde::{Deserialize, Serialize};

/// ADOPT: Adam that scales a gradient by those before it, and averages what is scaled: it converges for any beta2.
///
/// ```text
/// t = 1:   v <- g^2, no move
/// t > 1:   n  = clip(g / max(sqrt(v), eps), (t - 1)^(1/4))
///          m <- m + (1 - beta1) (n - m)
///          u  = m
///          v <- v + (1 - beta2) (g^2 - v)
/// ```
///
/// Taniguchi et al. 2024, arXiv:2411.02853. As the authors' code and optax: the limit counts from the second gradient
/// (pytorch_optimizer has `t` for `t - 1`), and grows, so that an early gradient near 0 does not send the next one
/// off. The first version of the paper had no clipping.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adopt {
    /// Decay of the mean of scaled gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// The least scale, in units of the gradient.
    pub eps: f64,
    /// No limit to a scaled gradient.
    pub unclipped: bool,
}

impl Default for Adopt {
    fn default() -> Self {
        Adopt { beta1: 0.9, beta2: 0.9999, eps: 1e-6, unclipped: false }
    }
}

impl Method for Adopt {
    const FACTS: Facts = Facts {
        name: "adopt",
        formula: "m <- m + (1 - beta1) (clip(g / max(sqrt(v), eps), (t - 1)^(1/4)) - m); x <- x - lr m; then v <- v + (1 - beta2) (g^2 - v)",
        source: "Taniguchi et al. 2024, arXiv:2411.02853",
        preset: "authors",
        convention: "the authors' code: the first gradient sets v and moves nothing, clipping by (t - 1)^(1/4)",
        presets: &[Preset::new("paper", &[("unclipped", Given::Flag(true))])],
        failure: "the first gradient is not followed, and the clipping hides large early steps",
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of scaled gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::Positive, "the least scale, in units of the gradient"),
            Hyper::new("unclipped", Range::Flag, "no limit to a scaled gradient"),
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl<R: Real> Pointwise<R> for Adopt {
    type Memory = Slots<2>;
    type Clock = ();
    /// `(1 - beta1, 1 - beta2, eps, limit)`
    type Coef = (R, R, R, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0), ("v", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Self::Coef {
        let (a1, a2) = if at.t == 1 { (0.0, 1.0) } else { (1.0 - self.beta1, 1.0 - self.beta2) };
        let limit = if self.unclipped { f64::INFINITY } else { libm::pow((at.t - 1) as f64, 0.25) };
        (R::of(a1), R::of(a2), R::of(self.eps), R::of(limit))
    }
    #[inline(always)]
    fn update((a1, a2, eps, limit): Self::Coef, [m, v]: Cell<'_, Slots<2>, R>, _: R, g: R) -> R {
        let scaled = (g / v.sqrt().larger(eps)).smaller(limit).larger(-limit);
        *m += a1 * (scaled - *m);
        *v += a2 * (g * g - *v);
        *m
    }
}
