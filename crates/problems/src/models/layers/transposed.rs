//! Transposed convolution: to a larger image.

use super::super::init::Init;
use super::patches::Patches;
use super::window::Window;
use super::{Buffers, First, Layer, Parameter, Shape};
use crate::rng::Rng;
use downhill::gemm::{Into, Op, gemm};
use downhill::{Real, Role};

/// What a convolution from `outputs` channels to `channels` does to gradients, plus an offset a channel:
///
/// ```text
/// out[o, stride y + i - before, stride x + j - before] = b[o] + sum over c, and all such y, x, i, j, of w[c, o, i, j] in[c, y, x]
/// ```
///
/// Zeiler et al. 2010, doi:10.1109/CVPR.2010.5539957.
pub(crate) struct Transposed {
    channels: usize,
    /// Of the larger image.
    patches: Patches,
    init: Init,
}

impl Transposed {
    /// From so many channels at the places of the windows to `outputs` channels of the image that they lie over.
    pub(crate) fn new(channels: usize, window: Window, outputs: usize, init: Init) -> Self {
        Transposed { channels, patches: Patches { channels: outputs, window }, init }
    }
    /// Where the offsets begin.
    fn middle(&self) -> usize {
        self.channels * self.patches.columns().units
    }
}

impl<R: Real> Layer<R> for Transposed {
    fn parameters(&self) -> Vec<Parameter> {
        let (outputs, size) = (self.patches.channels, self.patches.window.size);
        let fans = [outputs * size * size, self.channels * size * size];
        let shape = vec![self.channels, outputs, size, size];
        let w = Parameter { stem: "w", shape, role: Role::Hidden, start: First::Drawn(self.init, fans) };
        vec![w, Parameter { stem: "b", shape: vec![outputs], role: Role::Bias, start: First::Constant(0.0) }]
    }
    fn output(&self) -> Option<Shape> {
        Some(self.patches.image())
    }
    /// The windows.
    fn kept(&self) -> usize {
        self.patches.columns().len()
    }
    fn forward(&self, x: &[R], at: Buffers<'_, R>, _: &mut Option<Rng>) {
        let (w, b) = x.split_at(self.middle());
        let Shape { units, places } = self.patches.columns();
        gemm(Into::Replace, at.kept, [units, places * at.examples, self.channels], (w, Op::T), (at.input, Op::N));
        let channel = at.output.len() / b.len();
        at.output.chunks_exact_mut(channel).zip(b).for_each(|(out, &b)| out.fill(b));
        self.patches.scatter(at.examples, at.kept, at.output);
    }
    fn backward(&self, into: Into, x: &[R], at: Buffers<'_, R>, g: &mut [R]) {
        let (g_w, g_b) = g.split_at_mut(self.middle());
        let channel = at.output.len() / g_b.len();
        for (g, delta) in g_b.iter_mut().zip(at.output.chunks_exact(channel)) {
            let sum = R::of(downhill::real::sum(delta, |d| d));
            *g = if into == Into::Add { *g + sum } else { sum };
        }
        self.patches.gather(at.examples, at.output, at.kept);
        let Shape { units, places } = self.patches.columns();
        let columns = places * at.examples;
        gemm(into, g_w, [self.channels, units, columns], (at.input, Op::N), (at.kept, Op::T));
        if at.wanted {
            let w = &x[..self.middle()];
            gemm(Into::Replace, at.input, [self.channels, columns, units], (w, Op::N), (at.kept, Op::N));
        }
    }
}
