//! Rows of text, printed for people and for programs.

use clap::ValueEnum;
use serde_json::{Map, Value};

/// How rows are printed.
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

/// Rows of text under a header.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// The columns' names.
    pub header: Vec<String>,
    /// One text a column.
    pub rows: Vec<Vec<String>>,
}

impl Grid {
    /// No rows yet.
    pub fn new(header: &[&str]) -> Self {
        Grid { header: header.iter().map(|&h| h.to_owned()).collect(), rows: Vec::new() }
    }

    /// One more row.
    pub fn push<const N: usize>(&mut self, row: [String; N]) {
        self.rows.push(row.into());
    }

    /// As text, with a line end.
    ///
    /// ```
    /// use runner::grid::{Format, Grid};
    /// let mut grid = Grid::new(&["name", "lr"]);
    /// grid.push(["adam".into(), "0.001".into()]);
    /// assert_eq!(grid.render(Format::Table), "name  lr\nadam  0.001\n");
    /// assert_eq!(grid.render(Format::Md), "| name | lr |\n| --- | --- |\n| adam | 0.001 |\n");
    /// ```
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Table => self.table(),
            Format::Csv => self.csv(),
            Format::Json => self.json(),
            Format::Md => self.markdown(),
        }
    }

    fn lines(&self) -> impl Iterator<Item = &Vec<String>> {
        std::iter::once(&self.header).chain(&self.rows)
    }

    fn table(&self) -> String {
        let width = |column: usize| self.lines().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.header.len()).map(width).collect();
        let mut out = String::new();
        for line in self.lines() {
            let padded: Vec<String> = line.iter().zip(&widths).map(|(cell, &w)| format!("{cell:w$}")).collect();
            out.push_str(padded.join("  ").trim_end());
            out.push('\n');
        }
        out
    }

    fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing to memory does not fail, and every row has as many cells as the header.
        self.lines().for_each(|line| drop(writer.write_record(line)));
        String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
    }

    fn json(&self) -> String {
        let object = |row: &Vec<String>| {
            let cells = row.iter().cloned().map(|cell| cell.parse().map_or(Value::String(cell), Value::Number));
            Value::Object(self.header.iter().cloned().zip(cells).collect::<Map<_, _>>())
        };
        let rows: Vec<Value> = self.rows.iter().map(object).collect();
        serde_json::to_string_pretty(&rows).unwrap_or_default() + "\n"
    }

    fn markdown(&self) -> String {
        let mut out = String::new();
        for (i, line) in self.lines().enumerate() {
            let cells: Vec<String> = line.iter().map(|cell| cell.replace('|', "\\|")).collect();
            out.push_str(&format!("| {} |\n", cells.join(" | ")));
            if i == 0 {
                out.push_str(&format!("|{}\n", " --- |".repeat(line.len())));
            }
        }
        out
    }
}
