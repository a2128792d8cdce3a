//! `results/<study>/`: what a sweep leaves behind, and what reports read.
//!
//! While a sweep runs, its records go to an append-only journal; when it is done, they become sorted tables. The
//! journal alone decides what is done already, the tables alone are read by reports.

mod folder;
pub(crate) mod index;
mod journal;
mod log;
mod merge;
mod results;
mod tables;
mod whole;

pub use folder::{Folder, Missing, journal as journal_of};
pub use log::Log;
pub use merge::Merged;
pub(crate) use results::name_below;
pub use results::{Results, StudyInfo};
pub(crate) use whole::Whole;

use anyhow::{Context as _, Result};
use flate2::{Compression, GzBuilder, read::GzDecoder};
use serde::{Serialize, de::DeserializeOwned};
use std::fs::{self, File};
use std::io::{BufReader, Read, Write as _};
use std::path::{Path, PathBuf};

/// Writes a file whole or not at all: to a neighbour first, which then takes its place.
///
/// # Errors
/// Names the file and the cause.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut whole = whole::Whole::create(path)?;
    whole.write(bytes)?;
    whole.finish()
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
    write_atomically(path, &writer.into_inner().with_context(|| path.display().to_string())?)?;
    // What was packed is outdated.
    match fs::remove_file(packed(path)) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(e).with_context(|| format!("cannot remove {}", packed(path).display()))
        }
        _ => Ok(()),
    }
}

/// `trials.csv.gz` for `trials.csv`.
fn packed(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".gz");
    name.into()
}

/// The file in which a table is: it, or what it was packed into.
pub(crate) fn found(path: &Path) -> PathBuf {
    let gzipped = packed(path);
    if !path.exists() && gzipped.exists() { gzipped } else { path.to_owned() }
}

/// Whether a folder has the tables of results, packed or not.
pub fn has_tables(dir: &Path) -> bool {
    let trials = dir.join("trials.csv");
    trials.exists() || packed(&trials).exists()
}

/// Puts a gzipped file in the place of a plain one, the same bytes everywhere; the sizes before and after. None if it is
/// packed already.
///
/// # Errors
/// Names the file and the cause.
pub fn pack(path: &Path) -> Result<Option<(usize, usize)>> {
    if !path.exists() {
        return Ok(None);
    }
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    let gzipped = encoder.write_all(&bytes).and_then(|()| encoder.finish());
    let gzipped = gzipped.with_context(|| format!("cannot pack {}", path.display()))?;
    write_atomically(&packed(path), &gzipped)?;
    fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    Ok(Some((bytes.len(), gzipped.len())))
}

/// The rows of a CSV file, or of one that was [packed](pack).
///
/// # Errors
/// Names the file, the line and the column.
pub fn read_csv<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let (path, reader) = csv_reader(path)?;
    let rows: Result<Vec<T>, _> = reader.into_deserialize().collect();
    rows.with_context(|| path.display().to_string())
}

/// The same, to be read row by row; and which of the two files it is.
///
/// # Errors
/// Names the file and the cause.
pub(crate) fn csv_reader(path: &Path) -> Result<(PathBuf, csv::Reader<Box<dyn Read>>)> {
    let found = found(path);
    let file = File::open(&found).with_context(|| format!("cannot read {}", found.display()))?;
    let is_packed = found != path;
    let reader: Box<dyn Read> = if is_packed { Box::new(GzDecoder::new(BufReader::new(file))) } else { Box::new(file) };
    Ok((found, csv::Reader::from_reader(reader)))
}
