//! Sign descent.

use crate::{At, Cell, Driver, Facts, Fused, Layout, Method, Optimizer, Pointwise, Real, Slots};
use serde::{Deserialize, Serialize};

/// signSGD: every coordinate moves by the learning rate, whatever the size of its gradient.
///
/// ```text
/// x <- x - lr sign(g)
/// ```
///
/// Bernstein et al. 2018, arXiv:1802.04434, as optax. The sign of 0 is 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignSgd {}

impl Method for SignSgd {
    const FACTS: Facts = Facts {
        name: "sign-sgd",
        formula: "x <- x - lr sign(g)",
        source: "Bernstein et al. 2018, arXiv:1802.04434",
        preset: "paper",
        convention: "the paper and optax; sign(0) = 0",
        failure: "follows the median gradient: wrong where noise is skewed (Karimireddy et al. 2019); rests only as lr falls",
        claims: super::SIGNS,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(Sign), layout)
    }
}

/// `u = sign(g)`: behind any rule in a chain.
#[derive(Clone, Copy, Debug)]
pub struct Sign;

impl<R: Real> Pointwise<R> for Sign {
    type Memory = Slots<0>;
    type Clock = ();
    type Coef = ();
    fn coef(&self, _: &(), _: &At) {}
    #[inline(always)]
    fn update(_: (), _: Cell<'_, Slots<0>, R>, _: R, g: R) -> R {
        g.sign()
    }
}
