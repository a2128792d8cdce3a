//! Which data set: a bundled name or the user's own file.

use super::csv::{self, CsvSpec};
use super::documents::{self, DocumentsSpec, MIN_DOCUMENTS};
use super::folder::{self, FolderSpec};
use super::idx::{self, IdxSpec};
use super::libsvm::{self, LibsvmSpec, MOST_FEATURES};
use super::text::{self, CONTEXT, TextSpec};
use super::{Bundled, Dataset, Known, Places, file};
use crate::problem::ProblemError;
use downhill::unknown;
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::num::NonZero;
use std::path::Path;
use std::str::FromStr;

/// Which data set.
///
/// In a study it is a text, a name or a path, or a table with the fields of [`CsvSpec`], [`LibsvmSpec`], [`IdxSpec`],
/// [`TextSpec`], [`DocumentsSpec`] or [`FolderSpec`]:
///
/// ```
/// use downhill_problems::DataSpec;
/// use serde_json::json;
/// let read = |value| serde_json::from_value::<DataSpec>(value);
/// assert_eq!(read(json!("digits"))?.name(), "digits");
/// assert_eq!(read(json!("data/mine.csv.gz"))?, read(json!({ "csv": "data/mine.csv.gz" }))?);
/// let error = read(json!({ "csv": "mine.csv", "tarqet": "y" })).unwrap_err().to_string();
/// assert!(error.contains("did you mean `target`"), "{error}");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum DataSpec {
    /// By name: bundled, or fetched before; [`Dataset::bundled`] and [`Dataset::known`] list them.
    Name(String),
    /// Comma-separated values.
    Csv(CsvSpec),
    /// Sparse text.
    Libsvm(LibsvmSpec),
    /// Images.
    Idx(IdxSpec),
    /// Rows of symbols.
    Text(TextSpec),
    /// Bags of words.
    Documents(DocumentsSpec),
    /// Whatever a folder holds.
    Folder(FolderSpec),
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Column {
    /// By number, from 0; -1 is the last.
    Index(i64),
    /// By its name in the header.
    Name(String),
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Column::Index(i) => write!(f, "{i}"),
            Column::Name(name) => write!(f, "`{name}`"),
        }
    }
}

impl DataSpec {
    /// A short name for streams, tables and figures.
    pub fn name(&self) -> &str {
        match self {
            DataSpec::Name(name) => name,
            DataSpec::Csv(spec) => spec.name(),
            DataSpec::Libsvm(spec) => spec.name(),
            DataSpec::Idx(spec) => spec.name(),
            DataSpec::Text(spec) => spec.name(),
            DataSpec::Documents(spec) => spec.name(),
            DataSpec::Folder(spec) => spec.name(),
        }
    }
    /// Reads it.
    ///
    /// # Errors
    /// If it cannot be read: file, line, field, what was found, what is allowed.
    pub fn load(&self) -> Result<Dataset, ProblemError> {
        match self {
            DataSpec::Name(name) => match Bundled::named(name) {
                Some(bundled) => bundled.load(),
                None => known(name)?.load(&Places::of_this_machine()),
            },
            DataSpec::Csv(spec) => csv::parse(spec, &file::read(&spec.csv)?),
            DataSpec::Libsvm(spec) => libsvm::parse(spec, &file::read(&spec.libsvm)?),
            DataSpec::Idx(spec) => idx::load(spec),
            DataSpec::Text(spec) => text::load(spec),
            DataSpec::Documents(spec) => documents::load(spec),
            DataSpec::Folder(spec) => folder::load(spec),
        }
    }
}

/// The data set to be fetched of that name.
fn known(name: &str) -> Result<&'static Known, ProblemError> {
    Known::named(name).ok_or_else(|| {
        let names = Dataset::bundled().iter().map(|set| set.name).chain(Dataset::known().iter().map(|set| set.name));
        let unknown = unknown("data set", name, names).0;
        ProblemError(format!("{unknown}; a file is given by a path such as `data/mine.csv`, a folder as `data/mine/`"))
    })
}

/// A text with a known ending, or with a path separator, is a path; any other is a name.
impl FromStr for DataSpec {
    type Err = ProblemError;
    fn from_str(text: &str) -> Result<Self, ProblemError> {
        let lower = text.to_lowercase();
        let lower = lower.strip_suffix(".gz").unwrap_or(&lower);
        let ends = |endings: &[&str]| endings.iter().any(|e| lower.ends_with(e));
        if ends(&[".csv", ".tsv"]) {
            Ok(DataSpec::Csv(CsvSpec::new(text)))
        } else if ends(&[".libsvm", ".svm", ".svmlight"]) {
            Ok(DataSpec::Libsvm(LibsvmSpec::new(text)))
        } else if ends(&["idx3-ubyte"]) {
            Ok(DataSpec::Idx(IdxSpec::new(text)))
        } else if text.ends_with(['/', '\\']) || text.contains(['/', '\\']) && Path::new(text).is_dir() {
            Ok(DataSpec::Folder(FolderSpec::new(text)))
        } else if text.contains(['/', '\\']) {
            Err(ProblemError(format!(
                "data file `{text}`: the ending does not tell the format; known are .csv, .tsv, .libsvm, .svm, \
                 .svmlight and idx3-ubyte, each also with .gz; else say {{ csv = \"{text}\" }}, \
                 {{ libsvm = .. }}, {{ idx = .. }}, {{ text = .. }} or {{ documents = .. }}"
            )))
        } else {
            Bundled::named(text)
                .map_or_else(|| known(text).map(|known| known.name), |bundled| Ok(bundled.name))
                .map(|name| DataSpec::Name(name.to_owned()))
        }
    }
}

impl<'de> Deserialize<'de> for DataSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => text.parse(),
            Value::Object(fields) => table(fields),
            other => Err(ProblemError(format!(
                "`data` is {other}, allowed is a name, a path or a table such as {{ csv = \"mine.csv\" }}"
            ))),
        }
        .map_err(|e| D::Error::custom(e.0))
    }
}

/// A table by the key that holds its path.
fn table(mut fields: Map<String, Value>) -> Result<DataSpec, ProblemError> {
    const PATH: &str = "a path";
    const NAME: &str = "a short text";
    const TASK: &str = "\"classification\" or \"regression\"";
    let f = &mut fields;
    let (spec, known): (_, &[&str]) = if let Some(csv) = take(f, "csv", PATH)? {
        let spec = DataSpec::Csv(CsvSpec {
            csv,
            name: take(f, "name", NAME)?,
            target: take(f, "target", "a column's name, or its number from 0 (-1 is the last)")?,
            header: take(f, "header", "true or false")?,
            delimiter: take(f, "delimiter", "one ASCII character such as \";\"")?,
            task: take(f, "task", TASK)?,
        });
        (spec, &["csv", "name", "target", "header", "delimiter", "task"])
    } else if let Some(libsvm) = take(f, "libsvm", PATH)? {
        let width = format!("a whole number from 1 to {MOST_FEATURES}");
        let spec = DataSpec::Libsvm(LibsvmSpec {
            libsvm,
            name: take(f, "name", NAME)?,
            width: take(f, "width", &width)?,
            task: take(f, "task", TASK)?,
        });
        (spec, &["libsvm", "name", "width", "task"])
    } else if let Some(idx) = take(f, "idx", PATH)? {
        let spec = IdxSpec { idx, name: take(f, "name", NAME)?, labels: take(f, "labels", PATH)? };
        (DataSpec::Idx(spec), &["idx", "name", "labels"])
    } else if let Some(text) = take(f, "text", "a path or the name of a text")? {
        let context = take::<NonZero<usize>>(f, "context", "a whole number >= 1")?.map_or(CONTEXT, NonZero::get);
        let symbols = take::<NonZero<usize>>(f, "symbols", "a whole number >= 1")?.map(NonZero::get);
        let spec = TextSpec { text, name: take(f, "name", NAME)?, context, symbols };
        (DataSpec::Text(spec), &["text", "name", "context", "symbols"])
    } else if let Some(documents) = take(f, "documents", PATH)? {
        let min = take::<NonZero<u32>>(f, "min_documents", "a whole number >= 1")?;
        let min_documents = min.map_or(MIN_DOCUMENTS, NonZero::get);
        let spec = DocumentsSpec { documents, name: take(f, "name", NAME)?, min_documents };
        (DataSpec::Documents(spec), &["documents", "name", "min_documents"])
    } else if let Some(folder) = take(f, "folder", PATH)? {
        (DataSpec::Folder(FolderSpec { folder, name: take(f, "name", NAME)? }), &["folder", "name"])
    } else {
        return Err(ProblemError(
            "`data`: a table needs `csv`, `libsvm`, `idx`, `text`, `documents` or `folder` with a path".to_owned(),
        ));
    };
    match fields.keys().next() {
        Some(key) => Err(ProblemError(unknown("key of `data`", key, known.iter().copied()).0)),
        None => Ok(spec),
    }
}

fn take<T: DeserializeOwned>(
    fields: &mut Map<String, Value>,
    key: &str,
    allowed: &str,
) -> Result<Option<T>, ProblemError> {
    let Some(value) = fields.remove(key) else { return Ok(None) };
    let error = ProblemError(format!("`data`: `{key}` is {value}, allowed is {allowed}"));
    serde_json::from_value(value).map(Some).map_err(|_| error)
}
