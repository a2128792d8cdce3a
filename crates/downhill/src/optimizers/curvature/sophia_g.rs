//! Sophia-G.

use super::sophia::{Clipped, Diagonal, Sophia};
use crate::{Claim, Facts, Given, Hyper, Layout, Method, Need, Optimizer, Preset, Range, Real, Step};
use serde::{Deserialize, Serialize};

/// Sophia-G: Sophia with the curvature that the model's own labels tell.
///
/// ```text
/// m <- m + (1 - beta1) (g - m)
/// h <- h + (1 - beta2) (B s^2 - h)      in steps 1, 1 + every, ...
/// u  = clip(m / max(gamma h, eps), 1) + decay x
/// ```
///
/// `s` is the gradient for labels drawn from the model's predictions, of the mean over `B` examples (the rows of the
/// batch, or all): the Gauss-Newton-Bartlett estimate of the diagonal. Liu et al. 2024, arXiv:2305.14342, Algorithm 3
/// with 2. The authors' code adds `eps` to `gamma h`, and its training script estimates for the first time after `every`
/// steps; `gamma` is its `rho`, and `B` has to be passed to each step there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SophiaG {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of curvatures, `[0, 1)`, per estimate.
    pub beta2: f64,
    /// Multiplies the curvature: the smaller, the more coordinates are clipped.
    pub gamma: f64,
    /// The least scale, in units of the gradient.
    pub eps: f64,
    /// Weight decay, per step and learning rate.
    pub decay: f64,
    /// Steps from one estimate to the next, at least 1.
    pub every: u64,
    /// Add `eps` to the scale, not as its least value.
    pub add_eps: bool,
}

impl Default for SophiaG {
    fn default() -> Self {
        SophiaG { beta1: 0.96, beta2: 0.99, gamma: 0.05, eps: 1e-12, decay: 0.2, every: 10, add_eps: false }
    }
}

impl Method for SophiaG {
    const FACTS: Facts = Facts {
        name: "sophia-g",
        formula: "m <- m + (1 - beta1) (g - m); h <- h + (1 - beta2) (B s^2 - h) now and then; x <- x - lr (clip(m / max(gamma h, eps), 1) + decay x)",
        source: "Liu et al. 2024, arXiv:2305.14342",
        convention: "paper: gamma 0.05, at least eps; authors: beta1 0.965, gamma (their rho) 0.04, eps 1e-15 added",
        preset: "paper",
        presets: &[Preset {
            name: "authors",
            lr: Some(1e-4),
            fields: &[
                ("beta1", Given::Number(0.965)),
                ("gamma", Given::Number(0.04)),
                ("eps", Given::Number(1e-15)),
                ("decay", Given::Number(0.1)),
                ("add_eps", Given::Flag(true)),
            ],
        }],
        failure: "where the model is certain, its labels tell of no curvature: the sign of the momentum is left",
        lr: 6e-4,
        grid: (1e-5, 1e-1),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of curvatures, per estimate"),
            Hyper::new("gamma", Range::Positive, "multiplies the curvature"),
            Hyper::new("eps", Range::Positive, "least scale, in units of the gradient"),
            Hyper::new("decay", Range::NonNegative, "weight decay, per step and learning rate"),
            Hyper::new("every", Range::AtLeast(1), "steps from one estimate to the next"),
            Hyper::new("add_eps", Range::Flag, "add eps to the scale, not as its least value"),
        ],
        needs: &[Need::ModelLabels],
        averages: false,
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::Separable,
            Claim::PermutationEquivariant,
            Claim::LinearInLr,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let &SophiaG { beta1, beta2, gamma, eps, decay, every, add_eps } = self;
        let rule = Clipped { beta1, beta2, gamma, eps, decay, every, bias_correction: false, add_eps, late: false };
        Sophia::boxed(rule, Labels, layout)
    }
}

/// Gauss, Newton and Bartlett's: the squared gradient for the model's own labels, times the size of the batch.
struct Labels;

impl<R: Real> Diagonal<R> for Labels {
    fn estimate(&mut self, x: &[R], step: &mut Step<'_, R>, h: &mut [R]) {
        step.model_labels(x, h);
        // A step that sees all examples names no rows.
        let rows = step.oracle.rows().map(<[u32]>::len);
        let size = R::of(rows.unwrap_or_else(|_| step.examples()) as f64);
        h.iter_mut().for_each(|h| *h = size * (*h * *h));
    }
}
