//! The bundled data sets and what is known of them.

use super::csv::{self, CsvSpec};
use super::labels::Task;
use super::text::{self, CONTEXT, TextSpec};
use super::{Dataset, Features, file};
use crate::problem::ProblemError;

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
    /// The file that holds it.
    pub file: &'static str,
    packed: &'static [u8],
    form: Form,
}

/// What the rows of a file become.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    /// Numbers, which a split standardises.
    Table,
    /// Grey images: a table of whole numbers from 0 to `white`, as bytes. 255 v / white is rounded.
    Images { white: u8 },
    /// Symbols.
    Text,
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
        file: "iris.csv.gz",
        packed: include_bytes!("../../data/iris.csv.gz"),
        form: Form::Table,
    },
    Bundled {
        name: "wine",
        rows: 178,
        width: 13,
        classes: Some(3),
        source: "Aeberhard and Forina, doi:10.24432/C5PC7J",
        licence: UCI,
        file: "wine.csv.gz",
        packed: include_bytes!("../../data/wine.csv.gz"),
        form: Form::Table,
    },
    Bundled {
        name: "penguins",
        rows: 333,
        width: 10,
        classes: Some(3),
        source: "Horst, Hill and Gorman 2020, doi:10.5281/zenodo.3960218",
        licence: "CC0 1.0",
        file: "penguins.csv.gz",
        packed: include_bytes!("../../data/penguins.csv.gz"),
        form: Form::Table,
    },
    Bundled {
        name: "auto_mpg",
        rows: 392,
        width: 9,
        classes: None,
        source: "Quinlan 1993, doi:10.24432/C5859H",
        licence: UCI,
        file: "auto_mpg.csv.gz",
        packed: include_bytes!("../../data/auto_mpg.csv.gz"),
        form: Form::Table,
    },
    Bundled {
        name: "breast_cancer",
        rows: 569,
        width: 30,
        classes: Some(2),
        source: "Street, Wolberg and Mangasarian 1993, doi:10.24432/C5DW2B",
        licence: UCI,
        file: "breast_cancer.csv.gz",
        packed: include_bytes!("../../data/breast_cancer.csv.gz"),
        form: Form::Table,
    },
    Bundled {
        name: "diabetes",
        rows: 442,
        width: 10,
        classes: None,
        source: "Efron, Hastie, Johnstone and Tibshirani 2004, doi:10.1214/009053604000000067",
        licence: "none of its own; distributed with scikit-learn (BSD-3-Clause)",
        file: "diabetes.csv.gz",
        packed: include_bytes!("../../data/diabetes.csv.gz"),
        form: Form::Table,
    },
    Bundled {
        name: "german_credit",
        rows: 1000,
        width: 61,
        classes: Some(2),
        source: "Hofmann 1994, doi:10.24432/C5NC77",
        licence: UCI,
        file: "german_credit.csv.gz",
        packed: include_bytes!("../../data/german_credit.csv.gz"),
        form: Form::Table,
    },
    Bundled {
        name: "wine_quality",
        rows: 1599,
        width: 11,
        classes: None,
        source: "Cortez, Cerdeira, Almeida, Matos and Reis 2009, doi:10.24432/C56S3T",
        licence: UCI,
        file: "wine_quality.csv.gz",
        packed: include_bytes!("../../data/wine_quality.csv.gz"),
        form: Form::Table,
    },
    Bundled {
        name: "digits",
        rows: 1797,
        width: 64,
        classes: Some(10),
        source: "Alpaydin and Kaynak 1998, doi:10.24432/C50P49",
        licence: UCI,
        file: "digits.csv.gz",
        packed: include_bytes!("../../data/digits.csv.gz"),
        form: Form::Table,
    },
    Bundled {
        name: "digit_images",
        rows: 1797,
        width: 64,
        classes: Some(10),
        source: "Alpaydin and Kaynak 1998, doi:10.24432/C50P49",
        licence: UCI,
        file: "digits.csv.gz",
        packed: include_bytes!("../../data/digits.csv.gz"),
        form: Form::Images { white: 16 },
    },
    Bundled {
        name: "coriolanus",
        rows: 3089,
        width: CONTEXT,
        classes: Some(61),
        source: "Shakespeare, Coriolanus, as in Karpathy's tiny Shakespeare",
        licence: "public domain",
        file: "coriolanus.txt.gz",
        packed: include_bytes!("../../data/coriolanus.txt.gz"),
        form: Form::Text,
    },
    Bundled {
        name: "abalone",
        rows: 4177,
        width: 10,
        classes: None,
        source: "Nash, Sellers, Talbot, Cawthorn and Ford 1994, doi:10.24432/C55C7W",
        licence: UCI,
        file: "abalone.csv.gz",
        packed: include_bytes!("../../data/abalone.csv.gz"),
        form: Form::Table,
    },
    Bundled {
        name: "spambase",
        rows: 4597,
        width: 57,
        classes: Some(2),
        source: "Hopkins, Reeber, Forman and Suermondt 1999, doi:10.24432/C53G6X",
        licence: UCI,
        file: "spambase.csv.gz",
        packed: include_bytes!("../../data/spambase.csv.gz"),
        form: Form::Table,
    },
    Bundled {
        name: "satimage",
        rows: 6435,
        width: 36,
        classes: Some(6),
        source: "Srinivasan 1993, doi:10.24432/C55887",
        licence: UCI,
        file: "satimage.csv.gz",
        packed: include_bytes!("../../data/satimage.csv.gz"),
        form: Form::Table,
    },
    Bundled {
        name: "letter",
        rows: 20_000,
        width: 16,
        classes: Some(26),
        source: "Frey and Slate 1991, doi:10.24432/C5ZP40",
        licence: UCI,
        file: "letter.csv.gz",
        packed: include_bytes!("../../data/letter.csv.gz"),
        form: Form::Table,
    },
];

impl Dataset {
    /// What is known of the bundled data sets, small ones first. `digit_images` is `digits` as grey images from 0 to
    /// 1, for networks that know where a pixel is; `coriolanus` is a text. `letter` repeats 1,332 of its rows, as the
    /// field uses it, so that its parts share rows.
    pub fn bundled() -> &'static [Bundled] {
        ALL
    }
}

impl Bundled {
    /// The one of that name.
    pub fn named(name: &str) -> Option<&'static Bundled> {
        ALL.iter().find(|bundled| bundled.name == name)
    }
    /// The size of the gzipped table.
    pub fn bytes(&self) -> usize {
        self.packed.len()
    }
    /// The text of that name.
    pub(super) fn text(name: &str) -> Option<&'static Bundled> {
        ALL.iter().find(|b| b.name == name && b.form == Form::Text)
    }
    /// Unpacks and reads it.
    pub(super) fn load(&self) -> Result<Dataset, ProblemError> {
        let white = match self.form {
            Form::Text => return self.rows_of(&TextSpec::new(self.name)),
            Form::Images { white } => Some(f64::from(white)),
            Form::Table => None,
        };
        let task = if self.classes.is_some() { Task::Classification } else { Task::Regression };
        let spec = CsvSpec { header: Some(true), task: Some(task), ..CsvSpec::new(self.name) };
        let read = csv::parse(&spec, &file::unpack(self.name, self.packed)?)?;
        Ok(self.signed(match (read.features, white) {
            (Features::Dense(values), Some(white)) => {
                let bytes = values.iter().map(|v| (v * 255.0 / white).round() as u8).collect();
                Dataset::new(self.name, self.source, Features::Bytes(bytes), read.target, read.columns)
            }
            (features, _) => Dataset { features, ..read },
        }))
    }
    /// The text in rows of another length.
    pub(super) fn rows_of(&self, spec: &TextSpec) -> Result<Dataset, ProblemError> {
        text::parse(spec, &file::unpack(self.name, self.packed)?).map(|read| self.signed(read))
    }
    fn signed(&self, read: Dataset) -> Dataset {
        Dataset { source: self.source.to_owned(), licence: self.licence.to_owned(), ..read }
    }
}
