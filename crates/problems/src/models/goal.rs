//! What the outputs of a network should be.

use super::layers::Body;
use super::loss::{Loss, Targets};
use super::metric::Tally;
use crate::activation::{exp, sigmoid};
use crate::data::Splits;
use crate::problem::{Metric, ProblemError};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// What the outputs should be, and how far they are from it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    /// The data's targets, one at each place; `delta` is Huber's.
    Targets { loss: Loss, delta: f64 },
    /// What was read, which the first layer leaves as it is.
    Itself(Likeness),
    /// What was read, as numbers from 0 to 1, from a code whose means and logarithms of variances come
    /// behind the outputs: the squared distance, and the divergence of the code from a standard normal one,
    /// `|s(f) - x|^2 + 1/2 sum_k m_k^2 + e^(h_k) - 1 - h_k`.
    Evidence,
}

/// How an image and what a network makes of it are compared; summed over its numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Likeness {
    /// `1/2 (f - x)^2`.
    #[default]
    Squared,
    /// `log(1 + e^f) - x f`, for numbers from 0 to 1: less the entropy of `x`, the divergence of two coins, one that falls
    /// on 1 with probability `x`, and one with `1 / (1 + e^-f)`.
    Bernoulli,
}

impl Likeness {
    /// Value and slope.
    fn of(self, f: f64, x: f64) -> [f64; 2] {
        match self {
            Likeness::Squared => [0.5 * (f - x) * (f - x), f - x],
            Likeness::Bernoulli => {
                let positive = if f < 0.0 { 0.0 } else { f };
                [libm::log1p(exp(-f.abs())) + positive - x * f, sigmoid(f) - x]
            }
        }
    }
}

impl Goal {
    /// The targets, with a loss that needs nothing else.
    pub(crate) fn of(loss: Loss) -> Self {
        Goal::Targets { loss, delta: 1.0 }
    }

    /// The number of outputs at each place.
    ///
    /// # Errors
    /// If the loss does not fit the data.
    pub(crate) fn outputs<R>(self, splits: &Splits<R>) -> Result<usize, ProblemError> {
        match self {
            Goal::Targets { loss, .. } => loss.outputs(splits.classes),
            Goal::Itself(_) | Goal::Evidence => Ok(splits.width),
        }
    }

    /// Targets an example, of outputs at so many places.
    pub(crate) fn targets(self, places: usize) -> usize {
        match self {
            Goal::Targets { .. } => places,
            Goal::Itself(_) | Goal::Evidence => 1,
        }
    }

    /// What is measured beside the loss; `classes` is 0 for numbers.
    pub(crate) fn metric(self, classes: usize) -> Option<Metric> {
        let name = match self {
            Goal::Itself(_) | Goal::Evidence => return None,
            Goal::Targets { .. } if classes == 0 => "R2",
            Goal::Targets { .. } => "accuracy",
        };
        Some(Metric { name, higher_is_better: true })
    }

    /// The sum of the losses of some targets; the outputs in the arena become its gradient by them, times `scale`.
    pub(crate) fn slope<R: Real>(self, body: &Body<R>, arena: &mut [R], targets: &Targets<'_, R>, scale: f64) -> f64 {
        match self {
            Goal::Targets { loss, delta } => loss.slope(body.output(arena), targets, delta, scale),
            Goal::Itself(likeness) => {
                let (read, f) = body.ends(arena);
                let mut total = 0.0;
                for (f, x) in f.iter_mut().zip(read) {
                    let [value, slope] = likeness.of(f.to_f64(), x.to_f64());
                    total += value;
                    *f = R::of(scale * slope);
                }
                total
            }
            Goal::Evidence => {
                let (read, f) = body.ends(arena);
                let (f, of_code) = f.split_at_mut(read.len());
                let mut total = 0.0;
                for (f, x) in f.iter_mut().zip(read) {
                    let (p, x) = (sigmoid(f.to_f64()), x.to_f64());
                    total += (p - x) * (p - x);
                    *f = R::of(scale * 2.0 * (p - x) * p * (1.0 - p));
                }
                let (m, h) = of_code.split_at_mut(of_code.len() / 2);
                for (m, h) in m.iter_mut().zip(h) {
                    let variance = exp(h.to_f64());
                    total += 0.5 * (m.to_f64() * m.to_f64() + variance - 1.0 - h.to_f64());
                    (*m, *h) = (R::of(scale * m.to_f64()), R::of(scale * 0.5 * (variance - 1.0)));
                }
                total
            }
        }
    }

    /// Counts some targets.
    pub(crate) fn tally<R: Real>(self, tally: &mut Tally, body: &Body<R>, arena: &mut [R], targets: &Targets<'_, R>) {
        if let Goal::Targets { .. } = self {
            tally.add(body.output(arena), targets);
        }
    }
}
