//! RMSprop.

use super::Root;
use crate::isa::{Kernel, dispatch};
use crate::{
    At, Block, Cell, Chain, Driver, Facts, Fused, Given, Hyper, Layout, Method, Momentum, Optimizer, Pointwise, Preset,
    Range, Real, Rule, Slot, Slots, Step, Visit,
};
use serde::{Deserialize, Serialize};

/// RMSprop: the gradient over its running root mean square, then momentum.
///
/// ```text
/// v <- alpha v + (1 - alpha) g^2                             (v starts at `initial`)
/// r  = g / (sqrt(v) + eps)         or, centered,   r = g / (sqrt(v - a^2) + eps),   a <- alpha a + (1 - alpha) g
/// b <- momentum b + r              or, lr inside,  b <- momentum b + lr r
/// x <- x - lr b                                    x <- x - b
/// ```
///
/// Tieleman & Hinton 2012, lecture 6e; centered: Graves 2013, arXiv:1308.0850. As torch: `eps` outside the root, v
/// from 0 without bias correction (the first step is `lr / sqrt(1 - alpha)`), the learning rate outside the
/// momentum. The lecture, optax and TensorFlow 1 have alpha 0.9; the latter two add eps inside the root and put the
/// rate inside the momentum; TensorFlow 1 starts v at 1; burn has momentum by default. Unlike all of them, a variance
/// that rounding makes negative counts as 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RmsProp {
    /// Decay of the mean of squares, `[0, 1)`.
    pub alpha: f64,
    /// The mean of squares before the first step, in units of the gradient squared.
    pub initial: f64,
    /// Added to the root, in units of the gradient; inside, of its square.
    pub eps: f64,
    /// Add `eps` before the root is taken.
    pub eps_inside: bool,
    /// Divide by the standard deviation in place of the root mean square.
    pub centered: bool,
    /// Share of the last direction that is kept, `[0, 1)`.
    pub momentum: f64,
    /// Let old directions keep the learning rate of their own step.
    pub lr_inside: bool,
}

impl Default for RmsProp {
    fn default() -> Self {
        RmsProp {
            alpha: 0.99,
            initial: 0.0,
            eps: 1e-8,
            eps_inside: false,
            centered: false,
            momentum: 0.0,
            lr_inside: false,
        }
    }
}

impl Method for RmsProp {
    const FACTS: Facts = Facts {
        name: "rmsprop",
        formula: "v <- alpha v + (1 - alpha) g^2; b <- momentum b + g / (sqrt(v) + eps); x <- x - lr b",
        source: "Tieleman & Hinton 2012, lecture 6e; centered: Graves 2013, arXiv:1308.0850",
        convention: "torch: alpha 0.99, eps after the root, no bias correction, lr outside the momentum",
        presets: &[
            Preset { name: "paper", lr: Some(1e-3), fields: &[("alpha", Given::Number(0.9))] },
            Preset::new(
                "optax",
                &[("alpha", Given::Number(0.9)), ("eps_inside", Given::Flag(true)), ("lr_inside", Given::Flag(true))],
            ),
            Preset::new(
                "tf1",
                &[
                    ("alpha", Given::Number(0.9)),
                    ("initial", Given::Number(1.0)),
                    ("eps", Given::Number(1e-10)),
                    ("eps_inside", Given::Flag(true)),
                    ("lr_inside", Given::Flag(true)),
                ],
            ),
            Preset::new("burn", &[("eps", Given::Number(1e-5)), ("momentum", Given::Number(0.9))]),
        ],
        failure: "the first step is lr / sqrt(1 - alpha); no momentum and no bias correction by default",
        lr: 1e-2,
        hypers: &[
            Hyper::new("alpha", Range::Decay, "decay of the mean of squares"),
            Hyper::new("initial", Range::NonNegative, "mean of squares before the first step"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
            Hyper::new("eps_inside", Range::Flag, "add eps before the root is taken"),
            Hyper::new("centered", Range::Flag, "divide by the standard deviation"),
            Hyper::new("momentum", Range::Decay, "share of the last direction that is kept"),
            Hyper::new("lr_inside", Range::Flag, "old directions keep the learning rate of their own step"),
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let &RmsProp { alpha, initial, eps, eps_inside, .. } = self;
        let rms = Rms { alpha, initial, eps, eps_inside };
        if self.centered { self.behind(Deviation(rms), layout) } else { self.behind(rms, layout) }
    }
}

impl RmsProp {
    /// The momentum behind the scaled gradient.
    fn behind<R: Real>(&self, scaled: impl Pointwise<R>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let mu = self.momentum;
        if mu == 0.0 {
            Driver::boxed(Fused(scaled), layout)
        } else if self.lr_inside {
            Velocity::boxed(mu, Fused(scaled), layout)
        } else {
            Driver::boxed(Fused(Chain(scaled, Momentum { mu, dampening: 0.0, nesterov: false })), layout)
        }
    }
}

/// The gradient over its running root mean square.
#[derive(Clone, Copy, Debug)]
pub struct Rms {
    /// Decay of the mean of squares.
    pub alpha: f64,
    /// The mean of squares before the first step.
    pub initial: f64,
    /// Added to the root.
    pub eps: f64,
    /// Add `eps` before the root is taken.
    pub eps_inside: bool,
}

impl Rms {
    fn coef<R: Real>(&self) -> (R, R, Root<R>) {
        (R::of(self.alpha), R::of(1.0 - self.alpha), Root::new(self.eps, self.eps_inside))
    }
}

impl<R: Real> Pointwise<R> for Rms {
    type Memory = Slots<1>;
    type Clock = ();
    /// `(alpha, 1 - alpha, eps)`
    type Coef = (R, R, Root<R>);
    fn slots(&self) -> Vec<Slot> {
        vec![("v", self.initial)]
    }
    fn coef(&self, _: &(), _: &At) -> Self::Coef {
        self.coef()
    }
    #[inline(always)]
    fn update((alpha, fresh, root): Self::Coef, [v]: Cell<'_, Slots<1>, R>, _: R, g: R) -> R {
        *v = alpha * *v + fresh * (g * g);
        g / root.of(*v)
    }
}

/// The gradient over its running standard deviation.
#[derive(Clone, Copy, Debug)]
pub struct Deviation(pub Rms);

impl<R: Real> Pointwise<R> for Deviation {
    type Memory = Slots<2>;
    type Clock = ();
    /// `(alpha, 1 - alpha, eps)`
    type Coef = (R, R, Root<R>);
    fn slots(&self) -> Vec<Slot> {
        vec![("v", self.0.initial), ("a", 0.0)]
    }
    fn coef(&self, _: &(), _: &At) -> Self::Coef {
        self.0.coef()
    }
    #[inline(always)]
    fn update((alpha, fresh, root): Self::Coef, [v, a]: Cell<'_, Slots<2>, R>, _: R, g: R) -> R {
        *v = alpha * *v + fresh * (g * g);
        *a = alpha * *a + fresh * g;
        g / root.of((*v - *a * *a).larger(R::ZERO))
    }
}

/// Momentum with the learning rate inside: `b <- mu b + lr u; x <- x - b`.
struct Velocity<R: Real, U: Rule<R>> {
    mu: f64,
    rule: Driver<R, U>,
    blocks: Vec<Block>,
    b: Vec<R>,
    u: Vec<R>,
}

impl<R: Real, U: Rule<R>> Velocity<R, U> {
    fn boxed(mu: f64, rule: U, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let zeros = vec![R::ZERO; layout.len()];
        let (rule, blocks) = (Driver::new(rule, layout), layout.blocks().to_vec());
        Box::new(Velocity { mu, rule, blocks, b: zeros.clone(), u: zeros })
    }
}

impl<R: Real, U: Rule<R>> Optimizer<R> for Velocity<R, U> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        self.u.copy_from_slice(g);
        self.rule.direct(x, &mut self.u, step);
        for block in &self.blocks {
            let (range, lr) = (block.range.clone(), R::of(step.at(block).lr));
            let (x, b, u) = (&mut x[range.clone()], &mut self.b[range.clone()], &self.u[range]);
            dispatch(Carry { x, b, u, mu: R::of(self.mu), lr });
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        self.rule.visit(visit);
        visit.by_block(&self.blocks, "b", &mut self.b);
    }
}

struct Carry<'a, R> {
    x: &'a mut [R],
    b: &'a mut [R],
    u: &'a [R],
    mu: R,
    lr: R,
}
impl<R: Real> Kernel for Carry<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for ((x, b), &u) in self.x.iter_mut().zip(self.b).zip(self.u) {
            *b = self.mu * *b + self.lr * u;
            *x -= *b;
        }
    }
}
