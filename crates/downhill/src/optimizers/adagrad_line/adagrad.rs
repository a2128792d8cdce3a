//! Adagrad.

use super::Root;
use crate::{
    At, Cell, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Pointwise, Preset, Range, Real, Slot,
    Slots,
};
use serde::{Deserialize, Serialize};

/// Adagrad: each coordinate has its own rate, which falls with the squares that it has seen.
///
/// ```text
/// a <- a + g^2                                     (a starts at `initial`)
/// u  = g / (sqrt(a) + eps)  /  (1 + lr_decay (t - 1))          or, eps inside, sqrt(a + eps)
/// ```
///
/// Duchi, Hazan & Singer 2011, JMLR 12:2121. As torch: `eps` is added after the root, as the paper's delta. optax
/// starts at 0.1 and adds its eps inside the root, TensorFlow 1 starts there and has none; burn's eps is 1e-5.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adagrad {
    /// Slows the learning rate further, per step.
    pub lr_decay: f64,
    /// The sum of squares before the first step, in units of the gradient squared.
    pub initial: f64,
    /// Added to the root, in units of the gradient; inside, of its square.
    pub eps: f64,
    /// Add `eps` before the root is taken.
    pub eps_inside: bool,
}

impl Default for Adagrad {
    fn default() -> Self {
        Adagrad { lr_decay: 0.0, initial: 0.0, eps: 1e-10, eps_inside: false }
    }
}

impl Method for Adagrad {
    const FACTS: Facts = Facts {
        name: "adagrad",
        formula: "a <- a + g^2; x <- x - lr / (1 + (t - 1) lr_decay) g / (sqrt(a) + eps)",
        source: "Duchi, Hazan & Singer 2011, JMLR 12:2121",
        convention: "torch: eps after the root, sum of squares from 0",
        presets: &[
            Preset::new("paper", &[("eps", Given::Number(0.0))]),
            Preset::new(
                "optax",
                &[("initial", Given::Number(0.1)), ("eps", Given::Number(1e-7)), ("eps_inside", Given::Flag(true))],
            ),
            Preset::new("tf1", &[("initial", Given::Number(0.1)), ("eps", Given::Number(0.0))]),
            Preset::new("burn", &[("eps", Given::Number(1e-5))]),
        ],
        failure: "the rate only falls, like 1 / sqrt(t); large first gradients freeze a coordinate",
        lr: 1e-2,
        grid: (1e-3, 1.0),
        hypers: &[
            Hyper::new("lr_decay", Range::NonNegative, "slows the learning rate further, per step"),
            Hyper::new("initial", Range::NonNegative, "sum of squares before the first step"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
            Hyper::new("eps_inside", Range::Flag, "add eps before the root is taken"),
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl<R: Real> Pointwise<R> for Adagrad {
    type Memory = Slots<1>;
    type Clock = ();
    /// `(1 / (1 + lr_decay (t - 1)), eps)`
    type Coef = (R, Root<R>);
    fn slots(&self) -> Vec<Slot> {
        vec![("a", self.initial)]
    }
    fn coef(&self, _: &(), at: &At) -> Self::Coef {
        let slowed = 1.0 / (1.0 + self.lr_decay * (at.t - 1) as f64);
        (R::of(slowed), Root::new(self.eps, self.eps_inside))
    }
    #[inline(always)]
    fn update((slowed, root): Self::Coef, [a]: Cell<'_, Slots<1>, R>, _: R, g: R) -> R {
        *a += g * g;
        slowed * g / root.of(*a)
    }
}
