//! What the outputs of a network should be.

use super::layers::Body;
use super::loss::{Loss, Targets};
use super::metric::Tally;
use super::rows::Rows;
use crate::data::{Labels, Splits};
use crate::problem::{Metric, ProblemError};
use crate::rng::Rng;
use downhill::Real;

/// What the outputs should be, and how far they are from it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    /// The data's targets, one at each place; `delta` is Huber's.
    Targets { loss: Loss, delta: f64 },
}

impl Goal {
    /// The targets, with a loss that needs nothing else.
    pub(crate) fn of(loss: Loss) -> Self {
        Goal::Targets { loss, delta: 1.0 }
    }

    /// The number of outputs at each place.
    ///
    /// # Errors
    /// If the loss does not fit the data.
    pub(crate) fn outputs<R>(self, splits: &Splits<R>) -> Result<usize, ProblemError> {
        match self {
            Goal::Targets { loss, .. } => loss.outputs(splits.classes),
        }
    }

    /// Targets an example, of outputs at so many places.
    pub(crate) fn targets(self, places: usize) -> usize {
        match self {
            Goal::Targets { .. } => places,
        }
    }

    /// What is measured beside the loss; `classes` is 0 for numbers.
    pub(crate) fn metric(self, classes: usize) -> Option<Metric> {
        match self {
            Goal::Targets { .. } => {
                let name = if classes == 0 { "R2" } else { "accuracy" };
                Some(Metric { name, higher_is_better: true })
            }
        }
    }

    /// Whether so many outputs say how probable each class is.
    pub(crate) fn is_likelihood(self, outputs: usize) -> bool {
        match self {
            Goal::Targets { loss, .. } => loss.is_likelihood(outputs),
        }
    }

    /// The sum of the losses of some targets; the outputs in the arena become its gradient by them, times `scale`.
    pub(crate) fn slope<R: Real>(self, body: &Body<R>, arena: &mut [R], targets: &Targets<'_, R>, scale: f64) -> f64 {
        match self {
            Goal::Targets { loss, delta } => loss.slope(body.output(arena), targets, delta, scale),
        }
    }

    /// The same for labels drawn from the outputs, which are a likelihood's.
    pub(crate) fn drawn_slope<R: Real>(
        self,
        body: &Body<R>,
        arena: &mut [R],
        n: usize,
        rng: &mut Rng,
        scale: f64,
    ) -> f64 {
        match self {
            Goal::Targets { loss, .. } => {
                let y = Labels::Classes(loss.draw(body.output(arena), n, rng));
                self.slope(body, arena, &Targets { y: &y, rows: Rows::Span(0, n).each(1) }, scale)
            }
        }
    }

    /// Counts some targets.
    pub(crate) fn tally<R: Real>(self, tally: &mut Tally, body: &Body<R>, arena: &mut [R], targets: &Targets<'_, R>) {
        match self {
            Goal::Targets { .. } => tally.add(body.output(arena), targets),
        }
    }

    /// The second derivative by the outputs `f` of one layer, times `along`, times `scale`, into `along`; `f` is spoilt.
    pub(crate) fn curve<R: Real>(self, f: &mut [R], along: &mut [R], targets: &Targets<'_, R>, scale: f64) {
        match self {
            Goal::Targets { loss, delta } => loss.curve(f, along, targets, delta, scale),
        }
    }
}
