//! Level 3: what owns a whole step.

use crate::{At, Block, Layout, Real, Rule, Visit};
use std::fmt;

/// One step's facts, and the way to ask the problem for more than the gradient.
pub struct Step<'a, R> {
    /// The step, from 1.
    pub t: u64,
    /// The learning rate, schedule included.
    pub lr: f64,
    /// The loss at the point where the gradient was taken.
    pub loss: R,
    /// What the problem can answer beyond the gradient.
    pub oracle: &'a mut dyn Oracle<R>,
}

impl<R> Step<'_, R> {
    /// What a rule may know of this step in a block: its group included.
    pub fn at(&self, block: &Block) -> At {
        At { t: self.t, lr: self.lr * block.group.lr_scale, decay: block.group.decay }
    }
}

/// A method that changes the parameters, step by step.
///
/// Whole-vector norms, further evaluations and averaging live at this level; what fits lower
/// ([`Pointwise`](crate::Pointwise), [`Rule`]) should stay there. Object-safe.
pub trait Optimizer<R: Real>: Send {
    /// One step from `x`, where the gradient is `g`.
    fn step(&mut self, x: &mut [R], g: &[R], at: &mut Step<'_, R>);
    /// The point to evaluate and to keep: `x` itself, or what is computed into `into` (an average).
    fn readout<'a>(&'a self, x: &'a [R], _into: &'a mut [R]) -> &'a [R] {
        x
    }
    /// Visits everything remembered from step to step, in a fixed order.
    fn visit(&mut self, visit: &mut Visit<'_>);
}

impl<R: Real> Optimizer<R> for Box<dyn Optimizer<R>> {
    fn step(&mut self, x: &mut [R], g: &[R], at: &mut Step<'_, R>) {
        (**self).step(x, g, at);
    }
    fn readout<'a>(&'a self, x: &'a [R], into: &'a mut [R]) -> &'a [R] {
        (**self).readout(x, into)
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        (**self).visit(visit);
    }
}

/// What a random draw is for: the stream it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Rademacher or Gaussian probes of curvature.
    Probe,
    /// Labels sampled from the model.
    Labels,
    /// Anything else an optimizer randomises.
    Step,
}

/// What the problem can answer beyond the gradient. Every method refuses by default; the caller counts the cost.
///
/// Noise comes from here, counter-based by (trial, step, purpose): optimizers own no generator, so that
/// resuming needs no generator state.
pub trait Oracle<R> {
    /// Loss and gradient at another point, on the same sample (and with the same dropout mask).
    fn again(&mut self, _x: &[R], _g: &mut [R]) -> Result<R, Refused> {
        Err(Refused("loss and gradient at a second point"))
    }
    /// Loss and gradient over all training examples.
    fn full(&mut self, _x: &[R], _g: &mut [R]) -> Result<R, Refused> {
        Err(Refused("the gradient over all training examples"))
    }
    /// Loss and gradient of example `i`.
    fn summand(&mut self, _i: usize, _x: &[R], _g: &mut [R]) -> Result<R, Refused> {
        Err(Refused("the gradient of a single example"))
    }
    /// The Hessian at `x` times `v`, on the same sample.
    fn hessian_vector(&mut self, _x: &[R], _v: &[R], _hv: &mut [R]) -> Result<(), Refused> {
        Err(Refused("products with the Hessian"))
    }
    /// A value that the loss cannot go below.
    fn lower_bound(&mut self) -> Result<f64, Refused> {
        Err(Refused("a lower bound of the loss"))
    }
    /// Standard normal noise.
    fn noise(&mut self, _purpose: Purpose, _out: &mut [R]) -> Result<(), Refused> {
        Err(Refused("random noise"))
    }
}

/// An oracle that refuses everything.
pub struct NoOracle;
impl<R> Oracle<R> for NoOracle {}

/// What a problem cannot answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub &'static str);
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the problem does not offer {}", self.0)
    }
}
impl std::error::Error for Refused {}

/// Runs a [`Rule`] over the blocks of a layout.
pub struct Driver<R: Real, U: Rule<R>> {
    rule: U,
    blocks: Vec<(Block, U::State)>,
    /// As long as the longest block.
    scratch: Vec<R>,
}

impl<R: Real, U: Rule<R>> Driver<R, U> {
    /// The rule with fresh memory for each block.
    pub fn new(rule: U, layout: &Layout) -> Self {
        let blocks: Vec<_> = layout.blocks().iter().map(|b| (b.clone(), rule.init(b))).collect();
        let longest = blocks.iter().map(|(b, _)| b.len()).max().unwrap_or(0);
        Driver { rule, blocks, scratch: vec![R::ZERO; longest] }
    }
    /// The same, boxed as an optimizer.
    pub fn boxed(rule: U, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Box::new(Self::new(rule, layout))
    }
    /// Turns the gradient in `u` into the rule's direction, in place, and takes no step.
    pub fn direct(&mut self, x: &[R], u: &mut [R], step: &Step<'_, R>) {
        for (block, state) in &mut self.blocks {
            let range = block.range.clone();
            self.rule.direct(&step.at(block), state, &x[range.clone()], &mut u[range]);
        }
    }
}

impl<R: Real, U: Rule<R>> Optimizer<R> for Driver<R, U> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        for (block, state) in &mut self.blocks {
            let at = step.at(block);
            let range = block.range.clone();
            let scratch = &mut self.scratch[..range.len()];
            self.rule.apply(&at, state, &mut x[range.clone()], &g[range], scratch);
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        for (block, state) in &mut self.blocks {
            visit.within(&block.name, |v| self.rule.visit(state, v));
        }
    }
}
