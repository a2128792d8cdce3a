//! Averaged gradient descent.

use crate::isa::{Kernel, dispatch};
use crate::{Block, Claim, Facts, Hyper, Layout, Method, Optimizer, Range, Real, Step, Visit};
use serde::{Deserialize, Serialize};

/// ASGD: gradient descent with a rate that falls, and the mean of its late points as the result.
///
/// ```text
/// eta = lr / (1 + lambda lr (t - 1))^alpha
/// x  <- (1 - lambda eta) x - eta g
/// a  <- a + (x - a) / max(1, t - 1 - t0)        read out in place of x
/// ```
///
/// Polyak & Juditsky 1992, SIAM J. Control Optim. 30:838; rates: Xu 2011, arXiv:1107.2490. As torch, and its default
/// `t0` of a million steps, before which there is nothing but `x` to read out. Torch leaves it to the caller to read
/// the average, and its eta follows a schedule one step late; here `lr` is the present one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asgd {
    /// Weight decay, and the speed at which the rate falls, per step and learning rate.
    pub lambda: f64,
    /// Power of the fall, usually `(0.5, 1]`.
    pub alpha: f64,
    /// The mean begins after this many steps.
    pub t0: u64,
}

impl Default for Asgd {
    fn default() -> Self {
        Asgd { lambda: 1e-4, alpha: 0.75, t0: 1_000_000 }
    }
}

impl Method for Asgd {
    const FACTS: Facts = Facts {
        name: "asgd",
        formula: "eta = lr / (1 + lambda lr (t - 1))^alpha; x <- (1 - lambda eta) x - eta g; reads out the mean of x after t0 steps",
        source: "Polyak & Juditsky 1992, SIAM J. Control Optim. 30:838; Xu 2011, arXiv:1107.2490",
        convention: "torch: t0 a million, lambda both decay and fall of the rate",
        failure: "as gradient descent; a mean that begins too early remembers the start, and by default it never begins",
        lr: 1e-2,
        grid: (1e-4, 1.0),
        hypers: &[
            Hyper::new("lambda", Range::NonNegative, "weight decay, and fall of the rate"),
            Hyper::new("alpha", Range::NonNegative, "power of the fall"),
            Hyper::new("t0", Range::AtLeast(0), "the mean begins after this many steps"),
        ],
        // Neither translation-invariant nor still at a zero gradient: lambda is a decay.
        averages: true,
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::Separable,
            Claim::PermutationEquivariant,
            Claim::RotationEquivariant,
            Claim::LinearInLr,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let mean = vec![R::ZERO; layout.len()];
        Box::new(Averaging { config: self.clone(), blocks: layout.blocks().to_vec(), share: 1.0, mean })
    }
}

struct Averaging<R> {
    config: Asgd,
    blocks: Vec<Block>,
    /// Share of the last point in the mean; at 1 the mean is the point.
    share: f64,
    mean: Vec<R>,
}

impl<R: Real> Optimizer<R> for Averaging<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let Asgd { lambda, alpha, t0 } = self.config;
        self.share = 1.0 / (step.t - 1).saturating_sub(t0).max(1) as f64;
        for block in &self.blocks {
            let (at, range) = (step.at(block), block.range.clone());
            let eta = at.lr / libm::pow(1.0 + lambda * at.lr * (step.t - 1) as f64, alpha);
            let (keep, eta) = (R::of(1.0 - at.decay.unwrap_or(lambda) * eta), R::of(eta));
            let (x, g, mean) = (&mut x[range.clone()], &g[range.clone()], &mut self.mean[range]);
            dispatch(Descend { x, g, mean, keep, eta, share: R::of(self.share) });
        }
    }
    fn readout<'a>(&'a self, x: &'a [R], _: &'a mut [R]) -> &'a [R] {
        if self.share == 1.0 { x } else { &self.mean }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.scalar("share", &mut self.share);
        visit.by_block(&self.blocks, "mean", &mut self.mean);
    }
}

struct Descend<'a, R> {
    x: &'a mut [R],
    g: &'a [R],
    mean: &'a mut [R],
    keep: R,
    eta: R,
    share: R,
}
impl<R: Real> Kernel for Descend<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for ((x, &g), mean) in self.x.iter_mut().zip(self.g).zip(self.mean) {
            *x = self.keep * *x - self.eta * g;
            *mean += self.share * (*x - *mean);
        }
    }
}
