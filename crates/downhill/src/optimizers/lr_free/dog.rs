//! DoG, distance over gradients.

use super::whole::{Whole, lengths, walk};
use crate::isa::{Kernel, dispatch};
use crate::{Block, Claim, Facts, Given, Hyper, Layout, Method, Optimizer, Preset, Range, Real, Step, Visit, real};
use serde::{Deserialize, Serialize};

/// DoG: gradient descent whose rate is the largest distance from the start over the root of all squared gradients.
///
/// ```text
/// d <- max(d, |x - x_1|),  G <- G + |g|^2           d = reps (1 + |x_1|), G = eps at first
/// x <- x - lr d / sqrt(G) g
/// a <- a + (gamma + 1) / (gamma + t) (x - a)        the readout
/// ```
///
/// Ivgi, Hinder & Carmon 2023, arXiv:2302.12022, and the authors' code. The average (Shamir & Zhang 2013) is what the
/// authors evaluate; optax leaves it out. Norms are over all parameters; [`LDog`](crate::LDog) takes each block for itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dog {
    /// The first distance, in units of `1 + |x_1|`, `> 0`; 1e-4 for models with batch normalisation.
    pub reps: f64,
    /// Added to the sum of squared gradients, `> 0`.
    pub eps: f64,
    /// Read out the average instead of the last point.
    pub average: bool,
    /// How much the average prefers later points, `>= 0`; 0 is the plain mean.
    pub gamma: f64,
}

impl Default for Dog {
    fn default() -> Self {
        Dog { reps: 1e-6, eps: 1e-8, average: true, gamma: 8.0 }
    }
}

/// The hyperparameters of both methods.
pub(super) const HYPERS: &[Hyper] = &[
    Hyper::new("reps", Range::Positive, "first distance, in units of 1 + |x_1|"),
    Hyper::new("eps", Range::Positive, "added to the sum of squared gradients"),
    Hyper::new("average", Range::Flag, "read out the average instead of the last point"),
    Hyper::new("gamma", Range::NonNegative, "how much the average prefers later points; 0: not at all"),
];

impl Method for Dog {
    const FACTS: Facts = Facts {
        name: "dog",
        formula: "d <- max(d, |x - x_1|); G <- G + |g|^2; x <- x - lr d / sqrt(G) g; readout a <- a + (gamma + 1) / (gamma + t) (x - a)",
        source: "Ivgi et al. 2023, arXiv:2302.12022",
        convention: "the authors' code, average included; optax has no average",
        preset: "authors",
        presets: &[Preset::new("optax", &[("average", Given::Flag(false))])],
        failure: "the rate never falls once the distance is large, so the last point is noisy; the average lags",
        lr: 1.0,
        grid: (0.1, 10.0),
        hypers: HYPERS,
        averages: true,
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
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
        Leashed::boxed(self, layout, false)
    }
}

/// Steps as long as the way from the start allows: in all, or part by part.
pub(super) struct Leashed<R> {
    method: Dog,
    whole: Whole,
    /// What shares a distance and a sum: everything, or each block for itself.
    parts: Vec<(Block, Leash)>,
    start: Vec<R>,
    /// Empty if nothing is averaged.
    average: Vec<R>,
}

#[derive(Clone, Default)]
struct Leash {
    /// 0 before the first step.
    distance: f64,
    squares: f64,
}

impl<R: Real> Leashed<R> {
    pub(super) fn boxed(method: &Dog, layout: &Layout, by_block: bool) -> Box<dyn Optimizer<R>> {
        let whole = Whole::new(layout);
        let all = Layout::vector(layout.len());
        let parts = if by_block { layout.blocks() } else { all.blocks() };
        Box::new(Leashed {
            parts: parts.iter().map(|b| (b.clone(), Leash::default())).collect(),
            start: vec![R::ZERO; layout.len()],
            average: vec![R::ZERO; if method.average { layout.len() } else { 0 }],
            method: method.clone(),
            whole,
        })
    }
}

impl<R: Real> Optimizer<R> for Leashed<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        if step.t == 1 {
            self.start.copy_from_slice(x);
        }
        for (part, leash) in &mut self.parts {
            let range = part.range.clone();
            let (x, start) = (&mut x[range.clone()], &self.start[range.clone()]);
            if step.t == 1 {
                *leash = Leash { distance: self.method.reps * (1.0 + real::norm(x)), squares: self.method.eps };
            }
            let [distance2, squares] = lengths(x, start, &g[range]);
            leash.distance = leash.distance.larger(distance2.sqrt());
            leash.squares += squares;
        }
        for (i, block) in self.whole.blocks.iter().enumerate() {
            let (_, leash) = &self.parts[i.min(self.parts.len() - 1)];
            let range = block.range.clone();
            walk(&mut x[range.clone()], &g[range], step.at(block).lr * leash.distance / leash.squares.sqrt());
        }
        if self.method.average {
            let share = R::of((self.method.gamma + 1.0) / (self.method.gamma + step.t as f64));
            dispatch(Average { average: &mut self.average, x, keep: R::ONE - share, share });
        }
    }
    fn readout<'a>(&'a self, x: &'a [R], _: &'a mut [R]) -> &'a [R] {
        let begun = self.parts.iter().any(|(_, leash)| leash.distance != 0.0);
        if self.method.average && begun { &self.average } else { x }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        for (part, leash) in &mut self.parts {
            visit.within(&part.name, |v| {
                v.scalar("distance", &mut leash.distance);
                v.scalar("squares", &mut leash.squares);
            });
        }
        self.whole.visit(&mut [("start", &mut self.start)], visit);
        if self.method.average {
            self.whole.visit(&mut [("average", &mut self.average)], visit);
        }
    }
}

/// `a <- keep a + share x`.
struct Average<'a, R> {
    average: &'a mut [R],
    x: &'a [R],
    keep: R,
    share: R,
}

impl<R: Real> Kernel for Average<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (a, &x) in self.average.iter_mut().zip(self.x) {
            *a = self.keep * *a + self.share * x;
        }
    }
}
