//! Grokfast.

use crate::{
    At, Before, Cell, Fused, Hyper, Layout, Optimizer, Pointwise, Range, Real, Slot, Slots, Wrapper, WrapperFacts,
};
use serde::{Deserialize, Serialize};

/// Amplifies what is slow in the gradients: adds a multiple of their average.
///
/// ```text
/// h <- alpha h + (1 - alpha) g      (h <- g at the first step)
/// g <- g + lamb h
/// ```
///
/// Lee et al. 2024, arXiv:2405.20233: the filter EMA, as the authors' code. Their other filter, the mean of a window
/// of 100 gradients, is not here: it remembers all of them. The rate counts for `1 + lamb` times as much where the
/// gradients agree.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grokfast {
    /// Decay of the average, `[0, 1)`.
    pub alpha: f64,
    /// Its weight in the gradient.
    pub lamb: f64,
}

impl Default for Grokfast {
    fn default() -> Self {
        Grokfast { alpha: 0.98, lamb: 2.0 }
    }
}

impl<R: Real> Pointwise<R> for Grokfast {
    type Memory = Slots<1>;
    type Clock = ();
    /// `(share of g in h, lamb)`
    type Coef = (R, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("h", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> (R, R) {
        (R::of(if at.t == 1 { 1.0 } else { 1.0 - self.alpha }), R::of(self.lamb))
    }
    #[inline(always)]
    fn update((fresh, lamb): (R, R), [h]: Cell<'_, Slots<1>, R>, _: R, g: R) -> R {
        *h += fresh * (g - *h);
        g + lamb * *h
    }
}

impl Wrapper for Grokfast {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "grokfast",
        rewrites: true,
        source: "Lee et al. 2024, arXiv:2405.20233",
        formula: "h <- alpha h + (1 - alpha) g; g <- g + lamb h",
        convention: "authors' EMA filter, which starts at the first gradient",
        hypers: &[
            Hyper::new("alpha", Range::Decay, "decay of the average"),
            Hyper::new("lamb", Range::NonNegative, "weight of the average in the gradient"),
        ],
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Before::boxed(Fused(*self), inner, layout)
    }
}
