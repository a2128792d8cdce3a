//! Quasi-hyperbolic momentum.

use crate::{At, Cell, Driver, Facts, Fused, Hyper, Layout, Method, Optimizer, Pointwise, Range, Real, Slot, Slots};
use serde::{Deserialize, Serialize};

/// QHM: a weighted mean of the gradient and of its running mean.
///
/// ```text
/// m <- beta m + (1 - beta) g
/// u  = (1 - nu) g + nu m
/// ```
///
/// Ma & Yarats 2019, arXiv:1810.06801. As the authors' code, with the beta and nu that they recommend. `nu = 1` is
/// momentum as a mean of gradients (a rate `1 / (1 - beta)` times that of [`HeavyBall`](crate::HeavyBall)),
/// `nu = beta` Nesterov's, `nu = 0` gradient descent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Qhm {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta: f64,
    /// Share of the mean in the direction, usually `[0, 1]`.
    pub nu: f64,
}

impl Default for Qhm {
    fn default() -> Self {
        Qhm { beta: 0.999, nu: 0.7 }
    }
}

impl Method for Qhm {
    const FACTS: Facts = Facts {
        name: "qhm",
        formula: "m <- beta m + (1 - beta) g; x <- x - lr ((1 - nu) g + nu m)",
        source: "Ma & Yarats 2019, arXiv:1810.06801",
        preset: "authors",
        convention: "the authors' code: m is a mean, without bias correction",
        failure: "as gradient descent; with the recommended beta the mean is a thousand steps old",
        lr: 1e-2,
        grid: (1e-4, 1.0),
        hypers: &[
            Hyper::new("beta", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("nu", Range::NonNegative, "share of the mean in the direction"),
        ],
        claims: super::LINEAR,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl<R: Real> Pointwise<R> for Qhm {
    type Memory = Slots<1>;
    type Clock = ();
    /// `(beta, 1 - beta, nu, 1 - nu)`
    type Coef = (R, R, R, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0)]
    }
    fn coef(&self, _: &(), _: &At) -> Self::Coef {
        (R::of(self.beta), R::of(1.0 - self.beta), R::of(self.nu), R::of(1.0 - self.nu))
    }
    #[inline(always)]
    fn update((beta, fresh, of_m, of_g): Self::Coef, [m]: Cell<'_, Slots<1>, R>, _: R, g: R) -> R {
        *m = beta * *m + fresh * g;
        of_g * g + of_m * *m
    }
}
