//! A data set as it was read: features, target, digest.

/// A table of examples.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// A short name for tables and figures.
    pub name: String,
    /// One row an example.
    pub features: Features,
    /// One value an example.
    pub target: Target,
    /// The columns' names.
    pub columns: Vec<String>,
    /// sha256 of the content, in hexadecimal: an edited file is another data set.
    pub digest: String,
    /// Where it comes from.
    pub source: String,
    /// Under which licence.
    pub licence: String,
}

/// Feature values.
#[derive(Clone, Debug)]
pub enum Features {
    /// Row-major numbers.
    Dense(Vec<f64>),
    /// Row-major bytes, as in images; 255 stands for 1.
    Bytes(Vec<u8>),
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
    /// A class an example.
    Classes {
        /// By number, from 0.
        labels: Vec<u32>,
        /// By name.
        names: Vec<String>,
    },
    /// A number an example.
    Numbers(Vec<f64>),
}

impl Dataset {
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
            Features::Bytes(v) => v.len() / self.rows().max(1),
            Features::Sparse(csr) => csr.width,
        }
    }
}
