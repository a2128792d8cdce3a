//! Train, validation, test.

use super::{Csr, Dataset};
use crate::problem::{Part, ProblemError};
use crate::rng::Streams;
use downhill::Real;
use serde::{Deserialize, Serialize};

/// Shares of the data that are kept from training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SplitSpec {
    /// Selects learning rates; `(0, 1)`.
    pub validation: f64,
    /// Is reported; `(0, 1)`.
    pub test: f64,
}

impl Default for SplitSpec {
    fn default() -> Self {
        SplitSpec { validation: 0.2, test: 0.2 }
    }
}

impl SplitSpec {
    /// Splits by the stream `split`, stratified by class, and standardises on the training part only.
    ///
    /// # Errors
    /// If a part would be empty.
    pub fn split<R: Real>(&self, _data: &Dataset, _streams: &Streams) -> Result<Splits<R>, ProblemError> {
        Err(ProblemError("not yet".into()))
    }
}

/// The three parts.
#[derive(Clone, Debug)]
pub struct Splits<R> {
    /// What gradients see.
    pub train: Portion<R>,
    /// What selects.
    pub validation: Portion<R>,
    /// What is reported.
    pub test: Portion<R>,
    /// The number of features.
    pub width: usize,
    /// The number of classes; 0 for numbers.
    pub classes: usize,
}

impl<R> Splits<R> {
    /// One part.
    pub fn part(&self, part: Part) -> &Portion<R> {
        match part {
            Part::Train => &self.train,
            Part::Validation => &self.validation,
            Part::Test => &self.test,
        }
    }
}

/// One part of the data.
#[derive(Clone, Debug)]
pub struct Portion<R> {
    /// One row an example.
    pub x: Matrix<R>,
    /// One value an example.
    pub y: Labels<R>,
}

/// Features, ready for a model.
#[derive(Clone, Debug)]
pub enum Matrix<R> {
    /// Row-major.
    Dense(Vec<R>),
    /// Compressed rows.
    Sparse(Csr<R>),
}

/// Targets, ready for a model.
#[derive(Clone, Debug)]
pub enum Labels<R> {
    /// Class numbers.
    Classes(Vec<u32>),
    /// Numbers, standardised on the training part.
    Numbers(Vec<R>),
}
