//! Schedule-free SGD.

use super::schedule_free::{ScheduleFree, Weights};
use crate::{Claim, Facts, Hyper, Layout, Method, Optimizer, Plain, Range, Real};
use serde::{Deserialize, Serialize};

/// Schedule-free SGD: steps at a constant rate, and an average in place of a rate that falls.
///
/// ```text
/// z <- z - lr grad(y)
/// x <- x + c (z - x),  c = w_t / (w_1 + ... + w_t),  w_t = t^r max(lr_1 ... lr_t)^lr_power
/// y  = (1 - momentum) z + momentum x
/// ```
///
/// Defazio, Yang, Mehta, Mishchenko, Khaled & Cutkosky 2024, arXiv:2405.15682, and the authors' package `schedulefree`.
/// The parameters are `y`, where gradients belong; the readout is `x`, where losses belong. The package's `warmup_steps`
/// is the schedule `warmup`. `momentum = 0` is gradient descent, without an average. optax's warm-up begins at a rate of 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleFreeSgd {
    /// Share of the average in the point of the gradient, `[0, 1)`.
    pub momentum: f64,
    /// Power of the step in the average's weights, `>= 0`.
    pub r: f64,
    /// Power of the largest rate so far in the average's weights, `>= 0`.
    pub lr_power: f64,
}

impl Default for ScheduleFreeSgd {
    fn default() -> Self {
        ScheduleFreeSgd { momentum: 0.9, r: 0.0, lr_power: 2.0 }
    }
}

impl Method for ScheduleFreeSgd {
    const FACTS: Facts = Facts {
        name: "schedule-free-sgd",
        formula: "z <- z - lr grad(y); x <- x + c (z - x), c = w_t / sum w, w_t = t^r max(lr)^lr_power; y = (1 - momentum) z + momentum x; readout x",
        source: "Defazio et al. 2024, arXiv:2405.15682",
        convention: "the authors' package schedulefree; its warm-up is the schedule warmup",
        preset: "authors",
        failure: "evaluated at y instead of the readout x it looks worse; a rate that falls to 0 is averaged away",
        lr: 1.0,
        grid: (1e-2, 10.0),
        hypers: &[
            Hyper::new("momentum", Range::Decay, "share of the average in the point of the gradient"),
            Hyper::new("r", Range::NonNegative, "power of the step in the average's weights"),
            Hyper::new("lr_power", Range::NonNegative, "power of the largest rate in the average's weights"),
        ],
        averages: true,
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
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let &ScheduleFreeSgd { momentum: beta, r, lr_power } = self;
        ScheduleFree::boxed(Plain, Weights { beta, r, lr_power }, layout)
    }
}
