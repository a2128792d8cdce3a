//! AdaBelief.

use super::adam::Coef;
use crate::{At, Cell, Driver, Facts, Fused, Hyper, Layout, Method, Optimizer, Pointwise, Range, Real, Slot, Slots};
use serde::{Deserialize, Serialize};

/// AdaBelief: Adam scaled by how far the gradient falls from its own mean.
///
/// ```text
/// m <- m + (1 - beta1) (g - m)
/// s <- s + (1 - beta2) ((g - m)^2 - s) + eps
/// u  = m / (1 - beta1^t)  /  (sqrt(s / (1 - beta2^t)) + eps)
/// ```
///
/// Zhuang et al. 2020, arXiv:2010.07468. As the authors' code and optax: eps 1e-16 (1e-8 in the paper's algorithm,
/// which is another method in practice), and it gathers in `s`. A constant gradient sends `s` to about 0: there
/// `eps` decides the step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdaBelief {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squared deviations, `[0, 1)`.
    pub beta2: f64,
    /// Added to the mean of squares at each step and to the root.
    pub eps: f64,
}

impl Default for AdaBelief {
    fn default() -> Self {
        AdaBelief { beta1: 0.9, beta2: 0.999, eps: 1e-16 }
    }
}

impl Method for AdaBelief {
    const FACTS: Facts = Facts {
        name: "adabelief",
        formula: "m as in Adam; s <- s + (1 - beta2) ((g - m)^2 - s) + eps; x <- x - lr m^ / (sqrt(s^) + eps)",
        source: "Zhuang et al. 2020, arXiv:2010.07468",
        preset: "authors",
        convention: "authors' code: eps 1e-16, gathered in s; the paper's algorithm has 1e-8",
        failure: "constant gradients: s falls to eps, which then decides the step",
        lr: 1e-3,
        grid: (1e-5, 1e-1),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squared deviations"),
            Hyper::new("eps", Range::Positive, "added to the mean of squares at each step and to the root"),
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
    type Coef = Coef<R>;
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0), ("s", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Coef<R> {
        Coef::new(self.beta1, self.beta2, self.eps, at.t)
    }
    #[inline(always)]
    fn update(c: Coef<R>, [m, s]: Cell<'_, Slots<2>, R>, _: R, g: R) -> R {
        *m += c.a1 * (g - *m);
        let off = g - *m;
        *s += c.a2 * (off * off - *s) + c.eps;
        *m * c.unbias1 / ((*s * c.unbias2).sqrt() + c.eps)
    }
}
