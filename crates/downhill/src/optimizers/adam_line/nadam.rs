//! NAdam.

use super::adam::Coef;
use crate::{
    At, Cell, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Pointwise, Preset, Range, Real, Slot,
    Slots,
};
use serde::{Deserialize, Serialize};

/// NAdam: Adam that looks ahead along a momentum that warms up.
///
/// ```text
/// mu_t = beta1 (1 - 0.96^(t psi) / 2),   P_t = mu_1 mu_2 ... mu_t
/// m <- m + (1 - beta1) (g - m)
/// v <- v + (1 - beta2) (g^2 - v)
/// u  = ((1 - mu_t) / (1 - P_t) g + mu_{t+1} / (1 - P_{t+1}) m)  /  (sqrt(v / (1 - beta2^t)) + eps)
/// ```
///
/// Dozat 2016, ICLR workshop. As torch and Keras. optax and TensorFlow's contrib use beta1 throughout instead of
/// `mu_t`, another path ([`constant_momentum`](NAdam::constant_momentum)). [`NAdamW`](crate::NAdamW) is this with a
/// decay behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NAdam {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Speed at which the momentum warms up, per step.
    pub psi: f64,
    /// No warm-up: `mu_t` is beta1 from the start.
    pub constant_momentum: bool,
}

impl Default for NAdam {
    fn default() -> Self {
        NAdam { beta1: 0.9, beta2: 0.999, eps: 1e-8, psi: 4e-3, constant_momentum: false }
    }
}

impl Method for NAdam {
    const FACTS: Facts = Facts {
        name: "nadam",
        formula: "m, v as in Adam; x <- x - lr ((1 - mu_t) / (1 - P_t) g + mu_{t+1} / (1 - P_{t+1}) m) / (sqrt(v^) + eps)",
        source: "Dozat 2016, ICLR workshop",
        convention: "torch: momentum that warms up; optax has a constant one",
        presets: &[Preset::new("optax", &[("constant_momentum", Given::Flag(true))])],
        failure: "the extra share of the gradient amplifies noise at small batches",
        lr: 2e-3,
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
            Hyper::new("psi", Range::NonNegative, "speed at which the momentum warms up, per step"),
            Hyper::new("constant_momentum", Range::Flag, "no warm-up"),
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl NAdam {
    fn mu(&self, t: u64) -> f64 {
        let warm_up = if self.constant_momentum { 1.0 } else { 1.0 - 0.5 * libm::pow(0.96, t as f64 * self.psi) };
        self.beta1 * warm_up
    }
}

impl<R: Real> Pointwise<R> for NAdam {
    type Memory = Slots<2>;
    /// `P_t`
    type Clock = f64;
    /// Adam's, and the shares of `g` and of `m`.
    type Coef = (Coef<R>, R, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0), ("v", 0.0)]
    }
    fn clock(&self) -> f64 {
        1.0
    }
    fn tick(&self, product: &mut f64, at: &At) {
        *product *= self.mu(at.t);
    }
    fn coef(&self, &product: &f64, at: &At) -> Self::Coef {
        let (mu, next) = (self.mu(at.t), self.mu(at.t + 1));
        let (of_g, of_m) = ((1.0 - mu) / (1.0 - product), next / (1.0 - product * next));
        (Coef::new(self.beta1, self.beta2, self.eps, at.t), R::of(of_g), R::of(of_m))
    }
    #[inline(always)]
    fn update((c, of_g, of_m): Self::Coef, [m, v]: Cell<'_, Slots<2>, R>, _: R, g: R) -> R {
        c.average(m, v, g);
        (of_g * g + of_m * *m) / c.scale(*v)
    }
}
