//! Where a sequence is asked for its answer.

use super::{Buffers, Layer, Shape};
use crate::rng::Rng;
use downhill::Real;
use downhill::gemm::Into;

/// The last so many places of each unit.
pub(crate) struct Last {
    input: Shape,
    places: usize,
}

impl Last {
    /// Of at least so many places.
    pub(crate) fn new(input: Shape, places: usize) -> Self {
        Last { input, places }
    }
}

impl<R: Real> Layer<R> for Last {
    fn output(&self) -> Option<Shape> {
        Some(Shape { places: self.places, ..self.input })
    }
    fn forward(&self, _: &[R], at: Buffers<'_, R>, _: &mut Option<Rng>) {
        let (all, last) = (self.input.places * at.examples, self.places * at.examples);
        for (x, out) in at.input.chunks_exact(all).zip(at.output.chunks_exact_mut(last)) {
            out.copy_from_slice(&x[all - last..]);
        }
    }
    fn backward(&self, _: Into, _: &[R], at: Buffers<'_, R>, _: &mut [R]) {
        let (all, last) = (self.input.places * at.examples, self.places * at.examples);
        for (x, delta) in at.input.chunks_exact_mut(all).zip(at.output.chunks_exact(last)) {
            x[..all - last].fill(R::ZERO);
            x[all - last..].copy_from_slice(delta);
        }
    }
}
