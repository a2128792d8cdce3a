//! Which data set: a bundled name or the user's own file.

use super::Dataset;
use crate::problem::ProblemError;
use serde::{Deserialize, Serialize};

/// Which data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DataSpec {
    /// A bundled one, by name.
    Name(String),
}

impl DataSpec {
    /// A short name for streams, tables and figures.
    pub fn name(&self) -> &str {
        match self {
            DataSpec::Name(name) => name,
        }
    }
    /// Reads it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn load(&self) -> Result<Dataset, ProblemError> {
        Err(ProblemError(format!("unknown data set `{}`", self.name())))
    }
}
