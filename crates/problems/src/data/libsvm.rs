//! Sparse text: one example a line, `label index:value ...`.

use super::labels::{self, Task};
use super::{Csr, Dataset, Features, file};
use crate::problem::ProblemError;
use serde::Serialize;

/// A file in the format of LIBSVM (UTF-8, gzipped or not): a line is a label and the features that are not zero, as
/// `index:value` with indices ascending from 1. What follows a `#` is a comment. Values are kept in single precision.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LibsvmSpec {
    /// The file.
    pub libsvm: String,
    /// A short name for streams, tables and figures. Default: the file's name without folders and `.gz`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The number of features, 1 to 100,000,000. Default: the largest index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// What is predicted. Default: classes if the labels are at most 100 distinct whole numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
}

impl LibsvmSpec {
    /// That file, everything else by default.
    pub fn new(libsvm: impl Into<String>) -> Self {
        LibsvmSpec { libsvm: libsvm.into(), name: None, width: None, task: None }
    }
    /// The given name or the file's.
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(file::name(&self.libsvm))
    }
}

/// Whole numbers with more distinct values than this are not taken for classes unasked.
const MOST_INTEGER_CLASSES: usize = 100;
/// A larger index is taken for a mistake: a model has a parameter for each.
pub(super) const MOST_FEATURES: u32 = 100_000_000;

/// Reads the content of the file.
pub(super) fn parse(spec: &LibsvmSpec, bytes: &[u8]) -> Result<Dataset, ProblemError> {
    let path = &spec.libsvm;
    if let Some(width) = spec.width.filter(|w| !(1..=MOST_FEATURES).contains(w)) {
        return Err(ProblemError(format!("data file `{path}`: `width` is {width}, allowed is 1 to {MOST_FEATURES}")));
    }
    let mut csr = Csr { starts: vec![0], columns: Vec::new(), values: Vec::new(), width: 0 };
    let mut targets = Vec::new();
    for (i, line) in file::text(path, bytes)?.lines().enumerate() {
        let error = |what| ProblemError(format!("data file `{path}`, line {}: {what}", i + 1));
        let mut words = line.split('#').next().unwrap_or_default().split_ascii_whitespace();
        let Some(label) = words.next() else { continue };
        targets.push(number(label).map_err(|what| error(format!("label {what}")))?);
        entries(words, spec.width.unwrap_or(MOST_FEATURES), &mut csr).map_err(error)?;
        csr.starts.push(csr.columns.len());
    }
    if targets.is_empty() {
        return Err(ProblemError(format!("data file `{path}` has no examples")));
    }
    csr.width = spec.width.unwrap_or_else(|| csr.columns.iter().max().map_or(0, |c| c + 1)) as usize;
    if csr.width == 0 {
        return Err(ProblemError(format!("data file `{path}` has no features, only labels")));
    }
    let target = labels::from_numbers(&format!("data file `{path}`"), targets, spec.task, MOST_INTEGER_CLASSES)?;
    Ok(Dataset::new(spec.name(), path, Features::Sparse(csr), target, Vec::new()))
}

/// Appends the features of one line.
fn entries<'a>(words: impl Iterator<Item = &'a str>, width: u32, csr: &mut Csr<f32>) -> Result<(), String> {
    let mut last = 0;
    for word in words {
        let (index, value) =
            word.split_once(':').ok_or_else(|| format!("`{word}` is not a feature; expected `index:value`"))?;
        if index == "qid" {
            return Err(format!("`{word}`: ranking (`qid`) is not supported; remove the query numbers"));
        }
        let index: u32 = match index.parse() {
            Ok(0) => return Err(format!("`{word}`: indices count from 1; add 1 to all of them")),
            Ok(index) if index <= width => index,
            _ => return Err(format!("`{word}`: the index must be a whole number from 1 to {width}")),
        };
        if index <= last {
            return Err(format!("`{word}`: the index before it is {last}, but indices must ascend"));
        }
        last = index;
        let value = number(value).map_err(|what| format!("`{word}`: the value {what}"))? as f32;
        if !value.is_finite() {
            return Err(format!("`{word}`: the value is too large; at most 3.4e38"));
        }
        if value != 0.0 {
            csr.columns.push(index - 1);
            csr.values.push(value);
        }
    }
    Ok(())
}

fn number(text: &str) -> Result<f64, String> {
    let value = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if f64::is_finite(value) { Ok(value) } else { Err(format!("`{text}` is not finite")) }
}
