//! Data: bundled tables and the user's own files, split and standardised.

mod dataset;
mod spec;
mod split;

pub use dataset::{Csr, Dataset, Features, Target};
pub use spec::DataSpec;
pub use split::{Labels, Matrix, Portion, SplitSpec, Splits};
