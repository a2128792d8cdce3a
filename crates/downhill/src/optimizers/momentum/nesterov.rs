//! Nesterov's accelerated gradient.

use crate::isa::{Kernel, dispatch};
use crate::{Block, Claim, Facts, Hyper, Layout, Method, Optimizer, Range, Real, Step, Visit, real};
use serde::{Deserialize, Serialize};

/// Nesterov's accelerated gradient: momentum whose gradient is taken where the momentum leads.
///
/// ```text
/// b  <- mu' b + g                              (mu' is the mu of the step before)
/// mu  = momentum     or, convex,   mu = (a - 1) / a',   a' = (1 + sqrt(1 + 4 a^2)) / 2,   a <- a' from 1
/// x  <- x - lr (g + mu b)
/// restart: mu = 0 and a = 1 where g . b < 0
/// ```
///
/// Nesterov 1983; convex schedule: Beck & Teboulle 2009 (FISTA); restart: O'Donoghue & Candes 2012, arXiv:1204.3982,
/// by gradients. The form of torch and optax: `x` is the look-ahead point, where gradients are taken. With `-lr b` for
/// the last move of the point behind it, the restart asks whether that move went uphill, over all parameters.
/// [`Nesterov::conditioned`] has the momentum for strongly convex functions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Nesterov {
    /// Share of the last direction that is kept, `[0, 1)`; not used by the convex schedule.
    pub momentum: f64,
    /// Let the momentum grow from 0 towards 1, as `1 - 3 / t`.
    pub convex: bool,
    /// Drop the momentum where it leads uphill.
    pub restart: bool,
}

impl Default for Nesterov {
    fn default() -> Self {
        Nesterov { momentum: 0.9, convex: false, restart: false }
    }
}

impl Nesterov {
    /// The momentum `(sqrt(kappa) - 1) / (sqrt(kappa) + 1)`, best where curvatures differ by a factor of `kappa >= 1`
    /// at most and the rate is 1 over the largest.
    pub fn conditioned(kappa: f64) -> Self {
        Nesterov { momentum: (kappa.sqrt() - 1.0) / (kappa.sqrt() + 1.0), ..Nesterov::default() }
    }
}

impl Method for Nesterov {
    const FACTS: Facts = Facts {
        name: "nesterov",
        formula: "b <- mu' b + g; x <- x - lr (g + mu b), with mu constant, or growing as in FISTA, or 0 after a move uphill",
        source: "Nesterov 1983; Beck & Teboulle 2009; restart: O'Donoghue & Candes 2012, arXiv:1204.3982",
        convention: "torch's SGD: the parameters are the look-ahead point, lr outside the buffer",
        failure: "no acceleration under noise; ripples without restart where curvature is not small",
        hypers: &[
            Hyper::new("momentum", Range::Decay, "share of the last direction that is kept"),
            Hyper::new("convex", Range::Flag, "momentum grows from 0 towards 1"),
            Hyper::new("restart", Range::Flag, "drop the momentum where it leads uphill").breaking(&[Claim::Separable]),
        ],
        claims: super::LINEAR,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let carried = vec![R::ZERO; layout.len()];
        Box::new(Accelerated { config: self.clone(), blocks: layout.blocks().to_vec(), a: 1.0, carried })
    }
}

struct Accelerated<R> {
    config: Nesterov,
    blocks: Vec<Block>,
    a: f64,
    /// `mu b`: what the step before hands on.
    carried: Vec<R>,
}

impl<R: Real> Accelerated<R> {
    /// Whether the point behind the look-ahead just moved against the gradient: `g . b < 0`, in the groups' rates.
    fn uphill(&self, g: &[R]) -> bool {
        let along = |b: &Block| {
            let (g, carried) = (&g[b.range.clone()], &self.carried[b.range.clone()]);
            b.group.lr_scale * (real::dot(g, carried) + real::dot(g, g))
        };
        self.blocks.iter().map(along).sum::<f64>() < 0.0
    }
}

impl<R: Real> Optimizer<R> for Accelerated<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let mu = if self.config.restart && self.uphill(g) {
            self.a = 1.0;
            0.0
        } else if self.config.convex {
            let before = self.a;
            self.a = 0.5 * (1.0 + (1.0 + 4.0 * before * before).sqrt());
            (before - 1.0) / self.a
        } else {
            self.config.momentum
        };
        for block in &self.blocks {
            let range = block.range.clone();
            let (x, g, carried) = (&mut x[range.clone()], &g[range.clone()], &mut self.carried[range]);
            dispatch(Ahead { x, g, carried, mu: R::of(mu), lr: R::of(step.at(block).lr) });
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.scalar("a", &mut self.a);
        visit.by_block(&self.blocks, "carried", &mut self.carried);
    }
}

struct Ahead<'a, R> {
    x: &'a mut [R],
    g: &'a [R],
    carried: &'a mut [R],
    mu: R,
    lr: R,
}
impl<R: Real> Kernel for Ahead<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for ((x, &g), carried) in self.x.iter_mut().zip(self.g).zip(self.carried) {
            *carried = self.mu * (*carried + g);
            *x -= self.lr * (g + *carried);
        }
    }
}
