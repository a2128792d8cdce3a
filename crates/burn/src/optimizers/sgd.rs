//! burn's SGD.

use super::{BURN, COUPLED, FAILURE, weight_decay};
use crate::Blockwise;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{DynOptimizer, SgdConfig};
use downhill::{Block, Claim, Facts, Hyper, Range};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// burn's SGD.
///
/// ```text
/// b <- momentum b + (1 - dampening) g      (b <- g at the first step)
/// u  = b            or, nesterov,   u = g + momentum b
/// x <- x - lr u
/// ```
///
/// As torch, but that burn's momentum is dampened by 0.1 unless told otherwise: `dampening = 0.0` gives torch's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sgd {
    /// Share of the last direction that is kept, `[0, 1)`; at 0 burn keeps no buffer and dampens nothing.
    pub momentum: f64,
    /// Share of the gradient that is left out of the buffer, `[0, 1)`.
    pub dampening: f64,
    /// Look ahead along the momentum.
    pub nesterov: bool,
    /// Weight decay through the gradient, `g + decay x`.
    pub decay: f64,
}

impl Default for Sgd {
    fn default() -> Self {
        Sgd { momentum: 0.0, dampening: 0.1, nesterov: false, decay: 0.0 }
    }
}

impl Sgd {
    /// burn's config.
    pub fn config(&self) -> SgdConfig {
        let Sgd { momentum, dampening, nesterov, decay } = *self;
        let momentum = (momentum != 0.0).then_some(MomentumConfig { momentum, dampening, nesterov });
        SgdConfig::new().with_momentum(momentum).with_weight_decay(weight_decay(decay))
    }
}

impl Blockwise for Sgd {
    const FACTS: Facts = Facts {
        name: "burn/sgd",
        formula: "b <- momentum b + (1 - dampening) g; x <- x - lr b, nesterov: x <- x - lr (g + momentum b)",
        source: "burn 0.22.1, burn::optim::Sgd (Robbins & Monro 1951; momentum: Polyak 1964, Sutskever et al. 2013)",
        convention: "torch, but momentum is dampened by 0.1 unless told otherwise",
        failure: FAILURE,
        lr: 1e-2,
        grid: (1e-4, 1.0),
        hypers: &[
            Hyper::new("momentum", Range::Decay, "share of the last direction that is kept"),
            Hyper::new("dampening", Range::Decay, "share of the gradient left out of the buffer"),
            Hyper::new("nesterov", Range::Flag, "look ahead along the momentum"),
            Hyper::new("decay", Range::NonNegative, COUPLED),
        ],
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::Separable,
            Claim::PermutationEquivariant,
            Claim::RotationEquivariant,
            Claim::LinearInLr,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
        ],
        ..BURN
    };
    fn optimizer(&self, _: &Block) -> Arc<dyn DynOptimizer> {
        Arc::new(self.config().build())
    }
    fn decay_mut(&mut self, _: &Block) -> &mut f64 {
        &mut self.decay
    }
}
