//! AdaMax.

use super::adam::unbias;
use crate::{At, Cell, Driver, Facts, Fused, Hyper, Layout, Method, Optimizer, Pointwise, Range, Real, Slot, Slots};
use serde::{Deserialize, Serialize};

/// AdaMax: Adam with a decaying maximum in place of the root mean square.
///
/// ```text
/// m <- m + (1 - beta1) (g - m)
/// s <- max(beta2 s, |g| + eps)
/// u  = m / (1 - beta1^t) / s
/// ```
///
/// Kingma & Ba 2015, arXiv:1412.6980, section 7.1. As torch and optax: `eps` inside the maximum. The paper has none
/// (`eps = 0` here), which is 0/0 in a coordinate whose gradients have all been zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdaMax {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the maximum, `[0, 1)`.
    pub beta2: f64,
    /// Added to the absolute value, in units of the gradient.
    pub eps: f64,
}

impl Default for AdaMax {
    fn default() -> Self {
        AdaMax { beta1: 0.9, beta2: 0.999, eps: 1e-8 }
    }
}

impl Method for AdaMax {
    const FACTS: Facts = Facts {
        name: "adamax",
        formula: "m <- m + (1 - beta1) (g - m); u <- max(beta2 u, |g| + eps); x <- x - lr m / (1 - beta1^t) / u",
        source: "Kingma & Ba 2015, arXiv:1412.6980, section 7.1",
        convention: "torch: eps inside the maximum; the paper has none",
        failure: "one outlier freezes a coordinate for about 1 / (1 - beta2) steps",
        lr: 2e-3,
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the maximum"),
            Hyper::new("eps", Range::NonNegative, "added to the absolute value, in units of the gradient"),
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl<R: Real> Pointwise<R> for AdaMax {
    type Memory = Slots<2>;
    type Clock = ();
    /// `(1 - beta1, beta2, 1 / (1 - beta1^t), eps)`
    type Coef = (R, R, R, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0), ("s", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Self::Coef {
        (R::of(1.0 - self.beta1), R::of(self.beta2), R::of(unbias(self.beta1, at.t)), R::of(self.eps))
    }
    #[inline(always)]
    fn update((a1, beta2, unbias1, eps): Self::Coef, [m, s]: Cell<'_, Slots<2>, R>, _: R, g: R) -> R {
        *m += a1 * (g - *m);
        *s = (beta2 * *s).larger(g.abs() + eps);
        *m * unbias1 / *s
    }
}
