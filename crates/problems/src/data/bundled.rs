//! The bundled data sets and what is known of them.

use super::csv::{self, CsvSpec};
use super::labels::Task;
use super::{Dataset, file};
use crate::problem::ProblemError;
use downhill::unknown;

/// What is known of a bundled data set without unpacking it.
#[derive(Clone, Copy, Debug)]
pub struct Bundled {
    /// The name in studies.
    pub name: &'static str,
    /// The number of examples.
    pub rows: usize,
    /// The number of features.
    pub width: usize,
    /// The number of classes; `None` for a regression.
    pub classes: Option<usize>,
    /// Where it comes from.
    pub source: &'static str,
    /// Under which licence.
    pub licence: &'static str,
    packed: &'static [u8],
}

const UCI: &str = "CC BY 4.0 (UCI)";

const ALL: &[Bundled] = &[
    Bundled {
        name: "iris",
        rows: 150,
        width: 4,
        classes: Some(3),
        source: "Fisher 1936, doi:10.24432/C56C76",
        licence: UCI,
        packed: include_bytes!("../../data/iris.csv.gz"),
    },
    Bundled {
        name: "wine",
        rows: 178,
        width: 13,
        classes: Some(3),
        source: "Aeberhard and Forina, doi:10.24432/C5PC7J",
        licence: UCI,
        packed: include_bytes!("../../data/wine.csv.gz"),
    },
    Bundled {
        name: "breast_cancer",
        rows: 569,
        width: 30,
        classes: Some(2),
        source: "Street, Wolberg and Mangasarian 1993, doi:10.24432/C5DW2B",
        licence: UCI,
        packed: include_bytes!("../../data/breast_cancer.csv.gz"),
    },
    Bundled {
        name: "diabetes",
        rows: 442,
        width: 10,
        classes: None,
        source: "Efron, Hastie, Johnstone and Tibshirani 2004, doi:10.1214/009053604000000067",
        licence: "none of its own; distributed with scikit-learn (BSD-3-Clause)",
        packed: include_bytes!("../../data/diabetes.csv.gz"),
    },
    Bundled {
        name: "digits",
        rows: 1797,
        width: 64,
        classes: Some(10),
        source: "Alpaydin and Kaynak 1998, doi:10.24432/C50P49",
        licence: UCI,
        packed: include_bytes!("../../data/digits.csv.gz"),
    },
    Bundled {
        name: "letter",
        rows: 20_000,
        width: 16,
        classes: Some(26),
        source: "Frey and Slate 1991, doi:10.24432/C5ZP40",
        licence: UCI,
        packed: include_bytes!("../../data/letter.csv.gz"),
    },
];

impl Dataset {
    /// What is known of the bundled data sets, small ones first. `letter` repeats 1,332 of its rows, as the field
    /// uses it, so that its parts share rows.
    pub fn bundled() -> &'static [Bundled] {
        ALL
    }
}

impl Bundled {
    /// The one of that name.
    pub(super) fn find(name: &str) -> Result<&'static Bundled, ProblemError> {
        let found = ALL.iter().find(|b| b.name == name);
        found.ok_or_else(|| {
            let unknown = unknown("data set", name, ALL.iter().map(|b| b.name)).0;
            ProblemError(format!("{unknown}; a file is given by a path such as `data/mine.csv`"))
        })
    }
    /// The size of the gzipped table.
    pub fn bytes(&self) -> usize {
        self.packed.len()
    }
    /// Unpacks and reads it.
    pub(super) fn load(&self) -> Result<Dataset, ProblemError> {
        let task = if self.classes.is_some() { Task::Classification } else { Task::Regression };
        let spec = CsvSpec { header: Some(true), task: Some(task), ..CsvSpec::new(self.name) };
        let read = csv::parse(&spec, &file::unpack(self.name, self.packed)?)?;
        Ok(Dataset { source: self.source.to_owned(), licence: self.licence.to_owned(), ..read })
    }
}
