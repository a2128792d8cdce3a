//! Tables of comma-separated values: numbers stay, texts become one column a category.

mod column;
mod table;

use super::labels::{self, Task};
use super::{Column, Dataset, Features, Target, file};
use crate::problem::ProblemError;
use column::Cells;
use serde::Serialize;
use table::Table;

/// A table in a file of comma-separated values (UTF-8, any line ends, quoted fields, gzipped or not).
///
/// A column is numeric if all its cells are numbers. If at least 95 % are, the first that is not is an error; with
/// fewer the column is categorical and becomes one column of 0 and 1 for each of its texts, at most 1,000, sorted and
/// named `column=text`. A cell that is missing (empty, `?`, `NA`, `N/A`, `NaN`, `null`, in any case), infinite or
/// written with a decimal comma is an error. Constant columns stay. Blanks around a cell do not count.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CsvSpec {
    /// The file.
    pub csv: String,
    /// A short name for streams, tables and figures. Default: the file's name without folders and `.gz`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The column to predict. Default: the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Column>,
    /// Whether the first row names the columns. Default: it does if no cell of it is a number, and some cell of the
    /// second row is; if no cell of either is a number, this must be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// What separates cells, one ASCII character. Default: comma, semicolon or tab, whichever the first line has most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// What is predicted. Default: classes if the target holds texts or at most 20 distinct whole numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
}

impl CsvSpec {
    /// That file, everything else by default.
    pub fn new(csv: impl Into<String>) -> Self {
        CsvSpec { csv: csv.into(), name: None, target: None, header: None, delimiter: None, task: None }
    }
    /// The given name or the file's.
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(file::name(&self.csv))
    }
}

/// Whole numbers with more distinct values than this are not taken for classes unasked.
const MOST_INTEGER_CLASSES: usize = 20;
/// 8 GiB.
const MOST_VALUES: usize = 1 << 30;

/// Reads the content of the file.
pub(super) fn parse(spec: &CsvSpec, bytes: &[u8]) -> Result<Dataset, ProblemError> {
    let table = Table::read(spec, file::text(&spec.csv, bytes)?)?;
    let target = table.find(spec.target.as_ref().unwrap_or(&Column::Index(-1)))?;
    let others = (0..table.width()).filter(|&c| c != target);
    let columns = others.map(|c| Ok((c, Cells::read(&table, c)?))).collect::<Result<Vec<_>, ProblemError>>()?;
    let names: Vec<String> = columns.iter().flat_map(|(c, cells)| cells.names(&table.names[*c])).collect();
    let (file, rows, width) = (&spec.csv, table.rows(), names.len());
    if rows.saturating_mul(width) > MOST_VALUES {
        return Err(ProblemError(format!(
            "data file `{file}`: {rows} rows of {width} features (texts become one a category) are more than \
             {MOST_VALUES} values"
        )));
    }
    let features = Features::Dense(row_major(&columns, rows));
    let target = labels(&table, target, spec.task)?;
    Ok(Dataset::new(spec.name(), &spec.csv, features, target, names))
}

fn labels(table: &Table<'_>, column: usize, task: Option<Task>) -> Result<Target, ProblemError> {
    let at = format!("data file `{}`, target `{}`", table.file, table.names[column]);
    match Cells::read(table, column)? {
        Cells::Numbers(values) => labels::from_numbers(&at, values, task, MOST_INTEGER_CLASSES),
        Cells::Texts { codes, texts } => labels::from_texts(&at, codes, texts, task),
    }
}

fn row_major(columns: &[(usize, Cells)], rows: usize) -> Vec<f64> {
    let width = columns.iter().map(|(_, cells)| cells.width()).sum();
    let mut values = vec![0.0; rows * width];
    let mut first = 0;
    for (_, cells) in columns {
        let row = values.chunks_exact_mut(width);
        match cells {
            Cells::Numbers(numbers) => row.zip(numbers).for_each(|(row, &v)| row[first] = v),
            Cells::Texts { codes, .. } => row.zip(codes).for_each(|(row, &code)| row[first + code as usize] = 1.0),
        }
        first += cells.width();
    }
    values
}
