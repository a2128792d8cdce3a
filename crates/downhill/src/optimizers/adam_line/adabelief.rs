//! AdaBelief.

use super::adam::Coef;
use crate::{
    At, Cell, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Pointwise, Preset, Range, Real, Slot,
    Slots,
};
use serde::{Deserialize, Serialize};

/// AdaBelief: Adam scaled by how far the gradient falls from its own mean.
///
/// ```text
/// m <- m + (1 - beta1) (g - m)
/// s <- s + (1 - beta2) ((g - m)^2 - s) + eps_root
/// u  = m / (1 - beta1^t)  /  (sqrt(s / (1 - beta2^t)) + eps)
/// ```
///
/// Zhuang et al. 2020, arXiv:2010.07468. The authors' code and optax: both eps are 1e-16 (1e-8 in the paper's
/// algorithm, which is another method in practice), and `eps_root` gathers in `s`, up to `eps_root / (1 - beta2)`.
/// The authors' package rectifies as [`RAdam`](crate::RAdam) by default; the paper and this do not. A constant
/// gradient sends `s` to about 0: there the two eps decide the step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdaBelief {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squared deviations, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Added to the mean of squares at each step, in units of the gradient squared.
    pub eps_root: f64,
}

impl Default for AdaBelief {
    fn default() -> Self {
        AdaBelief { beta1: 0.9, beta2: 0.999, eps: 1e-16, eps_root: 1e-16 }
    }
}

impl Method for AdaBelief {
    const FACTS: Facts = Facts {
        name: "adabelief",
        formula: "m as in Adam; s <- s + (1 - beta2) ((g - m)^2 - s) + eps_root; x <- x - lr m^ / (sqrt(s^) + eps)",
        source: "Zhuang et al. 2020, arXiv:2010.07468",
        preset: "authors",
        convention: "authors' code: eps 1e-16, gathered in s; the paper's algorithm has 1e-8",
        presets: &[Preset::new("paper", &[("eps", Given::Number(1e-8)), ("eps_root", Given::Number(1e-8))])],
        failure: "constant gradients: s falls to eps, which then decides the step",
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squared deviations"),
            Hyper::new("eps", Range::Positive, "added to the root, in units of the gradient"),
            Hyper::new("eps_root", Range::NonNegative, "added to the mean of squares at each step"),
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl<R: Real> Pointwise<R> for AdaBelief {
    type Memory = Slots<2>;
    type Clock = ();
    /// Adam's, and `eps_root`.
    type Coef = (Coef<R>, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0), ("s", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Self::Coef {
        (Coef::new(self.beta1, self.beta2, self.eps, at.t), R::of(self.eps_root))
    }
    #[inline(always)]
    fn update((c, eps_root): Self::Coef, [m, s]: Cell<'_, Slots<2>, R>, _: R, g: R) -> R {
        *m += c.a1 * (g - *m);
        let off = g - *m;
        *s += c.a2 * (off * off - *s) + eps_root;
        *m * c.unbias1 / c.scale(*s)
    }
}
