//! What is minimised: loss, gradient, measures, facts.

use crate::rng::{Rng, Streams};
use downhill::{Layout, Real};
use std::fmt;

/// What is known of a problem, the same in both precisions.
pub trait Info: Send + Sync {
    /// The blocks of its parameters.
    fn layout(&self) -> Layout;
    /// The number of training examples; 0 for a plain function, which has no batches.
    fn examples(&self) -> usize {
        0
    }
    /// What is known of this instance.
    fn facts(&self) -> Facts;
}

/// Something to minimise, with its exact gradient.
pub trait Problem<R: Real>: Info {
    /// The starting point, drawn from the stream `start` alone.
    fn start(&self, rng: &mut Rng, x: &mut [R]);
    /// The objective at `x` over a sample; `g` receives its gradient. Allocates nothing once `scratch` has grown.
    fn eval(&self, x: &[R], sample: &Sample<'_>, g: &mut [R], scratch: &mut Scratch<R>) -> R;
    /// The Hessian at `x` over a sample, times `v`, into `hv`, if there is a formula ([`Facts::curved`]). It costs about
    /// as much as a gradient.
    fn hessian_vector(
        &self,
        _x: &[R],
        _v: &[R],
        _sample: &Sample<'_>,
        _hv: &mut [R],
        _scratch: &mut Scratch<R>,
    ) -> Option<()> {
        None
    }
    /// `z` becomes `C z` with `C C'` the Hessian, if that is constant and has a root with a formula: independent draws
    /// become draws with the Hessian for their covariance.
    fn root_hessian(&self, _z: &mut [R]) -> Option<()> {
        None
    }
    /// As [`eval`](Self::eval), with labels drawn from the model's own predictions, if it makes any
    /// ([`Facts::probabilistic`]); the draws are `rng`'s.
    fn model_labels(
        &self,
        _x: &[R],
        _sample: &Sample<'_>,
        _rng: &mut Rng,
        _g: &mut [R],
        _scratch: &mut Scratch<R>,
    ) -> Option<R> {
        None
    }
    /// Everything worth knowing at `x` over one part of the data, without noise or dropout; a plain function has
    /// one part, and answers the same for all.
    fn measure(&self, x: &[R], part: Part, scratch: &mut Scratch<R>) -> Measures;
}

/// Which examples, and which random draws, one evaluation uses.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// The training examples.
    pub batch: Batch<'a>,
    /// The step, from 1: noise and dropout are drawn from `streams.at(.., t)`.
    pub t: u64,
    /// The trial's random streams.
    pub streams: &'a Streams,
}

/// Training examples by number.
#[derive(Clone, Copy, Debug)]
pub enum Batch<'a> {
    /// All of them, in their order.
    All,
    /// These.
    Rows(&'a [u32]),
}

/// A part of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What gradients see.
    Train,
    /// What selects learning rates and stopping times.
    Validation,
    /// What is reported.
    Test,
}

impl Part {
    /// All parts.
    pub const ALL: [Part; 3] = [Part::Train, Part::Validation, Part::Test];
}

/// What is measured over one part of the data.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measures {
    /// What the gradient descends: data loss and penalties.
    pub objective: f64,
    /// The data loss alone.
    pub loss: f64,
    /// The metric that [`Facts::metric`] names.
    pub metric: Option<f64>,
}

/// A metric beside the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// `accuracy`, `R2`, ...
    pub name: &'static str,
    /// Whether more is better.
    pub higher_is_better: bool,
}

/// What is known of one problem instance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The smallest value that the loss can take (within the domain, if it is unbounded below), if known.
    pub minimum: Option<f64>,
    /// Where it takes it: all known global minimisers.
    pub minimisers: Vec<Vec<f64>>,
    /// Local minima that are not global, all or the best known of them: point and value.
    pub traps: Vec<(Vec<f64>, f64)>,
    /// The box in which the formula is meant, and pictures are drawn: an interval for each coordinate, or one for
    /// all; empty if there is none.
    pub domain: Vec<(f64, f64)>,
    /// A value that the loss cannot go below.
    pub lower_bound: Option<f64>,
    /// The metric of [`Measures`].
    pub metric: Option<Metric>,
    /// Whether two evaluations with different `t` differ: noise on the gradient or dropout.
    pub noisy: bool,
    /// Whether products with the Hessian have a formula; elsewhere they are differences of gradients.
    pub curved: bool,
    /// Whether the model predicts probabilities, from which labels can be drawn.
    pub probabilistic: bool,
}

impl Facts {
    /// The loss takes its smallest value, `minimum`, at these points, and goes below it nowhere.
    pub fn global(minimum: f64, minimisers: Vec<Vec<f64>>) -> Self {
        Facts { minimum: Some(minimum), minimisers, lower_bound: Some(minimum), ..Facts::default() }
    }

    /// The interval of coordinate `i` in [`domain`](Facts::domain).
    pub fn interval(&self, i: usize) -> Option<(f64, f64)> {
        match self.domain[..] {
            [all] => Some(all),
            _ => self.domain.get(i).copied(),
        }
    }
}

/// Buffers that an evaluation may use; their content means nothing between calls.
#[derive(Debug, Default)]
pub struct Scratch<R>(Vec<R>);

impl<R: Real> Scratch<R> {
    /// Empty: grows at the first call that needs it.
    pub fn new() -> Self {
        Scratch(Vec::new())
    }
    /// `n` numbers of any value. Split them with `split_at_mut`.
    pub fn take(&mut self, n: usize) -> &mut [R] {
        if self.0.len() < n {
            self.0.resize(n, R::ZERO);
        }
        &mut self.0[..n]
    }
}

/// What is wrong with a problem's table or its data, in words for the user: file, line, field, found, allowed.
#[derive(Clone, Debug, PartialEq)]
pub struct ProblemError(pub String);
impl fmt::Display for ProblemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for ProblemError {}
