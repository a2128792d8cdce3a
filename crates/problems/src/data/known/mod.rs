//! Data sets that are too large to be bundled: what they are, and how their files are read.

mod adult;
mod cifar;
mod list;

use super::csv::{self, CsvSpec};
use super::documents::{self, DocumentsSpec};
use super::idx::{self, IdxSpec};
use super::labels::Task;
use super::libsvm::{self, LibsvmSpec};
use super::places::{Found, Places};
use super::text::{self, TextSpec};
use super::{Dataset, file};
use crate::problem::ProblemError;

/// What is known of a data set that `downhill data get` fetches.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The name in studies.
    pub name: &'static str,
    /// The number of examples.
    pub rows: usize,
    /// The number of features; `None` if the split decides, as of words.
    pub width: Option<usize>,
    /// The number of classes.
    pub classes: usize,
    /// Where it comes from.
    pub source: &'static str,
    /// Under which licence.
    pub licence: &'static str,
    /// The size of the downloads, in units of a million bytes.
    pub megabytes: f64,
    /// What is fetched.
    pub downloads: &'static [Download],
    /// The folder inside `node_modules` where a package of npm has the same files.
    pub npm: Option<&'static str>,
    /// How its files are read.
    pub form: Form,
}

/// One thing to fetch, and the files that become of it.
#[derive(Clone, Copy, Debug)]
pub struct Download {
    /// The same thing at several addresses, to be tried in this order.
    pub urls: &'static [&'static str],
    /// What it must be.
    pub digest: Digest,
    /// How the files lie in it.
    pub packing: Packing,
    /// The names under which they are kept.
    pub files: &'static [&'static str],
}

/// A sha256 in hexadecimal, by which a download is known to be what it should.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Digest {
    /// Of the unpacked file: mirrors may pack it differently.
    Content(&'static str),
    /// Of the download as it comes.
    Download(&'static str),
    /// Nobody has published one: the first download is trusted, and its digest kept.
    FirstUse,
}

/// How files lie in a download.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Packing {
    /// It is the file.
    Plain,
    /// It is the file, gzipped.
    Gzip,
    /// It is the file, in bzip2's format.
    Bzip2,
    /// A gzipped tar archive, in some folders of which the files are, under their names.
    TarGz,
    /// A zip archive, in the same way.
    Zip,
    /// A gzipped tar archive of documents, a `.txt` each, which become lines `class<TAB>text`.
    Documents {
        /// Folders in the archive, the file that their documents go to, and their class.
        folders: &'static [(&'static str, &'static str, &'static str)],
        /// Whether a document begins behind its first empty line, as a mail does.
        mail: bool,
    },
}

/// How the files are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// Images and labels for training, images and labels for test, as MNIST has them.
    Idx,
    /// CIFAR-10's binary version; the last file is for test.
    Cifar,
    /// Sparse rows; a second file is for test.
    Libsvm {
        /// The number of features; `None`: the largest index.
        width: Option<u32>,
    },
    /// UCI's Adult; the second file is for test.
    Adult,
    /// A table without header, classes last.
    Csv,
    /// Symbols.
    Text,
    /// Lines `class<TAB>document`; a second file is for test.
    Documents,
}

impl Dataset {
    /// What is known of the data sets that can be fetched, by name.
    pub fn known() -> &'static [Known] {
        list::ALL
    }
}

impl Known {
    /// The one of that name.
    pub fn named(name: &str) -> Option<&'static Known> {
        list::ALL.iter().find(|known| known.name == name)
    }
    /// The names of its files.
    pub fn files(&self) -> impl Iterator<Item = &'static str> {
        self.downloads.iter().flat_map(|download| download.files).copied()
    }

    /// Where it is on this machine.
    ///
    /// # Errors
    /// If no place has all of it, which says how to get it.
    pub fn locate(&self, places: &Places) -> Result<Found, ProblemError> {
        places.find(self).ok_or_else(|| {
            let (name, size, licence) = (self.name, self.megabytes, self.licence);
            let looked: Vec<String> = places.folders(self).iter().map(|(_, path)| path.display().to_string()).collect();
            ProblemError(format!(
                "data set `{name}` is not on this machine; `downhill data get {name}` fetches it ({size} MB, licence: \
                 {licence}); looked in {}",
                looked.join(", ")
            ))
        })
    }

    /// Reads it from the first place that has it. Where its authors say which examples are for test, those are.
    ///
    /// # Errors
    /// If no place has it, which says how to get it, or if a file cannot be read.
    pub fn load(&self, places: &Places) -> Result<Dataset, ProblemError> {
        let files = self.locate(places)?.files;
        let paths: Vec<String> = files.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let contents = paths.iter().map(|path| file::read(path)).collect::<Result<Vec<_>, _>>()?;
        let read: Vec<File<'_>> = paths.iter().map(String::as_str).zip(contents.iter().map(Vec::as_slice)).collect();
        let read = self.form.parse(&read)?;
        let [name, source, licence] = [self.name, self.source, self.licence].map(str::to_owned);
        Ok(Dataset { name, source, licence, ..read })
    }

    /// As a text in rows of another length; `None` if it is no text.
    pub(super) fn rows_of(&self, spec: &TextSpec, places: &Places) -> Option<Result<Dataset, ProblemError>> {
        let read = || {
            let path = self.locate(places)?.files.remove(0);
            let path = path.to_string_lossy();
            let read = text::parse(&TextSpec { text: path.to_string(), ..spec.clone() }, &file::read(&path)?)?;
            Ok(Dataset { name: spec.name().to_owned(), ..read })
        };
        matches!(self.form, Form::Text).then(read)
    }
}

/// Its path and what it holds, unpacked.
type File<'a> = (&'a str, &'a [u8]);

impl Form {
    fn parse(self, files: &[File<'_>]) -> Result<Dataset, ProblemError> {
        match (self, files) {
            (Form::Idx, [a, b, c, d]) => {
                let images = |x: &File<'_>, y: &File<'_>| idx::parse(&IdxSpec::new(x.0), x.1, y.0, y.1);
                images(a, b)?.followed_by(images(c, d)?)
            }
            (Form::Cifar, [train @ .., test]) => cifar::parse(train)?.followed_by(cifar::parse(&[*test])?),
            (Form::Libsvm { width }, [train, test @ ..]) => {
                let rows = |file: &File<'_>| {
                    let spec = LibsvmSpec { width, task: Some(Task::Classification), ..LibsvmSpec::new(file.0) };
                    libsvm::parse(&spec, file.1)
                };
                test.iter().try_fold(rows(train)?, |train, test| train.followed_by(rows(test)?))
            }
            (Form::Adult, [train, test]) => adult::parse(*train, *test),
            (Form::Csv, [table]) => {
                let task = Some(Task::Classification);
                csv::parse(&CsvSpec { header: Some(false), task, ..CsvSpec::new(table.0) }, table.1)
            }
            (Form::Text, [text]) => text::parse(&TextSpec::new(text.0), text.1),
            (Form::Documents, files) => documents::parse(&DocumentsSpec::new(files[0].0), files),
            _ => Err(ProblemError(format!("{self:?} is not read from {} files", files.len()))),
        }
    }
}
