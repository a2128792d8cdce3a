//! burn's Lion.

use super::{BURN, DECOUPLED, FAILURE};
use crate::Blockwise;
use burn::optim::{DynOptimizer, LionConfig};
use downhill::{Block, Claim, Facts, Hyper, Range};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// burn's Lion: the sign of a mix of momentum and gradient.
///
/// ```text
/// u  = sign(beta1 m + (1 - beta1) g)
/// m <- beta2 m + (1 - beta2) g
/// x <- (1 - lr decay) x - lr u
/// ```
///
/// As the authors' code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lion {
    /// Share of the momentum in the mix, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the momentum, `[0, 1)`.
    pub beta2: f64,
    /// Weight decay beside the step, multiplied by the learning rate.
    pub decay: f64,
}

impl Default for Lion {
    fn default() -> Self {
        Lion { beta1: 0.9, beta2: 0.99, decay: 0.0 }
    }
}

impl Lion {
    /// burn's config.
    pub fn config(&self) -> LionConfig {
        LionConfig::new()
            .with_beta_1(self.beta1 as f32)
            .with_beta_2(self.beta2 as f32)
            .with_weight_decay(self.decay as f32)
    }
}

impl Blockwise for Lion {
    const FACTS: Facts = Facts {
        name: "burn/lion",
        formula: "x <- x - lr sign(beta1 m + (1 - beta1) g); m <- beta2 m + (1 - beta2) g",
        source: "burn 0.22.1, burn::optim::Lion (Chen et al. 2023, arXiv:2302.06675)",
        convention: "the authors' code",
        failure: FAILURE,
        lr: 1e-4,
        grid: (1e-6, 1e-2),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "share of the momentum in the mix"),
            Hyper::new("beta2", Range::Decay, "decay of the momentum"),
            Hyper::new("decay", Range::NonNegative, DECOUPLED),
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
