//! NAdamW.

use crate::{
    Chain, Claim, Decay, Driver, Facts, Fused, Given, Hyper, Layout, Method, NAdam, Optimizer, Preset, Range, Real,
};
use serde::{Deserialize, Serialize};

/// NAdamW: NAdam, then a pull to the origin that NAdam's scale does not touch.
///
/// ```text
/// u = nadam(g) + decay x
/// ```
///
/// Dozat 2016, ICLR workshop; decay: Loshchilov & Hutter 2019, arXiv:1711.05101. As torch's NAdam with
/// `decoupled_weight_decay`, whose decay is 0 by default; here it is AdamW's. optax's `nadamw` has a constant
/// momentum and a decay of 1e-4.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NAdamW {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Speed at which the momentum warms up, per step.
    pub psi: f64,
    /// No warm-up: the momentum is beta1 from the start.
    pub constant_momentum: bool,
    /// Weight decay, per step and learning rate.
    pub decay: f64,
}

impl Default for NAdamW {
    fn default() -> Self {
        let NAdam { beta1, beta2, eps, psi, constant_momentum } = NAdam::default();
        NAdamW { beta1, beta2, eps, psi, constant_momentum, decay: 1e-2 }
    }
}

impl Method for NAdamW {
    const FACTS: Facts = Facts {
        name: "nadamw",
        formula: "x <- x - lr (NAdam's direction + decay x)",
        source: "Dozat 2016, ICLR workshop; Loshchilov & Hutter 2019, arXiv:1711.05101",
        convention: "torch: momentum that warms up, decay multiplied by the learning rate; optax has a constant momentum",
        presets: &[Preset::new("optax", &[("constant_momentum", Given::Flag(true)), ("decay", Given::Number(1e-4))])],
        failure: "the extra share of the gradient amplifies noise at small batches; two coefficients to tune",
        lr: 2e-3,
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
            Hyper::new("psi", Range::NonNegative, "speed at which the momentum warms up, per step"),
            Hyper::new("constant_momentum", Range::Flag, "no warm-up"),
            Hyper::new("decay", Range::NonNegative, "weight decay, per step and learning rate"),
        ],
        // Neither translation-invariant nor still at a zero gradient: the decay looks at the parameters.
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::Separable,
            Claim::PermutationEquivariant,
            Claim::LinearInLr,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let &NAdamW { beta1, beta2, eps, psi, constant_momentum, decay } = self;
        let nadam = NAdam { beta1, beta2, eps, psi, constant_momentum };
        Driver::boxed(Fused(Chain(nadam, Decay { lambda: decay })), layout)
    }
}
