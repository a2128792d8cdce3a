//! Convolution in two dimensions.

use super::super::init::Init;
use super::patches::Patches;
use super::window::Window;
use super::{Affine, Buffers, First, Layer, Parameter, Shape};
use crate::rng::Rng;
use downhill::gemm::Into;
use downhill::{Real, Role};

/// Each window of an image through one affine map:
///
/// ```text
/// out[o, y, x] = b[o] + sum over c, i, j of w[o, c, i, j] in[c, stride y + i - before, stride x + j - before]
/// ```
///
/// with zeros outside of the image (a cross-correlation, as everywhere today). The windows are laid out as the columns of
/// a matrix, and the map is a product of matrices.
pub(crate) struct Conv {
    patches: Patches,
    init: Init,
    map: Affine,
}

impl Conv {
    /// To so many channels; offsets start at `offset`.
    pub(crate) fn new(channels: usize, window: Window, outputs: usize, init: Init, offset: f64) -> Self {
        let patches = Patches { channels, window };
        let map = Affine::new(patches.columns(), outputs, Role::Hidden, Some(init)).with_offset(offset);
        Conv { patches, init, map }
    }
}

impl<R: Real> Layer<R> for Conv {
    fn parameters(&self) -> Vec<Parameter> {
        let (mut blocks, size) = (Layer::<R>::parameters(&self.map), self.patches.window.size);
        let outputs = blocks[0].shape[0];
        blocks[0].shape = vec![outputs, self.patches.channels, size, size];
        // A pixel goes into as many outputs as the window has pixels, on each channel.
        let fans = [outputs * size * size, self.patches.columns().units];
        blocks[0].start = First::Drawn(self.init, fans);
        blocks
    }
    fn output(&self) -> Option<Shape> {
        Layer::<R>::output(&self.map)
    }
    /// The windows.
    fn kept(&self) -> usize {
        self.map.input().len()
    }
    fn forward(&self, x: &[R], at: Buffers<'_, R>, masks: &mut Option<Rng>) {
        let Buffers { examples: n, input, kept, output, wanted } = at;
        self.patches.gather(n, input, kept);
        self.map.forward(x, Buffers { examples: n, input: kept, kept: &mut [], output, wanted }, masks);
    }
    fn backward(&self, into: Into, x: &[R], at: Buffers<'_, R>, g: &mut [R]) {
        let Buffers { examples: n, input, kept, output, wanted } = at;
        self.map.backward(into, x, Buffers { examples: n, input: kept, kept: &mut [], output, wanted }, g);
        if wanted {
            input.fill(R::ZERO);
            self.patches.scatter(n, kept, input);
        }
    }
}
