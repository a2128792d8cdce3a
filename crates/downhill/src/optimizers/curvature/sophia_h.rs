//! Sophia-H.

use super::Probe;
use super::sophia::{Clipped, Diagonal, Sophia};
use crate::{Claim, Facts, Given, Hyper, Layout, Method, Need, Optimizer, Preset, Range, Real, Step};
use serde::{Deserialize, Serialize};

/// Sophia-H: momentum over the Hessian's diagonal where that is large, the sign of the momentum where it is not.
///
/// ```text
/// m <- m + (1 - beta1) (g - m)
/// h <- h + (1 - beta2) (z (H z) - h)      in steps 1, 1 + every, ...;  z is random (Hutchinson's estimate)
/// u  = clip(m / max(gamma h, eps), 1) + decay x
/// ```
///
/// Liu et al. 2024, arXiv:2305.14342, Algorithm 3 with 1. optax draws signs for `z`, frees `m` of its bias, and uses an
/// estimate from the step after on. pytorch_optimizer has the first version
/// of the paper, `clip(m / max(h, eps), p)`: `gamma` is its `p`, and its rate is `p` times as effective.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SophiaH {
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
    /// `gaussian`, or `rademacher`: signs.
    pub probe: String,
    /// Divide the momentum by `1 - beta1^t`.
    pub bias_correction: bool,
    /// Use an estimate from the next step on only.
    pub late: bool,
}

impl Default for SophiaH {
    fn default() -> Self {
        SophiaH {
            beta1: 0.96,
            beta2: 0.99,
            gamma: 0.01,
            eps: 1e-12,
            decay: 0.2,
            every: 10,
            probe: "gaussian".into(),
            bias_correction: false,
            late: false,
        }
    }
}

impl Method for SophiaH {
    const FACTS: Facts = Facts {
        name: "sophia-h",
        formula: "m <- m + (1 - beta1) (g - m); h <- h + (1 - beta2) (z (H z) - h) now and then; x <- x - lr (clip(m / max(gamma h, eps), 1) + decay x)",
        source: "Liu et al. 2024, arXiv:2305.14342",
        convention: "paper: Gaussian probes, an estimate counts at once; optax: signs, m without bias, an estimate counts later",
        preset: "paper",
        presets: &[Preset::new(
            "optax",
            &[
                ("beta1", Given::Number(0.965)),
                ("eps", Given::Number(1e-8)),
                ("decay", Given::Number(1e-4)),
                ("probe", Given::Word("rademacher")),
                ("bias_correction", Given::Flag(true)),
                ("late", Given::Flag(true)),
            ],
        )],
        failure: "a curvature that is negative or unknown leaves the sign of the momentum; noisy estimates",
        lr: 6e-4,
        grid: (1e-5, 1e-1),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of curvatures, per estimate"),
            Hyper::new("gamma", Range::Positive, "multiplies the curvature"),
            Hyper::new("eps", Range::Positive, "least scale, in units of the gradient"),
            Hyper::new("decay", Range::NonNegative, "weight decay, per step and learning rate"),
            Hyper::new("every", Range::AtLeast(1), "steps from one estimate to the next"),
            Hyper::new("probe", Range::OneOf(&["gaussian", "rademacher"]), "the random direction"),
            Hyper::new("bias_correction", Range::Flag, "divide the momentum by 1 - beta1^t"),
            Hyper::new("late", Range::Flag, "use an estimate from the next step on only"),
        ],
        needs: &[Need::HessianVector],
        averages: false,
        // A permutation does not turn the random direction with it. The scale of the loss cancels as long as eps is small.
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::ScaleInvariant,
            Claim::LinearInLr,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let &SophiaH { beta1, beta2, gamma, eps, decay, every, bias_correction, late, .. } = self;
        let rule = Clipped { beta1, beta2, gamma, eps, decay, every, bias_correction, add_eps: false, late };
        Sophia::boxed(rule, Probe::new(layout.len(), self.probe == "rademacher"), layout)
    }
}

/// Hutchinson's: `z (H z)`.
impl<R: Real> Diagonal<R> for Probe<R> {
    fn estimate(&mut self, x: &[R], step: &mut Step<'_, R>, h: &mut [R]) {
        self.ask(x, step);
        h.iter_mut().zip(self.z.iter().zip(&self.hz)).for_each(|(h, (&z, &hz))| *h = z * hz);
    }
}
