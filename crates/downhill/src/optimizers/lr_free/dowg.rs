//! DoWG, distance over weighted gradients.

use super::whole::{Whole, lengths, walk};
use crate::{Claim, Facts, Hyper, Layout, Method, Optimizer, Range, Real, Step, Visit};
use serde::{Deserialize, Serialize};

/// DoWG: DoG whose sum weighs each gradient by the distance of its time, so that early ones are forgotten.
///
/// ```text
/// d2 <- max(d2, |x - x_1|^2)                d2 = init at first
/// v  <- v + d2 |g|^2
/// x  <- x - lr d2 / (sqrt(v) + eps) g
/// ```
///
/// Khaled, Mishchenko & Jin 2023, arXiv:2305.16284, Algorithm 1. `init` and `eps`, one number in the authors' code,
/// are those of the code and of optax.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dowg {
    /// The first squared distance, `> 0`.
    pub init: f64,
    /// Added to the root, `> 0`.
    pub eps: f64,
}

impl Default for Dowg {
    fn default() -> Self {
        Dowg { init: 1e-4, eps: 1e-4 }
    }
}

impl Method for Dowg {
    const FACTS: Facts = Facts {
        name: "dowg",
        formula: "d2 <- max(d2, |x - x_1|^2); v <- v + d2 |g|^2; x <- x - lr d2 / (sqrt(v) + eps) g",
        source: "Khaled et al. 2023, arXiv:2305.16284",
        convention: "the authors' code",
        preset: "authors",
        failure: "the distance never falls, so noise keeps the last point moving; init is a length in the units of x",
        lr: 1.0,
        grid: (0.1, 10.0),
        hypers: &[
            Hyper::new("init", Range::Positive, "first squared distance"),
            Hyper::new("eps", Range::Positive, "added to the root"),
        ],
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
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
        let start = vec![R::ZERO; layout.len()];
        Box::new(Weighted { eps: self.eps, whole: Whole::new(layout), distance2: self.init, v: 0.0, start })
    }
}

struct Weighted<R> {
    eps: f64,
    whole: Whole,
    distance2: f64,
    v: f64,
    start: Vec<R>,
}

impl<R: Real> Optimizer<R> for Weighted<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        if step.t == 1 {
            self.start.copy_from_slice(x);
        }
        let [distance2, squares] = lengths(x, &self.start, g);
        self.distance2 = self.distance2.larger(distance2);
        self.v += self.distance2 * squares;
        let length = self.distance2 / (self.v.sqrt() + self.eps);
        for run in &self.whole.runs {
            let range = run.range.clone();
            walk(&mut x[range.clone()], &g[range], step.at(run).lr * length);
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.scalar("distance2", &mut self.distance2);
        visit.scalar("v", &mut self.v);
        self.whole.visit(&mut [("start", &mut self.start)], visit);
    }
}
