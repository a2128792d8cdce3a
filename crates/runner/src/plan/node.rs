//! A TOML document in which every value knows its line, so that every complaint can name it.

use serde_json::{Map, Number, Value};
use std::fmt;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, value::Datetime};

/// What is wrong with a study, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// From 1; 0 for what did not come from a file.
    pub line: usize,
    /// In words for the user.
    pub text: String,
}

impl Fault {
    /// At that line.
    pub fn new(line: usize, text: impl fmt::Display) -> Self {
        Fault { line, text: text.to_string() }
    }
}

/// A value and its line.
#[derive(Clone, Debug)]
pub struct Node {
    /// From 1; 0 for what did not come from a file.
    pub line: usize,
    /// What stands there.
    pub kind: Kind,
}

/// What stands at a line.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A number, a text, true or false.
    Leaf(Value),
    /// An array.
    List(Vec<Node>),
    /// A table, in file order.
    Table(Vec<Entry>),
}

/// One key of a table.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// What it is set to; its line is the key's.
    pub value: Node,
}

impl Entry {
    /// The line of the key.
    pub fn line(&self) -> usize {
        self.value.line
    }
}

impl Node {
    /// The keys of a document.
    ///
    /// # Errors
    /// If it is not TOML, or holds what a study cannot: dates, numbers that are not finite.
    pub fn document(text: &str) -> Result<Vec<Entry>, Fault> {
        let lines = Lines(text);
        let table = DeTable::parse(text).map_err(|e| {
            let line = e.span().map_or(1, |span| lines.of(span.start));
            Fault::new(line, e.message().replace('\n', ", "))
        })?;
        table.get_ref().iter().map(|(key, value)| entry(key, value, &lines)).collect::<Result<_, _>>().map(in_order)
    }

    /// A value that did not come from a file.
    pub fn of(value: Value) -> Node {
        let kind = match value {
            Value::Array(items) => Kind::List(items.into_iter().map(Node::of).collect()),
            Value::Object(fields) => {
                Kind::Table(fields.into_iter().map(|(key, v)| Entry { key, value: Node::of(v) }).collect())
            }
            leaf => Kind::Leaf(leaf),
        };
        Node { line: 0, kind }
    }

    /// As it stands, arrays being arrays.
    pub fn value(&self) -> Value {
        match &self.kind {
            Kind::Leaf(value) => value.clone(),
            Kind::List(items) => items.iter().map(Node::value).collect(),
            Kind::Table(entries) => table(entries),
        }
    }
}

/// As it stands, arrays being arrays.
fn table(entries: &[Entry]) -> Value {
    Value::Object(entries.iter().map(|e| (e.key.clone(), e.value.value())).collect::<Map<_, _>>())
}

struct Lines<'a>(&'a str);
impl Lines<'_> {
    fn of(&self, offset: usize) -> usize {
        self.0.bytes().take(offset).filter(|&b| b == b'\n').count() + 1
    }
}

type Key<'i> = Spanned<std::borrow::Cow<'i, str>>;

/// With its offset, to be sorted by.
fn entry(key: &Key<'_>, value: &Spanned<DeValue<'_>>, lines: &Lines<'_>) -> Result<(usize, Entry), Fault> {
    let at = key.span().start;
    let mut value = node(value, lines)?;
    value.line = lines.of(at);
    Ok((at, Entry { key: key.get_ref().to_string(), value }))
}

fn in_order(mut entries: Vec<(usize, Entry)>) -> Vec<Entry> {
    entries.sort_by_key(|(at, _)| *at);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

fn node(value: &Spanned<DeValue<'_>>, lines: &Lines<'_>) -> Result<Node, Fault> {
    let line = lines.of(value.span().start);
    let leaf = |value: Option<Value>, text: &str| {
        value.map(Kind::Leaf).ok_or_else(|| Fault::new(line, format!("`{text}` is no finite number")))
    };
    let kind = match value.get_ref() {
        DeValue::String(text) => Kind::Leaf(Value::from(text.as_ref())),
        DeValue::Boolean(flag) => Kind::Leaf(Value::from(*flag)),
        DeValue::Integer(n) => leaf(i64::from_str_radix(n.as_str(), n.radix()).ok().map(Value::from), n.as_str())?,
        DeValue::Float(x) => {
            let number = x.as_str().parse().ok().and_then(Number::from_f64);
            leaf(number.map(Value::Number), x.as_str())?
        }
        DeValue::Datetime(date) => return Err(date_fault(line, date)),
        DeValue::Array(items) => Kind::List(items.iter().map(|item| node(item, lines)).collect::<Result<_, _>>()?),
        DeValue::Table(fields) => {
            Kind::Table(fields.iter().map(|(k, v)| entry(k, v, lines)).collect::<Result<_, _>>().map(in_order)?)
        }
    };
    Ok(Node { line, kind })
}

fn date_fault(line: usize, date: &Datetime) -> Fault {
    Fault::new(line, format!("`{date}` is a date; a study has none"))
}
