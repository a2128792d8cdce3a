//! Pools of pixels.

use super::window::Window;
use super::{Buffers, Layer, Shape};
use crate::rng::Rng;
use downhill::Real;
use downhill::gemm::Into;

/// The largest pixel of each window, channel by channel; the first of several gets the slope.
pub(crate) struct MaxPool {
    channels: usize,
    window: Window,
}

impl MaxPool {
    /// Over images of so many channels.
    pub(crate) fn new(channels: usize, window: Window) -> Self {
        MaxPool { channels, window }
    }

    /// Calls `pair` for every pixel of every window: its number within the window, where it stands in the image, and
    /// where the window's output stands.
    fn pairs(&self, mut pair: impl FnMut(usize, usize, usize)) {
        let Window { side, size, stride, count, .. } = self.window;
        for (c, i, j) in (0..self.channels).flat_map(|c| (0..size * size).map(move |k| (c, k / size, k % size))) {
            let ((ys, y0), (xs, x0)) = (self.window.inside(i), self.window.inside(j));
            for (n, y) in ys.enumerate() {
                for (m, x) in xs.clone().enumerate() {
                    let pixel = (c * side + y0 + n * stride) * side + x0 + m * stride;
                    pair(i * size + j, pixel, (c * count + y) * count + x);
                }
            }
        }
    }
}

impl<R: Real> Layer<R> for MaxPool {
    fn output(&self) -> Option<Shape> {
        let places = self.window.count * self.window.count;
        Some(Shape { units: self.channels, places })
    }
    /// Which pixel of each window it was.
    fn kept(&self) -> usize {
        self.channels * self.window.count * self.window.count
    }
    fn forward(&self, _: &[R], at: Buffers<'_, R>, _: &mut Option<Rng>) {
        let n = at.examples;
        at.output.fill(R::of(f64::NEG_INFINITY));
        at.kept.fill(R::ZERO);
        self.pairs(|k, pixel, out| {
            let (k, pixels) = (R::of(k as f64), &at.input[pixel * n..(pixel + 1) * n]);
            let (out, which) = (&mut at.output[out * n..(out + 1) * n], &mut at.kept[out * n..(out + 1) * n]);
            for ((out, which), &pixel) in out.iter_mut().zip(which).zip(pixels) {
                *which = if pixel > *out { k } else { *which };
                *out = out.larger(pixel);
            }
        });
    }
    fn backward(&self, _: Into, _: &[R], at: Buffers<'_, R>, _: &mut [R]) {
        let n = at.examples;
        at.input.fill(R::ZERO);
        self.pairs(|k, pixel, out| {
            let (k, pixels) = (R::of(k as f64), &mut at.input[pixel * n..(pixel + 1) * n]);
            let (deltas, which) = (&at.output[out * n..(out + 1) * n], &at.kept[out * n..(out + 1) * n]);
            for ((pixel, &delta), &which) in pixels.iter_mut().zip(deltas).zip(which) {
                *pixel += if which == k { delta } else { R::ZERO };
            }
        });
    }
}
