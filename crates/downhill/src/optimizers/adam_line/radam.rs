//! RAdam.

use super::adam::unbias;
use crate::{
    At, Cell, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Pointwise, Preset, Range, Real, Slot,
    Slots,
};
use serde::{Deserialize, Serialize};

/// RAdam: plain momentum until the mean of squares is worth dividing by, then Adam with a factor that warms up.
///
/// ```text
/// m <- m + (1 - beta1) (g - m)
/// v <- v + (1 - beta2) (g^2 - v)
/// rho_inf = 2 / (1 - beta2) - 1,   rho_t = rho_inf - 2 t beta2^t / (1 - beta2^t)
/// u  = m / (1 - beta1^t)                                               while rho_t <= threshold
/// u  = m / (1 - beta1^t)  r_t sqrt(1 - beta2^t) / (sqrt(v) + eps)      then, with
/// r_t = sqrt((rho_t - 4) (rho_t - 2) rho_inf / ((rho_inf - 4) (rho_inf - 2) rho_t))
/// ```
///
/// Liu et al. 2020, arXiv:1908.03265. As torch and the authors' code: the threshold is 5, and `eps` stands before the
/// bias correction; optax has it after. The paper's threshold is 4, and it has no `eps`. With beta2 = 0.999 the first
/// five steps (four by the paper) are plain momentum, in the scale of the raw gradient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RAdam {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// How many gradients' worth of averaging, `rho_t`, the mean of squares needs before it is used; at least 4.
    pub threshold: f64,
    /// Add `eps` after the bias correction: `sqrt(v / (1 - beta2^t)) + eps`.
    pub late_eps: bool,
}

impl Default for RAdam {
    fn default() -> Self {
        RAdam { beta1: 0.9, beta2: 0.999, eps: 1e-8, threshold: 5.0, late_eps: false }
    }
}

impl Method for RAdam {
    const FACTS: Facts = Facts {
        name: "radam",
        formula: "m, v as in Adam; x <- x - lr m^ while the variance of 1 / sqrt(v) is unknown, then x <- x - lr r_t m^ / (sqrt(v^) + eps)",
        source: "Liu et al. 2020, arXiv:1908.03265",
        convention: "torch: rectified above 5, eps before the bias correction; the paper's threshold is 4",
        presets: &[
            Preset::new("paper", &[("threshold", Given::Number(4.0))]),
            Preset::new("optax", &[("late_eps", Given::Flag(true))]),
        ],
        failure: "the first five steps have the gradient's own scale",
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
            Hyper::new("threshold", Range::NonNegative, "the mean of squares is used once rho_t is above, at least 4"),
            Hyper::new("late_eps", Range::Flag, "add eps after the bias correction"),
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl RAdam {
    /// `r_t sqrt(1 - beta2^t)`, once `rho_t` is above the threshold (and above 4, where `r_t` begins).
    fn rectified(&self, t: u64) -> Option<f64> {
        let power = libm::pow(self.beta2, t as f64);
        let limit = 2.0 / (1.0 - self.beta2) - 1.0;
        let rho = limit - 2.0 * t as f64 * power / (1.0 - power);
        let r2 = (rho - 4.0) * (rho - 2.0) * limit / ((limit - 4.0) * (limit - 2.0) * rho);
        (rho > self.threshold.max(4.0)).then(|| (r2 * (1.0 - power)).sqrt())
    }
}

/// The constants of one step: `u = scale m / (of_v sqrt(v) + eps)`, where `of_v` is 0 and `eps` is 1 before the
/// rectification, so that the loop has no branch.
#[derive(Clone, Copy)]
pub struct Coef<R> {
    a1: R,
    a2: R,
    scale: R,
    of_v: R,
    eps: R,
}

impl<R: Real> Pointwise<R> for RAdam {
    type Memory = Slots<2>;
    type Clock = ();
    type Coef = Coef<R>;
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0), ("v", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Coef<R> {
        let eps = if self.late_eps { self.eps / unbias(self.beta2, at.t).sqrt() } else { self.eps };
        let (r, of_v, eps) = self.rectified(at.t).map_or((1.0, 0.0, 1.0), |r| (r, 1.0, eps));
        Coef {
            a1: R::of(1.0 - self.beta1),
            a2: R::of(1.0 - self.beta2),
            scale: R::of(r * unbias(self.beta1, at.t)),
            of_v: R::of(of_v),
            eps: R::of(eps),
        }
    }
    #[inline(always)]
    fn update(c: Coef<R>, [m, v]: Cell<'_, Slots<2>, R>, _: R, g: R) -> R {
        *m += c.a1 * (g - *m);
        *v += c.a2 * (g * g - *v);
        c.scale * *m / (c.of_v * v.sqrt() + c.eps)
    }
}
