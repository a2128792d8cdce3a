//! LaProp.

use super::adam::Coef;
use crate::{At, Cell, Driver, Facts, Fused, Hyper, Layout, Method, Optimizer, Pointwise, Range, Real, Slot, Slots};
use serde::{Deserialize, Serialize};

/// LaProp: Adam in the other order: gradients are scaled first, then averaged.
///
/// ```text
/// v <- v + (1 - beta2) (g^2 - v)
/// m <- m + (1 - beta1) (g / (sqrt(v / (1 - beta2^t)) + eps) - m)
/// u  = m / (1 - beta1^t)
/// ```
///
/// Ziyin, Wang & Ueda 2020, arXiv:2002.04839. As the paper. The authors' code has the learning rate inside the mean
/// and divides by its mean, which is the same while the rate is constant; pytorch_optimizer follows it, but adds
/// 1e-15 to `v`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LaProp {
    /// Decay of the mean of scaled gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
}

impl Default for LaProp {
    fn default() -> Self {
        LaProp { beta1: 0.9, beta2: 0.999, eps: 1e-15 }
    }
}

impl Method for LaProp {
    const FACTS: Facts = Facts {
        name: "laprop",
        formula: "v as in Adam; m <- m + (1 - beta1) (g / (sqrt(v^) + eps) - m); x <- x - lr m^",
        source: "Ziyin, Wang & Ueda 2020, arXiv:2002.04839",
        preset: "paper",
        convention: "the paper: learning rate outside the mean; the authors' code has it inside",
        failure: "a scale that was too small once stays in the momentum for 1 / (1 - beta1) steps",
        lr: 4e-4,
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of scaled gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::Positive, "added to the root, in units of the gradient"),
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl<R: Real> Pointwise<R> for LaProp {
    type Memory = Slots<2>;
    type Clock = ();
    type Coef = Coef<R>;
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0), ("v", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Coef<R> {
        Coef::new(self.beta1, self.beta2, self.eps, at.t)
    }
    #[inline(always)]
    fn update(c: Coef<R>, [m, v]: Cell<'_, Slots<2>, R>, _: R, g: R) -> R {
        *v += c.a2 * (g * g - *v);
        *m += c.a1 * (g / c.scale(*v) - *m);
        *m * c.unbias1
    }
}
