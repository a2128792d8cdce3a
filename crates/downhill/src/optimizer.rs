//! Level 3: what owns a whole step.

use crate::{At, Block, Layout, Real, Rule, Visit, real};
use std::fmt;

/// One step's facts, and the way to ask the problem for more than the gradient.
pub struct Step<'a, R: Real> {
    /// The step, from 1.
    pub t: u64,
    /// The learning rate, schedule included.
    pub lr: f64,
    /// The loss at the point where the gradient was taken.
    pub loss: R,
    /// What the problem can answer beyond the gradient.
    pub oracle: &'a mut dyn Oracle<R>,
}

impl<R: Real> Step<'_, R> {
    /// What a rule may know of this step in a block: its group included.
    pub fn at(&self, block: &Block) -> At {
        At { t: self.t, lr: self.lr * block.group.lr_scale, decay: block.group.decay }
    }
}

/// Questions to the oracle, for methods whose [`Need`](crate::Need)s say that they ask.
///
/// # Panics
/// All of them, if the problem refuses: whoever pairs methods with problems compares needs first.
impl<R: Real> Step<'_, R> {
    /// [`Oracle::again`].
    pub fn again(&mut self, x: &[R], g: &mut [R]) -> R {
        granted(self.oracle.again(x, g))
    }
    /// [`Oracle::full`].
    pub fn full(&mut self, x: &[R], g: &mut [R]) -> R {
        granted(self.oracle.full(x, g))
    }
    /// [`Oracle::summand`].
    pub fn summand(&mut self, i: usize, x: &[R], g: &mut [R]) -> R {
        granted(self.oracle.summand(i, x, g))
    }
    /// [`Oracle::examples`].
    pub fn examples(&mut self) -> usize {
        granted(self.oracle.examples())
    }
    /// [`Oracle::rows`], copied into `into`.
    pub fn rows(&mut self, into: &mut Vec<u32>) {
        into.clear();
        into.extend_from_slice(granted(self.oracle.rows()));
    }
    /// [`Oracle::hessian_vector`].
    pub fn hessian_vector(&mut self, x: &[R], v: &[R], hv: &mut [R]) {
        granted(self.oracle.hessian_vector(x, v, hv));
    }
    /// [`Oracle::model_labels`].
    pub fn model_labels(&mut self, x: &[R], g: &mut [R]) -> R {
        granted(self.oracle.model_labels(x, g))
    }
    /// [`Oracle::lower_bound`].
    pub fn lower_bound(&mut self) -> f64 {
        granted(self.oracle.lower_bound())
    }
    /// [`Oracle::noise`].
    pub fn noise(&mut self, purpose: Purpose, out: &mut [R]) {
        granted(self.oracle.noise(purpose, out));
    }
}

fn granted<T>(answer: Result<T, Refused>) -> T {
    answer.unwrap_or_else(|refused| panic!("{refused}"))
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
    /// Anything else that an optimizer randomises.
    Step,
}

/// What the problem can answer beyond the gradient. Every method refuses by default; the caller counts the cost.
///
/// Noise comes from here, counter-based by (trial, step, purpose): optimizers own no generator, so that
/// resuming needs no generator state.
pub trait Oracle<R: Real> {
    /// Loss and gradient at another point, on the same sample (and with the same dropout mask).
    fn again(&mut self, _x: &[R], _g: &mut [R]) -> Result<R, Refused> {
        Err(Refused("loss and gradient at a second point"))
    }
    /// Loss and gradient over all training examples.
    fn full(&mut self, _x: &[R], _g: &mut [R]) -> Result<R, Refused> {
        Err(Refused("the gradient over all training examples"))
    }
    /// The number of training examples.
    fn examples(&mut self) -> Result<usize, Refused> {
        Err(Refused("single examples"))
    }
    /// The examples that this step's loss and gradient are the mean of.
    fn rows(&mut self) -> Result<&[u32], Refused> {
        Err(Refused("single examples"))
    }
    /// Loss and gradient of example `i`.
    fn summand(&mut self, _i: usize, _x: &[R], _g: &mut [R]) -> Result<R, Refused> {
        Err(Refused("single examples"))
    }
    /// The Hessian at `x` times `v`, on the same sample: by a formula if the problem has one, else by [`differences`].
    fn hessian_vector(&mut self, x: &[R], v: &[R], hv: &mut [R]) -> Result<(), Refused> {
        differences(self, x, v, hv)
    }
    /// Loss and gradient at `x` on the same sample, with labels drawn from the model's own predictions.
    fn model_labels(&mut self, _x: &[R], _g: &mut [R]) -> Result<R, Refused> {
        Err(Refused("labels drawn from a model"))
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

/// The Hessian at `x` times `v` from two gradients, half a step ahead and half a step behind.
///
/// The step is `eps^(1/3)` of the size of `x` (at least of 1): the error is about `eps^(2/3)` of the gradient's scale,
/// 4e-11 in `f64` and 2e-5 in `f32`.
///
/// # Errors
/// If the oracle answers for no second point.
pub fn differences<R: Real, O: Oracle<R> + ?Sized>(
    oracle: &mut O,
    x: &[R],
    v: &[R],
    hv: &mut [R],
) -> Result<(), Refused> {
    let root_mean_square = |x: &[R]| real::norm(x) / (x.len() as f64).sqrt();
    let length = root_mean_square(v);
    if length == 0.0 {
        hv.fill(R::ZERO);
        return Ok(());
    }
    let h = libm::cbrt(R::EPSILON) * root_mean_square(x).max(1.0) / length;
    let moved = |h: f64| x.iter().zip(v).map(|(&x, &v)| x + R::of(h) * v).collect::<Vec<_>>();
    let mut behind = vec![R::ZERO; x.len()];
    oracle.again(&moved(h), hv)?;
    oracle.again(&moved(-h), &mut behind)?;
    let scale = R::of(0.5 / h);
    hv.iter_mut().zip(&behind).for_each(|(ahead, &behind)| *ahead = (*ahead - behind) * scale);
    Ok(())
}

/// An oracle that refuses everything.
pub struct NoOracle;
impl<R: Real> Oracle<R> for NoOracle {}

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
