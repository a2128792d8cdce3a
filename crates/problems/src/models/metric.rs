//! What is reported beside the loss: accuracy for classes, R2 for numbers.

use super::loss::Targets;
use crate::data::Labels;
use downhill::Real;

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
    /// Counts some rows with their outputs, `[rows, outputs]`.
    pub(crate) fn add<R: Real>(&mut self, f: &[R], targets: &Targets<'_, R>) {
        let rows = targets.rows;
        match targets.y {
            Labels::Classes(y) => {
                for (f, i) in f.chunks_exact(f.len() / rows.len()).zip(rows.iter()) {
                    self.right += f64::from(class(f) == Some(y[i] as usize));
                }
            }
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

    /// Over `n` examples: the share of right classes, or `1 - sum (y - f)^2 / sum (y - mean y)^2`, which does not
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

/// The class that an example's outputs stand for: the first of the largest, or by the sign of a single one. None if
/// one is NaN.
pub(crate) fn class<R: Real>(f: &[R]) -> Option<usize> {
    match f {
        [f] if *f > R::ZERO => Some(1),
        [f] if *f <= R::ZERO => Some(0),
        _ => {
            let largest = f.iter().fold(f[0], |a, &b| a.larger(b));
            f.iter().position(|&f| f == largest)
        }
    }
}
