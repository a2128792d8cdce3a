//! QHAdam.

use super::adam::{Coef, unbias};
use crate::{
    At, Cell, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Pointwise, Preset, Range, Real, Slot,
    Slots,
};
use serde::{Deserialize, Serialize};

/// QHAdam: Adam whose means are mixed with what comes in, quasi-hyperbolically.
///
/// ```text
/// m <- m + (1 - beta1) (g - m)
/// v <- v + (1 - beta2) (g^2 - v)
/// u  = ((1 - nu1) g + nu1 m / (1 - beta1^t))  /  (sqrt((1 - nu2) g^2 + nu2 v / (1 - beta2^t)) + eps)
/// ```
///
/// Ma & Yarats 2019, arXiv:1810.06801. With the paper's recommended values; the authors' code starts from Adam's own,
/// at which the method is Adam (`nu1 = nu2 = 1`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QHAdam {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Share of the mean in the numerator; the rest is the gradient.
    pub nu1: f64,
    /// Share of the mean in the denominator, at most 1; the rest is the gradient squared.
    pub nu2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
}

impl Default for QHAdam {
    fn default() -> Self {
        QHAdam { beta1: 0.995, beta2: 0.999, nu1: 0.7, nu2: 1.0, eps: 1e-8 }
    }
}

impl Method for QHAdam {
    const FACTS: Facts = Facts {
        name: "qhadam",
        formula: "m, v as in Adam; x <- x - lr ((1 - nu1) g + nu1 m^) / (sqrt((1 - nu2) g^2 + nu2 v^) + eps)",
        source: "Ma & Yarats 2019, arXiv:1810.06801",
        preset: "paper",
        convention: "the paper's recommended values; the authors' code begins with Adam's",
        presets: &[Preset::new("authors", &[("beta1", Given::Number(0.9)), ("nu1", Given::Number(1.0))])],
        failure: "the raw gradient's share amplifies noise at small batches; two more coefficients to tune",
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("nu1", Range::NonNegative, "share of the mean in the numerator"),
            Hyper::new("nu2", Range::NonNegative, "share of the mean in the denominator, at most 1"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl<R: Real> Pointwise<R> for QHAdam {
    type Memory = Slots<2>;
    type Clock = ();
    /// Adam's, then `nu1`, `1 - nu1`, `nu2`, `1 - nu2`.
    type Coef = (Coef<R>, [R; 4]);
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0), ("v", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Self::Coef {
        let (of_m, of_v) = (self.nu1 * unbias(self.beta1, at.t), self.nu2 * unbias(self.beta2, at.t));
        let shares = [of_m, 1.0 - self.nu1, of_v, 1.0 - self.nu2].map(R::of);
        (Coef::new(self.beta1, self.beta2, self.eps, at.t), shares)
    }
    #[inline(always)]
    fn update((c, shares): Self::Coef, [m, v]: Cell<'_, Slots<2>, R>, _: R, g: R) -> R {
        let [of_m, of_g, of_v, of_square] = shares;
        c.average(m, v, g);
        let square = of_square * (g * g) + of_v * *v;
        (of_g * g + of_m * *m) / (square.sqrt() + c.eps)
    }
}
