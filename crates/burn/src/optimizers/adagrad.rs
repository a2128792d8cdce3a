//! burn's AdaGrad.

use super::{BURN, COUPLED, EPS, FAILURE, weight_decay};
use crate::Blockwise;
use burn::optim::{AdaGradConfig, DynOptimizer};
use downhill::{Block, Facts, Hyper, Range};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// burn's AdaGrad.
///
/// ```text
/// a <- a + g^2
/// u  = g / (sqrt(a) + eps)  /  (1 + lr_decay (t - 1))
/// ```
///
/// As torch, but that `eps` is 1e-5 (torch 1e-10).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdaGrad {
    /// Slows the learning rate further, per step.
    pub lr_decay: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Weight decay through the gradient, `g + decay x`.
    pub decay: f64,
}

impl Default for AdaGrad {
    fn default() -> Self {
        AdaGrad { lr_decay: 0.0, eps: 1e-5, decay: 0.0 }
    }
}

impl AdaGrad {
    /// burn's config.
    pub fn config(&self) -> AdaGradConfig {
        AdaGradConfig::new()
            .with_lr_decay(self.lr_decay)
            .with_epsilon(self.eps as f32)
            .with_weight_decay(weight_decay(self.decay))
    }
}

impl Blockwise for AdaGrad {
    const FACTS: Facts = Facts {
        name: "burn/adagrad",
        formula: "a <- a + g^2; x <- x - lr / (1 + (t - 1) lr_decay) g / (sqrt(a) + eps)",
        source: "burn 0.22.1, burn::optim::AdaGrad (Duchi, Hazan & Singer 2011)",
        convention: "torch, but eps 1e-5 (torch 1e-10)",
        failure: FAILURE,
        lr: 1e-2,
        grid: (1e-3, 1.0),
        hypers: &[
            Hyper::new("lr_decay", Range::NonNegative, "slows the learning rate further, per step"),
            Hyper::new("eps", Range::NonNegative, EPS),
            Hyper::new("decay", Range::NonNegative, COUPLED),
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
