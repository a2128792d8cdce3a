//! What is reported beside the loss: accuracy for classes, R2 for numbers.

use super::leaders::{LANES, Leaders};
use super::loss::Targets;
use super::rows::Each;
use crate::data::Labels;
use downhill::Real;
use downhill::isa::{Kernel, dispatch};

/// The metric of one part, chunk by chunk.
#[derive(Default)]
pub(crate) struct Tally {
    /// Examples classified rightly.
    right: f64,
    /// Sums over the targets: of `y`, of `y^2`, of `(y - f)^2`.
    y: f64,
    y2: f64,
    error2: f64,
}

impl Tally {
    /// Counts some rows with their outputs, `[outputs, examples]`.
    pub(crate) fn add<R: Real>(&mut self, f: &[R], targets: &Targets<'_, R>) {
        let rows = targets.rows;
        match targets.y {
            Labels::Classes(y) if rows.are_many() => self.right += dispatch(Right::<_, true> { f, y, rows }) as f64,
            Labels::Classes(y) => self.right += dispatch(Right::<_, false> { f, y, rows }) as f64,
            Labels::Numbers(y) => {
                for (f, i) in f.iter().zip(rows.iter()) {
                    let (f, y) = (f.to_f64(), y[i].to_f64());
                    self.y += y;
                    self.y2 += y * y;
                    self.error2 += (y - f) * (y - f);
                }
            }
        }
    }

    /// Over all examples, whose targets are `y`: the share of right classes, or `1 - sum (y - f)^2 / sum (y - mean y)^2`, which does not
    /// exist if all targets are equal.
    pub(crate) fn metric<R>(&self, y: &Labels<R>) -> Option<f64> {
        match y {
            Labels::Classes(y) => Some(self.right / y.len() as f64),
            Labels::Numbers(y) => {
                let spread = self.y2 - self.y * self.y / y.len() as f64;
                (spread > 0.0).then(|| 1.0 - self.error2 / spread)
            }
        }
    }
}

/// Counts the examples whose class leads.
struct Right<'a, R, const MANY: bool> {
    f: &'a [R],
    y: &'a [u32],
    rows: Each<'a>,
}

impl<R: Real, const MANY: bool> Kernel for Right<'_, R, MANY> {
    type Output = usize;
    #[inline(always)]
    fn run(self) -> usize {
        let (blocks, mut right) = (self.rows.len() / LANES, 0);
        for block in 0..blocks {
            right += self.block::<LANES>(block * LANES);
        }
        for at in blocks * LANES..self.rows.len() {
            right += self.block::<1>(at);
        }
        right
    }
}

impl<R: Real, const MANY: bool> Right<'_, R, MANY> {
    #[inline(always)]
    fn block<const N: usize>(&self, at: usize) -> usize {
        let Leaders { class, .. } = Leaders::<R, N>::of(self.f, self.rows.len(), at);
        (0..N).filter(|&i| class[i] == self.y[self.rows.number::<MANY>(at + i)]).count()
    }
}
