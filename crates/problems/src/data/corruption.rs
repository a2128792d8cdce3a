//! Data made worse on purpose, before any model sees it.

use super::{Csr, Labels, Matrix, Portion, Splits};
use crate::problem::ProblemError;
use crate::rng::{Rng, Stream, Streams};
use crate::sampling::below;
use downhill::Real;
use serde::{Deserialize, Serialize};

/// What is done to a data set once it is split and scaled; nothing by default. In a study: `corruption = { label_noise =
/// 0.2 }`, on any problem with data but texts.
///
/// Rows, labels and factors are drawn from the stream `split` under a key of their own: the split stays what it was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Corruption {
    /// The share of training labels that are drawn again, `[0, 1]`: of all classes alike (Zhang et al. 2017,
    /// arXiv:1611.03530), so that a few stay right by chance; numbers from those of the training part. Validation and test keep
    /// theirs.
    pub label_noise: f64,
    /// How many times as many training rows the first class keeps as the last one, `>= 1`, if they were alike: class `c` of `n`
    /// keeps a share of `imbalance^(-c / (n - 1))`, and one row at least (Cui et al. 2019, arXiv:1901.05555). Validation
    /// and test stay as they are.
    pub imbalance: f64,
    /// The powers of ten, from 0 to 30, over which features are spread: those of the `n` features are multiplied by
    /// `10^(decades (k / (n - 1) - 1/2))`, `k` from 0 to `n - 1` in random order, in all parts. The condition number of least
    /// squares grows `100^decades` fold.
    pub decades: f64,
}

impl Default for Corruption {
    fn default() -> Self {
        Corruption { label_noise: 0.0, imbalance: 1.0, decades: 0.0 }
    }
}

impl Corruption {
    pub(crate) fn check(&self, context: &str) -> Result<(), ProblemError> {
        let Corruption { label_noise, imbalance, decades } = *self;
        for (name, value, fits, allowed) in [
            ("label_noise", label_noise, (0.0..=1.0).contains(&label_noise), "0 <= value <= 1"),
            ("imbalance", imbalance, imbalance >= 1.0 && imbalance.is_finite(), "value >= 1"),
            ("decades", decades, (0.0..=30.0).contains(&decades), "0 <= value <= 30"),
        ] {
            if !fits {
                return Err(ProblemError(format!("{context}: `corruption.{name}` is {value}, allowed is {allowed}")));
            }
        }
        Ok(())
    }

    /// The same data, worse.
    ///
    /// # Errors
    /// If there are no classes to be made rare.
    pub(crate) fn apply<R: Real>(&self, mut splits: Splits<R>, streams: &Streams) -> Result<Splits<R>, ProblemError> {
        // Draws of their own for each of the three.
        let draws = |what| streams.at(Stream::Split, what);
        if self.imbalance > 1.0 {
            let Labels::Classes(y) = &splits.train.y else {
                let text = "`corruption.imbalance` needs classes, but the targets are numbers: allowed is 1";
                return Err(ProblemError(text.into()));
            };
            let kept = self.kept(y, splits.classes, &mut draws(1));
            splits.train = rows(&splits.train, splits.width, &kept);
        }
        if self.label_noise > 0.0 {
            self.redraw(&mut splits.train.y, splits.classes, &mut draws(2));
        }
        if self.decades > 0.0 {
            let factors = self.factors(splits.width, &mut draws(3));
            for part in [&mut splits.train, &mut splits.validation, &mut splits.test] {
                match &mut part.x {
                    Matrix::Dense(x) => {
                        x.iter_mut().zip(factors.iter().cycle()).for_each(|(x, &factor)| *x *= R::of(factor));
                    }
                    Matrix::Sparse(x) => {
                        let columns = x.columns.iter().map(|&column| factors[column as usize]);
                        x.values.iter_mut().zip(columns).for_each(|(x, factor)| *x *= R::of(factor));
                    }
                }
            }
        }
        Ok(splits)
    }

    /// The rows that stay, ascending.
    fn kept(&self, y: &[u32], classes: usize, rng: &mut Rng) -> Vec<usize> {
        let mut kept = Vec::new();
        for class in 0..classes {
            let mut rows: Vec<usize> = (0..y.len()).filter(|&row| y[row] as usize == class).collect();
            let share = libm::pow(self.imbalance, -(class as f64) / (classes - 1).max(1) as f64);
            let count = ((share * rows.len() as f64).round() as usize).max(1).min(rows.len());
            for i in 0..count {
                let j = i + below(rng, rows.len() - i) as usize;
                rows.swap(i, j);
            }
            kept.extend_from_slice(&rows[..count]);
        }
        kept.sort_unstable();
        kept
    }

    fn redraw<R: Real>(&self, y: &mut Labels<R>, classes: usize, rng: &mut Rng) {
        match y {
            Labels::Classes(y) => {
                for y in y {
                    let new = below(rng, classes);
                    if crate::math::uniform(rng) < self.label_noise {
                        *y = new;
                    }
                }
            }
            Labels::Numbers(y) => {
                let old = y.clone();
                for y in y {
                    let new = old[below(rng, old.len()) as usize];
                    if crate::math::uniform(rng) < self.label_noise {
                        *y = new;
                    }
                }
            }
        }
    }

    fn factors(&self, width: usize, rng: &mut Rng) -> Vec<f64> {
        let place = |j: usize| if width > 1 { j as f64 / (width - 1) as f64 - 0.5 } else { 0.0 };
        let mut factors: Vec<f64> = (0..width).map(|j| libm::pow(10.0, self.decades * place(j))).collect();
        for i in (1..width).rev() {
            factors.swap(i, below(rng, i + 1) as usize);
        }
        factors
    }
}

/// These rows.
fn rows<R: Real>(portion: &Portion<R>, width: usize, rows: &[usize]) -> Portion<R> {
    let x = match &portion.x {
        Matrix::Dense(x) => {
            Matrix::Dense(rows.iter().flat_map(|row| &x[row * width..(row + 1) * width]).copied().collect())
        }
        Matrix::Sparse(x) => {
            let mut out = Csr { starts: vec![0], columns: vec![], values: vec![], width };
            for &row in rows {
                let entries = x.starts[row]..x.starts[row + 1];
                out.columns.extend_from_slice(&x.columns[entries.clone()]);
                out.values.extend_from_slice(&x.values[entries]);
                out.starts.push(out.columns.len());
            }
            Matrix::Sparse(out)
        }
    };
    let y = match &portion.y {
        Labels::Classes(y) => Labels::Classes(rows.iter().map(|&row| y[row]).collect()),
        Labels::Numbers(y) => Labels::Numbers(rows.iter().map(|&row| y[row]).collect()),
    };
    Portion { x, y }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::data::SplitSpec;
    use crate::{DataSpec, World};
    use std::sync::Arc;

    fn splits(data: &str, corruption: Corruption) -> Arc<Splits<f64>> {
        let (world, split, streams) = (World::new(), SplitSpec::default(), Streams::new("mlp digits", 3));
        let spec: DataSpec = data.parse().unwrap();
        world.context(&split, &streams).corrupted(corruption).splits(&spec).unwrap()
    }
    fn classes(portion: &Portion<f64>) -> &[u32] {
        match &portion.y {
            Labels::Classes(y) => y,
            Labels::Numbers(_) => panic!("classes"),
        }
    }
    fn dense(portion: &Portion<f64>) -> &[f64] {
        match &portion.x {
            Matrix::Dense(x) => x,
            Matrix::Sparse(_) => panic!("dense"),
        }
    }

    #[test]
    fn a_share_of_training_labels_is_drawn_again() {
        let (clean, noisy) = (
            splits("digits", Corruption::default()),
            splits("digits", Corruption { label_noise: 0.3, ..Default::default() }),
        );
        let (before, after) = (classes(&clean.train), classes(&noisy.train));
        let changed = before.iter().zip(after).filter(|(a, b)| a != b).count() as f64 / before.len() as f64;
        // A tenth of those drawn again are what they were; four standard errors.
        let (p, n) = (0.3 * 0.9, before.len() as f64);
        assert!((changed - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt(), "{changed}");
        assert_eq!(classes(&clean.test), classes(&noisy.test));
        assert_eq!(dense(&clean.train), dense(&noisy.train));

        let (clean, noisy) = (
            splits("diabetes", Corruption::default()),
            splits("diabetes", Corruption { label_noise: 1.0, ..Default::default() }),
        );
        let (Labels::Numbers(before), Labels::Numbers(after)) = (&clean.train.y, &noisy.train.y) else {
            panic!("numbers")
        };
        let product = before.iter().zip(after).map(|(a, b)| a * b).sum::<f64>() / before.len() as f64;
        assert!(product.abs() < 4.0 / (before.len() as f64).sqrt(), "correlation {product}");
        assert!(after.iter().all(|y| before.contains(y)));
    }

    #[test]
    fn later_classes_get_rare_in_training_alone() {
        let (clean, skewed) = (
            splits("digits", Corruption::default()),
            splits("digits", Corruption { imbalance: 20.0, ..Default::default() }),
        );
        let count = |portion, class| classes(portion).iter().filter(|&&y| y == class).count();
        for class in 0..10 {
            let (all, kept) = (count(&clean.train, class), count(&skewed.train, class));
            let expected = all as f64 * 20f64.powf(-f64::from(class) / 9.0);
            assert!((kept as f64 - expected).abs() <= 0.5, "{class}: {kept} of {all}");
            assert_eq!(count(&clean.test, class), count(&skewed.test, class));
        }
        // Rows stay with their labels.
        let rows: Vec<_> = dense(&clean.train).chunks(clean.width).zip(classes(&clean.train)).collect();
        let skewed_rows = dense(&skewed.train).chunks(clean.width).zip(classes(&skewed.train));
        assert!(skewed_rows.into_iter().all(|row| rows.contains(&row)));
    }

    #[test]
    fn features_differ_by_decades() {
        let (clean, scaled) =
            (splits("wine", Corruption::default()), splits("wine", Corruption { decades: 4.0, ..Default::default() }));
        let factor = |part: fn(&Splits<f64>) -> &Portion<f64>, j: usize| {
            let (before, after) = (dense(part(&clean)), dense(part(&scaled)));
            after.iter().zip(before).skip(j).step_by(13).map(|(a, b)| a / b).next().unwrap()
        };
        let mut factors: Vec<f64> = (0..13).map(|j| factor(|s| &s.train, j)).collect();
        for (j, &f) in factors.iter().enumerate() {
            assert!((f / factor(|s| &s.test, j) - 1.0).abs() < 1e-12);
        }
        factors.sort_by(f64::total_cmp);
        assert!((factors[12] / factors[0] / 1e4 - 1.0).abs() < 1e-9 && (factors[6] - 1.0).abs() < 1e-12, "{factors:?}");
    }
}
