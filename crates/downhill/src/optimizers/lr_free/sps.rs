//! SPS, the stochastic Polyak step.

use super::polyak::Gap;
use super::whole::Whole;
use crate::{Claim, Facts, Given, Hyper, Layout, Method, Need, Optimizer, Preset, Range, Real};
use serde::{Deserialize, Serialize};

/// SPS_max: Polyak's step on the loss of a batch, with a bound against batches whose gradient is small.
///
/// ```text
/// s <- min((f - f*) / (c |g|^2 + eps), max)
/// s <- min((f - f*) / (c |g|^2 + eps), 2^(1 / doubling) s)       with doubling, from s = max
/// x <- x - lr s g
/// ```
///
/// Loizou, Vaswani, Laradji & Lacoste-Julien 2021, arXiv:2002.10542, equation 3 and, for the bound that grows,
/// section 5 (tau = 2, doubling = steps per epoch). The authors' code grows the bound by default and has an `eps`;
/// after one gradient of zero its bound is zero for ever, here it stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sps {
    /// Share of the line's length to step by, inverted: 1/2 is twice as far, `> 0`.
    pub c: f64,
    /// The longest step, as a learning rate, `> 0`.
    pub max: f64,
    /// Steps in which the longest step may double, `> 0`; 0: it is `max` always.
    pub doubling: f64,
    /// Added to `c |g|^2`.
    pub eps: f64,
}

impl Default for Sps {
    fn default() -> Self {
        Sps { c: 0.5, max: 1.0, doubling: 0.0, eps: 0.0 }
    }
}

impl Method for Sps {
    const FACTS: Facts = Facts {
        name: "sps",
        formula: "x <- x - lr min((f - f*) / (c |g|^2 + eps), max) g",
        source: "Loizou et al. 2021, arXiv:2002.10542",
        convention: "the paper's SPS_max; the authors' code lets the bound double in 500 steps",
        preset: "paper",
        presets: &[Preset::new("authors", &[("doubling", Given::Number(500.0)), ("eps", Given::Number(1e-8))])],
        failure: "batches that disagree at the optimum keep it moving; the bound then decides, as a learning rate would",
        lr: 1.0,
        grid: (0.1, 10.0),
        hypers: &[
            Hyper::new("c", Range::Positive, "divides the length: 1/2 steps twice as far"),
            Hyper::new("max", Range::Positive, "longest step, as a learning rate"),
            Hyper::new("doubling", Range::NonNegative, "steps in which the longest step may double; 0: it stays"),
            Hyper::new("eps", Range::NonNegative, "added to c |g|^2"),
        ],
        needs: &[Need::Loss, Need::LowerBound],
        averages: false,
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::PermutationEquivariant,
            Claim::RotationEquivariant,
            Claim::LinearInLr,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let &Sps { c, max, doubling, eps } = self;
        let bound = if doubling > 0.0 { max * libm::exp2(1.0 / doubling) } else { max };
        Box::new(Gap { c, eps, doubling, bound, whole: Whole::new(layout) })
    }
}
