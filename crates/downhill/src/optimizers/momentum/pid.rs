//! Proportional, integral and derivative terms of the gradient.

use crate::{At, Cell, Driver, Facts, Fused, Hyper, Layout, Method, Optimizer, Pointwise, Range, Real, Slot, Slots};
use serde::{Deserialize, Serialize};

/// PID: the gradient, its decaying sum and its smoothed change, as a controller weighs an error.
///
/// ```text
/// i <- momentum i + g
/// d <- momentum d + (1 - momentum) (g - g')           (g' is the last gradient; no change at the first step)
/// u  = g + integral i + derivative d
/// ```
///
/// An et al. 2018, CVPR, "A PID Controller Approach for Stochastic Optimization of Deep Networks". As the paper and
/// `pytorch_optimizer`, with a momentum of 0.9. The authors' code never stores the last gradient and weighs the change
/// by the learning rate. Steps are `1 + integral / (1 - momentum)` times gradient descent's: the rate is as much smaller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pid {
    /// Decay of the sum and of the change, `[0, 1)`.
    pub momentum: f64,
    /// Weight of the sum of gradients.
    pub integral: f64,
    /// Weight of the change of gradients.
    pub derivative: f64,
}

impl Default for Pid {
    fn default() -> Self {
        Pid { momentum: 0.9, integral: 5.0, derivative: 10.0 }
    }
}

impl Method for Pid {
    const FACTS: Facts = Facts {
        name: "pid",
        formula: "i <- momentum i + g; d <- momentum d + (1 - momentum) (g - g'); x <- x - lr (g + integral i + derivative d)",
        source: "An et al. 2018, CVPR",
        preset: "paper",
        convention: "the paper and pytorch_optimizer; the authors' code forgets the last gradient",
        failure: "the change of gradients is mostly noise in small batches",
        grid: (1e-6, 1e-1),
        hypers: &[
            Hyper::new("momentum", Range::Decay, "decay of the sum and of the change"),
            Hyper::new("integral", Range::NonNegative, "weight of the sum of gradients"),
            Hyper::new("derivative", Range::NonNegative, "weight of the change of gradients"),
        ],
        claims: super::LINEAR,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

/// The constants of one step.
#[derive(Clone, Copy)]
pub struct Coef<R> {
    mu: R,
    /// `1 - momentum`, 0 at the first step.
    fresh: R,
    integral: R,
    derivative: R,
}

impl<R: Real> Pointwise<R> for Pid {
    type Memory = Slots<3>;
    type Clock = ();
    type Coef = Coef<R>;
    fn slots(&self) -> Vec<Slot> {
        vec![("i", 0.0), ("d", 0.0), ("g", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Coef<R> {
        let fresh = if at.t == 1 { 0.0 } else { 1.0 - self.momentum };
        let (integral, derivative) = (R::of(self.integral), R::of(self.derivative));
        Coef { mu: R::of(self.momentum), fresh: R::of(fresh), integral, derivative }
    }
    #[inline(always)]
    fn update(c: Coef<R>, [i, d, last]: Cell<'_, Slots<3>, R>, _: R, g: R) -> R {
        *i = c.mu * *i + g;
        *d = c.mu * *d + c.fresh * (g - *last);
        *last = g;
        g + c.integral * *i + c.derivative * *d
    }
}
