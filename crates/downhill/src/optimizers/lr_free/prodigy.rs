//! Prodigy.

use super::dadapt_adam::{Descend, correction};
use super::whole::{CHUNK, Pass, Whole, sums};
use crate::isa::dispatch;
use crate::{Claim, Facts, Given, Hyper, Layout, Method, Optimizer, Preset, Range, Real, Step, Visit};
use serde::{Deserialize, Serialize};
use std::ops;

/// Prodigy: D-Adaptation of Adam that weighs recent gradients more and so finds the rate sooner.
///
/// ```text
/// l = d lr                                  times sqrt(1 - beta2^t) / (1 - beta1^t), with bias correction
/// r <- beta3 r + d / d0 l <g, x_1 - x>
/// m <- beta1 m + (1 - beta1) d g,  v <- beta2 v + (1 - beta2) (d g)^2,  s <- beta3 s + d / d0 l g
/// d <- max(d, d_coef r / |s|_1)             and at most growth_rate d
/// x <- x - decay l x - l m / (sqrt(v) + d eps)
/// ```
///
/// Mishchenko & Defazio 2024, arXiv:2306.06101, Algorithm 4, and the authors' package `prodigyopt`. `l`, `m` and `v`
/// have the `d` before the step, `d eps` the one after. Sums run over all parameters; a parameter group's rate stands
/// in `l` for its blocks. optax corrects the bias. Without momentum the package has the later `d` before `g`; here, as
/// in its own reference form, `beta1 = 0` is nothing special.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prodigy {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Decay of the sums that estimate the distance, `[0, 1)`; absent: the root of `beta2`.
    pub beta3: Option<f64>,
    /// Added to the root, in units of the gradient, `> 0`.
    pub eps: f64,
    /// Weight decay, per step and adapted rate.
    pub decay: f64,
    /// The first estimate of the distance, `> 0`.
    pub d0: f64,
    /// Multiplies the estimate.
    pub d_coef: f64,
    /// The most that the estimate grows by in a step, as a factor; absent: any.
    pub growth_rate: Option<f64>,
    /// Adam's bias correction, in the rate.
    pub bias_correction: bool,
    /// Takes `lr` out of `s`, for schedules that begin near 0.
    pub safeguard_warmup: bool,
}

impl Default for Prodigy {
    fn default() -> Self {
        Prodigy {
            beta1: 0.9,
            beta2: 0.999,
            beta3: None,
            eps: 1e-8,
            decay: 0.0,
            d0: 1e-6,
            d_coef: 1.0,
            growth_rate: None,
            bias_correction: false,
            safeguard_warmup: false,
        }
    }
}

impl Method for Prodigy {
    const FACTS: Facts = Facts {
        name: "prodigy",
        formula: "l = d lr; r <- beta3 r + d / d0 l <g, x_1 - x>; s <- beta3 s + d / d0 l g; m, v as in Adam, of d g; d <- max(d, d_coef r / |s|_1); x <- x - decay l x - l m / (sqrt(v) + d eps)",
        source: "Mishchenko & Defazio 2024, arXiv:2306.06101",
        convention: "the authors' package prodigyopt: no bias correction; optax has it",
        preset: "authors",
        presets: &[Preset::new("optax", &[("bias_correction", Given::Flag(true))])],
        failure: "d never falls, and a warm-up from 0 can leave it where it began (safeguard_warmup)",
        lr: 1.0,
        grid: (0.1, 10.0),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("beta3", Range::Decay, "decay of the sums for d; absent: the root of beta2"),
            Hyper::new("eps", Range::Positive, "added to the root, in units of the gradient"),
            Hyper::new("decay", Range::NonNegative, "weight decay, per step and adapted rate")
                .breaking(&[Claim::TranslationInvariant]),
            Hyper::new("d0", Range::Positive, "first estimate of the distance"),
            Hyper::new("d_coef", Range::Positive, "multiplies the estimate"),
            Hyper::new("growth_rate", Range::Positive, "most that d grows by in a step, a factor; absent: any"),
            Hyper::new("bias_correction", Range::Flag, "Adam's bias correction, in the rate"),
            Hyper::new("safeguard_warmup", Range::Flag, "take lr out of s, for schedules that begin near 0"),
        ],
        claims: super::SUMS,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let [start, m, v, s] = std::array::from_fn(|_| vec![R::ZERO; layout.len()]);
        let d = self.d0;
        Box::new(Adapted { method: self.clone(), whole: Whole::new(layout), d, highest: d, r: 0.0, start, m, v, s })
    }
}

struct Adapted<R> {
    method: Prodigy,
    whole: Whole,
    d: f64,
    /// The highest estimate so far, which `d` may not have reached yet.
    highest: f64,
    r: f64,
    start: Vec<R>,
    m: Vec<R>,
    v: Vec<R>,
    s: Vec<R>,
}

impl<R: Real> Optimizer<R> for Adapted<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        if step.t == 1 {
            self.start.copy_from_slice(x);
        }
        let &Prodigy { beta1, beta2, eps, d0, .. } = &self.method;
        let beta3 = self.method.beta3.unwrap_or(beta2.sqrt());
        let d = self.d;
        let rate = d * correction(self.method.bias_correction, beta1, beta2, step.t);
        let (mut dot, mut length) = (0.0, 0.0);
        for run in &self.whole.runs {
            let (range, rate) = (run.range.clone(), rate * step.at(run).lr);
            let [along, l1] = sums(Gather {
                start: &self.start[range.clone()],
                m: &mut self.m[range.clone()],
                v: &mut self.v[range.clone()],
                s: &mut self.s[range.clone()],
                x: &x[range.clone()],
                g: &g[range],
                of_m: [beta1, d * (1.0 - beta1)].map(R::of),
                of_v: [beta2, d * d * (1.0 - beta2)].map(R::of),
                of_s: [beta3, d / d0 * if self.method.safeguard_warmup { d } else { rate }].map(R::of),
            });
            dot += d / d0 * rate * along;
            length += l1;
        }
        if length == 0.0 {
            return;
        }
        self.r = beta3 * self.r + dot;
        if step.lr > 0.0 {
            let estimate = self.method.d_coef * self.r / length;
            self.highest = self.highest.larger(estimate);
            // The growth of the first estimate is free.
            let from = if d == d0 { d.larger(estimate) } else { d };
            self.d = self.highest.smaller(from * self.method.growth_rate.unwrap_or(f64::INFINITY));
        }
        for run in &self.whole.runs {
            let (range, rate) = (run.range.clone(), rate * step.at(run).lr);
            let decay = run.group.decay.unwrap_or(self.method.decay);
            let (m, v, x) = (&self.m[range.clone()], &self.v[range.clone()], &mut x[range]);
            dispatch(Descend { x, m, v, shrink: R::of(decay * rate), length: R::of(rate), eps: R::of(self.d * eps) });
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.scalar("d", &mut self.d);
        visit.scalar("highest", &mut self.highest);
        visit.scalar("r", &mut self.r);
        let Adapted { whole, start, m, v, s, .. } = self;
        whole.visit(&mut [("start", start), ("m", m), ("v", v), ("s", s)], visit);
    }
}

/// The means and the sum; returns `<g, start - x>`, and `|s|_1` after.
struct Gather<'a, R> {
    start: &'a [R],
    m: &'a mut [R],
    v: &'a mut [R],
    s: &'a mut [R],
    x: &'a [R],
    g: &'a [R],
    of_m: [R; 2],
    of_v: [R; 2],
    of_s: [R; 2],
}

impl<R: Real> Pass<2> for Gather<'_, R> {
    fn len(&self) -> usize {
        self.g.len()
    }
    #[inline(always)]
    fn terms(&mut self, chunk: ops::Range<usize>, [dots, sizes]: &mut [[f64; CHUNK]; 2]) {
        let (start, x, g) = (&self.start[chunk.clone()], &self.x[chunk.clone()], &self.g[chunk.clone()]);
        let (m, v, s) = (&mut self.m[chunk.clone()], &mut self.v[chunk.clone()], &mut self.s[chunk]);
        for ((dot, &g), (start, &x)) in dots.iter_mut().zip(g).zip(start.iter().zip(x)) {
            *dot = g.to_f64() * (*start - x).to_f64();
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
