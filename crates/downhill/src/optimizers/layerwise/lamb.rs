//! LAMB.

use super::{is_offset_or_gain, scale};
use crate::{
    Adam, At, Block, Chain, Claim, Decay, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Preset, Range,
    Real, Rule, Split, Then, Visit, real,
};
use serde::{Deserialize, Serialize};

/// LAMB: AdamW's direction, scaled in each block to the size of the parameters there.
///
/// ```text
/// r = adam(g) + decay x
/// u = phi(|x|) / |r| r          of each block;  1 r where a norm is 0
/// ```
///
/// You et al. 2020, arXiv:1904.00962, Algorithm 2; `phi` is the identity, or a clip at `clip`. As optax, whose
/// default decay is 0. Releases differ: the authors' TensorFlow code has no bias correction and leaves offsets and
/// gains out of ratio and decay, earlier versions of the paper have no bias correction and clip at 10.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lamb {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Weight decay, inside the ratio.
    pub decay: f64,
    /// The largest norm of a block that counts, in units of the parameters; 0: any.
    pub clip: f64,
    /// Divide both means by `1 - beta^t`.
    pub bias_correction: bool,
    /// Leave offsets and gains out of ratio and decay: Adam for them.
    pub exclude: bool,
}

impl Default for Lamb {
    fn default() -> Self {
        Lamb { beta1: 0.9, beta2: 0.999, eps: 1e-6, decay: 0.01, clip: 0.0, bias_correction: true, exclude: false }
    }
}

impl Method for Lamb {
    const FACTS: Facts = Facts {
        name: "lamb",
        formula: "r = Adam's direction + decay x; x <- x - lr phi(|x|) / |r| r, block by block",
        source: "You et al. 2020, arXiv:1904.00962",
        convention: "paper: bias correction, decay 0.01 inside the ratio; the authors' code corrects no bias and spares offsets and gains",
        preset: "paper",
        presets: &[
            Preset::new("optax", &[("decay", Given::Number(0.0))]),
            Preset::new("authors", &[("bias_correction", Given::Flag(false)), ("exclude", Given::Flag(true))]),
        ],
        failure: "a block that starts small can only grow slowly; a ratio of 1 for blocks at zero",
        lr: 1e-2,
        grid: (1e-4, 1e-1),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
            Hyper::new("decay", Range::NonNegative, "weight decay, inside the ratio"),
            Hyper::new("clip", Range::NonNegative, "largest norm of a block that counts; 0: any"),
            Hyper::new("bias_correction", Range::Flag, "divide both means by 1 - beta^t"),
            Hyper::new("exclude", Range::Flag, "Adam, without ratio and decay, for offsets and gains")
                .breaking(&[Claim::Separable]),
        ],
        claims: &[
            Claim::Separable,
            Claim::SignEquivariant,
            Claim::PermutationEquivariant,
            Claim::LinearInLr,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let &Lamb { beta1, beta2, eps, decay, clip, bias_correction, exclude } = self;
        let adam = Adam { beta1, beta2, eps, bias_correction, ..Adam::default() };
        let adamw = Fused(Chain(adam.clone(), Decay { lambda: decay }));
        let lamb = Then(adamw, TrustRatio { clip });
        if exclude {
            return Driver::boxed(Split { when: is_offset_or_gain, this: Fused(adam), other: lamb }, layout);
        }
        Driver::boxed(lamb, layout)
    }
}

/// `u <- phi(|x|) / |u| u`: as long as the parameters, at most `clip`; `u` itself where a norm is 0.
#[derive(Clone, Copy, Debug)]
pub struct TrustRatio {
    /// The largest norm of the parameters that counts, in their units; 0: any.
    pub clip: f64,
}

impl<R: Real> Rule<R> for TrustRatio {
    type State = ();
    fn init(&self, _: &Block) {}
    fn direct(&self, _: &At, _: &mut (), x: &[R], u: &mut [R]) {
        let size = real::norm(x);
        let size = if self.clip > 0.0 { Real::smaller(size, self.clip) } else { size };
        let length = real::norm(u);
        if size != 0.0 && length != 0.0 {
            scale(u, size / length);
        }
    }
    fn visit(&self, _: &mut (), _: &mut Visit<'_>) {}
}
