//! Convolution in two dimensions.

use super::super::init::Init;
use super::window::Window;
use super::{Affine, Buffers, Layer, Parameter, Shape};
use crate::rng::Rng;
use downhill::gemm::Into;
use downhill::{Real, Role};
use std::ops::Range;

/// Each window of an image through one affine map:
///
/// ```text
/// out[o, y, x] = b[o] + sum over c, i, j of w[o, c, i, j] in[c, stride y + i - before, stride x + j - before]
/// ```
///
/// with zeros outside of the image (a cross-correlation, as everywhere today). The windows are laid out as the columns of
/// a matrix, and the map is a product of matrices.
pub(crate) struct Conv {
    channels: usize,
    window: Window,
    map: Affine,
}

impl Conv {
    /// To so many channels; offsets start at `offset`.
    pub(crate) fn new(channels: usize, window: Window, outputs: usize, init: Init, offset: f64) -> Self {
        let Window { size, count, .. } = window;
        let patches = Shape { units: channels * size * size, places: count * count };
        Conv { channels, window, map: Affine::new(patches, outputs, Role::Hidden, Some(init)).with_offset(offset) }
    }

    /// Calls `row` for every row of pixels of the image that is one of the columns' matrix, too: where it stands in the
    /// image, and in the columns; from one pixel to the next there is one stride.
    fn rows(&self, mut row: impl FnMut(usize, Range<usize>)) {
        let Window { side, size, stride, count, .. } = self.window;
        for (c, i, j) in (0..self.channels).flat_map(|c| (0..size * size).map(move |k| (c, k / size, k % size))) {
            let ((ys, y0), (xs, x0)) = (self.window.inside(i), self.window.inside(j));
            let column = ((c * size + i) * size + j) * count;
            for (n, y) in ys.enumerate() {
                let at = (column + y) * count;
                row((c * side + y0 + n * stride) * side + x0, at + xs.start..at + xs.end);
            }
        }
    }
}

impl<R: Real> Layer<R> for Conv {
    fn parameters(&self) -> Vec<Parameter> {
        let mut blocks = Layer::<R>::parameters(&self.map);
        blocks[0].shape = vec![blocks[0].shape[0], self.channels, self.window.size, self.window.size];
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
        let stride = self.window.stride;
        kept.fill(R::ZERO);
        self.rows(|pixel, columns| {
            let (from, to) = (&input[pixel * n..], &mut kept[columns.start * n..columns.end * n]);
            if stride == 1 {
                to.copy_from_slice(&from[..to.len()]);
            } else {
                to.chunks_exact_mut(n)
                    .zip(from.chunks(n * stride))
                    .for_each(|(to, from)| to.copy_from_slice(&from[..n]));
            }
        });
        self.map.forward(x, Buffers { examples: n, input: kept, kept: &mut [], output, wanted }, masks);
    }
    fn backward(&self, into: Into, x: &[R], at: Buffers<'_, R>, g: &mut [R]) {
        let Buffers { examples: n, input, kept, output, wanted } = at;
        let stride = self.window.stride;
        self.map.backward(into, x, Buffers { examples: n, input: kept, kept: &mut [], output, wanted }, g);
        if !wanted {
            return;
        }
        input.fill(R::ZERO);
        self.rows(|pixel, columns| {
            let (to, from) = (&mut input[pixel * n..], &kept[columns.start * n..columns.end * n]);
            if stride == 1 {
                to.iter_mut().zip(from).for_each(|(to, &from)| *to += from);
            } else {
                let pairs = to.chunks_mut(n * stride).zip(from.chunks_exact(n));
                pairs.for_each(|(to, from)| to.iter_mut().zip(from).for_each(|(to, &from)| *to += from));
            }
        });
    }
}
