//! Adadelta.

use crate::{
    At, Cell, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Pointwise, Preset, Range, Real, Slot,
    Slots,
};
use serde::{Deserialize, Serialize};

/// Adadelta: steps in the units of the parameters, from the ratio of two running scales.
///
/// ```text
/// v <- rho v + (1 - rho) g^2
/// u  = sqrt(d + eps) / sqrt(v + eps)  g
/// d <- rho d + (1 - rho) u^2
/// ```
///
/// Zeiler 2012, arXiv:1212.5701. As torch and optax: rho 0.9; the paper has 0.95 and no learning rate, which is a
/// rate of 1. TensorFlow 1 has a rate of 0.001, at which hardly anything moves. `eps` decides the first steps, whose
/// size is about `sqrt(eps)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adadelta {
    /// Decay of both means of squares, `[0, 1)`.
    pub rho: f64,
    /// Added inside both roots, in units of the gradient squared and of the direction squared.
    pub eps: f64,
}

impl Default for Adadelta {
    fn default() -> Self {
        Adadelta { rho: 0.9, eps: 1e-6 }
    }
}

impl Method for Adadelta {
    const FACTS: Facts = Facts {
        name: "adadelta",
        formula: "v <- rho v + (1 - rho) g^2; d = sqrt(D + eps) / sqrt(v + eps) g; D <- rho D + (1 - rho) d^2; x <- x - lr d",
        source: "Zeiler 2012, arXiv:1212.5701",
        convention: "torch and optax: rho 0.9, eps inside both roots",
        presets: &[
            Preset::new("paper", &[("rho", Given::Number(0.95))]),
            Preset {
                name: "tf1",
                lr: Some(1e-3),
                fields: &[("rho", Given::Number(0.95)), ("eps", Given::Number(1e-8))],
            },
        ],
        failure: "starts at the root of eps: the first steps are tiny",
        lr: 1.0,
        grid: (1e-3, 10.0),
        hypers: &[
            Hyper::new("rho", Range::Decay, "decay of both means of squares"),
            Hyper::new("eps", Range::Positive, "added inside both roots; decides the first steps"),
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl<R: Real> Pointwise<R> for Adadelta {
    type Memory = Slots<2>;
    type Clock = ();
    /// `(rho, 1 - rho, eps)`
    type Coef = (R, R, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("v", 0.0), ("d", 0.0)]
    }
    fn coef(&self, _: &(), _: &At) -> Self::Coef {
        (R::of(self.rho), R::of(1.0 - self.rho), R::of(self.eps))
    }
    #[inline(always)]
    fn update((rho, fresh, eps): Self::Coef, [v, d]: Cell<'_, Slots<2>, R>, _: R, g: R) -> R {
        *v = rho * *v + fresh * (g * g);
        let u = (*d + eps).sqrt() / (*v + eps).sqrt() * g;
        *d = rho * *d + fresh * (u * u);
        u
    }
}
