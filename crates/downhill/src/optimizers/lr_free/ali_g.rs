//! ALI-G.

use super::polyak::above_bound;
use super::whole::{Whole, walk};
use crate::isa::{Kernel, dispatch};
use crate::{Claim, Facts, Hyper, Layout, Method, Need, Optimizer, Range, Real, Step, Visit, real};
use serde::{Deserialize, Serialize};

/// ALI-G: Polyak's step up to the learning rate, for models that can fit every example.
///
/// ```text
/// s = min((f - f*) / (|g|^2 + eps), lr)
/// b <- momentum b - s g
/// x <- x - s g + momentum b
/// ```
///
/// Berrada, Zisserman & Kumar 2020, arXiv:1906.05661, Algorithm 1, and their code: f* is 0 there, momentum stands inside
/// the buffer with the step of its time. pytorch_optimizer has `eps = 1e-6` and sums the squares in `f32`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AliG {
    /// Share of the last step that is kept, Nesterov's way, `[0, 1)`.
    pub momentum: f64,
    /// Added to `|g|^2`, `> 0`.
    pub eps: f64,
}

impl Default for AliG {
    fn default() -> Self {
        AliG { momentum: 0.0, eps: 1e-5 }
    }
}

impl Method for AliG {
    const FACTS: Facts = Facts {
        name: "ali-g",
        formula: "s = min((f - f*) / (|g|^2 + eps), lr); b <- momentum b - s g; x <- x - s g + momentum b",
        source: "Berrada et al. 2020, arXiv:1906.05661",
        convention: "the authors' code; the learning rate is the longest step",
        preset: "authors",
        failure: "where no model fits every example, it is gradient descent at its longest step",
        lr: 0.1,
        grid: (1e-3, 10.0),
        hypers: &[
            Hyper::new("momentum", Range::Decay, "share of the last step that is kept"),
            Hyper::new("eps", Range::Positive, "added to |g|^2"),
        ],
        needs: &[Need::Loss, Need::LowerBound],
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::PermutationEquivariant,
            Claim::RotationEquivariant,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let n = if self.momentum > 0.0 { layout.len() } else { 0 };
        Box::new(Capped { method: self.clone(), b: vec![R::ZERO; n], whole: Whole::new(layout) })
    }
}

struct Capped<R> {
    method: AliG,
    /// Empty without momentum.
    b: Vec<R>,
    whole: Whole,
}

impl<R: Real> Optimizer<R> for Capped<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let length = above_bound(step) / (real::dot(g, g) + self.method.eps);
        for run in &self.whole.runs {
            let range = run.range.clone();
            let length = length.smaller(step.at(run).lr);
            walk(&mut x[range.clone()], &g[range.clone()], length);
            if !self.b.is_empty() {
                let b = &mut self.b[range.clone()];
                dispatch(Coast { x: &mut x[range.clone()], b, g: &g[range], length, mu: R::of(self.method.momentum) });
            }
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        if !self.b.is_empty() {
            self.whole.visit(&mut [("b", &mut self.b)], visit);
        }
    }
}

struct Coast<'a, R> {
    x: &'a mut [R],
    b: &'a mut [R],
    g: &'a [R],
    length: f64,
    mu: R,
}

impl<R: Real> Kernel for Coast<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for ((x, b), &g) in self.x.iter_mut().zip(self.b).zip(self.g) {
            *b = self.mu * *b - R::of(self.length * g.to_f64());
            *x += self.mu * *b;
        }
    }
}
