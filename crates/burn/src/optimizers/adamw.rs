//! burn's AdamW.

use super::{BURN, DECOUPLED, EPS, FAILURE};
use crate::Blockwise;
use burn::optim::{AdamWConfig, DynOptimizer};
use downhill::{Block, Claim, Facts, Hyper, Range};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// burn's AdamW: Adam, and a pull to the origin that its scale does not touch.
///
/// ```text
/// x <- (1 - lr decay) x - lr u      with u of Adam
/// ```
///
/// As torch, but that `eps` is 1e-5 (torch 1e-8) and the decay 1e-4 (torch 1e-2). `cautious` decays only where `x` and
/// the mean of gradients have the same sign (arXiv:2510.12402), 0 counted as positive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdamW {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Divide by the largest mean of squares so far.
    pub amsgrad: bool,
    /// Decay only where the decay agrees with the step.
    pub cautious: bool,
    /// Weight decay beside the step, multiplied by the learning rate.
    pub decay: f64,
}

impl Default for AdamW {
    fn default() -> Self {
        AdamW { beta1: 0.9, beta2: 0.999, eps: 1e-5, amsgrad: false, cautious: false, decay: 1e-4 }
    }
}

impl AdamW {
    /// burn's config.
    pub fn config(&self) -> AdamWConfig {
        AdamWConfig::new()
            .with_beta_1(self.beta1 as f32)
            .with_beta_2(self.beta2 as f32)
            .with_epsilon(self.eps as f32)
            .with_amsgrad(self.amsgrad)
            .with_cautious_weight_decay(self.cautious)
            .with_weight_decay(self.decay as f32)
    }
}

impl Blockwise for AdamW {
    const FACTS: Facts = Facts {
        name: "burn/adamw",
        formula: "x <- x - lr (Adam's direction + decay x)",
        source: "burn 0.22.1, burn::optim::AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101)",
        convention: "torch, but eps 1e-5 (torch 1e-8) and decay 1e-4 (torch 1e-2)",
        failure: FAILURE,
        lr: 1e-3,
        grid: (1e-5, 1e-1),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, EPS),
            Hyper::new("amsgrad", Range::Flag, "divide by the largest mean of squares so far"),
            Hyper::new("cautious", Range::Flag, "decay only where the decay agrees with the step"),
            Hyper::new("decay", Range::NonNegative, DECOUPLED),
        ],
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::Separable,
            Claim::PermutationEquivariant,
            Claim::LinearInLr,
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
