//! Lion.

use crate::{
    At, Cell, Claim, Driver, Facts, Fused, Hyper, Layout, Method, Optimizer, Pointwise, Range, Real, Slot, Slots,
};
use serde::{Deserialize, Serialize};

/// Lion: the sign of a mix of momentum and gradient; every coordinate moves by the learning rate.
///
/// ```text
/// u  = sign(beta1 m + (1 - beta1) g)
/// m <- beta2 m + (1 - beta2) g
/// ```
///
/// Chen et al. 2023, arXiv:2302.06675. As the authors' code, with weight decay as a wrapper of its own. The
/// learning rate is 3 to 10 times below AdamW's, the decay as many times above. The sign of 0 is 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lion {
    /// Share of the momentum in the mix, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the momentum, `[0, 1)`.
    pub beta2: f64,
}

impl Default for Lion {
    fn default() -> Self {
        Lion { beta1: 0.9, beta2: 0.99 }
    }
}

impl Method for Lion {
    const FACTS: Facts = Facts {
        name: "lion",
        formula: "x <- x - lr sign(beta1 m + (1 - beta1) g); m <- beta2 m + (1 - beta2) g",
        source: "Chen et al. 2023, arXiv:2302.06675",
        preset: "authors",
        convention: "the authors' code; weight decay is a wrapper",
        failure: "every coordinate moves by lr however small its gradient: noise at small batches, no rest at the optimum",
        lr: 1e-4,
        grid: (1e-6, 1e-2),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "share of the momentum in the mix"),
            Hyper::new("beta2", Range::Decay, "decay of the momentum"),
        ],
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::Separable,
            Claim::PermutationEquivariant,
            Claim::ScaleInvariant,
            Claim::LinearInLr,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl<R: Real> Pointwise<R> for Lion {
    type Memory = Slots<1>;
    type Clock = ();
    /// `(beta1, 1 - beta1, beta2, 1 - beta2)`
    type Coef = (R, R, R, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0)]
    }
    fn coef(&self, _: &(), _: &At) -> Self::Coef {
        (R::of(self.beta1), R::of(1.0 - self.beta1), R::of(self.beta2), R::of(1.0 - self.beta2))
    }
    #[inline(always)]
    fn update((b1, a1, b2, a2): Self::Coef, [m]: Cell<'_, Slots<1>, R>, _: R, g: R) -> R {
        let u = (b1 * *m + a1 * g).sign();
        *m = b2 * *m + a2 * g;
        u
    }
}
