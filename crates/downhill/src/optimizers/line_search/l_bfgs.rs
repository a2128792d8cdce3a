//! L-BFGS.

use super::line::{Metric, Point, Trial, advance, descends, subtract};
use super::wolfe::Wolfe;
use crate::real::{self, dot};
use crate::{Claim, Facts, Hyper, Layout, Method, Need, Optimizer, Range, Real, Step, Visit};
use serde::{Deserialize, Serialize};

/// BFGS with a Hessian that is rebuilt in every step from the last few moves and changes of the gradient.
///
/// ```text
/// s = x - x_prev,  y = g - g_prev                     remembered if s.y > skip
/// d = -H g,  H = BFGS over the pairs (s, y), from (s.y / y.y) I of the newest
/// x <- x + t d,  t by a strong Wolfe search from lr  (from lr min(1, 1 / |g|_1) at the first step)
/// ```
///
/// Liu & Nocedal 1989; the two loops of Nocedal 1980. As torch's `LBFGS` with `strong_wolfe`, one iteration a step:
/// there `max_iter = 1, max_eval = 25`. torch also stops where gradients or moves are below 1e-7 and 1e-9, here the
/// walk goes on. A group's `lr_scale` scales its part of the first H. Memory: two vectors a pair, reserved at the
/// start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LBfgs {
    /// Pairs that are remembered, at least 1.
    pub history: u64,
    /// Share of the promised decrease that a step must bring, `[0, 1)`.
    pub c1: f64,
    /// Share of the slope that may be left, `[0, 1)`, above `c1`.
    pub c2: f64,
    /// Trials of one step at most.
    pub max_eval: u64,
    /// Pairs with `s.y` of at most this are not remembered, in units of the loss.
    pub skip: f64,
}

impl Default for LBfgs {
    fn default() -> Self {
        LBfgs { history: 100, c1: 1e-4, c2: 0.9, max_eval: 25, skip: 1e-10 }
    }
}

impl Method for LBfgs {
    const FACTS: Facts = Facts {
        name: "l-bfgs",
        formula: "x <- x - t H g, H = BFGS over the last pairs s = x - x_prev, y = g - g_prev, t by a strong Wolfe search",
        source: "Liu & Nocedal 1989, Mathematical Programming 45; Nocedal 1980",
        convention: "torch: strong Wolfe with cubic interpolation, pairs with s.y <= 1e-10 left out; one iteration a step",
        failure: "noisy gradients spoil the pairs; on kinks the search finds no flat point",
        lr: 1.0,
        grid: (0.1, 10.0),
        hypers: &[
            Hyper::new("history", Range::AtLeast(1), "pairs that are remembered"),
            Hyper::new("c1", Range::Decay, "share of the promised decrease that a step must bring"),
            Hyper::new("c2", Range::Decay, "share of the slope that may be left"),
            Hyper::new("max_eval", Range::AtLeast(1), "trials of one step at most"),
            Hyper::new("skip", Range::NonNegative, "pairs with s.y of at most this are not remembered"),
        ],
        needs: &[Need::Loss, Need::Again, Need::FullBatch],
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::PermutationEquivariant,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let (n, history) = (layout.len(), self.history as usize);
        Box::new(QuasiNewton {
            wolfe: Wolfe { c1: self.c1, c2: self.c2, tries: self.max_eval },
            skip: self.skip,
            metric: Metric::new(layout),
            t: 0.0,
            d: vec![R::ZERO; n],
            g: vec![R::ZERO; n],
            pairs: Pairs {
                capacity: history,
                count: 0,
                gamma: 1.0,
                s: Vec::with_capacity(history * n),
                y: Vec::with_capacity(history * n),
                rho: Vec::with_capacity(history),
                alpha: vec![0.0; history],
            },
            trial: Trial::new(n),
        })
    }
}

struct QuasiNewton<R> {
    wolfe: Wolfe,
    skip: f64,
    metric: Metric,
    /// The last step, its direction and the gradient before it.
    t: f64,
    d: Vec<R>,
    g: Vec<R>,
    pairs: Pairs<R>,
    trial: Trial<R>,
}

/// The newest pairs, in a ring.
struct Pairs<R> {
    capacity: usize,
    /// How many were ever remembered.
    count: u64,
    /// `s.y / y.y` of the newest.
    gamma: f64,
    s: Vec<R>,
    y: Vec<R>,
    /// `1 / s.y`.
    rho: Vec<f64>,
    /// Room for the first loop.
    alpha: Vec<f64>,
}

impl<R: Real> Pairs<R> {
    fn remember(&mut self, s: &[R], y: &[R], sy: f64) {
        let (n, slot) = (s.len(), self.count as usize % self.capacity);
        if slot == self.rho.len() {
            self.s.extend_from_slice(s);
            self.y.extend_from_slice(y);
            self.rho.push(1.0 / sy);
        } else {
            self.s[slot * n..][..n].copy_from_slice(s);
            self.y[slot * n..][..n].copy_from_slice(y);
            self.rho[slot] = 1.0 / sy;
        }
        self.count += 1;
    }

    fn forget(&mut self) {
        (self.count, self.gamma) = (0, 1.0);
        self.s.clear();
        self.y.clear();
        self.rho.clear();
    }

    /// `d <- H d`.
    fn precondition(&mut self, metric: &Metric, d: &mut [R]) {
        let (n, held) = (d.len(), self.rho.len());
        let slot = |age: usize| (self.count as usize - 1 - age) % self.capacity;
        for age in 0..held {
            let i = slot(age);
            self.alpha[age] = dot(&self.s[i * n..][..n], d) * self.rho[i];
            advance(d, -self.alpha[age], &self.y[i * n..][..n]);
        }
        let gamma = R::of(self.gamma);
        d.iter_mut().for_each(|d| *d *= gamma);
        metric.scale(d);
        for age in (0..held).rev() {
            let i = slot(age);
            let beta = dot(&self.y[i * n..][..n], d) * self.rho[i];
            advance(d, self.alpha[age] - beta, &self.s[i * n..][..n]);
        }
    }
}

impl<R: Real> Optimizer<R> for QuasiNewton<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        if step.t > 1 {
            let (s, y, t) = (&mut self.d, &mut self.trial.g, R::of(self.t));
            s.iter_mut().for_each(|s| *s *= t);
            subtract(g, &self.g, y);
            let sy = dot(y, s);
            if sy > self.skip {
                self.pairs.gamma = sy / self.metric.inner(y, y);
                self.pairs.remember(s, y, sy);
            }
        }
        self.g.copy_from_slice(g);
        self.d.iter_mut().zip(g).for_each(|(d, &g)| *d = -g);
        self.pairs.precondition(&self.metric, &mut self.d);
        let mut slope = dot(g, &self.d);
        if !descends(slope) {
            // Rounding turned it uphill.
            self.pairs.forget();
            self.metric.downhill(g, &mut self.d);
            slope = dot(g, &self.d);
        }
        let first = if step.t == 1 { (1.0 / real::sum(g, f64::abs)).min(1.0) } else { 1.0 };
        self.t = step.lr * first;
        if descends(slope) && self.t > 0.0 {
            let start = Point { t: 0.0, f: step.loss.to_f64(), slope };
            let reach = self.d.iter().fold(0.0, |m: f64, d| m.max(d.to_f64().abs()));
            let (trial, d) = (&mut self.trial, &self.d);
            self.t = self.wolfe.search(start, self.t, reach, |t| trial.point(step, x, d, t));
        }
        advance(x, self.t, &self.d);
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.scalar("t", &mut self.t);
        self.metric.visit(visit, "d", &mut self.d);
        self.metric.visit(visit, "g", &mut self.g);
        visit.count("pairs", &mut self.pairs.count);
        visit.scalar("gamma", &mut self.pairs.gamma);
        visit.growing("s", &mut self.pairs.s);
        visit.growing("y", &mut self.pairs.y);
        visit.growing("rho", &mut self.pairs.rho);
    }
}
