//! burn's LAMB.

use super::{BURN, EPS, FAILURE};
use crate::Blockwise;
use burn::optim::{DynOptimizer, LambConfig};
use downhill::{Block, Claim, Facts, Hyper, Range};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// burn's LAMB: Adam, each block's step as long as its parameters.
///
/// ```text
/// u <- u + decay x                       with u of Adam
/// x <- x - lr (|x| / |u|) u              ratio 1 where a norm is 0
/// ```
///
/// You et al. 2020 with their function of the norm left out: the ratio is not clipped. Biases are scaled too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lamb {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Scale the step by the ratio of norms.
    pub trust_ratio: bool,
    /// Weight decay within the direction, before its norm is taken.
    pub decay: f64,
}

impl Default for Lamb {
    fn default() -> Self {
        Lamb { beta1: 0.9, beta2: 0.999, eps: 1e-6, trust_ratio: true, decay: 0.0 }
    }
}

impl Lamb {
    /// burn's config.
    pub fn config(&self) -> LambConfig {
        LambConfig::new()
            .with_beta_1(self.beta1 as f32)
            .with_beta_2(self.beta2 as f32)
            .with_epsilon(self.eps as f32)
            .with_use_trust_ratio(self.trust_ratio)
            .with_weight_decay(self.decay as f32)
    }
}

impl Blockwise for Lamb {
    const FACTS: Facts = Facts {
        name: "burn/lamb",
        formula: "u: Adam's direction + decay x; x <- x - lr |x| / |u| u, each block for itself",
        source: "burn 0.22.1, burn::optim::Lamb (You et al. 2020, arXiv:1904.00962)",
        convention: "the ratio of norms unclipped, for every block, biases too",
        failure: FAILURE,
        lr: 1e-3,
        grid: (1e-5, 1e-1),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, EPS),
            Hyper::new("trust_ratio", Range::Flag, "scale the step by the ratio of norms"),
            Hyper::new("decay", Range::NonNegative, "weight decay within the direction, before its norm is taken"),
        ],
        claims: &[
            Claim::SignEquivariant,
            Claim::Separable,
            Claim::PermutationEquivariant,
            Claim::LinearInLr,
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
