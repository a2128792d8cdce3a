//! Gradient descent with Armijo's backtracking.

use super::line::{Backtracking, Metric, Trial, advance, descends};
use crate::real::dot;
use crate::{Claim, Facts, Given, Hyper, Layout, Method, Need, Optimizer, Preset, Range, Real, Step, Visit};
use serde::{Deserialize, Serialize};

/// Gradient descent that shortens its step until the loss falls by a share of what the slope promises.
///
/// ```text
/// t = lr                             or, with growth,  t = min(lr, growth t)
/// while f(x - t g) > f(x) - c t |g|^2:   t <- shrink t
/// x <- x - t g
/// ```
///
/// Armijo 1966, who starts anew from the same step each time. As optax's `scale_by_backtracking_linesearch` (its
/// preset), `growth` starts from the last step instead. After `max_eval` trials the last one is taken if it is lower
/// than the start, and none if not; optax takes it in any case. A group's `lr_scale` scales its gradient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Armijo {
    /// Share of the promised decrease that is asked for, `[0, 1)`.
    pub c: f64,
    /// What a rejected step is multiplied by, `[0, 1)`.
    pub shrink: f64,
    /// What the last step is multiplied by for the first trial of the next; 0 starts from the learning rate.
    pub growth: f64,
    /// Trials of one step at most.
    pub max_eval: u64,
}

impl Default for Armijo {
    fn default() -> Self {
        Armijo { c: 1e-4, shrink: 0.5, growth: 0.0, max_eval: 30 }
    }
}

impl Method for Armijo {
    const FACTS: Facts = Facts {
        name: "armijo",
        formula: "x <- x - t g, t = lr shrink^k with the first k for which f(x - t g) <= f(x) - c t |g|^2",
        source: "Armijo 1966, Pacific Journal of Mathematics 16",
        convention: "the paper's, with the constants of Nocedal & Wright 2006; optax starts from the last step",
        preset: "paper",
        presets: &[Preset::new("optax", &[("shrink", Given::Number(0.8)), ("growth", Given::Number(1.5))])],
        failure: "gradient descent still: slow along ravines",
        lr: 1.0,
        grid: (0.1, 10.0),
        hypers: &[
            Hyper::new("c", Range::Decay, "share of the promised decrease that is asked for"),
            Hyper::new("shrink", Range::Decay, "what a rejected step is multiplied by"),
            Hyper::new("growth", Range::NonNegative, "what the last step is multiplied by for the next; 0: back to lr"),
            Hyper::new("max_eval", Range::AtLeast(1), "trials of one step at most"),
        ],
        needs: &[Need::Loss, Need::Again, Need::FullBatch],
        averages: false,
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
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Box::new(Descent {
            c: self.c,
            rule: Backtracking { shrink: self.shrink, tries: self.max_eval },
            growth: self.growth,
            metric: Metric::new(layout),
            t: f64::INFINITY,
            d: vec![R::ZERO; layout.len()],
            trial: Trial::new(layout.len()),
        })
    }
}

struct Descent<R> {
    c: f64,
    rule: Backtracking,
    growth: f64,
    metric: Metric,
    /// The last step.
    t: f64,
    d: Vec<R>,
    trial: Trial<R>,
}

impl<R: Real> Optimizer<R> for Descent<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        self.metric.downhill(g, &mut self.d);
        let slope = dot(g, &self.d);
        let first = if self.growth > 0.0 && self.t > 0.0 { step.lr.min(self.growth * self.t) } else { step.lr };
        self.t = first;
        if descends(slope) && first > 0.0 {
            let (c, start) = (self.c, step.loss.to_f64());
            self.t = self.trial.backtrack(step, x, &self.d, first, |t| start + c * t * slope, self.rule);
        }
        advance(x, self.t, &self.d);
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        if self.growth > 0.0 {
            visit.scalar("t", &mut self.t);
        }
    }
}
