//! burn's Adafactor.

use super::{BURN, DECOUPLED, FAILURE};
use crate::Blockwise;
use burn::optim::{AdafactorConfig, DynOptimizer};
use downhill::{Block, Claim, Facts, Hyper, Range};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// burn's Adafactor: Adam's scale from row and column means only, and no momentum.
///
/// ```text
/// w  = t^-power
/// r <- (1 - w) r + w mean over columns of (g^2 + eps1)      c likewise over rows; vectors keep the whole square
/// u  = g / sqrt(r c / mean(r))
/// u <- u / max(1, rms(u) / clip)
/// x <- (1 - lr decay) x - min(lr, 1 / sqrt(t)) max(eps2, rms(x)) u
/// ```
///
/// Shazeer & Stern 2018, algorithms 4 to 6. Unless `relative_step = false`, the learning rate is only a cap; unless
/// `scale_parameter = false`, it is relative to the parameters. Of blocks of more than two dimensions burn factors the
/// last two, not the flattened rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adafactor {
    /// Added to the squares, in units of the squared gradient.
    pub eps1: f64,
    /// The least scale of a block, in units of the parameters.
    pub eps2: f64,
    /// The largest root mean square of a direction.
    pub clip: f64,
    /// The mean of squares takes a share of `t^-power` from the new ones (burn's `-decay_rate`).
    pub power: f64,
    /// Cap the learning rate at `1 / sqrt(t)`.
    pub relative_step: bool,
    /// Multiply the step by the root mean square of the block.
    pub scale_parameter: bool,
    /// Weight decay beside the step, multiplied by the learning rate.
    pub decay: f64,
}

impl Default for Adafactor {
    fn default() -> Self {
        Adafactor {
            eps1: 1e-30,
            eps2: 1e-3,
            clip: 1.0,
            power: 0.8,
            relative_step: true,
            scale_parameter: true,
            decay: 0.0,
        }
    }
}

impl Adafactor {
    /// burn's config.
    pub fn config(&self) -> AdafactorConfig {
        AdafactorConfig::new()
            .with_epsilon_1(self.eps1 as f32)
            .with_epsilon_2(self.eps2 as f32)
            .with_clip_threshold(self.clip as f32)
            .with_decay_rate(-self.power)
            .with_relative_step(self.relative_step)
            .with_scale_parameter(self.scale_parameter)
            .with_weight_decay(self.decay as f32)
    }
}

impl Blockwise for Adafactor {
    const FACTS: Facts = Facts {
        name: "burn/adafactor",
        formula: "v: product of a mean over rows and one over columns of g^2; x <- x - lr g / sqrt(v), clipped by its root mean square",
        source: "burn 0.22.1, burn::optim::Adafactor (Shazeer & Stern 2018, arXiv:1804.04235)",
        convention: "the paper's algorithms 4 to 6: lr is a cap, relative to the parameters",
        failure: FAILURE,
        lr: 1e-2,
        grid: (1e-4, 1.0),
        hypers: &[
            Hyper::new("eps1", Range::Positive, "added to the squares"),
            Hyper::new("eps2", Range::Positive, "the least scale of a block, in units of the parameters"),
            Hyper::new("clip", Range::Positive, "the largest root mean square of a direction"),
            Hyper::new("power", Range::Positive, "step t enters the mean of squares with the share t^-power"),
            Hyper::new("relative_step", Range::Flag, "cap the learning rate at 1 / sqrt(t)"),
            Hyper::new("scale_parameter", Range::Flag, "multiply the step by the root mean square of the block"),
            Hyper::new("decay", Range::NonNegative, DECOUPLED),
        ],
        claims: &[
            Claim::SignEquivariant,
            // Of rows and of columns.
            Claim::PermutationEquivariant,
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
