//! burn's Adam and AMSGrad.

use super::{BURN, COUPLED, EPS, FAILURE, weight_decay};
use crate::Blockwise;
use burn::optim::{AdamConfig, DynOptimizer};
use downhill::{Block, Facts, Hyper, Range};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// burn's Adam.
///
/// ```text
/// m <- beta1 m + (1 - beta1) g
/// v <- beta2 v + (1 - beta2) g^2
/// u  = m / (1 - beta1^t)  /  (sqrt(v / (1 - beta2^t)) + eps)
/// ```
///
/// As torch and [`downhill::Adam`], but that `eps` is 1e-5 (torch 1e-8), and that the bias corrections are powers in
/// `f32`: with `beta2` so rounded, `1 - beta2` is off by 5e-5 of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adam {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Divide by the largest mean of squares so far; `burn/amsgrad` is the same by name.
    pub amsgrad: bool,
    /// Weight decay through the gradient, `g + decay x`.
    pub decay: f64,
}

impl Default for Adam {
    fn default() -> Self {
        Adam { beta1: 0.9, beta2: 0.999, eps: 1e-5, amsgrad: false, decay: 0.0 }
    }
}

impl Adam {
    /// burn's config.
    pub fn config(&self) -> AdamConfig {
        AdamConfig::new()
            .with_beta_1(self.beta1 as f32)
            .with_beta_2(self.beta2 as f32)
            .with_epsilon(self.eps as f32)
            .with_amsgrad(self.amsgrad)
            .with_weight_decay(weight_decay(self.decay))
    }
}

impl Blockwise for Adam {
    const FACTS: Facts = Facts {
        name: "burn/adam",
        formula: "m, v: means of g and g^2; x <- x - lr m^ / (sqrt(v^) + eps), with ^ = over 1 - beta^t",
        source: "burn 0.22.1, burn::optim::Adam (Kingma & Ba 2015, arXiv:1412.6980)",
        convention: "torch, but eps 1e-5 (torch 1e-8)",
        failure: FAILURE,
        lr: 1e-3,
        grid: (1e-5, 1e-1),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, EPS),
            Hyper::new("amsgrad", Range::Flag, "divide by the largest mean of squares so far"),
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

/// burn's Adam with `amsgrad`: the scale never shrinks.
///
/// ```text
/// w <- max(w, v)      and w instead of v under the root of Adam
/// ```
///
/// As torch, the largest `v` is taken before its bias is corrected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AmsGrad {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Weight decay through the gradient, `g + decay x`.
    pub decay: f64,
}

impl Default for AmsGrad {
    fn default() -> Self {
        AmsGrad { beta1: 0.9, beta2: 0.999, eps: 1e-5, decay: 0.0 }
    }
}

impl AmsGrad {
    /// burn's config.
    pub fn config(&self) -> AdamConfig {
        let AmsGrad { beta1, beta2, eps, decay } = *self;
        Adam { beta1, beta2, eps, amsgrad: true, decay }.config()
    }
}

impl Blockwise for AmsGrad {
    const FACTS: Facts = Facts {
        name: "burn/amsgrad",
        formula: "as Adam, with the largest v so far",
        source: "burn 0.22.1, burn::optim::Adam with amsgrad (Reddi, Kale & Kumar 2018, arXiv:1904.09237)",
        convention: "torch: the largest raw v, bias-corrected; eps 1e-5 (torch 1e-8)",
        failure: FAILURE,
        lr: 1e-3,
        grid: (1e-5, 1e-1),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
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
