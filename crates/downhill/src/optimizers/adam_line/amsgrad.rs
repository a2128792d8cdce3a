//! AMSGrad.

use super::adam::Coef;
use crate::{At, Cell, Driver, Facts, Fused, Hyper, Layout, Method, Optimizer, Pointwise, Range, Real, Slot, Slots};
use serde::{Deserialize, Serialize};

/// AMSGrad: Adam whose scale never shrinks, so that it converges where Adam does not.
///
/// ```text
/// m <- m + (1 - beta1) (g - m)
/// v <- v + (1 - beta2) (g^2 - v)
/// w <- max(w, v)
/// u  = m / (1 - beta1^t)  /  (sqrt(w / (1 - beta2^t)) + eps)
/// ```
///
/// Reddi, Kale & Kumar 2018, arXiv:1904.09237. Three forms share the name: the paper's has no bias correction;
/// torch's, this one, corrects the largest `v`; optax keeps the largest of the corrected `v`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AmsGrad {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
}

impl Default for AmsGrad {
    fn default() -> Self {
        AmsGrad { beta1: 0.9, beta2: 0.999, eps: 1e-8 }
    }
}

impl Method for AmsGrad {
    const FACTS: Facts = Facts {
        name: "amsgrad",
        formula: "m, v as in Adam; w <- max(w, v); x <- x - lr m^ / (sqrt(w^) + eps)",
        source: "Reddi, Kale & Kumar 2018, arXiv:1904.09237",
        convention: "torch: the largest raw v, bias-corrected; the paper corrects nothing, optax corrects first",
        failure: "one outlier lowers the rate for ever",
        lr: 1e-3,
        grid: (1e-5, 1e-1),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl<R: Real> Pointwise<R> for AmsGrad {
    type Memory = Slots<3>;
    type Clock = ();
    type Coef = Coef<R>;
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0), ("v", 0.0), ("w", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Coef<R> {
        Coef::new(self.beta1, self.beta2, self.eps, at.t)
    }
    #[inline(always)]
    fn update(c: Coef<R>, [m, v, w]: Cell<'_, Slots<3>, R>, _: R, g: R) -> R {
        *m += c.a1 * (g - *m);
        *v += c.a2 * (g * g - *v);
        *w = w.larger(*v);
        *m * c.unbias1 / ((*w * c.unbias2).sqrt() + c.eps)
    }
}
