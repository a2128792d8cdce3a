//! burn's RMSProp.

use super::{BURN, COUPLED, EPS, FAILURE, weight_decay};
use crate::Blockwise;
use burn::optim::{DynOptimizer, RmsPropConfig};
use downhill::{Block, Facts, Hyper, Range};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// burn's RMSProp.
///
/// ```text
/// s <- alpha s + (1 - alpha) g^2
/// a <- alpha a + (1 - alpha) g             (centered; otherwise a = 0)
/// b <- momentum b + g / (sqrt(s - a^2) + eps)
/// x <- x - lr b
/// ```
///
/// As torch, but that momentum is 0.9 (torch 0) and `eps` 1e-5 (torch 1e-8): at its default it goes ten times as far
/// as torch's. Centered, `s - a^2` can fall below 0 by rounding, and the step is then NaN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RmsProp {
    /// Decay of the mean of squares, `[0, 1)`.
    pub alpha: f64,
    /// Share of the last direction that is kept, `[0, 1)`.
    pub momentum: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Divide by the standard deviation instead of the root of the mean of squares.
    pub centered: bool,
    /// Weight decay through the gradient, `g + decay x`.
    pub decay: f64,
}

impl Default for RmsProp {
    fn default() -> Self {
        RmsProp { alpha: 0.99, momentum: 0.9, eps: 1e-5, centered: false, decay: 0.0 }
    }
}

impl RmsProp {
    /// burn's config.
    pub fn config(&self) -> RmsPropConfig {
        RmsPropConfig::new()
            .with_alpha(self.alpha as f32)
            .with_momentum(self.momentum as f32)
            .with_epsilon(self.eps as f32)
            .with_centered(self.centered)
            .with_weight_decay(weight_decay(self.decay))
    }
}

impl Blockwise for RmsProp {
    const FACTS: Facts = Facts {
        name: "burn/rmsprop",
        formula: "v <- alpha v + (1 - alpha) g^2; b <- momentum b + g / (sqrt(v) + eps); x <- x - lr b",
        source: "burn 0.22.1, burn::optim::RmsProp (Tieleman & Hinton 2012; centered: Graves 2013, arXiv:1308.0850)",
        convention: "torch, but momentum 0.9 (torch 0) and eps 1e-5 (torch 1e-8)",
        failure: FAILURE,
        lr: 1e-3,
        grid: (1e-6, 1e-2),
        hypers: &[
            Hyper::new("alpha", Range::Decay, "decay of the mean of squares"),
            Hyper::new("momentum", Range::Decay, "share of the last direction that is kept"),
            Hyper::new("eps", Range::NonNegative, EPS),
            Hyper::new("centered", Range::Flag, "divide by the standard deviation"),
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
