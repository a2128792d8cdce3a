//! Layers with a way around them.

use super::{Buffers, Layer, Parameter, Sequence, Shape};
use crate::rng::Rng;
use downhill::Real;
use downhill::gemm::Into;

/// `x + f(x)`, `f` layers that end in the shape of `x` (He et al. 2016, arXiv:1512.03385).
pub(crate) struct Residual<R>(pub(crate) Sequence<R>);

impl<R: Real> Layer<R> for Residual<R> {
    fn parameters(&self) -> Vec<Parameter> {
        self.0.parameters()
    }
    fn output(&self) -> Option<Shape> {
        None
    }
    /// The arena of `f`.
    fn kept(&self) -> usize {
        self.0.arena()
    }
    fn is_noisy(&self) -> bool {
        self.0.is_noisy()
    }
    fn forward(&self, x: &[R], at: Buffers<'_, R>, masks: &mut Option<Rng>) {
        self.0.input(at.examples, at.kept).copy_from_slice(at.input);
        self.0.forward(x, at.examples, at.kept, masks);
        add(self.0.output(at.examples, at.kept), at.input);
    }
    fn backward(&self, into: Into, x: &[R], at: Buffers<'_, R>, g: &mut [R]) {
        self.0.output(at.examples, at.kept).copy_from_slice(at.input);
        self.0.backward(into, x, at.examples, at.kept, g, at.wanted);
        add(self.0.input(at.examples, at.kept), at.input);
    }
}

fn add<R: Real>(x: &[R], to: &mut [R]) {
    to.iter_mut().zip(x).for_each(|(to, &x)| *to += x);
}
