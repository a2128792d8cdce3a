//! The cells of a file as text, and where each stands.

use super::CsvSpec;
use crate::data::{Column, file};
use crate::problem::ProblemError;
use ::csv::{ReaderBuilder, StringRecord};
use std::collections::HashMap;

/// At least one row, at least two columns, every row as wide as the header.
pub(super) struct Table<'a> {
    pub(super) file: &'a str,
    pub(super) names: Vec<String>,
    input: &'a str,
    /// All cells, trimmed, row after row.
    cells: String,
    /// Where each cell ends in `cells`.
    ends: Vec<usize>,
    /// Where each row begins in `input`.
    starts: Vec<usize>,
}

impl<'a> Table<'a> {
    pub(super) fn read(spec: &'a CsvSpec, input: &'a str) -> Result<Self, ProblemError> {
        let file = &spec.csv;
        let delimiter = spec.delimiter.map_or_else(|| Ok(detect_delimiter(input)), |d| check_delimiter(file, d))?;
        let mut table =
            Table { file, names: Vec::new(), input, cells: String::new(), ends: Vec::new(), starts: Vec::new() };
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(input.as_bytes());
        let mut record = StringRecord::new();
        while reader.read_record(&mut record).map_err(|e| ProblemError(format!("data file `{file}`: {e}")))? {
            table.push(&record, delimiter)?;
        }
        if table.starts.is_empty() {
            return Err(ProblemError(format!("data file `{file}` is empty")));
        }
        table.name_columns(spec.header)?;
        if table.starts.is_empty() {
            return Err(ProblemError(format!("data file `{file}` has a header, but no rows")));
        }
        Ok(table)
    }

    pub(super) fn rows(&self) -> usize {
        self.starts.len()
    }
    pub(super) fn width(&self) -> usize {
        self.names.len()
    }
    pub(super) fn cell(&self, row: usize, column: usize) -> &str {
        let i = row * self.width() + column;
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.cells[start..self.ends[i]]
    }
    /// The cells of a column from top to bottom.
    pub(super) fn column(&self, column: usize) -> impl Iterator<Item = &str> {
        (0..self.rows()).map(move |row| self.cell(row, column))
    }
    /// What is wrong with a cell.
    pub(super) fn error(&self, row: usize, column: usize, what: &str) -> ProblemError {
        let (file, line, name) = (self.file, self.line(row), &self.names[column]);
        ProblemError(format!("data file `{file}`, line {line}, column `{name}`: {what}"))
    }

    /// The number of the column.
    pub(super) fn find(&self, column: &Column) -> Result<usize, ProblemError> {
        let width = self.width() as i64;
        match column {
            Column::Name(name) => self.names.iter().position(|n| n == name),
            Column::Index(i) => (-width..width).contains(i).then(|| i.rem_euclid(width) as usize),
        }
        .ok_or_else(|| {
            let some = self.names.iter().take(30).cloned().collect::<Vec<_>>().join("`, `");
            let more = if self.width() > 30 { ", ..." } else { "" };
            ProblemError(format!(
                "data file `{}`: `target` is {column}, but the columns are `{some}`{more}; allowed is a name or a number \
                 from {} to {}",
                self.file,
                -width,
                width - 1
            ))
        })
    }

    fn line(&self, row: usize) -> usize {
        let start = self.starts[row];
        // The reader's position of a row may stand before the line ends that precede it.
        let blank = self.input[start..].bytes().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        file::line(self.input.as_bytes(), start + blank)
    }

    fn push(&mut self, record: &StringRecord, delimiter: u8) -> Result<(), ProblemError> {
        if record.len() == 1 && record[0].trim().is_empty() {
            return Ok(()); // a line of blanks
        }
        let first = if self.starts.is_empty() { record.len() } else { self.ends.len() / self.starts.len() };
        self.starts.push(record.position().map_or(0, |p| p.byte() as usize));
        let at = || format!("data file `{}`, line {}", self.file, self.line(self.starts.len() - 1));
        if first < 2 {
            let delimiter = char::from(delimiter);
            return Err(ProblemError(format!(
                "{}: one column, but a feature and a target are needed; the cells are separated by {delimiter:?}: \
                 another can be given as `delimiter`",
                at()
            )));
        }
        if record.len() != first {
            let quote = if record.iter().any(|f| f.contains('\n')) { "; is a quote not closed?" } else { "" };
            let found = record.len();
            return Err(ProblemError(format!("{}: {found} cells, but the first row has {first}{quote}", at())));
        }
        for cell in record {
            self.cells.push_str(cell.trim());
            self.ends.push(self.cells.len());
        }
        Ok(())
    }

    /// Takes the first row for names, or numbers the columns from `x0`.
    fn name_columns(&mut self, header: Option<bool>) -> Result<(), ProblemError> {
        let width = self.ends.len() / self.starts.len();
        self.names = (0..width).map(|c| format!("x{c}")).collect();
        if !header.map_or_else(|| self.detect_header(), Ok)? {
            return Ok(());
        }
        let names: Vec<String> = (0..width).map(|c| self.cell(0, c).to_owned()).collect();
        let at = format!("data file `{}`, line {}", self.file, self.line(0));
        let mut seen = HashMap::new();
        for (c, name) in names.iter().enumerate() {
            if name.is_empty() {
                return Err(ProblemError(format!(
                    "{at}: column {c} (from 0) has no name; if it holds row numbers that pandas or R wrote, remove it \
                     (`index=False`, `row.names=FALSE`)"
                )));
            }
            if let Some(before) = seen.insert(name, c) {
                return Err(ProblemError(format!(
                    "{at}: columns {before} and {c} (from 0) are both named `{name}`; names must differ"
                )));
            }
        }
        self.names = names;
        let taken = self.ends[width - 1];
        self.cells.drain(..taken);
        self.ends.drain(..width);
        self.ends.iter_mut().for_each(|end| *end -= taken);
        self.starts.remove(0);
        Ok(())
    }

    fn detect_header(&self) -> Result<bool, ProblemError> {
        let number = |row| row < self.rows() && (0..self.width()).any(|c| self.cell(row, c).parse::<f64>().is_ok());
        match (number(0), number(1)) {
            (true, _) => Ok(false),
            (false, true) => Ok(true),
            (false, false) => Err(ProblemError(format!(
                "data file `{}`: no number in the first two rows, so that a header cannot be told from data; say \
                 `header = true` or `header = false`",
                self.file
            ))),
        }
    }
}

fn check_delimiter(file: &str, d: char) -> Result<u8, ProblemError> {
    if d.is_ascii() && !matches!(d, '"' | '\r' | '\n') {
        return Ok(d as u8);
    }
    Err(ProblemError(format!(
        "data file `{file}`: `delimiter` is {d:?}, allowed is one ASCII character, no quote or line end"
    )))
}

/// What the first line has most outside quotes; a comma if it has none.
fn detect_delimiter(input: &str) -> u8 {
    let line = input.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let outside: String = line.split('"').step_by(2).collect();
    let count = |d: &u8| outside.bytes().filter(|b| b == d).count();
    *[b'\t', b';', b','].iter().max_by_key(|d| count(d)).unwrap_or(&b',')
}
