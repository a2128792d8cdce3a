//! The commands, one file each.

pub mod check;
pub mod list;
pub mod report;
pub mod run;
pub mod sweep;

use crate::table::Table;
use anyhow::Result;
use clap::ValueEnum;
use std::io::Write as _;

/// Prints an answer. Whoever reads it may close the pipe, as `head` does: that is no error.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// How a table is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned columns.
    #[default]
    Table,
    /// Comma-separated values.
    Csv,
    /// A list of objects.
    Json,
    /// A Markdown table.
    Md,
}

impl Format {
    /// The table as text, with a line end.
    ///
    /// # Errors
    /// If the writer fails, which a string does not.
    pub fn render(self, table: &Table) -> Result<String> {
        match self {
            Format::Table => Ok(table.text()),
            Format::Csv => table.csv(),
            Format::Json => Ok(table.json()),
            Format::Md => Ok(table.markdown()),
        }
    }
}
