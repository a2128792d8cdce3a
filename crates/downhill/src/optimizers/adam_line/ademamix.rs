//! AdEMAMix.

use super::adam::Coef;
use crate::{
    At, Cell, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Pointwise, Preset, Range, Real, Slot,
    Slots,
};
use serde::{Deserialize, Serialize};

/// AdEMAMix: Adam with a second mean of gradients, over the last ten thousand steps.
///
/// ```text
/// m, v as in Adam
/// s <- s + (1 - beta3_t) (g - s)
/// u  = (m / (1 - beta1^t) + alpha_t s)  /  (sqrt(v / (1 - beta2^t)) + eps)
/// alpha_t = alpha min(1, t / T),    1 / log(beta3_t) from 1 / log(beta1) to 1 / log(beta3) over T = warmup steps
/// ```
///
/// Pagliardini, Ablin & Grangier 2024, arXiv:2409.03137. As the authors' code: `s` is not bias-corrected, both warm
/// up over as many steps as asked for (the paper: over all), weight decay is a wrapper. Their code adds 1e-8 to the
/// betas in the warm-up's logarithms; the paper, pytorch_optimizer and this do not. optax's default alpha is 5.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdEmaMix {
    /// Decay of the fast mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Decay of the slow mean of gradients, `[0, 1)`.
    pub beta3: f64,
    /// Weight of the slow mean beside the fast one.
    pub alpha: f64,
    /// Steps over which alpha rises from 0, and the half-life of the slow mean from the fast one's; 0 for none.
    pub warmup: u64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
}

impl Default for AdEmaMix {
    fn default() -> Self {
        AdEmaMix { beta1: 0.9, beta2: 0.999, beta3: 0.9999, alpha: 2.0, warmup: 0, eps: 1e-8 }
    }
}

impl Method for AdEmaMix {
    const FACTS: Facts = Facts {
        name: "ademamix",
        formula: "m, v as in Adam; s <- s + (1 - beta3) (g - s); x <- x - lr (m^ + alpha s) / (sqrt(v^) + eps)",
        source: "Pagliardini, Ablin & Grangier 2024, arXiv:2409.03137",
        preset: "authors",
        convention: "the authors' code: s not bias-corrected, alpha 2; optax has alpha 5, the paper up to 8",
        presets: &[Preset::new("optax", &[("alpha", Given::Number(5.0))])],
        failure: "old gradients: too slow for short runs, and without warm-up a wrong start is remembered long",
        grid: (1e-4, 1.0),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the fast mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("beta3", Range::Decay, "decay of the slow mean of gradients"),
            Hyper::new("alpha", Range::NonNegative, "weight of the slow mean beside the fast one"),
            Hyper::new("warmup", Range::AtLeast(0), "steps over which alpha and beta3 rise"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl AdEmaMix {
    /// `alpha` and `1 - beta3` of step `t`.
    fn slow(&self, t: u64) -> (f64, f64) {
        if t >= self.warmup {
            return (self.alpha, 1.0 - self.beta3);
        }
        let share = t as f64 / self.warmup as f64;
        // Decay rates by their half-lives, in units of log(1/2): a decay of 0 has a half-life of 0.
        let (from, to) = (1.0 / libm::log(self.beta1), 1.0 / libm::log(self.beta3));
        (self.alpha * share, 1.0 - libm::exp(1.0 / ((1.0 - share) * from + share * to)))
    }
}

impl<R: Real> Pointwise<R> for AdEmaMix {
    type Memory = Slots<3>;
    type Clock = ();
    /// Adam's, then `alpha` and `1 - beta3`.
    type Coef = (Coef<R>, R, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0), ("v", 0.0), ("s", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Self::Coef {
        let (alpha, a3) = self.slow(at.t);
        (Coef::new(self.beta1, self.beta2, self.eps, at.t), R::of(alpha), R::of(a3))
    }
    #[inline(always)]
    fn update((c, alpha, a3): Self::Coef, [m, v, s]: Cell<'_, Slots<3>, R>, _: R, g: R) -> R {
        c.average(m, v, g);
        *s += a3 * (g - *s);
        (*m * c.unbias1 + alpha * *s) / c.scale(*v)
    }
}
