//! burn's Adan.

use super::{BURN, DECOUPLED, EPS, FAILURE};
use crate::Blockwise;
use burn::optim::{AdanConfig, DynOptimizer};
use downhill::{Block, Facts, Hyper, Range};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// burn's Adan: Nesterov's look-ahead from the difference of gradients.
///
/// ```text
/// m <- beta1 m + (1 - beta1) g
/// d <- beta2 d + (1 - beta2) (g - g')               g' the last gradient
/// n <- beta3 n + (1 - beta3) (g + beta2 (g - g'))^2
/// x <- (x - lr (m + beta2 d) / (sqrt(n) + eps)) / (1 + lr decay)      with m, d, n bias-corrected
/// ```
///
/// As the authors' code, whose betas are 1 minus the paper's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adan {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of differences, `[0, 1)`.
    pub beta2: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta3: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Decay by `x (1 - lr decay)` before the step, as AdamW, instead of the division after it.
    pub no_prox: bool,
    /// Weight decay beside the step, multiplied by the learning rate.
    pub decay: f64,
}

impl Default for Adan {
    fn default() -> Self {
        Adan { beta1: 0.98, beta2: 0.92, beta3: 0.99, eps: 1e-8, no_prox: false, decay: 0.0 }
    }
}

impl Adan {
    /// burn's config.
    pub fn config(&self) -> AdanConfig {
        AdanConfig::new()
            .with_beta_1(self.beta1 as f32)
            .with_beta_2(self.beta2 as f32)
            .with_beta_3(self.beta3 as f32)
            .with_epsilon(self.eps as f32)
            .with_no_prox(self.no_prox)
            .with_weight_decay(self.decay as f32)
    }
}

impl Blockwise for Adan {
    const FACTS: Facts = Facts {
        name: "burn/adan",
        formula: "m, d, n: means of g, of its change and of the square of both; x <- (x - lr (m^ + beta2 d^) / (sqrt(n^) + eps)) / (1 + lr decay)",
        source: "burn 0.22.1, burn::optim::Adan (Xie et al. 2022, arXiv:2208.06677)",
        convention: "the authors' code, whose betas are 1 minus the paper's",
        failure: FAILURE,
        lr: 1e-3,
        grid: (1e-5, 1e-1),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of differences"),
            Hyper::new("beta3", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, EPS),
            Hyper::new("no_prox", Range::Flag, "decay as AdamW, instead of by a division"),
            Hyper::new("decay", Range::NonNegative, DECOUPLED),
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
