//! Data: bundled tables, sets that are fetched, and the user's own files, split and standardised.
//!
//! [`DataSpec`] says which data set, [`DataSpec::load`] reads it into a [`Dataset`], [`SplitSpec::split`] makes the
//! three parts that a model is trained, selected and reported on. Whatever is wrong with a file is an error that
//! names file, line and field, before the first step.
//!
//! ```
//! use downhill_problems::{DataSpec, SplitSpec, Streams, data::{Labels, Matrix}};
//!
//! let path = std::env::temp_dir().join(format!("weather-{}.csv", std::process::id()));
//! let rows: String = (0..20).map(|i| format!("{i},{},{}\n", ["dry", "wet"][i % 2], ["no", "yes"][i / 10])).collect();
//! std::fs::write(&path, format!("hour,ground,rain\n{rows}"))?;
//!
//! let spec: DataSpec = path.to_string_lossy().parse()?;
//! let data = spec.load()?;
//! assert_eq!(data.columns, ["hour", "ground=dry", "ground=wet"]);
//!
//! let splits = SplitSpec::default().split::<f64>(&data, &Streams::new(spec.name(), 0))?;
//! assert_eq!((splits.width, splits.classes), (3, 2));
//! assert!(matches!(&splits.train.y, Labels::Classes(y) if y.len() == 12));
//! let Matrix::Dense(x) = &splits.train.x else { panic!("a table is dense") };
//! let mean = x.iter().step_by(3).sum::<f64>() / 12.0;
//! assert!(mean.abs() < 1e-12); // standardised on the training part
//! # std::fs::remove_file(path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bundled;
mod corruption;
mod csv;
mod dataset;
mod digest;
mod documents;
mod file;
mod folder;
mod idx;
mod known;
mod labels;
mod libsvm;
mod places;
mod scale;
mod spec;
mod split;
mod text;
mod tfidf;

pub use bundled::Bundled;
pub use corruption::Corruption;
pub use csv::CsvSpec;
pub use dataset::{Csr, Dataset, Features, Target};
pub use documents::DocumentsSpec;
pub use folder::FolderSpec;
pub use idx::IdxSpec;
pub use known::{Digest, Download, Form, Known, Packing};
pub use labels::Task;
pub use libsvm::LibsvmSpec;
pub use places::{DATA_DIR, Found, Places};
pub(crate) use scale::Scale;
pub use spec::{Column, DataSpec};
pub use split::{Labels, Matrix, Portion, SplitSpec, Splits};
pub use text::TextSpec;
pub use tfidf::Counts;
