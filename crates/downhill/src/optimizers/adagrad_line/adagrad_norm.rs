//! Adagrad with one rate for all.

use crate::rule::descend;
use crate::{Block, Claim, Facts, Hyper, Layout, Method, Optimizer, Range, Real, Step, Visit, real};
use serde::{Deserialize, Serialize};

/// AdaGrad-Norm: gradient descent whose rate falls with the gradients' norms that it has seen.
///
/// ```text
/// b^2 <- b^2 + |g|^2           over all parameters (b starts at `initial`)
/// x   <- x - lr g / b
/// ```
///
/// Ward, Wu & Bottou 2019, arXiv:1806.01811, Algorithm 1. It needs no knowledge of the curvature: too large a rate only
/// costs the steps until `b` has grown. The paper asks for `b > 0` at the start, and leaves its size open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdagradNorm {
    /// `b` before the first step, in units of the gradient.
    pub initial: f64,
}

impl Default for AdagradNorm {
    fn default() -> Self {
        AdagradNorm { initial: 0.1 }
    }
}

impl Method for AdagradNorm {
    const FACTS: Facts = Facts {
        name: "adagrad-norm",
        formula: "b^2 <- b^2 + |g|^2; x <- x - lr g / b",
        source: "Ward, Wu & Bottou 2019, arXiv:1806.01811",
        preset: "paper",
        convention: "the paper: one norm over all parameters, its square before the step",
        failure: "one rate for all scales, which only falls; too small a rate stays too small",
        lr: 1.0,
        grid: (1e-2, 1e2),
        hypers: &[Hyper::new("initial", Range::NonNegative, "b before the first step, in units of the gradient")],
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
        Box::new(Scaled { squares: self.initial * self.initial, blocks: layout.blocks().to_vec() })
    }
}

struct Scaled {
    /// `b^2`.
    squares: f64,
    blocks: Vec<Block>,
}

impl<R: Real> Optimizer<R> for Scaled {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        self.squares += real::dot(g, g);
        if self.squares == 0.0 {
            return;
        }
        for block in &self.blocks {
            let lr = R::of(step.at(block).lr / self.squares.sqrt());
            descend(&mut x[block.range.clone()], &g[block.range.clone()], lr);
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.scalar("squares", &mut self.squares);
    }
}
