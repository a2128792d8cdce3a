//! Heavy-ball momentum.

use crate::{Driver, Facts, Fused, Given, Hyper, Layout, Method, Momentum, Optimizer, Preset, Range, Real};
use serde::{Deserialize, Serialize};

/// Heavy ball: gradient descent that keeps most of its last direction, as a ball keeps its velocity.
///
/// ```text
/// b <- momentum b + (1 - dampening) g      (b <- g at the first step)
/// x <- x - lr b
/// ```
///
/// Polyak 1964, USSR Comput. Math. Math. Phys. 4(5):1. As torch's SGD with momentum 0.9, learning rate outside the
/// buffer; burn's momentum is dampened by 0.1. Steps add up to `1 / (1 - momentum)` of gradient descent's: the rate is
/// as many times smaller. On a quadratic of curvatures `m..L`, with `k = L / m`, the best momentum is
/// `((sqrt(k) - 1) / (sqrt(k) + 1))^2` and the best rate `4 / (sqrt(L) + sqrt(m))^2`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HeavyBall {
    /// Share of the last direction that is kept, `[0, 1)`.
    pub momentum: f64,
    /// Share of the gradient that is left out of the buffer, `[0, 1)`.
    pub dampening: f64,
}

impl Default for HeavyBall {
    fn default() -> Self {
        HeavyBall { momentum: 0.9, dampening: 0.0 }
    }
}

impl Method for HeavyBall {
    const FACTS: Facts = Facts {
        name: "heavy-ball",
        formula: "b <- momentum b + (1 - dampening) g; x <- x - lr b",
        source: "Polyak 1964, USSR Comput. Math. Math. Phys. 4(5):1",
        convention: "torch's SGD: lr outside the buffer, first step not dampened",
        presets: &[Preset::new("burn", &[("dampening", Given::Number(0.1))])],
        failure: "overshoots and swings; diverges above 2 (1 + momentum) / curvature",
        hypers: &[
            Hyper::new("momentum", Range::Decay, "share of the last direction that is kept"),
            Hyper::new("dampening", Range::Decay, "share of the gradient left out of the buffer"),
        ],
        claims: super::LINEAR,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let &HeavyBall { momentum: mu, dampening } = self;
        Driver::boxed(Fused(Momentum { mu, dampening, nesterov: false }), layout)
    }
}
