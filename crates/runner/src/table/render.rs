//! The renderings of a table.

use super::{Cell, Command, Source, Table};
use crate::rows::Text;
use serde_json::{Map, Value};

impl Table {
    /// Aligned columns for a terminal.
    pub fn text(&self) -> String {
        let widths = self.widths();
        let mut lines = vec![self.line(&self.titles(), &widths, "  ")];
        lines.push(widths.iter().map(|&w| "-".repeat(w)).collect::<Vec<_>>().join("  "));
        lines.extend(self.shown().map(|row| self.line(&row, &widths, "  ")));
        lines.iter().map(|l| l.trim_end().to_owned() + "\n").collect()
    }

    /// Markdown, aligned so that the source reads as well. Whatever cells hold is shown as it is.
    pub fn markdown(&self) -> String {
        self.piped(literal)
    }

    /// As [`markdown`](Table::markdown), of cells that are Markdown themselves.
    pub fn markup(&self) -> String {
        self.piped(str::to_owned)
    }

    fn piped(&self, text: impl Fn(&str) -> String) -> String {
        let cell = |cell: String| text(&cell).replace('|', "\\|");
        let rows: Vec<Vec<String>> = self.shown().map(|row| row.into_iter().map(cell).collect()).collect();
        let titles = self.titles();
        let widest =
            |i: usize| rows.iter().chain([&titles]).map(|row| row[i].chars().count()).max().unwrap_or(0).max(3);
        let widths: Vec<usize> = (0..titles.len()).map(widest).collect();
        let rule = |(i, &w): (usize, &usize)| if self.right(i) { "-".repeat(w - 1) + ":" } else { "-".repeat(w) };
        let mut lines = vec![self.line(&titles, &widths, " | ")];
        lines.push(widths.iter().enumerate().map(rule).collect::<Vec<_>>().join(" | "));
        lines.extend(rows.iter().map(|row| self.line(row, &widths, " | ")));
        lines.iter().map(|l| format!("| {l} |\n")).collect()
    }

    /// An HTML table, at the end of a page.
    pub fn html(&self, page: &mut String, caption: &str) {
        let class = |i: usize| if self.right(i) { " class=\"n\"" } else { "" };
        let head = |(i, title): (usize, &String)| format!("<th scope=\"col\"{}>{}</th>", class(i), escape(title));
        let sourced = !self.sources.is_empty();
        let source = |row: usize| {
            format!(
                "<td>{}</td>",
                self.sources.get(row).filter(|s| !s.keys.is_empty()).map_or(String::new(), Source::html)
            )
        };
        let cell = |(i, (text, cell)): (usize, (&String, &Cell))| {
            // Columns are sorted by whole numbers, and not by what rounding left of them.
            let value = match cell {
                Cell::Text(_) | Cell::Empty => String::new(),
                number => format!(" data-v=\"{}\"", number.values().first().map(raw).unwrap_or_default()),
            };
            format!("<td{}{value}>{}</td>", class(i), escape(text))
        };
        let row = |(number, cells): (usize, Vec<String>)| {
            let cells: String = cells.iter().zip(&self.rows[number]).enumerate().map(cell).collect();
            format!("<tr>{cells}{}</tr>\n", if sourced { source(number) } else { String::new() })
        };
        let titles: String = self.titles().iter().enumerate().map(head).collect();
        let from = if sourced { "<th scope=\"col\">from</th>" } else { "" };
        let caption = escape(caption);
        *page += &format!("<table>\n<caption>{caption}</caption>\n<thead><tr>{titles}{from}</tr></thead>\n<tbody>\n");
        page.extend(self.shown().enumerate().map(row));
        *page += "</tbody>\n</table>\n";
    }

    /// Numbers as they are; an estimate takes three columns, a count two.
    ///
    /// # Errors
    /// If the writer fails, which a string does not.
    pub fn csv(&self) -> anyhow::Result<String> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let keys: Vec<Vec<String>> = (0..self.columns.len()).map(|i| self.keys(i)).collect();
        writer.write_record(keys.iter().flatten())?;
        for row in &self.rows {
            let fields = row.iter().zip(&keys).flat_map(|(cell, keys)| {
                let mut fields: Vec<String> = cell.values().iter().map(raw).collect();
                fields.resize(keys.len(), String::new());
                fields
            });
            writer.write_record(fields)?;
        }
        Ok(String::from_utf8(writer.into_inner()?)?)
    }

    /// An array of objects, with the keys of the CSV.
    pub fn json(&self) -> String {
        let object = |row: &Vec<Cell>| {
            let fields = row.iter().enumerate().flat_map(|(i, cell)| {
                let values = cell.values();
                let at = move |k: usize| values.get(k).cloned().unwrap_or_default();
                self.keys(i).into_iter().enumerate().map(move |(k, key)| (key, at(k)))
            });
            Value::Object(Map::from_iter(fields))
        };
        let rows: Vec<Value> = self.rows.iter().map(object).collect();
        format!("{:#}\n", Value::Array(rows))
    }

    /// The CSV headers of a column: as many as its widest cell has values.
    fn keys(&self, i: usize) -> Vec<String> {
        let key = &self.columns[i].key;
        let has = |f: fn(&Cell) -> bool| self.rows.iter().any(|row| f(&row[i]));
        if has(|c| matches!(c, Cell::Estimate(_))) {
            vec![key.clone(), format!("{key}_half"), format!("{key}_n")]
        } else if has(|c| matches!(c, Cell::Of(..))) {
            vec![key.clone(), format!("{key}_of")]
        } else {
            vec![key.clone()]
        }
    }

    /// Whether a column holds numbers.
    fn right(&self, i: usize) -> bool {
        self.rows.iter().all(|row| !matches!(row[i], Cell::Text(_)))
    }
    fn titles(&self) -> Vec<String> {
        self.columns.iter().map(|c| c.title.clone()).collect()
    }
    fn shown(&self) -> impl Iterator<Item = Vec<String>> {
        self.rows.iter().map(|row| row.iter().map(Cell::show).collect())
    }
    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self.titles().iter().map(|t| t.chars().count()).collect();
        for row in self.shown() {
            for (width, cell) in widths.iter_mut().zip(&row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        widths
    }
    fn line(&self, cells: &[String], widths: &[usize], between: &str) -> String {
        let pad = |(i, (cell, &w)): (usize, (&String, &usize))| {
            if self.right(i) { format!("{cell:>w$}") } else { format!("{cell:<w$}") }
        };
        cells.iter().zip(widths).enumerate().map(pad).collect::<Vec<_>>().join(between)
    }
}

impl Source {
    /// A note that opens.
    pub(crate) fn html(&self) -> String {
        let trials = match self.keys.len() {
            0 => "all trials".to_owned(),
            1 => "1 trial".to_owned(),
            n => format!("{n} trials"),
        };
        let keys = match self.command {
            Command::Whole(_) if !self.keys.is_empty() => {
                format!("<p>{}</p>", escape(&self.keys.iter().map(Text::as_str).collect::<Vec<_>>().join(" ")))
            }
            _ => String::new(),
        };
        let command = escape(&self.command());
        format!("<details><summary>{trials}</summary><pre>{command}</pre>{keys}</details>")
    }
}

impl Cell {
    fn values(&self) -> Vec<Value> {
        match self {
            Cell::Empty => vec![Value::Null],
            Cell::Text(text) => vec![text.as_str().into()],
            Cell::Number(x) => vec![(*x).into()],
            Cell::Estimate(e) => vec![e.value.into(), e.half().into(), e.n.into()],
            Cell::Of(k, n) => vec![(*k).into(), (*n).into()],
        }
    }
}

fn raw(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Text as HTML, within an element or an attribute in double quotes. Signs that neither HTML nor XML can hold are
/// replaced.
pub(crate) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => html.push(char::REPLACEMENT_CHARACTER),
            c => html.push(c),
        }
    }
    html
}

/// Text as Markdown that shows it as it is: on one line, without code, emphasis, links or tags of its own.
pub(crate) fn literal(text: &str) -> String {
    let mut markdown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied().unwrap_or(' ');
        match c {
            '\\' | '`' | '*' => markdown.extend(['\\', c]),
            // A tag or an entity begins with a letter or one of these signs; `p < 5` needs nothing.
            '<' if next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?') => markdown.push_str("&lt;"),
            '&' if next.is_ascii_alphabetic() || next == '#' => markdown.push_str("&amp;"),
            '(' if markdown.ends_with(']') => markdown.push_str("\\("),
            c if c.is_control() => markdown.push(' '),
            c => markdown.push(c),
        }
    }
    markdown
}
