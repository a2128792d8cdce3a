//! Sign descent with error feedback.

use crate::isa::{Kernel, dispatch};
use crate::{Block, Claim, Facts, Layout, Method, Optimizer, Real, Step, Visit, real};
use serde::{Deserialize, Serialize};

/// EF-signSGD: sign descent that remembers what the signs left out, and so converges where signs alone do not.
///
/// ```text
/// p  = lr g + e
/// d  = mean of |p|  sign(p)          each block for itself
/// x <- x - d
/// e <- p - d
/// ```
///
/// Karimireddy et al. 2019, arXiv:1901.09847, Algorithm 1. The learning rate stands inside the error, as there: what
/// was left out keeps the rate of its own step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EfSignSgd {}

impl Method for EfSignSgd {
    const FACTS: Facts = Facts {
        name: "ef-sign-sgd",
        formula: "p = lr g + e; d = mean |p| sign(p), by block; x <- x - d; e <- p - d",
        source: "Karimireddy et al. 2019, arXiv:1901.09847",
        preset: "paper",
        convention: "the paper's Algorithm 1: lr inside the error, a scale for each block",
        failure: "one rate for all scales, as gradient descent; a large coordinate waits for its error to gather",
        lr: 1e-2,
        grid: (1e-4, 1.0),
        claims: &[
            Claim::Separable,
            Claim::SignEquivariant,
            Claim::PermutationEquivariant,
            Claim::LinearInLr,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Box::new(Feedback { blocks: layout.blocks().to_vec(), e: vec![R::ZERO; layout.len()] })
    }
}

struct Feedback<R> {
    blocks: Vec<Block>,
    /// What the steps so far left out.
    e: Vec<R>,
}

impl<R: Real> Optimizer<R> for Feedback<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        for block in &self.blocks {
            let range = block.range.clone();
            let (x, g, e) = (&mut x[range.clone()], &g[range.clone()], &mut self.e[range]);
            let mean = dispatch(Gather { e, g, lr: R::of(step.at(block).lr) }) / block.len() as f64;
            dispatch(Send { x, e, mean: R::of(mean) });
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.by_block(&self.blocks, "e", &mut self.e);
    }
}

/// `e <- p`, and the sum of `|p|`.
struct Gather<'a, R> {
    e: &'a mut [R],
    g: &'a [R],
    lr: R,
}
impl<R: Real> Kernel for Gather<'_, R> {
    type Output = f64;
    #[inline(always)]
    fn run(self) -> f64 {
        for (e, &g) in self.e.iter_mut().zip(self.g) {
            *e += self.lr * g;
        }
        real::sum(self.e, f64::abs)
    }
}

/// `x <- x - d; e <- p - d`.
struct Send<'a, R> {
    x: &'a mut [R],
    e: &'a mut [R],
    mean: R,
}
impl<R: Real> Kernel for Send<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (x, e) in self.x.iter_mut().zip(self.e) {
            let d = self.mean * e.sign();
            *x -= d;
            *e -= d;
        }
    }
}
