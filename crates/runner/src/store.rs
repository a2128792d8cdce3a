//! `results/<study>/`: what a sweep leaves behind, and what reports read.
//!
//! While a sweep runs, its records go to an append-only journal; when it is done, they become sorted tables. The
//! journal alone decides what is done already, the tables alone are read by reports.

mod folder;
mod journal;
mod results;

pub use folder::Folder;
pub(crate) use folder::canonical_order;
pub(crate) use results::name_below;
pub use results::{Results, StudyInfo};

use anyhow::{Context as _, Result};
use serde::{Serialize, de::DeserializeOwned};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

/// Writes a file whole or not at all: to a neighbour first, which then takes its place.
///
/// # Errors
/// Names the file and the cause.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let neighbour = path.with_extension("part");
    let write = || {
        let mut file = File::create(&neighbour)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        fs::rename(&neighbour, path)
    };
    write()
        .inspect_err(|_| drop(fs::remove_file(&neighbour)))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Rows as CSV, with a header, whole or not at all.
///
/// # Errors
/// Names the file and the cause.
pub fn write_csv<T: Serialize>(path: &Path, rows: impl IntoIterator<Item = T>) -> Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).with_context(|| format!("a row of {}", path.display()))?;
    }
    write_atomically(path, &writer.into_inner().with_context(|| path.display().to_string())?)
}

/// The rows of a CSV file.
///
/// # Errors
/// Names the file, the line and the column.
pub fn read_csv<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let rows: Result<Vec<T>, _> = csv::Reader::from_reader(file).into_deserialize().collect();
    rows.with_context(|| path.display().to_string())
}
