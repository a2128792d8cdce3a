//! The windows of an image as the columns of a matrix.

use super::{Shape, Window};
use downhill::Real;
use std::ops::Range;

/// Windows over images of so many channels.
pub(super) struct Patches {
    pub(super) channels: usize,
    pub(super) window: Window,
}

impl Patches {
    /// The image.
    pub(super) fn image(&self) -> Shape {
        Shape { units: self.channels, places: self.window.side * self.window.side }
    }
    /// The columns: the pixels of a window at each of the windows' places.
    pub(super) fn columns(&self) -> Shape {
        let Window { size, count, .. } = self.window;
        Shape { units: self.channels * size * size, places: count * count }
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

    /// From the images of `n` examples to the columns, with zeros for what is outside.
    pub(super) fn gather<R: Real>(&self, n: usize, image: &[R], columns: &mut [R]) {
        let stride = self.window.stride;
        columns.fill(R::ZERO);
        self.rows(|pixel, range| {
            let (from, to) = (&image[pixel * n..], &mut columns[range.start * n..range.end * n]);
            if stride == 1 {
                to.copy_from_slice(&from[..to.len()]);
            } else {
                to.chunks_exact_mut(n)
                    .zip(from.chunks(n * stride))
                    .for_each(|(to, from)| to.copy_from_slice(&from[..n]));
            }
        });
    }

    /// The other way: each entry of the columns is added to the pixel that it came from.
    pub(super) fn scatter<R: Real>(&self, n: usize, columns: &[R], image: &mut [R]) {
        let stride = self.window.stride;
        self.rows(|pixel, range| {
            let (to, from) = (&mut image[pixel * n..], &columns[range.start * n..range.end * n]);
            if stride == 1 {
                to.iter_mut().zip(from).for_each(|(to, &from)| *to += from);
            } else {
                let pairs = to.chunks_mut(n * stride).zip(from.chunks_exact(n));
                pairs.for_each(|(to, from)| to.iter_mut().zip(from).for_each(|(to, &from)| *to += from));
            }
        });
    }
}
