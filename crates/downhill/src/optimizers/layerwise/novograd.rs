//! NovoGrad.

use super::scale;
use crate::{
    At, Block, Chain, Claim, Decay, Driver, Facts, Fused, Given, Hyper, Layout, Method, Momentum, Optimizer, Preset,
    Range, Real, Rule, Then, Visit, real,
};
use serde::{Deserialize, Serialize};

/// NovoGrad: momentum over gradients that each block scales by a running mean of their norm.
///
/// ```text
/// v <- v + (1 - beta2) (|g|^2 - v)        of each block, one number;  v <- |g|^2 at the first step
/// m <- beta1 m + g / (sqrt(v) + eps) + decay x
/// u  = m
/// ```
///
/// Ginsburg et al. 2020, arXiv:1905.11286. The new gradient has weight 1, not `1 - beta1`: a rate of 0.01 moves as
/// Adam's 0.01 / (1 - beta1) = 0.2 would. optax has the betas (0.9, 0.25) and `eps` 1e-6 of an earlier version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NovoGrad {
    /// Share of the last direction that is kept, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squared norms, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient's norm.
    pub eps: f64,
    /// Weight decay, inside the momentum.
    pub decay: f64,
}

impl Default for NovoGrad {
    fn default() -> Self {
        NovoGrad { beta1: 0.95, beta2: 0.98, eps: 1e-8, decay: 1e-3 }
    }
}

impl Method for NovoGrad {
    const FACTS: Facts = Facts {
        name: "novograd",
        formula: "v <- v + (1 - beta2) (|g|^2 - v), one a block; m <- beta1 m + g / (sqrt(v) + eps) + decay x; x <- x - lr m",
        source: "Ginsburg et al. 2020, arXiv:1905.11286",
        convention: "paper: betas (0.95, 0.98), v starts at |g|^2; optax: betas (0.9, 0.25), eps 1e-6",
        preset: "paper",
        presets: &[Preset::new(
            "optax",
            &[
                ("beta1", Given::Number(0.9)),
                ("beta2", Given::Number(0.25)),
                ("eps", Given::Number(1e-6)),
                ("decay", Given::Number(0.0)),
            ],
        )],
        failure: "one scale for a whole block: blind to the scales within it",
        lr: 1e-2,
        grid: (1e-4, 1e-1),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "share of the last direction that is kept"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squared norms"),
            Hyper::new("eps", Range::Positive, "added to the root, in units of the gradient's norm"),
            Hyper::new("decay", Range::NonNegative, "weight decay, inside the momentum"),
        ],
        claims: &[
            Claim::Separable,
            Claim::SignEquivariant,
            Claim::PermutationEquivariant,
            Claim::RotationEquivariant,
            Claim::LinearInLr,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let &NovoGrad { beta1, beta2, eps, decay } = self;
        let momentum = Momentum { mu: beta1, dampening: 0.0, nesterov: false };
        Driver::boxed(Then(Normalised { beta2, eps }, Fused(Chain(Decay { lambda: decay }, momentum))), layout)
    }
}

/// `u / (sqrt(v) + eps)`, where `v` is a mean of the squared norms of `u`.
struct Normalised {
    beta2: f64,
    eps: f64,
}

impl<R: Real> Rule<R> for Normalised {
    type State = f64;
    fn init(&self, _: &Block) -> f64 {
        0.0
    }
    fn direct(&self, at: &At, v: &mut f64, _: &[R], u: &mut [R]) {
        let norm = real::norm(u);
        let square = norm * norm;
        *v += if at.t == 1 { square } else { (1.0 - self.beta2) * (square - *v) };
        scale(u, 1.0 / (v.sqrt() + self.eps));
    }
    fn visit(&self, v: &mut f64, visit: &mut Visit<'_>) {
        visit.scalar("v", v);
    }
}
