//! A data set as it was read: features, target, digest.

use super::digest::digest;

/// A table of examples.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// A short name for tables and figures.
    pub name: String,
    /// One row an example.
    pub features: Features,
    /// One value an example.
    pub target: Target,
    /// The columns' names; of sparse features none.
    pub columns: Vec<String>,
    /// sha256 of the content, in hexadecimal: an edited file is another data set. Covers features, target and the
    /// names of columns and classes, but not the spelling of the file (line ends, compression, `1.0` or `1`).
    pub digest: String,
    /// Where it comes from.
    pub source: String,
    /// Under which licence; empty if unknown, as of a user's own file.
    pub licence: String,
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
        let digest = digest(&features, &target, &columns);
        let (name, source, licence) = (name.to_owned(), source.to_owned(), String::new());
        Dataset { name, features, target, columns, digest, source, licence }
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
        }
    }
}
