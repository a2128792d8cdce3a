//! UCI's Adult: a table whose two files differ in how they end a line.

use super::File;
use crate::data::Dataset;
use crate::data::csv::{self, CsvSpec};
use crate::data::file;
use crate::problem::ProblemError;

const COLUMNS: &str = "age,workclass,fnlwgt,education,education-num,marital-status,occupation,relationship,race,sex,\
                       capital-gain,capital-loss,hours-per-week,native-country,income\n";

/// Both files as one table, so that categories have the same columns; the second is for test. Rows with a missing value
/// (`?`) are left out, as most of the literature does: 45,222 of 48,842 stay.
pub(super) fn parse(train: File<'_>, test: File<'_>) -> Result<Dataset, ProblemError> {
    let (train_rows, test_rows) = (rows(train)?, rows(test)?);
    let table = [COLUMNS, &train_rows.concat(), &test_rows.concat()].concat();
    let spec = CsvSpec { header: Some(true), ..CsvSpec::new(train.0) };
    Ok(csv::parse(&spec, table.as_bytes())?.tested_from(train_rows.len()))
}

fn rows((path, bytes): File<'_>) -> Result<Vec<String>, ProblemError> {
    let lines = file::text(path, bytes)?.lines().map(str::trim);
    // The test file opens with a remark, and ends its classes with a full stop.
    let whole = lines.filter(|line| !line.is_empty() && !line.starts_with('|') && !line.contains('?'));
    let rows: Vec<String> = whole.map(|line| format!("{}\n", line.trim_end_matches('.').replace(", ", ","))).collect();
    match rows.is_empty() {
        true => Err(ProblemError(format!("data file `{path}` has no row without missing values"))),
        false => Ok(rows),
    }
}
