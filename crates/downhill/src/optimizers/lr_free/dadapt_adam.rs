//! D-Adaptation of Adam.

use super::dadapt_sgd::grown;
use super::whole::{CHUNK, Pass, Whole, sums};
use crate::isa::{Kernel, dispatch};
use crate::{Claim, Facts, Given, Hyper, Layout, Method, Optimizer, Preset, Range, Real, Step, Visit};
use serde::{Deserialize, Serialize};
use std::ops;

/// D-Adaptation of Adam: its rate follows a lower bound `d` of the distance to the solution.
///
/// ```text
/// l = d lr                                  times sqrt(1 - beta2^t) / (1 - beta1^t), with bias correction
/// r <- b r + (1 - b) l <g, s / (sqrt(v) + eps)>,      b = sqrt(beta2)
/// m <- beta1 m + (1 - beta1) l g,  v <- beta2 v + (1 - beta2) g^2,  s <- b s + (1 - b) l g
/// d <- max(d, min(r / ((1 - b) |s|_1), growth_rate d))
/// x <- x - decay l x - m / (sqrt(v) + eps)
/// ```
///
/// Defazio & Mishchenko 2023, arXiv:2301.07733, Algorithm 5, and the authors' package `dadaptation` with its
/// decoupled decay. The rate of a step's time stays in `m`, and `l` has the `d` before the step. Sums run over all
/// parameters; a parameter group's rate is what the package calls `layer_scale`. optax corrects the bias.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DAdaptAdam {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient, `> 0`.
    pub eps: f64,
    /// Weight decay, per step and adapted rate.
    pub decay: f64,
    /// The first bound of the distance, `> 0`.
    pub d0: f64,
    /// The most that the bound grows by in a step, as a factor; absent: any.
    pub growth_rate: Option<f64>,
    /// Adam's bias correction, in the rate.
    pub bias_correction: bool,
}

impl Default for DAdaptAdam {
    fn default() -> Self {
        DAdaptAdam {
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            decay: 0.0,
            d0: 1e-6,
            growth_rate: None,
            bias_correction: false,
        }
    }
}

impl Method for DAdaptAdam {
    const FACTS: Facts = Facts {
        name: "dadapt-adam",
        formula: "l = d lr; r <- b r + (1 - b) l <g, s / (sqrt(v) + eps)>; m <- beta1 m + (1 - beta1) l g; s <- b s + (1 - b) l g; d <- max(d, r / ((1 - b) |s|_1)); x <- x - decay l x - m / (sqrt(v) + eps), with b = sqrt(beta2)",
        source: "Defazio & Mishchenko 2023, arXiv:2301.07733",
        convention: "the authors' package dadaptation: no bias correction; optax has it",
        preset: "authors",
        presets: &[Preset::new("optax", &[("bias_correction", Given::Flag(true))])],
        failure: "d never falls: one wrong estimate stays; starts slowly, since d comes from below",
        lr: 1.0,
        grid: (0.1, 10.0),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::Positive, "added to the root, in units of the gradient"),
            Hyper::new("decay", Range::NonNegative, "weight decay, per step and adapted rate")
                .breaking(&[Claim::TranslationInvariant]),
            Hyper::new("d0", Range::Positive, "first bound of the distance"),
            Hyper::new("growth_rate", Range::Positive, "most that the bound grows by in a step, a factor; absent: any"),
            Hyper::new("bias_correction", Range::Flag, "Adam's bias correction, in the rate"),
        ],
        claims: super::SUMS,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let [m, v, s] = std::array::from_fn(|_| vec![R::ZERO; layout.len()]);
        Box::new(Adapted { method: self.clone(), whole: Whole::new(layout), d: self.d0, r: 0.0, m, v, s })
    }
}

struct Adapted<R> {
    method: DAdaptAdam,
    whole: Whole,
    d: f64,
    r: f64,
    m: Vec<R>,
    v: Vec<R>,
    s: Vec<R>,
}

impl<R: Real> Optimizer<R> for Adapted<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let &DAdaptAdam { beta1, beta2, eps, .. } = &self.method;
        let rate = self.d * step.lr * correction(self.method.bias_correction, beta1, beta2, step.t);
        let b = beta2.sqrt();
        let (mut dot, mut length) = (0.0, 0.0);
        for run in &self.whole.runs {
            let (range, scale) = (run.range.clone(), run.group.lr_scale);
            let (m, v, s) = (&mut self.m[range.clone()], &mut self.v[range.clone()], &mut self.s[range.clone()]);
            let [d, l] = sums(Gather {
                m,
                v,
                s,
                g: &g[range],
                of_m: [beta1, (1.0 - beta1) * scale * rate].map(R::of),
                of_v: [beta2, 1.0 - beta2].map(R::of),
                of_s: [b, (1.0 - b) * rate].map(R::of),
                eps: R::of(eps),
            });
            dot += scale * rate * d;
            length += scale * l;
        }
        if length == 0.0 {
            return;
        }
        self.r = b * self.r + (1.0 - b) * dot;
        if step.lr > 0.0 {
            self.d = grown(self.d, self.r / ((1.0 - b) * length), self.method.growth_rate);
        }
        for run in &self.whole.runs {
            let range = run.range.clone();
            let decay = run.group.decay.unwrap_or(self.method.decay);
            let (m, v) = (&self.m[range.clone()], &self.v[range.clone()]);
            let shrink = R::of(decay * run.group.lr_scale * rate);
            dispatch(Descend { x: &mut x[range], m, v, shrink, length: R::ONE, eps: R::of(eps) });
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.scalar("d", &mut self.d);
        visit.scalar("r", &mut self.r);
        self.whole.visit(&mut [("m", &mut self.m), ("v", &mut self.v), ("s", &mut self.s)], visit);
    }
}

/// `sqrt(1 - beta2^t) / (1 - beta1^t)`, or 1.
pub(super) fn correction(wanted: bool, beta1: f64, beta2: f64, t: u64) -> f64 {
    let rest = |beta: f64| 1.0 - libm::pow(beta, t as f64);
    if wanted { rest(beta2).sqrt() / rest(beta1) } else { 1.0 }
}

/// The three means, and `<g, s / (sqrt(v) + eps)>` before, `|s|_1` after.
struct Gather<'a, R> {
    m: &'a mut [R],
    v: &'a mut [R],
    s: &'a mut [R],
    g: &'a [R],
    of_m: [R; 2],
    of_v: [R; 2],
    of_s: [R; 2],
    eps: R,
}

impl<R: Real> Pass<2> for Gather<'_, R> {
    fn len(&self) -> usize {
        self.g.len()
    }
    #[inline(always)]
    fn terms(&mut self, chunk: ops::Range<usize>, [dots, sizes]: &mut [[f64; CHUNK]; 2]) {
        let g = &self.g[chunk.clone()];
        let (m, v, s) = (&mut self.m[chunk.clone()], &mut self.v[chunk.clone()], &mut self.s[chunk]);
        // A loop for each: the compiler then sees that nothing overlaps.
        for ((dot, &g), (&s, &v)) in dots.iter_mut().zip(g).zip(s.iter().zip(&*v)) {
            *dot = g.to_f64() * (s / (v.sqrt() + self.eps)).to_f64();
        }
        for ((m, v), &g) in m.iter_mut().zip(v).zip(g) {
            *m = self.of_m[0] * *m + self.of_m[1] * g;
            *v = self.of_v[0] * *v + self.of_v[1] * (g * g);
        }
        for ((s, size), &g) in s.iter_mut().zip(sizes).zip(g) {
            *s = self.of_s[0] * *s + self.of_s[1] * g;
            *size = s.abs().to_f64();
        }
    }
}

/// `x <- x - shrink x - length m / (sqrt(v) + eps)`.
pub(super) struct Descend<'a, R> {
    pub(super) x: &'a mut [R],
    pub(super) m: &'a [R],
    pub(super) v: &'a [R],
    pub(super) shrink: R,
    pub(super) length: R,
    pub(super) eps: R,
}

impl<R: Real> Kernel for Descend<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for ((x, &m), &v) in self.x.iter_mut().zip(self.m).zip(self.v) {
            let shrunk = *x - self.shrink * *x;
            *x = shrunk - self.length * m / (v.sqrt() + self.eps);
        }
    }
}
