//! Adan.

use super::adam::{Coef, unbias};
use crate::{
    At, Cell, Claim, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Pointwise, Preset, Range, Real,
    Slot, Slots,
};
use serde::{Deserialize, Serialize};

/// Adan: Adam with Nesterov's look-ahead, by the mean change of the gradient.
///
/// ```text
/// d  = g - g_last                            (0 at the first step)
/// m <- m + (1 - beta1) (g - m)
/// v <- v + (1 - beta2) (d - v)
/// n <- n + (1 - beta3) ((g + beta2 d)^2 - n)
/// u  = (m / (1 - beta1^t) + beta2 v / (1 - beta2^t))  /  (sqrt(n / (1 - beta3^t)) + eps)
/// x <- (x - lr u) / (1 + lr decay)           no_prox:  x <- (1 - lr decay) x - lr u
/// ```
///
/// Xie et al. 2022, arXiv:2208.06677. As the authors' code, with the decay of their experiments (theirs is 0 unless
/// asked for). The paper writes `1 - beta` where the code writes `beta`, so its factor `1 - beta2` is 0.92; optax
/// multiplies by 0.08, which is neither.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adan {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of changes, and share of a change in the look-ahead, `[0, 1)`.
    pub beta2: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta3: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Weight decay, per step and learning rate.
    pub decay: f64,
    /// Decay before the step, as AdamW, instead of around it.
    pub no_prox: bool,
}

impl Default for Adan {
    fn default() -> Self {
        Adan { beta1: 0.98, beta2: 0.92, beta3: 0.99, eps: 1e-8, decay: 0.02, no_prox: false }
    }
}

impl Method for Adan {
    const FACTS: Facts = Facts {
        name: "adan",
        formula: "d = g - g_last; m, v, n means of g, d, (g + beta2 d)^2; x <- (x - lr (m^ + beta2 v^) / (sqrt(n^) + eps)) / (1 + lr decay)",
        source: "Xie et al. 2022, arXiv:2208.06677",
        preset: "paper",
        convention: "the authors' code with the paper's decay of 0.02; optax's factor of v is another, 1 - beta2",
        presets: &[Preset::new("authors", &[("decay", Given::Number(0.0))])],
        failure: "the change of the gradient is noise where batches differ more than points; four vectors of state",
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of changes, and their share in the look-ahead"),
            Hyper::new("beta3", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
            Hyper::new("decay", Range::NonNegative, "weight decay, per step and learning rate"),
            Hyper::new("no_prox", Range::Flag, "decay before the step instead of around it"),
        ],
        // The decay looks at the parameters, and divides by 1 + lr decay.
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::Separable,
            Claim::PermutationEquivariant,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

/// The constants of one step.
#[derive(Clone, Copy)]
pub struct Steady<R> {
    /// Of `m` and `n`.
    adam: Coef<R>,
    b2: R,
    a2: R,
    unbias2: R,
    /// 0 at the first step, then 1.
    of_change: R,
    decay: R,
    /// `1 / (1 + lr decay)`: `x - lr (u + decay x) / (1 + lr decay)` is `(x - lr u) / (1 + lr decay)`.
    shrink: R,
}

impl<R: Real> Pointwise<R> for Adan {
    type Memory = Slots<4>;
    type Clock = ();
    type Coef = Steady<R>;
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0), ("v", 0.0), ("n", 0.0), ("last", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Steady<R> {
        let decay = at.decay.unwrap_or(self.decay);
        Steady {
            adam: Coef::new(self.beta1, self.beta3, self.eps, at.t),
            b2: R::of(self.beta2),
            a2: R::of(1.0 - self.beta2),
            unbias2: R::of(unbias(self.beta2, at.t)),
            of_change: if at.t == 1 { R::ZERO } else { R::ONE },
            decay: R::of(decay),
            shrink: R::of(if self.no_prox { 1.0 } else { 1.0 / (1.0 + at.lr * decay) }),
        }
    }
    #[inline(always)]
    fn update(c: Steady<R>, [m, v, n, last]: Cell<'_, Slots<4>, R>, x: R, g: R) -> R {
        let change = c.of_change * (g - *last);
        let ahead = g + c.b2 * change;
        *last = g;
        *m += c.adam.a1 * (g - *m);
        *v += c.a2 * (change - *v);
        *n += c.adam.a2 * (ahead * ahead - *n);
        let u = (*m * c.adam.unbias1 + c.b2 * (*v * c.unbias2)) / c.adam.scale(*n);
        (u + c.decay * x) * c.shrink
    }
}
