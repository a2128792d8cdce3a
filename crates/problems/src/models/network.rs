//! The one engine behind all models: affine layers with an activation between them, and a loss of the outputs.

use super::affine;
use super::init::Init;
use super::loss::{Loss, Targets};
use super::metric::Tally;
use super::rows::{Input, Rows};
use crate::Family;
use crate::activation::Activation;
use crate::data::{Labels, Portion, Splits};
use crate::problem::{Facts, Info, Measures, Metric, Part, Problem, ProblemError, Sample, Scratch};
use crate::rng::{Rng, Stream};
use downhill::gemm::Into;
use downhill::{Layout, Real, Role};
use rand::Rng as _;
use std::ops::Range;
use std::sync::Arc;

/// Rows that go through the layers together: enough for the matrix kernels, few enough for the caches.
const CHUNK: usize = 256;

/// A feed-forward network on one data set; without hidden layers, a linear model.
///
/// The outputs of a layer are `x w^T + b`, hidden ones go through the activation; the loss is the mean over the
/// examples of a batch.
pub struct Network<R: Real> {
    splits: Arc<Splits<R>>,
    layers: Vec<Layer>,
    layout: Layout,
    design: Design,
}

/// A family whose problems are networks.
pub trait Model: Family {
    /// The network on any data: what [`Family::build`] builds on the family's own.
    ///
    /// # Errors
    /// If data and model do not fit, or a knob is out of its range.
    fn network<R: Real>(&self, splits: Arc<Splits<R>>) -> Result<Network<R>, ProblemError>;
}

/// What distinguishes one network from another, beside its data.
#[derive(Clone, Debug)]
pub(crate) struct Design {
    pub(crate) hidden: Vec<usize>,
    pub(crate) activation: Activation,
    pub(crate) loss: Loss,
    /// Huber's.
    pub(crate) delta: f64,
    /// None starts at zero: right for convex problems only.
    pub(crate) init: Option<Init>,
    /// The share of hidden units that a training step leaves out.
    pub(crate) dropout: f64,
}

impl Design {
    /// A linear model.
    pub(crate) fn linear(loss: Loss) -> Self {
        Design { hidden: vec![], activation: Activation::Relu, loss, delta: 1.0, init: None, dropout: 0.0 }
    }
}

#[derive(Clone, Debug)]
struct Layer {
    /// `[outputs, inputs]`.
    shape: [usize; 2],
    w: Range<usize>,
    b: Range<usize>,
    /// Where its outputs stand in the arena, in numbers an example; a hidden layer's slopes follow them.
    at: usize,
}

impl<R: Real> Network<R> {
    pub(crate) fn new(splits: Arc<Splits<R>>, design: Design) -> Result<Self, ProblemError> {
        let outputs = design.loss.outputs(splits.classes)?;
        let widths = [&[splits.width], &design.hidden[..], &[outputs]].concat();
        if let Some(l) = widths.iter().position(|&w| w == 0) {
            return Err(ProblemError(match l {
                0 => "the data has no features".into(),
                l => format!("`hidden`: layer {l} has no unit"),
            }));
        }
        let (mut layout, mut layers, mut at) = (Layout::new(), Vec::new(), 0);
        let last = design.hidden.len();
        for (l, pair) in widths.windows(2).enumerate() {
            let number = if last == 0 { String::new() } else { (l + 1).to_string() };
            let role = if l == last { Role::Head } else { Role::Hidden };
            let (start, shape) = (layout.len(), [pair[1], pair[0]]);
            layout = layout.block(format!("w{number}"), shape, role);
            let middle = layout.len();
            layout = layout.block(format!("b{number}"), [pair[1]], Role::Bias);
            layers.push(Layer { shape, w: start..middle, b: middle..layout.len(), at });
            at += if l == last { pair[1] } else { 2 * pair[1] };
        }
        Ok(Network { splits, layers, layout, design })
    }

    /// Numbers an example in the arena of [`forward`](Self::forward).
    fn arena(&self) -> usize {
        self.layers.last().map_or(0, |last| last.at + last.shape[0])
    }

    /// Fills the arena: for each hidden layer its outputs and their slopes, then the model's outputs.
    fn forward(&self, x: &[R], input: &Input<'_, R>, arena: &mut [R], mut masks: Option<&mut Rng>) {
        let examples = arena.len() / self.arena();
        for (l, layer) in self.layers.iter().enumerate() {
            let [outputs, inputs] = layer.shape;
            let (before, out) = arena.split_at_mut(examples * layer.at);
            let (out, rest) = out.split_at_mut(examples * outputs);
            let (w, b) = (&x[layer.w.clone()], &x[layer.b.clone()]);
            if l == 0 {
                affine::forward(input, w, b, out);
            } else {
                let at = examples * self.layers[l - 1].at;
                affine::forward(&Input::Hidden(&before[at..at + examples * inputs]), w, b, out);
            }
            if l + 1 < self.layers.len() {
                let slopes = &mut rest[..examples * outputs];
                self.design.activation.apply(out, slopes);
                if let Some(rng) = masks.as_deref_mut() {
                    drop_out(self.design.dropout, rng, out, slopes);
                }
            }
        }
    }

    /// The arena's last part holds the gradient by the outputs; on the way down, each hidden layer's outputs give
    /// way to theirs.
    fn backward(&self, into: Into, x: &[R], input: &Input<'_, R>, arena: &mut [R], g: &mut [R]) {
        let examples = arena.len() / self.arena();
        for (l, layer) in self.layers.iter().enumerate().rev() {
            let [outputs, inputs] = layer.shape;
            let (before, delta) = arena.split_at_mut(examples * layer.at);
            let delta = &delta[..examples * outputs];
            let (g_w, g_b) = g[layer.w.start..layer.b.end].split_at_mut(layer.w.len());
            if l == 0 {
                affine::gradient(into, input, delta, g_w, g_b);
                return;
            }
            let (hidden, slopes) = before[examples * self.layers[l - 1].at..].split_at_mut(examples * inputs);
            affine::gradient(into, &Input::Hidden(hidden), delta, g_w, g_b);
            affine::pull_back(delta, &x[layer.w.clone()], layer.shape, hidden);
            for (hidden, &slope) in hidden.iter_mut().zip(&*slopes) {
                *hidden *= slope;
            }
        }
    }

    /// The model's outputs, `[outputs, examples]`, for `examples` of any dense rows, `[examples, features]`.
    pub(crate) fn predict(&self, x: &[R], rows: &[R]) -> Vec<R> {
        let examples = rows.len() / self.splits.width;
        let mut arena = vec![R::ZERO; examples * self.arena()];
        self.forward(x, &Input::Dense(rows), &mut arena, None);
        self.outputs(examples, &mut arena).to_vec()
    }

    fn outputs<'a>(&self, examples: usize, arena: &'a mut [R]) -> &'a mut [R] {
        let at = self.layers.last().map_or(0, |last| last.at);
        &mut arena[examples * at..]
    }
}

/// Each unit is kept with probability `1 - rate` and then counts `1 / (1 - rate)` fold (Srivastava et al. 2014,
/// inverted, as everywhere today).
fn drop_out<R: Real>(rate: f64, rng: &mut Rng, out: &mut [R], slopes: &mut [R]) {
    let below = (rate * 2f64.powi(32)) as u32;
    let kept = R::of(1.0 / (1.0 - rate));
    for (out, slope) in out.iter_mut().zip(slopes) {
        let mask = if rng.next_u32() < below { R::ZERO } else { kept };
        *out *= mask;
        *slope *= mask;
    }
}

impl<R: Real> Info for Network<R> {
    fn layout(&self) -> Layout {
        self.layout.clone()
    }
    fn examples(&self) -> usize {
        count(&self.splits.train.y)
    }
    fn facts(&self) -> Facts {
        let name = if self.splits.classes == 0 { "R2" } else { "accuracy" };
        Facts {
            lower_bound: Some(0.0),
            metric: Some(Metric { name, higher_is_better: true }),
            noisy: self.design.dropout > 0.0,
            curved: self.is_linear(),
            probabilistic: self.is_likelihood(),
            ..Facts::default()
        }
    }
}

impl<R: Real> Problem<R> for Network<R> {
    fn start(&self, rng: &mut Rng, x: &mut [R]) {
        x.fill(R::ZERO);
        if let Some(init) = self.design.init {
            for layer in &self.layers {
                init.draw(rng, layer.shape, &mut x[layer.w.clone()]);
            }
        }
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
        if !self.is_linear() {
            return None;
        }
        let Portion { x: features, y } = &self.splits.train;
        let all = Rows::of(sample.batch, count(y));
        let share = 1.0 / all.len() as f64;
        let mut into = Into::Replace;
        for rows in all.chunks(CHUNK) {
            let (gathered, arena) = (Input::gathered(features, self.splits.width, rows), rows.len() * self.arena());
            let (gathered, outputs) = scratch.take(gathered + 2 * arena).split_at_mut(gathered);
            let (f, along) = outputs.split_at_mut(arena);
            let input = Input::new(features, self.splits.width, rows, gathered);
            self.forward(x, &input, f, None);
            self.forward(v, &input, along, None);
            self.design.loss.curve(f, along, &Targets { y, rows }, self.design.delta, share);
            self.backward(into, x, &input, along, hv);
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
        self.is_likelihood().then(|| self.descend(x, sample, Some(rng), g, scratch))
    }

    fn measure(&self, x: &[R], part: Part, scratch: &mut Scratch<R>) -> Measures {
        let Portion { x: features, y } = self.splits.part(part);
        let (mut total, mut tally) = (0.0, Tally::default());
        for rows in Rows::Span(0, count(y)).chunks(CHUNK) {
            let arena = scratch.take(rows.len() * self.arena());
            self.forward(x, &Input::new(features, self.splits.width, rows, &mut []), arena, None);
            let (f, targets) = (self.outputs(rows.len(), arena), Targets { y, rows });
            tally.add(f, &targets);
            total += self.design.loss.slope(f, &targets, self.design.delta, 1.0);
        }
        let loss = total / count(y) as f64;
        Measures { objective: loss, loss, metric: tally.metric(y) }
    }
}

impl<R: Real> Network<R> {
    fn is_linear(&self) -> bool {
        self.design.hidden.is_empty()
    }

    fn is_likelihood(&self) -> bool {
        self.layers.last().is_some_and(|last| self.design.loss.is_likelihood(last.shape[0]))
    }

    /// Loss and gradient over a sample, for the data's labels or for labels that `drawn` draws from the predictions.
    fn descend(
        &self,
        x: &[R],
        sample: &Sample<'_>,
        mut drawn: Option<&mut Rng>,
        g: &mut [R],
        scratch: &mut Scratch<R>,
    ) -> R {
        let Portion { x: features, y } = &self.splits.train;
        let all = Rows::of(sample.batch, count(y));
        let share = 1.0 / all.len() as f64;
        let mut masks = (self.design.dropout > 0.0).then(|| sample.streams.at(Stream::Dropout, sample.t));
        let (mut total, mut into) = (0.0, Into::Replace);
        for rows in all.chunks(CHUNK) {
            let gathered = Input::gathered(features, self.splits.width, rows);
            let arena = scratch.take(gathered + rows.len() * self.arena());
            let (gathered, arena) = arena.split_at_mut(gathered);
            let input = Input::new(features, self.splits.width, rows, gathered);
            self.forward(x, &input, arena, masks.as_mut());
            let f = self.outputs(rows.len(), arena);
            total += match drawn.as_deref_mut() {
                None => self.design.loss.slope(f, &Targets { y, rows }, self.design.delta, share),
                Some(rng) => {
                    let y = Labels::Classes(self.design.loss.draw(f, rows.len(), rng));
                    let rows = Rows::Span(0, rows.len());
                    self.design.loss.slope(f, &Targets { y: &y, rows }, self.design.delta, share)
                }
            };
            self.backward(into, x, &input, arena, g);
            into = Into::Add;
        }
        R::of(total * share)
    }
}

fn count<R>(y: &Labels<R>) -> usize {
    match y {
        Labels::Classes(y) => y.len(),
        Labels::Numbers(y) => y.len(),
    }
}
