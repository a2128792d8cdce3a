//! A folder of the user's, whatever of the known formats is in it.

use super::documents::{self, DocumentsSpec};
use super::{DataSpec, Dataset, IdxSpec, file};
use crate::problem::ProblemError;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// A folder that holds one data set, and nothing else that could be one:
/// - one table (`.csv`, `.tsv`) or file of sparse rows (`.libsvm`, `.svm`, `.svmlight`), or two, the name of one of
///   which begins with `test`: its rows are the test part;
/// - images in IDX files named like MNIST's; if there are files that begin with `t10k` or `test`, they are for test;
/// - a folder a class, with a text file a document: [`DocumentsSpec`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FolderSpec {
    /// The folder.
    pub folder: String,
    /// A short name for streams, tables and figures. Default: the folder's own; `folder` of `./`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

const ALLOWED: &str = "a table (.csv, .tsv), sparse rows (.libsvm, .svm, .svmlight), images (images-idx3-ubyte), each also \
                       with a second file for test (`test..`, `t10k..`), or a folder a class with a text file a document";

impl FolderSpec {
    /// That folder.
    pub fn new(folder: impl Into<String>) -> Self {
        FolderSpec { folder: folder.into(), name: None }
    }
    /// The given name or the folder's.
    pub(super) fn name(&self) -> &str {
        let mut named = self.folder.rsplit(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
        self.name.as_deref().or_else(|| named.next()).unwrap_or("folder")
    }
}

/// Reads what the folder holds.
pub(super) fn load(spec: &FolderSpec) -> Result<Dataset, ProblemError> {
    let entries = documents::entries(Path::new(&spec.folder))?;
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = entries.into_iter().partition(|path| path.is_dir());
    let data: Vec<DataSpec> = files.iter().filter_map(|path| of_data(path)).collect();
    let read = match (&folders[..], &data[..]) {
        ([], [one]) => one.load(),
        ([], [a, b]) => match (is_test(a), is_test(b)) {
            (false, true) => a.load()?.followed_by(b.load()?),
            (true, false) => b.load()?.followed_by(a.load()?),
            _ => Err(several(spec, &data)),
        },
        ([_, _, ..], []) => documents::load(&DocumentsSpec::new(spec.folder.as_str())),
        ([..], []) => {
            Err(ProblemError(format!("data folder `{}`: nothing to read; allowed is {ALLOWED}", spec.folder)))
        }
        _ => Err(several(spec, &data)),
    }?;
    Ok(Dataset { name: spec.name().to_owned(), ..read })
}

/// A file by its ending, labels of images aside.
fn of_data(path: &Path) -> Option<DataSpec> {
    let spec = path.to_string_lossy().parse().ok()?;
    match &spec {
        DataSpec::Csv(_) | DataSpec::Libsvm(_) => Some(spec),
        DataSpec::Idx(IdxSpec { idx, .. }) => file::name(idx).contains("images").then_some(spec),
        _ => None,
    }
}

fn path(spec: &DataSpec) -> &str {
    match spec {
        DataSpec::Csv(spec) => &spec.csv,
        DataSpec::Libsvm(spec) => &spec.libsvm,
        DataSpec::Idx(spec) => &spec.idx,
        _ => "",
    }
}

fn is_test(spec: &DataSpec) -> bool {
    ["test", "t10k"].iter().any(|start| file::name(path(spec)).starts_with(start))
}

fn several(spec: &FolderSpec, data: &[DataSpec]) -> ProblemError {
    let found: Vec<&str> = data.iter().map(|spec| file::name(path(spec))).collect();
    ProblemError(format!(
        "data folder `{}` could be read in several ways ({}); allowed is {ALLOWED}; else name a file",
        spec.folder,
        match found.is_empty() {
            true => "folders and files".to_owned(),
            false => found.join(", "),
        }
    ))
}
