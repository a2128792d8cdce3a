//! D-Adaptation of gradient descent.

use super::whole::{CHUNK, Pass, Whole, sums};
use crate::isa::{Kernel, dispatch};
use crate::{Claim, Facts, Hyper, Layout, Method, Optimizer, Range, Real, Step, Visit, real};
use serde::{Deserialize, Serialize};
use std::ops;

/// D-Adaptation: gradient descent whose rate follows a lower bound `d` of the distance to the solution.
///
/// ```text
/// l = d lr / |g_1|
/// r <- r + l <g, s>,  s <- s + l g
/// d <- max(d, min(2 r / |s|, growth_rate d))
/// x <- momentum x + (1 - momentum) (x_1 - s)
/// ```
///
/// Defazio & Mishchenko 2023, arXiv:2301.07733, Algorithm 4, and the authors' package `dadaptation`. Sums run over
/// all parameters. The yardstick `g_1` is the first gradient that is not zero (the package divides by zero there, and
/// leaves its own `weight_decay` out of the norm; the wrapper `l2` is in it). A parameter group's rate stands in `l`
/// for its blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DAdaptSgd {
    /// Share of the point that is kept, `[0, 1)`.
    pub momentum: f64,
    /// The first bound of the distance, `> 0`.
    pub d0: f64,
    /// The most that the bound grows by in a step, as a factor; absent: any.
    pub growth_rate: Option<f64>,
}

impl Default for DAdaptSgd {
    fn default() -> Self {
        DAdaptSgd { momentum: 0.0, d0: 1e-6, growth_rate: None }
    }
}

impl Method for DAdaptSgd {
    const FACTS: Facts = Facts {
        name: "dadapt-sgd",
        formula: "l = d lr / |g_1|; r <- r + l <g, s>; s <- s + l g; d <- max(d, 2 r / |s|); x <- momentum x + (1 - momentum) (x_1 - s)",
        source: "Defazio & Mishchenko 2023, arXiv:2301.07733",
        convention: "the authors' package dadaptation",
        preset: "authors",
        failure: "d never falls: one wrong estimate stays; a first gradient that is small by chance makes every step long",
        lr: 1.0,
        grid: (0.1, 10.0),
        hypers: &[
            Hyper::new("momentum", Range::Decay, "share of the point that is kept"),
            Hyper::new("d0", Range::Positive, "first bound of the distance"),
            Hyper::new("growth_rate", Range::Positive, "most that the bound grows by in a step, a factor; absent: any"),
        ],
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
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let zeros = vec![R::ZERO; layout.len()];
        let (whole, d) = (Whole::new(layout), self.d0);
        Box::new(Adapted { method: self.clone(), whole, d, first: 0.0, r: 0.0, start: zeros.clone(), s: zeros })
    }
}

struct Adapted<R> {
    method: DAdaptSgd,
    whole: Whole,
    d: f64,
    /// The norm of the first gradient that is not zero, 0 before.
    first: f64,
    r: f64,
    start: Vec<R>,
    s: Vec<R>,
}

impl<R: Real> Optimizer<R> for Adapted<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        if step.t == 1 {
            self.start.copy_from_slice(x);
        }
        if self.first == 0.0 {
            self.first = real::norm(g);
        }
        if self.first == 0.0 {
            return;
        }
        let mut length = 0.0;
        for run in &self.whole.runs {
            let range = run.range.clone();
            let scale = self.d * step.at(run).lr / self.first;
            let [dot, square] = sums(Gather { s: &mut self.s[range.clone()], g: &g[range], scale });
            self.r += scale * dot;
            length += square;
        }
        if length == 0.0 {
            return;
        }
        if step.lr > 0.0 {
            self.d = grown(self.d, 2.0 * self.r / length.sqrt(), self.method.growth_rate);
        }
        let keep = R::of(self.method.momentum);
        dispatch(Settle { x, start: &self.start, s: &self.s, keep, take: R::of(1.0 - self.method.momentum) });
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.scalar("d", &mut self.d);
        visit.scalar("first", &mut self.first);
        visit.scalar("r", &mut self.r);
        self.whole.visit(&mut [("start", &mut self.start), ("s", &mut self.s)], visit);
    }
}

/// `d` after an estimate: never smaller, and not more than `rate` times as large. NaN if either is.
pub(super) fn grown(d: f64, estimate: f64, rate: Option<f64>) -> f64 {
    d.larger(estimate.smaller(d * rate.unwrap_or(f64::INFINITY)))
}

/// `s += scale g`; returns `<g, s>` before, and `|s|^2` after.
struct Gather<'a, R> {
    s: &'a mut [R],
    g: &'a [R],
    scale: f64,
}

impl<R: Real> Pass<2> for Gather<'_, R> {
    fn len(&self) -> usize {
        self.g.len()
    }
    #[inline(always)]
    fn terms(&mut self, chunk: ops::Range<usize>, [dots, squares]: &mut [[f64; CHUNK]; 2]) {
        let (s, g) = (&mut self.s[chunk.clone()], &self.g[chunk]);
        for (((s, g), dot), square) in s.iter_mut().zip(g).zip(dots).zip(squares) {
            let (before, g) = (s.to_f64(), g.to_f64());
            *s += R::of(self.scale * g);
            (*dot, *square) = (g * before, s.to_f64() * s.to_f64());
        }
    }
}

/// `x <- keep x + take (start - s)`.
struct Settle<'a, R> {
    x: &'a mut [R],
    start: &'a [R],
    s: &'a [R],
    keep: R,
    take: R,
}

impl<R: Real> Kernel for Settle<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for ((x, &start), &s) in self.x.iter_mut().zip(self.start).zip(self.s) {
            *x = self.keep * *x + self.take * (start - s);
        }
    }
}
