//! Nonlinear conjugate gradients.

use super::line::{Metric, Point, Trial, advance, descends, subtract};
use super::wolfe::Wolfe;
use crate::real::{self, dot};
use crate::{Claim, Facts, Hyper, Layout, Method, Need, Optimizer, Range, Real, Step, Visit};
use serde::{Deserialize, Serialize};

/// Gradient descent whose directions are conjugate: on a quadratic none undoes the work of another.
///
/// ```text
/// d <- -g + beta d,   y = g - g_prev
/// polak-ribiere   beta = max(0, g.y / g_prev.g_prev)
/// hager-zhang     beta = max((y - 2 d y.y / d.y).g / d.y,  -1 / (|d| min(eta, |g_prev|)))       eta = 0.01
/// x <- x + t d,  t by a strong Wolfe search from t_prev slope_prev / slope  (from lr min(1, 1 / |g|) at the first step)
/// ```
///
/// Polak & Ribiere 1969, cut off at 0 as Powell 1984 proposed; Hager & Zhang 2005, SIAM Journal on Optimization 16;
/// the first trial from Nocedal & Wright 2006, 3.60. It starts again from `-g` after `restart` steps, where `d` does
/// not go down, and where two gradients in a row are far from orthogonal (Powell 1977). Hager and Zhang search with
/// conditions of their own; here both go by the strong Wolfe conditions. A group's `lr_scale` scales its gradient, in
/// the products too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NonlinearCg {
    /// The formula of beta.
    pub beta: Beta,
    /// Steps between restarts; 0 for as many as there are parameters.
    pub restart: u64,
    /// Restart where `|g.g_prev|` is at least this share of `g.g`; 0 for never.
    pub orthogonal: f64,
    /// Share of the promised decrease that a step must bring, `[0, 1)`.
    pub c1: f64,
    /// Share of the slope that may be left, `[0, 1)`, above `c1`.
    pub c2: f64,
    /// Trials of one step at most.
    pub max_eval: u64,
}

/// How much of the last direction is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Beta {
    /// Polak & Ribiere, not below 0.
    #[default]
    PolakRibiere,
    /// Hager & Zhang, with their lower bound.
    HagerZhang,
}

impl Default for NonlinearCg {
    fn default() -> Self {
        NonlinearCg { beta: Beta::PolakRibiere, restart: 0, orthogonal: 0.0, c1: 1e-4, c2: 0.1, max_eval: 25 }
    }
}

impl Method for NonlinearCg {
    const FACTS: Facts = Facts {
        name: "nonlinear-cg",
        formula: "d <- -g + beta d, beta = max(0, g.y / g_prev.g_prev) or Hager-Zhang's; x <- x + t d, t by a strong Wolfe search",
        source: "Polak & Ribiere 1969, Powell 1984; Hager & Zhang 2005, SIAM Journal on Optimization 16",
        convention: "the paper's PR+ as Nocedal & Wright 2006 has it: c2 = 0.1, first trial scaled by the slopes; the search is torch's",
        preset: "paper",
        failure: "an inexact search or a noisy gradient loses conjugacy, and the steps become short",
        lr: 1.0,
        grid: (0.1, 10.0),
        hypers: &[
            Hyper::new(
                "beta",
                Range::OneOf(&["polak-ribiere", "hager-zhang"]),
                "how much of the last direction is kept",
            ),
            Hyper::new("restart", Range::AtLeast(0), "steps between restarts; 0: the number of parameters"),
            Hyper::new("orthogonal", Range::Decay, "restart where |g.g_prev| is this share of g.g; 0: never"),
            Hyper::new("c1", Range::Decay, "share of the promised decrease that a step must bring"),
            Hyper::new("c2", Range::Decay, "share of the slope that may be left"),
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
        let n = layout.len();
        let zeros = vec![R::ZERO; n];
        Box::new(Conjugate {
            beta: self.beta,
            restart: if self.restart == 0 { n as u64 } else { self.restart },
            orthogonal: self.orthogonal,
            wolfe: Wolfe { c1: self.c1, c2: self.c2, tries: self.max_eval },
            metric: Metric::new(layout),
            since: 0,
            t: 0.0,
            slope: 0.0,
            d: zeros.clone(),
            g: zeros.clone(),
            u: zeros,
            trial: Trial::new(n),
        })
    }
}

struct Conjugate<R> {
    beta: Beta,
    restart: u64,
    orthogonal: f64,
    wolfe: Wolfe,
    metric: Metric,
    /// Steps since the last restart, that one included.
    since: u64,
    /// The last step, the slope of the loss along it, its direction, and the gradient before it.
    t: f64,
    slope: f64,
    d: Vec<R>,
    g: Vec<R>,
    /// Room for `-g`.
    u: Vec<R>,
    trial: Trial<R>,
}

impl<R: Real> Conjugate<R> {
    /// The share of the last direction, 0 for a restart. `u` is `-g`.
    fn beta(&mut self, g: &[R]) -> f64 {
        let Conjugate { metric, u, d, .. } = self;
        let far = self.orthogonal > 0.0 && metric.inner(g, &self.g).abs() >= self.orthogonal * metric.inner(g, g);
        if self.since == 0 || self.since >= self.restart || far {
            return 0.0;
        }
        let y = &mut self.trial.g;
        subtract(g, &self.g, y);
        let gy = -dot(u, y);
        let beta = match self.beta {
            Beta::PolakRibiere => (gy / metric.inner(&self.g, &self.g)).max(0.0),
            Beta::HagerZhang => {
                let dy = dot(d, y);
                let bound = -1.0 / (real::norm(d) * real::norm(&self.g).min(0.01));
                ((gy - 2.0 * metric.inner(y, y) * dot(d, g) / dy) / dy).max(bound)
            }
        };
        if beta.is_finite() { beta } else { 0.0 }
    }
}

impl<R: Real> Optimizer<R> for Conjugate<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        self.metric.downhill(g, &mut self.u);
        let beta = self.beta(g);
        self.since = if beta == 0.0 { 1 } else { self.since + 1 };
        let share = R::of(beta);
        self.d.iter_mut().zip(&self.u).for_each(|(d, &u)| *d = if beta == 0.0 { u } else { u + share * *d });
        let mut slope = dot(g, &self.d);
        if !descends(slope) {
            self.d.copy_from_slice(&self.u);
            (slope, self.since) = (dot(g, &self.d), 1);
        }
        let scaled = self.t * self.slope / slope;
        let first = step.lr * (1.0 / real::norm(g)).min(1.0);
        self.t = if step.lr > 0.0 && scaled.is_finite() && scaled > 0.0 { scaled } else { first };
        self.slope = slope;
        if descends(slope) && self.t > 0.0 {
            let start = Point { t: 0.0, f: step.loss.to_f64(), slope };
            let reach = self.d.iter().fold(0.0, |m: f64, d| m.max(d.to_f64().abs()));
            let (trial, d) = (&mut self.trial, &self.d);
            self.t = self.wolfe.search(start, self.t, reach, |t| trial.point(step, x, d, t));
        }
        advance(x, self.t, &self.d);
        self.g.copy_from_slice(g);
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.count("since", &mut self.since);
        visit.scalar("t", &mut self.t);
        visit.scalar("slope", &mut self.slope);
        self.metric.visit(visit, "d", &mut self.d);
        self.metric.visit(visit, "g", &mut self.g);
    }
}
