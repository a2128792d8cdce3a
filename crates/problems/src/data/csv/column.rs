//! One column: numbers or categories.

use super::table::Table;
use crate::problem::ProblemError;
use std::collections::{BTreeSet, HashMap};

/// The cells of a column, all there and finite.
pub(super) enum Cells {
    Numbers(Vec<f64>),
    /// Cell `i` holds `texts[codes[i]]`; the texts are sorted.
    Texts {
        codes: Vec<u32>,
        texts: Vec<String>,
    },
}

/// A column with at least this share of numbers is numeric, and a text in it a mistake.
const NUMERIC: f64 = 0.95;
const MOST_CATEGORIES: usize = 1000;
const MISSING: [&str; 6] = ["", "?", "na", "n/a", "nan", "null"];

impl Cells {
    pub(super) fn read(table: &Table<'_>, column: usize) -> Result<Self, ProblemError> {
        let mut numbers = Vec::with_capacity(table.rows());
        let mut first_text = None;
        for (row, cell) in table.column(column).enumerate() {
            match cell.parse::<f64>() {
                Ok(v) if v.is_finite() => numbers.push(v),
                _ => {
                    refuse(cell).map_or(Ok(()), |what| Err(table.error(row, column, &what)))?;
                    first_text.get_or_insert(row);
                }
            }
        }
        match first_text {
            None => Ok(Cells::Numbers(numbers)),
            Some(row) if numbers.len() as f64 >= NUMERIC * table.rows() as f64 => {
                let (text, n) = (table.cell(row, column), numbers.len());
                let what = format!("`{text}` is not a number, but {n} of {} cells are", table.rows());
                Err(table.error(row, column, &what))
            }
            Some(_) => categories(table, column),
        }
    }

    /// The number of features that the column becomes.
    pub(super) fn width(&self) -> usize {
        match self {
            Cells::Numbers(_) => 1,
            Cells::Texts { texts, .. } => texts.len(),
        }
    }
    /// The names of those features.
    pub(super) fn names(&self, column: &str) -> Vec<String> {
        match self {
            Cells::Numbers(_) => vec![column.to_owned()],
            Cells::Texts { texts, .. } => texts.iter().map(|text| format!("{column}={text}")).collect(),
        }
    }
}

fn categories(table: &Table<'_>, column: usize) -> Result<Cells, ProblemError> {
    let texts: BTreeSet<&str> = table.column(column).collect();
    if texts.len() > MOST_CATEGORIES {
        let what = format!(
            "{} different texts, at most {MOST_CATEGORIES} become categories; if they name the rows, remove the column",
            texts.len()
        );
        return Err(table.error(0, column, &what));
    }
    let code: HashMap<&str, u32> = texts.iter().copied().zip(0..).collect();
    let codes = table.column(column).map(|cell| code[cell]).collect();
    Ok(Cells::Texts { codes, texts: texts.into_iter().map(str::to_owned).collect() })
}

/// Why a cell that is not a finite number is not a text either.
fn refuse(cell: &str) -> Option<String> {
    if MISSING.contains(&cell.to_lowercase().as_str()) {
        Some(format!("the value is missing (`{cell}`); fill it in or remove the row"))
    } else if cell.parse::<f64>().is_ok() {
        Some(format!("`{cell}` is not finite; numbers must be smaller than 1.8e308"))
    } else if cell.contains(',') && cell.replace(',', ".").parse::<f64>().is_ok() {
        Some(format!("`{cell}` has a comma; write numbers with a point and nothing between thousands"))
    } else {
        None
    }
}
