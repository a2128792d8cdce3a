//! Documents as bags of words.

use super::labels::{self, Task};
use super::{Counts, Csr, Dataset, Features, Target, file};
use crate::problem::ProblemError;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

/// Documents and their classes: a folder of folders, one a class, with a file a document; or a file of lines
/// `class<TAB>document`, gzipped or not.
///
/// A word is a run of at least two letters or digits (Unicode's), in lower case; all else separates words. A row counts the
/// words of a document; a split weighs them ([`Counts`]). Files and folders whose names begin with a full stop do not
/// count. Bytes of a document that are not UTF-8 separate words, as old mails have them; a file of lines must be UTF-8.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DocumentsSpec {
    /// The folder or file.
    pub documents: String,
    /// A short name for streams, tables and figures. Default: the folder's or the file's, without `.gz`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// In how many training documents a word must occur to become a feature, `>= 1`.
    pub min_documents: u32,
}

/// A word of one training document alone says nothing of others.
pub(super) const MIN_DOCUMENTS: u32 = 2;

impl DocumentsSpec {
    /// That folder or file, everything else by default.
    pub fn new(documents: impl Into<String>) -> Self {
        DocumentsSpec { documents: documents.into(), name: None, min_documents: MIN_DOCUMENTS }
    }
    /// The given name or the file's.
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(file::name(self.documents.trim_end_matches(['/', '\\'])))
    }
}

/// Reads the folder or the file.
pub(super) fn load(spec: &DocumentsSpec) -> Result<Dataset, ProblemError> {
    let path = spec.documents.as_str();
    match Path::new(path).is_dir() {
        true => folder(spec),
        false => parse(spec, &[(path, &file::read(path)?)]),
    }
}

/// Lines of files, each a path with what it holds; a second file is for test.
pub(super) fn parse(spec: &DocumentsSpec, files: &[(&str, &[u8])]) -> Result<Dataset, ProblemError> {
    let mut bags = Bags::default();
    let mut rows = Vec::new();
    for (path, bytes) in files {
        for (i, line) in file::text(path, bytes)?.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let (class, document) = line.split_once('\t').ok_or_else(|| {
                let start: String = line.chars().take(40).collect();
                ProblemError(format!("data file `{path}`, line {}: `{start}`: expected a class, a tab, a text", i + 1))
            })?;
            bags.add(class.trim(), document);
        }
        rows.push(bags.labels.len());
    }
    let read = bags.dataset(spec)?;
    Ok(if files.len() > 1 { read.tested_from(rows[0]) } else { read })
}

fn folder(spec: &DocumentsSpec) -> Result<Dataset, ProblemError> {
    let mut bags = Bags::default();
    for class in entries(Path::new(&spec.documents))? {
        if !class.is_dir() {
            let class = class.display();
            return Err(ProblemError(format!(
                "data folder `{}`: `{class}` is a file; allowed are folders, one a class, with a text file a document",
                spec.documents
            )));
        }
        let name = class.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for document in entries(&class)? {
            let bytes = fs::read(&document).map_err(|e| {
                ProblemError(format!(
                    "data file `{}`: {e}; a class's folder holds one text file a document",
                    document.display()
                ))
            })?;
            bags.add(&name, &String::from_utf8_lossy(&bytes));
        }
    }
    bags.dataset(spec)
}

/// What lies in a folder, by name.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, ProblemError> {
    let error = |e: std::io::Error| {
        ProblemError(format!(
            "data folder `{}`: {e}; a path counts from the folder that the program runs in",
            folder.display()
        ))
    };
    let all = fs::read_dir(folder).map_err(error)?.map(|entry| entry.map(|e| e.path()).map_err(error));
    let mut all = all.collect::<Result<Vec<_>, _>>()?;
    all.retain(|path| !path.file_name().unwrap_or_default().to_string_lossy().starts_with('.'));
    all.sort();
    Ok(all)
}

/// The words of a text in order, in lower case.
fn words(text: &str) -> impl Iterator<Item = String> {
    let runs = text.split(|c: char| !c.is_alphanumeric());
    runs.filter(|run| run.chars().nth(1).is_some()).map(str::to_lowercase)
}

/// Documents as they come; words and classes are numbered as they are first met.
#[derive(Default)]
struct Bags {
    words: HashMap<String, u32>,
    classes: HashMap<String, u32>,
    labels: Vec<u32>,
    starts: Vec<usize>,
    counts: Vec<(u32, f32)>,
}

impl Bags {
    fn add(&mut self, class: &str, text: &str) {
        let next = self.classes.len() as u32;
        self.labels.push(*self.classes.entry(class.to_owned()).or_insert(next));
        let mut found = HashMap::new();
        for word in words(text) {
            let next = self.words.len() as u32;
            *found.entry(*self.words.entry(word).or_insert(next)).or_insert(0.0) += 1.0;
        }
        self.starts.push(self.counts.len());
        self.counts.extend(found);
    }

    fn dataset(mut self, spec: &DocumentsSpec) -> Result<Dataset, ProblemError> {
        let at = format!("documents `{}`", spec.documents);
        if self.words.is_empty() {
            return Err(ProblemError(format!("{at}: no words; a word is a run of at least two letters or digits")));
        }
        let (vocabulary, column) = sorted(self.words);
        let (classes, class) = sorted(self.classes);
        self.starts.push(self.counts.len());
        for row in self.starts.windows(2) {
            let row = &mut self.counts[row[0]..row[1]];
            row.iter_mut().for_each(|(word, _)| *word = column[*word as usize]);
            row.sort_unstable_by_key(|&(word, _)| word);
        }
        let (columns, values) = self.counts.into_iter().unzip();
        let rows = Csr { starts: self.starts, columns, values, width: vocabulary.len() };
        let labels = self.labels.iter().map(|&label| class[label as usize]).collect();
        let target = target(&at, labels, classes)?;
        let features = Features::Counts(Counts { rows, min_documents: spec.min_documents });
        Ok(Dataset::new(spec.name(), &spec.documents, features, target, vocabulary))
    }
}

/// Classes that are all whole numbers are sorted as such.
fn target(at: &str, labels: Vec<u32>, classes: Vec<String>) -> Result<Target, ProblemError> {
    match classes.iter().map(|class| class.parse::<i32>().map(f64::from)).collect::<Result<Vec<_>, _>>() {
        Ok(numbers) => {
            let values = labels.into_iter().map(|label| numbers[label as usize]).collect();
            labels::from_numbers(at, values, Some(Task::Classification), 0)
        }
        Err(_) => labels::from_texts(at, labels, classes, Some(Task::Classification)),
    }
}

/// The texts in order, and the place of each number in that order.
fn sorted(numbers: HashMap<String, u32>) -> (Vec<String>, Vec<u32>) {
    let order: BTreeSet<(String, u32)> = numbers.into_iter().collect();
    let mut place = vec![0; order.len()];
    order.iter().zip(0..).for_each(|((_, number), i)| place[*number as usize] = i);
    (order.into_iter().map(|(text, _)| text).collect(), place)
}
