//! The commands, one file each, and what they share.

pub mod again;
pub mod check;
pub mod compare;
pub mod data;
pub mod export;
pub mod import;
pub mod list;
pub mod merge;
pub mod pack;
#[cfg(feature = "burn")]
pub mod parity;
pub mod plan;
pub mod recommend;
pub mod replay;
pub mod report;
pub mod run;
pub mod serve;
pub mod status;
pub mod submit;
pub mod sweep;
pub mod time;
pub mod work;

use crate::lab::Lab;
use crate::table::Table;
use anyhow::Result;
use clap::ValueEnum;
use std::fmt;
use std::io::Write as _;
use std::path::PathBuf;

/// What all commands work on.
pub struct Context {
    /// The known optimizers and problems.
    pub lab: Lab,
    /// From the current folder to the one that holds `experiments`.
    pub root: PathBuf,
    /// The folder of all results.
    pub results: PathBuf,
}

/// A wrong command line that clap cannot know to be wrong.
#[derive(Debug)]
pub struct Usage(pub String);
impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for Usage {}

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
