//! AdamW.

use crate::{
    Adam, Chain, Claim, Decay, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Preset, Range, Real,
};
use serde::{Deserialize, Serialize};

/// AdamW: Adam, then a pull to the origin that Adam's scale does not touch.
///
/// ```text
/// u = adam(g) + decay x
/// ```
///
/// Loshchilov & Hutter 2019, arXiv:1711.05101. As torch, optax and burn, the decay is multiplied by the learning
/// rate. The paper multiplies it by the schedule only: its coefficient is `lr decay` here, with the rate before the
/// schedule. optax's and burn's default is 1e-4.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdamW {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Weight decay, per step and learning rate.
    pub decay: f64,
}

impl Default for AdamW {
    fn default() -> Self {
        AdamW { beta1: 0.9, beta2: 0.999, eps: 1e-8, decay: 1e-2 }
    }
}

impl Method for AdamW {
    const FACTS: Facts = Facts {
        name: "adamw",
        formula: "x <- x - lr (Adam's direction + decay x)",
        source: "Loshchilov & Hutter 2019, arXiv:1711.05101",
        convention: "torch: decay multiplied by the learning rate, 1e-2 by default",
        presets: &[
            Preset::new("optax", &[("decay", Given::Number(1e-4))]),
            Preset::new("burn", &[("eps", Given::Number(1e-5)), ("decay", Given::Number(1e-4))]),
        ],
        failure: "two coefficients to tune, and a decay that follows the schedule",
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
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
        let &AdamW { beta1, beta2, eps, decay } = self;
        let adam = Adam { beta1, beta2, eps, ..Adam::default() };
        Driver::boxed(Fused(Chain(adam, Decay { lambda: decay })), layout)
    }
}
