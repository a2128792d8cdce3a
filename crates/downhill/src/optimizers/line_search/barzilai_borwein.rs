//! Barzilai and Borwein's two-point step.

use super::line::{Backtracking, Metric, Trial, advance, descends, subtract};
use crate::real::dot;
use crate::{Claim, Facts, Hyper, Layout, Method, Need, Optimizer, Range, Real, Step, Visit};
use serde::{Deserialize, Serialize};

/// Gradient descent whose step is the inverse of the curvature seen along the last one.
///
/// ```text
/// s = x - x_prev,  y = g - g_prev
/// a = s.s / s.y   (long)    or   s.y / y.y   (short)        lr at the first step and where s.y <= 0
/// while f(x - a g) > max(last `memory` values) - c a |g|^2:   a <- a / 2
/// x <- x - a g
/// ```
///
/// Barzilai & Borwein 1988; the search that lets the loss rise for a while, and its constants, from Raydan 1997,
/// where a step outside `[1e-10, 1e10]` is replaced, too. Raydan's replacement is 1 / |g| within bounds, here it is
/// the learning rate. A group's `lr_scale` scales its gradient, in the products too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BarzilaiBorwein {
    /// Which quotient.
    pub quotient: Quotient,
    /// How many of the last values the next may not exceed all of, at least 1 (which never rises).
    pub memory: u64,
    /// Share of the promised decrease that is asked for, `[0, 1)`.
    pub c: f64,
    /// Trials of one step at most.
    pub max_eval: u64,
}

/// The two steps of Barzilai and Borwein.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quotient {
    /// `s.s / s.y`.
    #[default]
    Long,
    /// `s.y / y.y`.
    Short,
    /// Long at odd steps, short at even ones.
    Alternating,
}

impl Default for BarzilaiBorwein {
    fn default() -> Self {
        BarzilaiBorwein { quotient: Quotient::Long, memory: 10, c: 1e-4, max_eval: 30 }
    }
}

impl Method for BarzilaiBorwein {
    const FACTS: Facts = Facts {
        name: "barzilai-borwein",
        formula: "x <- x - a g, a = s.s / s.y or s.y / y.y with s = x - x_prev, y = g - g_prev, halved while f exceeds all of its last values",
        source: "Barzilai & Borwein 1988, IMA Journal of Numerical Analysis 8; Raydan 1997, SIAM Journal on Optimization 7",
        convention: "the paper, with Raydan's constants; lr where the quotient says nothing, he takes 1 / |g|",
        preset: "paper",
        failure: "the loss jumps up and down on the way; one noisy gradient gives a wild step",
        lr: 1.0,
        grid: (0.01, 10.0),
        hypers: &[
            Hyper::new("quotient", Range::OneOf(&["long", "short", "alternating"]), "s.s / s.y, s.y / y.y, or in turn"),
            Hyper::new("memory", Range::AtLeast(1), "how many of the last values the next may not exceed all of"),
            Hyper::new("c", Range::Decay, "share of the promised decrease that is asked for"),
            Hyper::new("max_eval", Range::AtLeast(1), "trials of one step at most"),
        ],
        needs: &[Need::Loss, Need::Again, Need::FullBatch],
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::PermutationEquivariant,
            Claim::RotationEquivariant,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let zeros = vec![R::ZERO; layout.len()];
        Box::new(TwoPoint {
            quotient: self.quotient,
            c: self.c,
            rule: Backtracking { shrink: 0.5, tries: self.max_eval },
            metric: Metric::new(layout),
            values: vec![f64::NEG_INFINITY; self.memory as usize],
            a: 0.0,
            g: zeros.clone(),
            d: zeros,
            trial: Trial::new(layout.len()),
        })
    }
}

struct TwoPoint<R> {
    quotient: Quotient,
    c: f64,
    rule: Backtracking,
    metric: Metric,
    /// The last values, in turn.
    values: Vec<f64>,
    /// The last step and its gradient: `s = -a g`.
    a: f64,
    g: Vec<R>,
    d: Vec<R>,
    trial: Trial<R>,
}

impl<R: Real> TwoPoint<R> {
    /// The quotient, if it says something.
    fn two_points(&mut self, g: &[R], t: u64) -> Option<f64> {
        let y = &mut self.trial.g;
        subtract(g, &self.g, y);
        // All over a: s.y = -a g_prev.y, s.s = a^2 g_prev.g_prev.
        let sy = -self.metric.inner(&self.g, y);
        let long = self.quotient == Quotient::Long || (self.quotient == Quotient::Alternating && t % 2 == 1);
        let a = self.a * if long { self.metric.inner(&self.g, &self.g) / sy } else { sy / self.metric.inner(y, y) };
        (1e-10..1e10).contains(&a).then_some(a)
    }
}

impl<R: Real> Optimizer<R> for TwoPoint<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let a = if step.lr > 0.0 { self.two_points(g, step.t).unwrap_or(step.lr) } else { 0.0 };
        let now = step.t as usize % self.values.len();
        self.values[now] = step.loss.to_f64();
        self.metric.downhill(g, &mut self.d);
        let slope = dot(g, &self.d);
        self.a = a;
        if descends(slope) && a > 0.0 {
            let highest = self.values.iter().fold(f64::NEG_INFINITY, |m, &f| m.max(f));
            let c = self.c;
            self.a = self.trial.backtrack(step, x, &self.d, a, |a| highest + c * a * slope, self.rule);
        }
        advance(x, self.a, &self.d);
        self.g.copy_from_slice(g);
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.vector("values", &mut self.values);
        visit.scalar("a", &mut self.a);
        self.metric.visit(visit, "g", &mut self.g);
    }
}
