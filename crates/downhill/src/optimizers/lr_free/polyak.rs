//! Polyak's step.

use super::whole::{Whole, walk};
use crate::{Claim, Facts, Given, Hyper, Layout, Method, Need, Optimizer, Preset, Range, Real, Step, Visit, real};
use serde::{Deserialize, Serialize};

/// Polyak's step: as long as it takes a straight line from the loss down to its lowest value.
///
/// ```text
/// x <- x - lr (f - f*) / |g|^2 g            at most lr max
/// ```
///
/// Polyak 1963, "Gradient methods for minimizing functionals", for a known lowest value f* (Polyak 1987 has lr from 0
/// to 2). optax's `polyak_sgd` has `max = 1`; its `scaling` multiplies the gradient before the norm is taken, and so
/// divides. Where the loss is below the bound, by rounding, there is no step; optax's default would step back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Polyak {
    /// The longest step, as a learning rate, `> 0`; absent: any.
    pub max: Option<f64>,
}

impl Method for Polyak {
    const FACTS: Facts = Facts {
        name: "polyak",
        formula: "x <- x - lr min((f - f*) / |g|^2, max) g",
        source: "Polyak 1963, USSR Comput. Math. Math. Phys. 3",
        convention: "the paper's: no longest step; optax has one of 1",
        preset: "paper",
        presets: &[Preset::new("optax", &[("max", Given::Number(1.0))])],
        failure: "a bound below the lowest value lets it jump for ever; as slow as gradient descent along ravines",
        lr: 1.0,
        grid: (0.1, 3.16),
        hypers: &[Hyper::new("max", Range::Positive, "longest step, as a learning rate; absent: any")
            .breaking(&[Claim::ScaleInvariant])],
        needs: &[Need::Loss, Need::LowerBound],
        averages: false,
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::PermutationEquivariant,
            Claim::RotationEquivariant,
            Claim::ScaleInvariant,
            Claim::LinearInLr,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let max = self.max.unwrap_or(f64::INFINITY);
        Box::new(Gap { c: 1.0, eps: 0.0, doubling: 0.0, bound: max, whole: Whole::new(layout) })
    }
}

/// The length `(f - f*) / (c |g|^2 + eps)`, with a bound.
pub(super) struct Gap {
    pub(super) c: f64,
    pub(super) eps: f64,
    /// In how many steps the bound may double; 0: it stays. With it, the bound is that of the next step.
    pub(super) doubling: f64,
    pub(super) bound: f64,
    pub(super) whole: Whole,
}

/// How far the loss is above its bound.
pub(super) fn above_bound<R: Real>(step: &mut Step<'_, R>) -> f64 {
    (step.loss.to_f64() - step.lower_bound()).larger(0.0)
}

impl<R: Real> Optimizer<R> for Gap {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let scale = self.c * real::dot(g, g);
        if scale == 0.0 {
            return;
        }
        let length = (above_bound(step) / (scale + self.eps)).smaller(self.bound);
        if self.doubling > 0.0 {
            self.bound = length * libm::exp2(1.0 / self.doubling);
        }
        for run in &self.whole.runs {
            let range = run.range.clone();
            walk(&mut x[range.clone()], &g[range], step.at(run).lr * length);
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        if self.doubling > 0.0 {
            visit.scalar("bound", &mut self.bound);
        }
    }
}
