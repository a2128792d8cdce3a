//! Examples as tensors, and what a module makes of them: a loss, and what its metric counts.

use burn::tensor::{Int, Tensor, activation::log_softmax};
use downhill_problems::Metric;

/// Some examples.
#[derive(Clone, Debug)]
pub struct Examples {
    /// `[examples, features]`.
    pub x: Tensor<2>,
    /// What is to be predicted.
    pub y: Targets,
}

/// What is to be predicted.
#[derive(Clone, Debug)]
pub enum Targets {
    /// A class an example, `[examples]`.
    Classes(Tensor<1, Int>),
    /// A number an example, `[examples]`, standardised on the training part.
    Numbers(Tensor<1>),
}

/// The mean loss of some examples.
#[derive(Debug)]
pub struct Loss {
    pub(crate) mean: Tensor<1>,
    pub(crate) score: Score,
}

/// Outputs beside targets.
#[derive(Debug)]
pub(crate) enum Score {
    Classes(Tensor<2>, Tensor<1, Int>),
    Numbers(Tensor<1>, Tensor<1>),
    Nothing,
}

impl Loss {
    /// The usual one: for classes, whose logits are `outputs`, `[examples, classes]`, the cross-entropy, with the
    /// accuracy as metric; for numbers, predicted by `outputs`, `[examples, 1]`, half the squared error, with R2.
    ///
    /// A model may give several predictions an example (a language model one a symbol), as long as `targets` has as
    /// many, and every example as many as the others.
    ///
    /// # Panics
    /// If there are not as many targets as predictions: the module's mistake.
    pub fn of(outputs: Tensor<2>, targets: Targets) -> Self {
        let rows = outputs.dims()[0];
        match targets {
            Targets::Classes(classes) => {
                assert_eq!(rows, classes.dims()[0], "a prediction for each target");
                let own = log_softmax(outputs.clone(), 1).gather(1, classes.clone().reshape([rows, 1]));
                Loss { mean: own.mean().neg(), score: Score::Classes(outputs, classes) }
            }
            Targets::Numbers(y) => {
                assert_eq!([rows, 1], [y.dims()[0], outputs.dims()[1]], "one prediction for each target");
                let f = outputs.reshape([rows]);
                let off = f.clone() - y.clone();
                Loss { mean: (off.clone() * off).mean() * 0.5, score: Score::Numbers(f, y) }
            }
        }
    }

    /// Any mean over the examples, without a metric.
    pub fn only(mean: Tensor<1>) -> Self {
        Loss { mean, score: Score::Nothing }
    }
}

impl Score {
    pub(crate) fn metric(&self) -> Option<Metric> {
        let name = match self {
            Score::Classes(..) => "accuracy",
            Score::Numbers(..) => "R2",
            Score::Nothing => return None,
        };
        Some(Metric { name, higher_is_better: true })
    }
}

/// The metric of one part, chunk by chunk: as that of downhill's own models.
#[derive(Default)]
pub(crate) struct Tally {
    predictions: f64,
    right: f64,
    y: f64,
    y2: f64,
    error2: f64,
}

impl Tally {
    pub(crate) fn add(&mut self, score: Score) {
        match score {
            Score::Classes(outputs, classes) => {
                let [rows, width] = outputs.dims();
                let (f, classes) = (outputs.into_data(), classes.into_data());
                let f = f.as_slice::<f32>().expect(crate::parameters::IN_F32);
                let leads = |(f, class): (&[f32], i64)| usize::try_from(class).is_ok_and(|class| class == leader(f));
                self.right +=
                    f.chunks_exact(width).zip(classes.iter::<i64>()).filter(|&pair| leads(pair)).count() as f64;
                self.predictions += rows as f64;
            }
            Score::Numbers(f, y) => {
                let (f, y) = (f.into_data(), y.into_data());
                for (f, y) in f.iter::<f64>().zip(y.iter::<f64>()) {
                    self.y += y;
                    self.y2 += y * y;
                    self.error2 += (y - f) * (y - f);
                    self.predictions += 1.0;
                }
            }
            Score::Nothing => {}
        }
    }

    /// The share of right classes, or `1 - sum (y - f)^2 / sum (y - mean y)^2`, which does not exist if all targets are
    /// equal.
    pub(crate) fn metric(&self, metric: Option<Metric>) -> Option<f64> {
        match metric?.name {
            "accuracy" => Some(self.right / self.predictions),
            _ => {
                let spread = self.y2 - self.y * self.y / self.predictions;
                (spread > 0.0).then(|| 1.0 - self.error2 / spread)
            }
        }
    }
}

/// The first of the largest outputs; none of them if all are NaN.
fn leader(outputs: &[f32]) -> usize {
    let (mut largest, mut class) = (f32::NEG_INFINITY, usize::MAX);
    for (i, &f) in outputs.iter().enumerate() {
        if f > largest {
            (largest, class) = (f, i);
        }
    }
    class
}
