//! MARS.

use crate::{
    Adam, At, Block, Cell, Claim, ClipNorm, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Pointwise,
    Preset, Range, Real, Slot, Slots, Split, Then,
};
use serde::{Deserialize, Serialize};

/// MARS: Adam on gradients whose noise is reduced by the change since the last one.
///
/// ```text
/// c  = g + gamma beta1 / (1 - beta1) (g - g_last)         g_last is 0 at the first step
/// c <- c / max(1, |c|)                                    each block for itself
/// u  = adam(c)
/// ```
///
/// Yuan et al. 2024, arXiv:2411.10438. As the authors' code in its approximate form: `g_last` is the gradient of the
/// last batch, where the exact form asks for it again on the new one. MARS-AdamW is this in the wrapper `decay`. Their
/// code leaves blocks that are not matrices to AdamW with betas 0.9 and 0.95 by default
/// ([`adam_1d`](Mars::adam_1d)), and gives these a decay of their own, 0.1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mars {
    /// Decay of the mean of corrected gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of their squares, `[0, 1)`.
    pub beta2: f64,
    /// Strength of the correction.
    pub gamma: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Plain Adam with betas 0.9 and 0.95 for blocks of one dimension.
    pub adam_1d: bool,
}

impl Default for Mars {
    fn default() -> Self {
        Mars { beta1: 0.95, beta2: 0.99, gamma: 0.025, eps: 1e-8, adam_1d: false }
    }
}

impl Method for Mars {
    const FACTS: Facts = Facts {
        name: "mars",
        formula: "c = g + gamma beta1 / (1 - beta1) (g - g_last); c <- c / max(1, |c|) by block; x <- x - lr Adam's direction for c",
        source: "Yuan et al. 2024, arXiv:2411.10438",
        preset: "paper",
        convention: "the paper's approximate form around Adam, g_last 0 at first; by default the authors' code leaves vectors to Adam",
        presets: &[Preset::new("authors", &[("adam_1d", Given::Flag(true))])],
        failure: "the last gradient is another batch's: a large gamma amplifies noise; the clipping hides the gradient's size",
        lr: 3e-3,
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of corrected gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of their squares"),
            Hyper::new("gamma", Range::NonNegative, "strength of the correction"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
            Hyper::new("adam_1d", Range::Flag, "plain Adam with betas 0.9 and 0.95 for blocks of one dimension")
                .breaking(&[Claim::Separable]),
        ],
        claims: &[
            Claim::Separable,
            Claim::SignEquivariant,
            Claim::PermutationEquivariant,
            Claim::LinearInLr,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let adam = |beta1, beta2| Fused(Adam { beta1, beta2, eps: self.eps, ..Adam::default() });
        let correction = Fused(Correction { factor: self.gamma * self.beta1 / (1.0 - self.beta1) });
        let mars = Then(correction, Then(ClipNorm { norm: 1.0 }, adam(self.beta1, self.beta2)));
        if self.adam_1d {
            let when = |block: &Block| block.shape.len() > 1;
            return Driver::boxed(Split { when, this: mars, other: adam(0.9, 0.95) }, layout);
        }
        Driver::boxed(mars, layout)
    }
}

/// `c = g + factor (g - g_last)`.
#[derive(Clone, Copy, Debug)]
struct Correction {
    factor: f64,
}

impl<R: Real> Pointwise<R> for Correction {
    type Memory = Slots<1>;
    type Clock = ();
    type Coef = R;
    fn slots(&self) -> Vec<Slot> {
        vec![("last", 0.0)]
    }
    fn coef(&self, _: &(), _: &At) -> R {
        R::of(self.factor)
    }
    #[inline(always)]
    fn update(factor: R, [last]: Cell<'_, Slots<1>, R>, _: R, g: R) -> R {
        let c = g + factor * (g - *last);
        *last = g;
        c
    }
}
