//! Windows that slide over an image.

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What becomes of the rim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Padding {
    /// As many windows as strides fit into the side, the last one begun: `ceil(side / stride)`. Of the pixels that are
    /// missing, half are added before the image, and an odd one behind it, as in TensorFlow.
    #[default]
    Same,
    /// Only windows that lie inside.
    Valid,
}

/// Square windows over a square image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// Pixels along a side of the image.
    pub(crate) side: usize,
    /// Pixels along a side of the window.
    pub(crate) size: usize,
    /// From one window to the next.
    pub(crate) stride: usize,
    /// Windows along a side.
    pub(crate) count: usize,
    /// Pixels added before the image.
    before: usize,
}

impl Window {
    /// Nothing if no window fits.
    pub(crate) fn new(side: usize, size: usize, stride: usize, padding: Padding) -> Option<Self> {
        let (count, before) = match padding {
            Padding::Valid => (side.checked_sub(size)? / stride + 1, 0),
            Padding::Same => {
                let count = side.div_ceil(stride);
                (count, ((count - 1) * stride + size).saturating_sub(side) / 2)
            }
        };
        Some(Window { side, size, stride, count, before })
    }

    /// Which windows, counted along a side, have pixel `k` of theirs inside of the image, and the image's pixel that it is
    /// for the first of them.
    pub(crate) fn inside(&self, k: usize) -> (Range<usize>, usize) {
        let first = self.before.saturating_sub(k).div_ceil(self.stride);
        let end = match (self.side + self.before).checked_sub(k + 1) {
            Some(last) => self.count.min(last / self.stride + 1),
            None => 0,
        };
        (first..end.max(first), (first * self.stride + k).saturating_sub(self.before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_what_a_search_finds() {
        for (side, size, stride) in (1..9).flat_map(|a| (1..6).flat_map(move |b| (1..4).map(move |c| (a, b, c)))) {
            for padding in [Padding::Same, Padding::Valid] {
                let Some(window) = Window::new(side, size, stride, padding) else {
                    assert!(padding == Padding::Valid && size > side);
                    continue;
                };
                for k in 0..size {
                    let at = |w: usize| (w * stride + k).checked_sub(window.before).filter(|&pixel| pixel < side);
                    let found: Vec<usize> = (0..window.count).filter(|&w| at(w).is_some()).collect();
                    let (range, first) = window.inside(k);
                    assert_eq!(range.clone().collect::<Vec<_>>(), found, "{window:?} {k}");
                    assert!(found.is_empty() || at(range.start) == Some(first), "{window:?} {k}");
                }
            }
        }
    }

    #[test]
    fn the_odd_pixel_is_behind() {
        // TensorFlow: 28 pixels, 5 wide, stride 1: 2 before, 2 behind; 4 wide: 1 before, 2 behind; stride 2: 1 and 2.
        let before = |side, size, stride| Window::new(side, size, stride, Padding::Same).map(|w| (w.count, w.before));
        assert_eq!(
            [before(28, 5, 1), before(28, 4, 1), before(28, 5, 2)],
            [Some((28, 2)), Some((28, 1)), Some((14, 1))]
        );
    }
}
