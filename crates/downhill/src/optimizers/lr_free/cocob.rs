//! COCOB.

use crate::{
    At, Cell, Claim, Driver, Facts, Fused, Hyper, Layout, Method, Optimizer, Pointwise, Range, Real, Slot, Slots,
};
use serde::{Deserialize, Serialize};

/// COCOB: each coordinate bets a share of what it has won on the direction of the next gradient.
///
/// ```text
/// L <- max(L, |g|),  G <- G + |g|,  W <- max(W - g (x - x0), 0),  C <- C - g
/// w  = x0 + C / L  (L + W) / max(G + L, alpha L)
/// x <- x + lr (w - x)
/// ```
///
/// Orabona & Tommasi 2017, arXiv:1705.07795, Algorithm 2, and Orabona's code. The method has no learning rate: with
/// `lr = 1` the bet is the point; a schedule makes it come to rest. optax multiplies the gradient by `lr`, which the
/// bet does not see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cocob {
    /// About the number of steps in which the bets are kept small, `>= 0`.
    pub alpha: f64,
    /// The scale of gradients before the first, `> 0`.
    pub eps: f64,
}

impl Default for Cocob {
    fn default() -> Self {
        Cocob { alpha: 100.0, eps: 1e-8 }
    }
}

impl Method for Cocob {
    const FACTS: Facts = Facts {
        name: "cocob",
        formula: "L <- max(L, |g|); G <- G + |g|; W <- max(W - g (x - x0), 0); C <- C - g; x <- x + lr (x0 + C / L (L + W) / max(G + L, alpha L) - x)",
        source: "Orabona & Tommasi 2017, arXiv:1705.07795",
        convention: "the authors' code; optax moves the learning rate to where it has no effect",
        preset: "authors",
        failure: "bets stay small for about alpha steps, and one large gradient makes all later bets small",
        lr: 1.0,
        grid: (0.1, 1.0),
        hypers: &[
            Hyper::new("alpha", Range::NonNegative, "about the number of steps with small bets"),
            Hyper::new("eps", Range::Positive, "scale of gradients before the first"),
        ],
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::Separable,
            Claim::PermutationEquivariant,
            Claim::ScaleInvariant,
            Claim::LinearInLr,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl<R: Real> Pointwise<R> for Cocob {
    /// `[x0, scale]` and `[sum_abs, wealth, sum]`: the loop over five in one does not vectorise.
    type Memory = (Slots<2>, Slots<3>);
    type Clock = ();
    /// `(whether this is the first step, alpha)`
    type Coef = (bool, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("x0", 0.0), ("scale", self.eps), ("sum_abs", 0.0), ("wealth", 0.0), ("sum", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Self::Coef {
        (at.t == 1, R::of(self.alpha))
    }
    #[inline(always)]
    fn update((first, alpha): Self::Coef, memory: Cell<'_, (Slots<2>, Slots<3>), R>, x: R, g: R) -> R {
        let ([x0, scale], [sum_abs, wealth, sum]) = memory;
        *x0 = if first { x } else { *x0 };
        *scale = scale.larger(g.abs());
        *sum_abs += g.abs();
        *wealth = (*wealth - g * (x - *x0)).larger(R::ZERO);
        *sum -= g;
        let share = (*scale + *wealth) / (*sum_abs + *scale).larger(alpha * *scale);
        x - (*x0 + *sum / *scale * share)
    }
}
