//! MADGRAD.

use crate::isa::{Kernel, dispatch};
use crate::{Block, Claim, Facts, Hyper, Layout, Method, Optimizer, Range, Real, Step, Visit};
use serde::{Deserialize, Serialize};

/// MADGRAD: dual averaging, from the start and all gradients, with a cube root as its scale.
///
/// ```text
/// lambda = (lr + eps) sqrt(t)
/// s <- s + lambda g
/// v <- v + lambda g^2
/// z  = x_0 - s / (cbrt(v) + eps)
/// x <- momentum x + (1 - momentum) z
/// ```
///
/// Defazio & Jelassi 2022, arXiv:2101.11075. As the authors' code and optax, which add eps to the learning rate as well
/// (not at a rate of 0, as `pytorch_optimizer`); the paper does not. Weight decay has to be much smaller than for
/// gradient descent, or 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Madgrad {
    /// Share of the last point in the next, `[0, 1)`.
    pub momentum: f64,
    /// Added to the cube root and to the learning rate.
    pub eps: f64,
}

impl Default for Madgrad {
    fn default() -> Self {
        Madgrad { momentum: 0.9, eps: 1e-6 }
    }
}

impl Method for Madgrad {
    const FACTS: Facts = Facts {
        name: "madgrad",
        formula: "s <- s + lr sqrt(t) g; v <- v + lr sqrt(t) g^2; x <- momentum x + (1 - momentum) (x_0 - s / (cbrt(v) + eps))",
        source: "Defazio & Jelassi 2022, arXiv:2101.11075",
        preset: "authors",
        convention: "authors' code and optax: eps added to the learning rate, too",
        failure: "bound to its start: bad for weight decay and for rates that change; a cube root in every step",
        lr: 1e-2,
        grid: (1e-4, 1.0),
        hypers: &[
            Hyper::new("momentum", Range::Decay, "share of the last point in the next"),
            Hyper::new("eps", Range::Positive, "added to the cube root and to the learning rate"),
        ],
        // A step grows as lr^(2/3).
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::Separable,
            Claim::PermutationEquivariant,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let zeros = || vec![R::ZERO; layout.len()];
        Box::new(Averages {
            config: self.clone(),
            blocks: layout.blocks().to_vec(),
            start: zeros(),
            s: zeros(),
            v: zeros(),
        })
    }
}

struct Averages<R> {
    config: Madgrad,
    blocks: Vec<Block>,
    start: Vec<R>,
    s: Vec<R>,
    v: Vec<R>,
}

impl<R: Real> Optimizer<R> for Averages<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let Madgrad { momentum, eps } = self.config;
        if step.t == 1 {
            self.start.copy_from_slice(x);
        }
        for block in &self.blocks {
            let (range, lr) = (block.range.clone(), step.at(block).lr);
            let lambda = if lr == 0.0 { 0.0 } else { (lr + eps) * (step.t as f64).sqrt() };
            dispatch(Average {
                x: &mut x[range.clone()],
                g: &g[range.clone()],
                start: &self.start[range.clone()],
                s: &mut self.s[range.clone()],
                v: &mut self.v[range],
                lambda: R::of(lambda),
                eps: R::of(eps),
                fresh: R::of(1.0 - momentum),
            });
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.by_block(&self.blocks, "start", &mut self.start);
        visit.by_block(&self.blocks, "s", &mut self.s);
        visit.by_block(&self.blocks, "v", &mut self.v);
    }
}

struct Average<'a, R> {
    x: &'a mut [R],
    g: &'a [R],
    start: &'a [R],
    s: &'a mut [R],
    v: &'a mut [R],
    lambda: R,
    eps: R,
    fresh: R,
}
impl<R: Real> Kernel for Average<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let memory = self.start.iter().zip(self.s).zip(self.v);
        for ((x, &g), ((&start, s), v)) in self.x.iter_mut().zip(self.g).zip(memory) {
            *s += self.lambda * g;
            *v += self.lambda * (g * g);
            let z = start - *s / (v.cbrt() + self.eps);
            *x += self.fresh * (z - *x);
        }
    }
}
