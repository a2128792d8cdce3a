//! Momentum with decoupled weight decay.

use crate::{Chain, Claim, Decay, Driver, Facts, Fused, Hyper, Layout, Method, Momentum, Optimizer, Range, Real};
use serde::{Deserialize, Serialize};

/// SGDW: momentum on the gradient alone, and a pull to the origin beside it.
///
/// ```text
/// b <- momentum b + g      (nesterov: u = g + momentum b, else u = b)
/// x <- x - lr (u + decay x)
/// ```
///
/// Loshchilov & Hutter 2019, arXiv:1711.05101, Algorithm 1. As torch's SGD and AdamW: the learning rate outside the
/// buffer and times the decay. The paper has it inside the buffer, and multiplies the decay by the schedule alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SgdW {
    /// Share of the last direction that is kept, `[0, 1)`.
    pub momentum: f64,
    /// Share of the gradient that is left out of the buffer, `[0, 1)`.
    pub dampening: f64,
    /// Look ahead along the momentum.
    pub nesterov: bool,
    /// Weight decay, per step and learning rate.
    pub decay: f64,
}

impl Default for SgdW {
    fn default() -> Self {
        SgdW { momentum: 0.9, dampening: 0.0, nesterov: false, decay: 1e-2 }
    }
}

impl Method for SgdW {
    const FACTS: Facts = Facts {
        name: "sgdw",
        formula: "b <- momentum b + (1 - dampening) g; x <- x - lr (b + decay x)",
        source: "Loshchilov & Hutter 2019, arXiv:1711.05101",
        convention: "torch's SGD and AdamW: lr outside the buffer, decay multiplied by lr",
        failure: "as momentum; and a decay that follows the schedule",
        hypers: &[
            Hyper::new("momentum", Range::Decay, "share of the last direction that is kept"),
            Hyper::new("dampening", Range::Decay, "share of the gradient left out of the buffer"),
            Hyper::new("nesterov", Range::Flag, "look ahead along the momentum"),
            Hyper::new("decay", Range::NonNegative, "weight decay, per step and learning rate"),
        ],
        // Neither translation-invariant nor still at a zero gradient: the decay looks at the parameters.
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::Separable,
            Claim::PermutationEquivariant,
            Claim::RotationEquivariant,
            Claim::LinearInLr,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let &SgdW { momentum: mu, dampening, nesterov, decay } = self;
        Driver::boxed(Fused(Chain(Momentum { mu, dampening, nesterov }, Decay { lambda: decay })), layout)
    }
}
