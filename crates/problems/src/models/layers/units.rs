//! What hidden units do: an activation, and dropout.

use super::{Buffers, Layer, Shape};
use crate::activation::Activation;
use crate::rng::Rng;
use downhill::Real;
use downhill::gemm::Into;
use rand::Rng as _;

/// Every number through the activation; a training step leaves a share of them out.
pub(crate) struct Units {
    shape: Shape,
    activation: Activation,
    /// The share.
    dropout: f64,
}

impl Units {
    /// All of them count.
    pub(crate) fn new(shape: Shape, activation: Activation) -> Self {
        Units { shape, activation, dropout: 0.0 }
    }
    /// A training step leaves out this share.
    pub(crate) fn with_dropout(self, dropout: f64) -> Self {
        Units { dropout, ..self }
    }
}

impl<R: Real> Layer<R> for Units {
    fn output(&self) -> Option<Shape> {
        None
    }
    /// The slopes.
    fn kept(&self) -> usize {
        self.shape.len()
    }
    fn is_noisy(&self) -> bool {
        self.dropout > 0.0
    }
    fn forward(&self, _: &[R], at: Buffers<'_, R>, masks: &mut Option<Rng>) {
        self.activation.apply(at.input, at.kept);
        if self.dropout > 0.0
            && let Some(rng) = masks
        {
            drop_out(self.dropout, rng, at.input, at.kept);
        }
    }
    fn backward(&self, _: Into, _: &[R], at: Buffers<'_, R>, _: &mut [R]) {
        for (delta, &slope) in at.input.iter_mut().zip(&*at.kept) {
            *delta *= slope;
        }
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
