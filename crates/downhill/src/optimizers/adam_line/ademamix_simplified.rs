//! Simplified AdEMAMix.

use super::adam::Coef;
use crate::{
    At, Cell, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Pointwise, Preset, Range, Real, Slot,
    Slots,
};
use serde::{Deserialize, Serialize};

/// Simplified AdEMAMix: the fast mean of AdEMAMix is the gradient itself.
///
/// ```text
/// m <- beta1 m + g
/// v <- v + (1 - beta2) (g^2 - v)
/// u  = (m + alpha g)  /  (sqrt(v / (1 - beta2^t)) + eps)
/// ```
///
/// Morwani et al. 2025, arXiv:2502.02431. As the authors' code and optax: `m` is a sum, so that learning rates are
/// `1 - beta1` times Adam's, and is not bias-corrected. pytorch_optimizer's takes a mean, and divides by the bias of
/// `v` where it should multiply. The best alpha falls with the batch size, say the authors: 100 for small batches,
/// about 0 for large ones, which is the default of their code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdEmaMixSimplified {
    /// Share of the momentum that is kept, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Weight of the gradient beside the momentum.
    pub alpha: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
}

impl Default for AdEmaMixSimplified {
    fn default() -> Self {
        AdEmaMixSimplified { beta1: 0.99, beta2: 0.95, alpha: 100.0, eps: 1e-8 }
    }
}

impl Method for AdEmaMixSimplified {
    const FACTS: Facts = Facts {
        name: "ademamix-simplified",
        formula: "m <- beta1 m + g; v as in Adam; x <- x - lr (m + alpha g) / (sqrt(v^) + eps)",
        source: "Morwani et al. 2025, arXiv:2502.02431",
        preset: "paper",
        convention: "the paper, the authors' code and optax: a sum, not a mean; alpha for small batches, 0 is the default of both",
        presets: &[Preset::new("authors", &[("alpha", Given::Number(0.0))])],
        failure: "the sum grows to 1 / (1 - beta1) gradients: a rate of Adam's size diverges",
        lr: 1e-4,
        grid: (1e-6, 1e-2),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "share of the momentum that is kept"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("alpha", Range::NonNegative, "weight of the gradient beside the momentum"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl<R: Real> Pointwise<R> for AdEmaMixSimplified {
    type Memory = Slots<2>;
    type Clock = ();
    /// Adam's, then `beta1` and `alpha`.
    type Coef = (Coef<R>, R, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0), ("v", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Self::Coef {
        (Coef::new(self.beta1, self.beta2, self.eps, at.t), R::of(self.beta1), R::of(self.alpha))
    }
    #[inline(always)]
    fn update((c, beta1, alpha): Self::Coef, [m, v]: Cell<'_, Slots<2>, R>, _: R, g: R) -> R {
        *m = beta1 * *m + g;
        *v += c.a2 * (g * g - *v);
        (*m + alpha * g) / c.scale(*v)
    }
}
