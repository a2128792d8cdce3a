//! burn's L-BFGS.

use super::BURN;
use crate::{Backend, Builtin, closure};
use burn::optim::{LBFGSConfig, LineSearchFn};
use downhill::{Claim, Facts, Hyper, Layout, Need, Optimizer, Range, Refusal};
use serde::{Deserialize, Serialize};

/// burn's L-BFGS: each step walks up to `max_iter` iterations, and asks for loss and gradient at up to `max_eval`
/// points and the last search's.
///
/// ```text
/// s = x - x_prev,  y = g - g_prev                     remembered if s.y > 1e-10
/// d = -H g,  H = BFGS over the pairs (s, y), from (s.y / y.y) I of the newest
/// x <- x + t d,  t = lr  (lr min(1, 1 / |g|_1) at the first of all), or a strong Wolfe search from there
/// ```
///
/// A step ends early where no gradient is above `tolerance_grad`, where no parameter moved by more than
/// `tolerance_change`, or where the loss changed by less than that. Pairs are kept from step to step.
///
/// As torch, but that a search may use all evaluations that are left (torch 25), and that without a search the gradient
/// is taken once more after the last iteration. Without a search nothing keeps a step from going uphill.
///
/// It has one learning rate: parameter groups with another are refused. It has no weight decay, so that a group's does
/// nothing. In `f32` the last digits of the loss are noise: see `tolerance_change`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lbfgs {
    /// Iterations of one step at most.
    pub max_iter: u64,
    /// Pairs that are remembered, 1 to 49999 (burn's `history_size`).
    pub history: u64,
    /// Gradients up to this in every component end a step.
    pub tolerance_grad: f64,
    /// Changes of the loss and moves of the parameters up to this end a step.
    pub tolerance_change: f64,
    /// Evaluations of one step at most, the one where it starts included; `None`: 5/4 of `max_iter`.
    pub max_eval: Option<u64>,
    /// How far to go along a direction.
    pub line_search: LineSearch,
}

/// How far [`Lbfgs`] goes along a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineSearch {
    /// As far as the learning rate says.
    None,
    /// To a point that fulfils the strong Wolfe conditions with c1 = 1e-4 and c2 = 0.9, if it is found.
    StrongWolfe,
}

impl Default for Lbfgs {
    fn default() -> Self {
        Lbfgs {
            max_iter: 20,
            history: 100,
            tolerance_grad: 1e-7,
            tolerance_change: 1e-9,
            max_eval: None,
            line_search: LineSearch::None,
        }
    }
}

impl Lbfgs {
    /// burn's config.
    pub fn config(&self) -> LBFGSConfig {
        LBFGSConfig::new()
            // burn multiplies it by 5: a number so large that it would overflow there is as good as none.
            .with_max_iter((self.max_iter as usize).min(usize::MAX / 5))
            .with_history_size(self.history as usize)
            .with_tolerance_grad(self.tolerance_grad)
            .with_tolerance_change(self.tolerance_change)
            .with_max_eval(self.max_eval.map(|most| most as usize))
            .with_line_search_fn(match self.line_search {
                LineSearch::None => LineSearchFn::None,
                LineSearch::StrongWolfe => LineSearchFn::StrongWolfe,
            })
    }
}

impl Builtin for Lbfgs {
    const FACTS: Facts = Facts {
        name: "burn/lbfgs",
        formula: "x <- x - t H g, H = BFGS over the last pairs s = x - x_prev, y = g - g_prev; max_iter times a step",
        source: "burn 0.22.1, burn::optim::LBFGS (Liu & Nocedal 1989, Mathematical Programming 45; Nocedal 1980)",
        convention: "torch: 20 iterations a step, t = lr unless a search is asked for; a search may use all evaluations left",
        failure: "without a search it can go uphill for ever; noisy gradients spoil the pairs; f32 ends the search early",
        lr: 1.0,
        grid: (1e-2, 10.0),
        hypers: &[
            Hyper::new("max_iter", Range::AtLeast(1), "iterations of one step at most"),
            Hyper::new("history", Range::AtLeast(1), "pairs that are remembered"),
            Hyper::new("tolerance_grad", Range::NonNegative, "gradients up to this in every component end a step"),
            Hyper::new("tolerance_change", Range::NonNegative, "changes of loss or parameters up to this end a step"),
            Hyper::new("max_eval", Range::AtLeast(1), "evaluations of one step at most; none: 5/4 of max_iter"),
            Hyper::new("line_search", Range::OneOf(&["none", "strong-wolfe"]), "how far to go along a direction"),
        ],
        needs: &[Need::Loss, Need::Again, Need::FullBatch],
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::PermutationEquivariant,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
        ],
        ..BURN
    };

    fn build(&self, backend: Backend, layout: &Layout) -> Result<Box<dyn Optimizer<f32>>, Refusal> {
        Ok(Box::new(closure::Lbfgs::new(Self::FACTS.name, self.config(), backend.device()?, layout)?))
    }
}
