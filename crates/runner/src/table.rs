//! One table, rendered as text, Markdown, CSV, JSON or HTML.

mod number;
mod render;

pub(crate) use render::{escape, literal};

pub(crate) use number::count;
pub use number::{about, capital, estimate, more_seeds, plain, significant};

use crate::rows::Text;
use crate::stats::Estimate;

/// A table: cells know their numbers, renderings round them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Column by column.
    pub columns: Vec<Column>,
    /// Each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
    /// Of each row: the trials that its numbers come from. Shown in HTML; empty where there is nothing to say.
    pub sources: Vec<Source>,
}

/// Where the numbers of a row come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// What makes them again.
    pub command: Command,
    /// The keys of their trials; none are all trials there are.
    pub keys: Vec<Text>,
}

/// A command that makes numbers again.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// `downhill again`, of these trials of this folder of results.
    Again(String),
    /// One that makes these trials and others.
    Whole(String),
}

impl Source {
    /// As it is typed.
    pub fn command(&self) -> String {
        match &self.command {
            Command::Whole(command) => command.clone(),
            Command::Again(dir) => {
                let words = [dir.as_str()].into_iter().chain(self.keys.iter().map(Text::as_str)).map(quoted);
                format!("downhill again {}", words.collect::<Vec<_>>().join(" "))
            }
        }
    }
}

/// A word as a POSIX shell takes it for itself.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,+:".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// For people.
    pub title: String,
    /// For programs: the key in JSON and the header in CSV.
    pub key: String,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing to say.
    Empty,
    /// Words.
    Text(String),
    /// A number.
    Number(f64),
    /// A mean with its interval.
    Estimate(Estimate),
    /// So many of so many.
    Of(usize, usize),
}

impl Table {
    /// Without rows yet; columns as title and key.
    pub fn new<'a>(columns: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let column = |(title, key): (&str, &str)| Column { title: title.to_owned(), key: key.to_owned() };
        Table { columns: columns.into_iter().map(column).collect(), rows: Vec::new(), sources: Vec::new() }
    }

    /// Without a column.
    pub fn without(&self, key: &str) -> Self {
        let mut table = self.clone();
        if let Some(i) = self.columns.iter().position(|c| c.key == key) {
            table.columns.remove(i);
            table.rows.iter_mut().for_each(|row| drop(row.remove(i)));
        }
        table
    }

    /// Without the columns that hold nothing.
    pub fn without_empty(mut self) -> Self {
        let kept: Vec<bool> = (0..self.columns.len()).map(|i| self.rows.iter().any(|r| r[i] != Cell::Empty)).collect();
        let keep = |i: &mut usize| {
            *i += 1;
            kept[*i - 1]
        };
        let mut i = 0;
        self.columns.retain(|_| keep(&mut i));
        for row in &mut self.rows {
            let mut i = 0;
            row.retain(|_| keep(&mut i));
        }
        self
    }
}

impl Cell {
    /// Rounded, for people.
    pub fn show(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Number(x) => plain(*x),
            Cell::Estimate(e) => estimate(e),
            Cell::Of(k, n) => format!("{k}/{n}"),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) }
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}
impl From<f64> for Cell {
    fn from(x: f64) -> Self {
        Cell::Number(x)
    }
}
impl From<Option<f64>> for Cell {
    fn from(x: Option<f64>) -> Self {
        x.map_or(Cell::Empty, Cell::Number)
    }
}
impl From<Option<Estimate>> for Cell {
    fn from(e: Option<Estimate>) -> Self {
        e.map_or(Cell::Empty, Cell::Estimate)
    }
}
