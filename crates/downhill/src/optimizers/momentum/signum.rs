//! Sign descent with momentum.

use crate::{Chain, Driver, Facts, Fused, Hyper, Layout, Method, Momentum, Optimizer, Range, Real, Sign};
use serde::{Deserialize, Serialize};

/// Signum: the sign of the momentum.
///
/// ```text
/// b <- momentum b + g
/// x <- x - lr sign(b)
/// ```
///
/// Bernstein et al. 2018, arXiv:1802.04434, as optax. The paper has `(1 - momentum) g`: no sign differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Signum {
    /// Share of the momentum that is kept, `[0, 1)`.
    pub momentum: f64,
}

impl Default for Signum {
    fn default() -> Self {
        Signum { momentum: 0.9 }
    }
}

impl Method for Signum {
    const FACTS: Facts = Facts {
        name: "signum",
        formula: "b <- momentum b + g; x <- x - lr sign(b)",
        source: "Bernstein et al. 2018, arXiv:1802.04434",
        preset: "paper",
        convention: "the paper and optax; sign(0) = 0",
        failure: "every coordinate moves by lr: no rest at the optimum unless lr falls",
        hypers: &[Hyper::new("momentum", Range::Decay, "share of the momentum that is kept")],
        claims: super::SIGNS,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let momentum = Momentum { mu: self.momentum, dampening: 0.0, nesterov: false };
        Driver::boxed(Fused(Chain(momentum, Sign)), layout)
    }
}
