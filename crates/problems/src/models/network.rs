//! The one engine behind all models: layers, and a loss of what comes out.

use super::goal::Goal;
use super::layers::{Affine, Body, Shape};
use super::loss::{Loss, Targets};
use super::metric::Tally;
use super::rows::{Input, Rows};
use crate::Family;
use crate::data::{Labels, Portion, Splits};
use crate::problem::{Facts, Info, Measures, Part, Problem, ProblemError, Sample, Scratch};
use crate::rng::{Rng, Stream};
use downhill::gemm::Into;
use downhill::{Layout, Real, Role};
use std::sync::Arc;

/// A network on one data set: one layer is a linear model.
///
/// The loss is the mean over the examples of a batch, and over the targets of each.
pub struct Network<R: Real> {
    splits: Arc<Splits<R>>,
    body: Body<R>,
    layout: Layout,
    goal: Goal,
}

/// A family whose problems are networks.
pub trait Model: Family {
    /// The network on any data: what [`Family::build`] builds on the family's own.
    ///
    /// # Errors
    /// If data and model do not fit, or a knob is out of its range.
    fn network<R: Real>(&self, splits: Arc<Splits<R>>) -> Result<Network<R>, ProblemError>;
}

impl<R: Real> Network<R> {
    /// The data has one target for each place that comes out of the body.
    pub(crate) fn new(splits: Arc<Splits<R>>, body: Body<R>, goal: Goal) -> Self {
        let layout = body.layout();
        Network { splits, body, layout, goal }
    }

    /// One layer, from zero.
    ///
    /// # Errors
    /// If the loss does not fit the targets, or there is no feature.
    pub(crate) fn linear(splits: Arc<Splits<R>>, goal: Goal) -> Result<Self, ProblemError> {
        let outputs = goal.outputs(&splits)?;
        let head = Affine::new(features(&splits)?, outputs, Role::Head, None);
        Ok(Network::new(splits, Body::new(head), goal))
    }

    /// The model's outputs, `[outputs, examples]`, for `examples` of any dense rows, `[examples, features]`.
    pub(crate) fn predict(&self, x: &[R], rows: &[R]) -> Vec<R> {
        let examples = rows.len() / self.splits.width;
        let mut arena = vec![R::ZERO; examples * self.body.arena()];
        self.body.forward(x, &Input::Dense(rows), &mut arena, &mut None);
        self.body.output(&mut arena).to_vec()
    }
}

impl<R: Real> Info for Network<R> {
    fn layout(&self) -> Layout {
        self.layout.clone()
    }
    fn examples(&self) -> usize {
        self.count(&self.splits.train)
    }
    fn facts(&self) -> Facts {
        Facts {
            lower_bound: Some(0.0),
            metric: self.goal.metric(self.splits.classes),
            noisy: self.body.is_noisy(),
            curved: self.body.is_linear(),
            probabilistic: self.likelihood().is_some(),
            ..Facts::default()
        }
    }
}

impl<R: Real> Problem<R> for Network<R> {
    fn start(&self, rng: &mut Rng, x: &mut [R]) {
        self.body.start(rng, x);
    }

    fn eval(&self, x: &[R], sample: &Sample<'_>, g: &mut [R], scratch: &mut Scratch<R>) -> R {
        self.descend(x, sample, None, g, scratch)
    }

    /// Without hidden layers the outputs are linear in the parameters: the Hessian is `X^T L'' X`, where `L''` is the
    /// loss's curvature by the outputs.
    fn hessian_vector(
        &self,
        x: &[R],
        v: &[R],
        sample: &Sample<'_>,
        hv: &mut [R],
        scratch: &mut Scratch<R>,
    ) -> Option<()> {
        let Goal::Targets { loss, delta } = self.goal else { return None };
        if !self.body.is_linear() {
            return None;
        }
        let Portion { x: features, y } = &self.splits.train;
        let all = Rows::of(sample.batch, self.examples());
        let share = 1.0 / all.len() as f64;
        let mut into = Into::Replace;
        for rows in all.chunks(self.body.chunk()) {
            let (gathered, arena) =
                (Input::gathered(features, self.splits.width, rows), rows.len() * self.body.arena());
            let (gathered, outputs) = scratch.take(gathered + 2 * arena).split_at_mut(gathered);
            let (f, along) = outputs.split_at_mut(arena);
            let input = Input::new(features, self.splits.width, rows, gathered);
            self.body.forward(x, &input, f, &mut None);
            self.body.forward(v, &input, along, &mut None);
            loss.curve(f, along, &Targets { y, rows: rows.each(1) }, delta, share);
            self.body.backward(into, x, &input, along, hv);
            into = Into::Add;
        }
        Some(())
    }

    fn model_labels(
        &self,
        x: &[R],
        sample: &Sample<'_>,
        rng: &mut Rng,
        g: &mut [R],
        scratch: &mut Scratch<R>,
    ) -> Option<R> {
        let loss = self.likelihood()?;
        Some(self.descend(x, sample, Some((loss, rng)), g, scratch))
    }

    fn measure(&self, x: &[R], part: Part, scratch: &mut Scratch<R>) -> Measures {
        let portion = self.splits.part(part);
        let Portion { x: features, y } = portion;
        let (mut total, mut tally) = (0.0, Tally::default());
        for rows in Rows::Span(0, self.count(portion)).chunks(self.body.chunk()) {
            let arena = scratch.take(rows.len() * self.body.arena());
            self.body.forward(x, &Input::new(features, self.splits.width, rows, &mut []), arena, &mut None);
            let targets = Targets { y, rows: rows.each(self.targets()) };
            self.goal.tally(&mut tally, &self.body, arena, &targets);
            total += self.goal.slope(&self.body, arena, &targets, 1.0);
        }
        let loss = total / (self.count(portion) * self.targets()) as f64;
        Measures { objective: loss, loss, metric: self.goal.metric(self.splits.classes).and_then(|_| tally.metric(y)) }
    }
}

impl<R: Real> Network<R> {
    /// Targets an example.
    fn targets(&self) -> usize {
        self.goal.targets(self.body.shape().places)
    }

    /// The number of examples.
    fn count(&self, portion: &Portion<R>) -> usize {
        portion.y.len() / self.targets()
    }

    /// The loss, if the outputs say how probable each class is.
    fn likelihood(&self) -> Option<Loss> {
        match self.goal {
            Goal::Targets { loss, .. } if loss.is_likelihood(self.body.shape().units) => Some(loss),
            _ => None,
        }
    }

    /// Loss and gradient over a sample, for the data's labels or for labels that `drawn` draws from the predictions.
    fn descend(
        &self,
        x: &[R],
        sample: &Sample<'_>,
        mut drawn: Option<(Loss, &mut Rng)>,
        g: &mut [R],
        scratch: &mut Scratch<R>,
    ) -> R {
        let Portion { x: features, y } = &self.splits.train;
        let all = Rows::of(sample.batch, self.examples());
        let share = 1.0 / (all.len() * self.targets()) as f64;
        let mut masks = self.body.is_noisy().then(|| sample.streams.at(Stream::Dropout, sample.t));
        let (mut total, mut into) = (0.0, Into::Replace);
        for rows in all.chunks(self.body.chunk()) {
            let gathered = Input::gathered(features, self.splits.width, rows);
            let arena = scratch.take(gathered + rows.len() * self.body.arena());
            let (gathered, arena) = arena.split_at_mut(gathered);
            let input = Input::new(features, self.splits.width, rows, gathered);
            self.body.forward(x, &input, arena, &mut masks);
            let targets = Targets { y, rows: rows.each(self.targets()) };
            total += match &mut drawn {
                None => self.goal.slope(&self.body, arena, &targets, share),
                Some((loss, rng)) => {
                    let n = targets.rows.len();
                    let y = Labels::Classes(loss.draw(self.body.output(arena), n, rng));
                    self.goal.slope(&self.body, arena, &Targets { y: &y, rows: Rows::Span(0, n).each(1) }, share)
                }
            };
            self.body.backward(into, x, &input, arena, g);
            into = Into::Add;
        }
        R::of(total * share)
    }
}

/// What a row of the data is to a layer.
///
/// # Errors
/// If it holds nothing.
pub(crate) fn features<R>(splits: &Splits<R>) -> Result<Shape, ProblemError> {
    match splits.width {
        0 => Err(ProblemError("the data has no features".into())),
        width => Ok(Shape::flat(width)),
    }
}
