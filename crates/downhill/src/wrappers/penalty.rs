//! Penalties on the size of the parameters, added to the gradient.

use crate::{
    At, Before, Cell, Claim, Fused, Hyper, Layout, Optimizer, Pointwise, Range, Real, Slots, Wrapper, WrapperFacts,
};
use serde::{Deserialize, Serialize};

/// The penalty `lambda |x|^2 / 2`, as a term of the gradient: `g <- g + lambda x`.
///
/// Coupled: the method's momentum and scale see it ([`Decay`](crate::Decay) goes around them). It is what torch calls
/// `weight_decay` everywhere but in AdamW. All blocks are penalised, biases too, as in torch; a parameter group
/// exempts (`decay = 0.0`) or changes them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct L2 {
    /// Weight of the penalty; a group's `decay` replaces it.
    pub lambda: f64,
}

impl<R: Real> Pointwise<R> for L2 {
    type Memory = Slots<0>;
    type Clock = ();
    type Coef = R;
    fn coef(&self, _: &(), at: &At) -> R {
        R::of(at.decay.unwrap_or(self.lambda))
    }
    #[inline(always)]
    fn update(lambda: R, _: Cell<'_, Slots<0>, R>, x: R, g: R) -> R {
        g + lambda * x
    }
}

impl Wrapper for L2 {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "l2",
        rewrites: true,
        source: "Hoerl & Kennard 1970; Krogh & Hertz 1991",
        formula: "g <- g + lambda x",
        convention: "torch's weight_decay",
        hypers: &[Hyper::new("lambda", Range::NonNegative, "weight of the penalty lambda |x|^2 / 2")],
        breaks: &[Claim::ScaleInvariant, Claim::TranslationInvariant, Claim::StillAtZeroGradient],
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Before::boxed(Fused(*self), inner, layout)
    }
}

/// The penalty `lambda |x|_1`, as a term of the gradient: `g <- g + lambda sign(x)`, and nothing at 0.
///
/// A subgradient: coordinates come near 0 and cross it, they do not stay there. Blocks and groups as for [`L2`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct L1 {
    /// Weight of the penalty; a group's `decay` replaces it.
    pub lambda: f64,
}

impl<R: Real> Pointwise<R> for L1 {
    type Memory = Slots<0>;
    type Clock = ();
    type Coef = R;
    fn coef(&self, _: &(), at: &At) -> R {
        R::of(at.decay.unwrap_or(self.lambda))
    }
    #[inline(always)]
    fn update(lambda: R, _: Cell<'_, Slots<0>, R>, x: R, g: R) -> R {
        g + lambda * x.sign()
    }
}

impl Wrapper for L1 {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "l1",
        rewrites: true,
        source: "Tibshirani 1996",
        formula: "g <- g + lambda sign(x)",
        convention: "the subgradient 0 at 0",
        hypers: &[Hyper::new("lambda", Range::NonNegative, "weight of the penalty lambda |x|_1")],
        breaks: &[
            Claim::RotationEquivariant,
            Claim::ScaleInvariant,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
        ],
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Before::boxed(Fused(*self), inner, layout)
    }
}
