//! A data set as it was read: features, target, digest.

use super::Counts;
use super::digest::digest;
use crate::problem::ProblemError;

/// A table of examples.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// A short name for tables and figures.
    pub name: String,
    /// One row an example.
    pub features: Features,
    /// One value an example.
    pub target: Target,
    /// The columns' names; of words the words; of sparse features none.
    pub columns: Vec<String>,
    /// sha256 of the content, in hexadecimal: an edited file is another data set. Covers features, target and the
    /// names of columns and classes, but not the spelling of the file (line ends, compression, `1.0` or `1`).
    pub digest: String,
    /// Where it comes from.
    pub source: String,
    /// Under which licence; empty if unknown, as of a user's own file.
    pub licence: String,
    /// The first of the rows that its authors keep for test, which are the last ones; `None` if they say nothing.
    pub test_from: Option<usize>,
}

/// Feature values, all finite.
#[derive(Clone, Debug)]
pub enum Features {
    /// Row-major numbers.
    Dense(Vec<f64>),
    /// Row-major bytes, as in images; 255 stands for 1.
    Bytes(Vec<u8>),
    /// Row-major numbers of symbols, as in a text.
    Symbols(Vec<u8>),
    /// Only the values that are not zero.
    Sparse(Csr<f32>),
    /// How often words occur, of which a split makes features.
    Counts(Counts),
}

/// Compressed sparse rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Csr<R> {
    /// Row `i` holds the entries `starts[i]..starts[i + 1]`.
    pub starts: Vec<usize>,
    /// The column of each entry, ascending within a row.
    pub columns: Vec<u32>,
    /// The value of each entry.
    pub values: Vec<R>,
    /// The number of columns.
    pub width: usize,
}

/// What is to be predicted.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A class an example; at least two classes occur, and every class does, but for symbols of a text.
    Classes {
        /// By number, from 0.
        labels: Vec<u32>,
        /// By name: sorted as numbers if all are, else as text.
        names: Vec<String>,
    },
    /// A number an example, finite and not all the same.
    Numbers(Vec<f64>),
}

impl Dataset {
    /// Of a file: named, with its digest taken.
    pub(super) fn new(name: &str, source: &str, features: Features, target: Target, columns: Vec<String>) -> Self {
        let digest = digest(&features, &target, &columns, None);
        let (name, source, licence) = (name.to_owned(), source.to_owned(), String::new());
        Dataset { name, features, target, columns, digest, source, licence, test_from: None }
    }
    /// The same, with the rows from this one on for test.
    pub(super) fn tested_from(self, row: usize) -> Self {
        let digest = digest(&self.features, &self.target, &self.columns, Some(row));
        Dataset { digest, test_from: Some(row), ..self }
    }
    /// With the rows of another data set behind these, for test.
    pub(super) fn followed_by(mut self, test: Dataset) -> Result<Self, ProblemError> {
        let differ = |what: &str| {
            let (train, test) = (&self.source, &test.source);
            ProblemError(format!("data files `{train}` (training) and `{test}` (test) have different {what}"))
        };
        if self.columns != test.columns || self.width() != test.width() {
            return Err(differ("features"));
        }
        let rows = self.rows();
        match (&mut self.target, &test.target) {
            (Target::Classes { labels, names }, Target::Classes { labels: more, names: same }) if names == same => {
                labels.extend(more);
            }
            (Target::Numbers(y), Target::Numbers(more)) => y.extend(more),
            _ => return Err(differ("targets")),
        }
        match (&mut self.features, test.features) {
            (Features::Dense(x), Features::Dense(more)) => x.extend(more),
            (Features::Bytes(x), Features::Bytes(more)) => x.extend(more),
            (Features::Sparse(x), Features::Sparse(more)) => {
                let before = x.columns.len();
                x.starts.extend(more.starts[1..].iter().map(|start| before + start));
                x.columns.extend(more.columns);
                x.values.extend(more.values);
            }
            _ => {
                return Err(ProblemError(format!("data file `{}` is of another kind than the test file", self.source)));
            }
        }
        Ok(self.tested_from(rows))
    }
    /// The number of examples.
    pub fn rows(&self) -> usize {
        match &self.target {
            Target::Classes { labels, .. } => labels.len(),
            Target::Numbers(y) => y.len(),
        }
    }
    /// The number of features.
    pub fn width(&self) -> usize {
        match &self.features {
            Features::Dense(v) => v.len() / self.rows().max(1),
            Features::Bytes(v) | Features::Symbols(v) => v.len() / self.rows().max(1),
            Features::Sparse(csr) => csr.width,
            Features::Counts(counts) => counts.rows.width,
        }
    }
}
