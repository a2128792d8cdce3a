//! Means and standard deviations of the training part, and what they make of all parts.

use crate::problem::ProblemError;
use downhill::Real;

/// `(v - mean) / sd`, column by column; of a column that is constant in training `v - constant`.
pub(crate) struct Scale {
    mean: Vec<f64>,
    sd: Vec<f64>,
}

impl Scale {
    /// Of row-major values of so many columns, over these rows. `sd` is the root of the mean squared deviation
    /// (divided by the number of rows).
    pub(crate) fn of(values: &[f64], width: usize, rows: &[u32]) -> Self {
        let row = |&r: &u32| &values[r as usize * width..][..width];
        let n = rows.len() as f64;
        let sum = |term: &dyn Fn(usize, f64) -> f64| {
            let mut sums = vec![0.0; width];
            for r in rows {
                sums.iter_mut().zip(row(r)).enumerate().for_each(|(c, (s, &v))| *s += term(c, v));
            }
            sums
        };
        let mut mean: Vec<f64> = sum(&|_, v| v).iter().map(|s| s / n).collect();
        let mut sd: Vec<f64> = sum(&|c, v| (v - mean[c]) * (v - mean[c])).iter().map(|s| (s / n).sqrt()).collect();
        for c in 0..width {
            // The rounded mean of equal numbers may differ from them: their sd would be noise.
            let first = row(&rows[0])[c];
            if rows.iter().all(|r| row(r)[c] == first) {
                (mean[c], sd[c]) = (first, 1.0);
            }
        }
        Scale { mean, sd }
    }

    /// Divides every column by `sd` and shifts none.
    pub(crate) fn by(sd: f64, width: usize) -> Self {
        Scale { mean: vec![0.0; width], sd: vec![sd; width] }
    }

    /// The number of columns.
    pub(crate) fn width(&self) -> usize {
        self.mean.len()
    }

    /// The value of column `c` that became `z`.
    pub(crate) fn undo(&self, c: usize, z: f64) -> f64 {
        z * self.sd[c] + self.mean[c]
    }

    /// These rows, scaled.
    pub(crate) fn apply<R: Real>(
        &self,
        values: &[f64],
        rows: &[u32],
        name: impl Fn(usize) -> String,
    ) -> Result<Vec<R>, ProblemError> {
        let width = self.mean.len();
        let mut scaled = Vec::with_capacity(rows.len() * width);
        for &r in rows {
            for (c, v) in values[r as usize * width..][..width].iter().enumerate() {
                let z = R::of((v - self.mean[c]) / self.sd[c]);
                if !z.is_finite() || !self.sd[c].is_finite() {
                    return Err(ProblemError(format!(
                        "column `{}`: {v} is too large to be standardised with mean {:e} and standard deviation {:e} of \
                         the training part",
                        name(c),
                        self.mean[c],
                        self.sd[c]
                    )));
                }
                scaled.push(z);
            }
        }
        Ok(scaled)
    }
}
