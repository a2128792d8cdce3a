//! L-DoG, distance over gradients layer by layer.

use super::dog::{Dog, HYPERS, Leashed};
use crate::{Claim, Facts, Layout, Method, Optimizer, Real};
use serde::{Deserialize, Serialize};

/// L-DoG: [`Dog`] with a distance and a sum of its own for each block.
///
/// ```text
/// d_b <- max(d_b, |x_b - x_b1|),  G_b <- G_b + |g_b|^2         for each block b
/// x_b <- x_b - lr d_b / sqrt(G_b) g_b
/// ```
///
/// Ivgi, Hinder & Carmon 2023, arXiv:2302.12022, and the authors' code, whose blocks are torch's parameters: a weight
/// and its bias are two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LDog {
    /// The first distance, in units of `1 + |x_b1|`, `> 0`; 1e-4 for models with batch normalisation.
    pub reps: f64,
    /// Added to the sum of squared gradients, `> 0`.
    pub eps: f64,
    /// Read out the average instead of the last point.
    pub average: bool,
    /// How much the average prefers later points, `>= 0`; 0 is the plain mean.
    pub gamma: f64,
}

impl Default for LDog {
    fn default() -> Self {
        let Dog { reps, eps, average, gamma } = Dog::default();
        LDog { reps, eps, average, gamma }
    }
}

impl Method for LDog {
    const FACTS: Facts = Facts {
        name: "l-dog",
        formula: "DoG in each block for itself",
        source: "Ivgi et al. 2023, arXiv:2302.12022",
        convention: "the authors' code, average included",
        preset: "authors",
        failure: "as DoG; a block with small gradients alone takes steps as long as its way, however little it matters",
        lr: 1.0,
        grid: (0.1, 10.0),
        hypers: HYPERS,
        averages: true,
        claims: &[
            Claim::Separable,
            Claim::SignEquivariant,
            Claim::PermutationEquivariant,
            Claim::RotationEquivariant,
            Claim::LinearInLr,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let &LDog { reps, eps, average, gamma } = self;
        Leashed::boxed(&Dog { reps, eps, average, gamma }, layout, true)
    }
}
