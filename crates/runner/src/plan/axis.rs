//! Axes: an array, or a range, on any key of a study.

use super::node::{Entry, Fault, Kind, Node};
use serde::Deserialize;
use serde_json::{Map, Number, Value};
use std::collections::HashSet;

/// The most values of one axis, and combinations within one table: more are a mistake, or what `search` is for.
pub const MOST_VALUES: usize = 10_000;

/// The values of one key, in file order.
#[derive(Clone, Debug)]
pub struct Axis {
    /// The key.
    pub key: String,
    /// Its line.
    pub line: usize,
    /// At least one, all different.
    pub values: Vec<Value>,
}

impl Axis {
    /// What a key is set to.
    ///
    /// # Errors
    /// If it is an empty array, a value stands there twice, or a range is wrong.
    pub fn of(entry: &Entry) -> Result<Self, Fault> {
        let (key, line) = (&entry.key, entry.line());
        let values = match &entry.value.kind {
            Kind::List(items) if is_one_value(key, items) => vec![entry.value.value()],
            Kind::List(items) if is_wrapper(key) => items.iter().map(tables).collect::<Result<Vec<_>, _>>()?.concat(),
            Kind::List(items) => items.iter().map(Node::value).collect(),
            Kind::Table(_) if is_wrapper(key) => tables(&entry.value)?,
            Kind::Table(_) | Kind::Leaf(_) => match Range::of(entry)? {
                Some(range) => range.values().ok_or_else(|| Range::fault(entry))?,
                None => vec![entry.value.value()],
            },
        };
        if values.is_empty() {
            return Err(Fault::new(
                line,
                format!("`{key}` is an empty axis: give at least one value (an empty vector is `[[]]`)"),
            ));
        }
        few(key, line, values.len() as f64)?;
        distinct(key, line, &values)?;
        Ok(Axis { key: key.clone(), line, values })
    }
}

/// What goes around any problem: a table of numbers, each of which may be an axis.
fn is_wrapper(key: &str) -> bool {
    matches!(key, "penalty" | "gradient_noise" | "corruption")
}

/// A list of wrappers, of parameter groups or of streams is one value, and an axis of them is a list of lists.
fn is_one_value(key: &str, items: &[Node]) -> bool {
    match key {
        "wrap" | "groups" => items.iter().all(|item| matches!(item.kind, Kind::Table(_))),
        "fixed" => items.iter().all(|item| matches!(item.kind, Kind::Leaf(_))),
        _ => false,
    }
}

/// A table whose arrays are axes too, as all its combinations.
fn tables(node: &Node) -> Result<Vec<Value>, Fault> {
    let Kind::Table(entries) = &node.kind else { return Ok(vec![node.value()]) };
    let axes: Vec<Axis> = entries.iter().map(Axis::of).collect::<Result<_, _>>()?;
    Ok(product(&axes)?.map(Value::Object).collect())
}

/// Whether a key has no more values than it may have: asked before there are any.
fn few(key: &str, line: usize, count: f64) -> Result<(), Fault> {
    match count <= MOST_VALUES as f64 {
        true => Ok(()),
        false => Err(Fault::new(line, format!("`{key}` has {count} values, allowed are at most {MOST_VALUES}"))),
    }
}

fn distinct<T: std::fmt::Display>(key: &str, line: usize, values: &[T]) -> Result<(), Fault> {
    let mut seen = HashSet::new();
    match values.iter().find(|v| !seen.insert(v.to_string())) {
        Some(twice) => Err(Fault::new(line, format!("`{key}`: {twice} stands there twice"))),
        None => Ok(()),
    }
}

/// All combinations of the axes, the last varying fastest.
///
/// # Errors
/// If there are more than [`MOST_VALUES`].
pub fn product(axes: &[Axis]) -> Result<impl Iterator<Item = Map<String, Value>>, Fault> {
    let count = axes.iter().fold(1usize, |count, axis| count.saturating_mul(axis.values.len()));
    if count > MOST_VALUES {
        let keys: Vec<String> = axes.iter().filter(|a| a.values.len() > 1).map(|a| format!("`{}`", a.key)).collect();
        let (line, keys) = (axes.iter().map(|a| a.line).max().unwrap_or(0), keys.join(", "));
        return Err(Fault::new(line, format!("{keys}: {count} combinations, allowed are at most {MOST_VALUES}")));
    }
    Ok((0..count).map(move |mut i| {
        let mut chosen = Map::new();
        for axis in axes.iter().rev() {
            chosen.insert(axis.key.clone(), axis.values[i % axis.values.len()].clone());
            i /= axis.values.len();
        }
        chosen
    }))
}

/// A range, as a table.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Range {
    Decades { log: [f64; 2], per_decade: f64 },
    Log { log: [f64; 2], count: u32 },
    Linear { linear: [f64; 2], count: u32 },
    Values { values: Vec<Value> },
    Relative { relative: Vec<f64> },
    Around { around: u32, per_decade: f64 },
}

impl Range {
    /// Each makes a table a range.
    const KEYS: [&str; 5] = ["log", "linear", "values", "relative", "around"];
    const FORMS: &str = "`{ log = [1e-4, 1.0], per_decade = 2 }`, `{ log = [1e-4, 1.0], count = 9 }`, \
                         `{ linear = [0, 1], count = 5 }` or `{ values = [1, 2] }`";
    const FORMS_OF_LR: &str = "or around each optimizer's default `{ relative = [0.1, 1, 10] }` or, with an odd number \
                               of values, `{ around = 7, per_decade = 2 }`";

    /// The range that a key is set to, if it is one.
    fn of(entry: &Entry) -> Result<Option<Self>, Fault> {
        match &entry.value.kind {
            Kind::Table(fields) if fields.iter().any(|f| Range::KEYS.contains(&f.key.as_str())) => {
                let range: Range = serde_json::from_value(entry.value.value()).map_err(|_| Range::fault(entry))?;
                few(&entry.key, entry.line(), range.count())?;
                Ok(Some(range))
            }
            _ => Ok(None),
        }
    }

    fn fault(entry: &Entry) -> Fault {
        let of_lr = if entry.key == "lr" { Range::FORMS_OF_LR } else { "" };
        let text = format!("`{}` is {}; a range is {} {of_lr}", entry.key, entry.value.value(), Range::FORMS);
        Fault::new(entry.line(), text.trim_end())
    }

    /// About how many values it has, before there are any.
    fn count(&self) -> f64 {
        match self {
            Range::Decades { log: [low, high], per_decade } => per_decade * (high.log10() - low.log10()).max(0.0),
            Range::Log { count, .. } | Range::Linear { count, .. } => f64::from(*count),
            Range::Values { values } => values.len() as f64,
            Range::Relative { relative } => relative.len() as f64,
            Range::Around { around, .. } => f64::from(*around),
        }
    }

    /// Its values; none if it is empty, or relative to an optimizer.
    fn values(self) -> Option<Vec<Value>> {
        let numbers = match self {
            Range::Values { values } => return Some(values),
            Range::Decades { log: [low, high], per_decade } if 0.0 < low && low < high && per_decade > 0.0 => {
                decades(low, high, per_decade)
            }
            Range::Log { log: [low, high], count } if 0.0 < low && low < high && count > 1 => {
                spaced(count).map(|share| rounded(low * (high / low).powf(share))).collect()
            }
            Range::Linear { linear: [a, b], count } if count > 1 => {
                spaced(count).map(|share| shortened(a + share * (b - a))).collect()
            }
            _ => return None,
        };
        numbers.into_iter().map(number).collect()
    }

    /// What multiplies an optimizer's default learning rate; none if that is not what it is about.
    fn factors(&self) -> Option<Vec<f64>> {
        match self {
            Range::Relative { relative } => Some(relative.clone()),
            Range::Around { around, per_decade } if around % 2 == 1 && *per_decade > 0.0 => {
                let half = f64::from(around / 2);
                Some((0..*around).map(|i| 10f64.powf((f64::from(i) - half) / per_decade)).collect())
            }
            _ => None,
        }
    }
}

/// From `low` to `high` with `n` values a decade. Of `high` 0.316 means 10^-0.5, and so it does of `low`.
fn decades(low: f64, high: f64, n: f64) -> Vec<f64> {
    let near = (n * low.log10()).round();
    let first = if rounded(10f64.powf(near / n)) == low { near } else { n * low.log10() };
    // A hundredth of a step more than what three digits can lose.
    let steps = (n * high.log10() - first + 0.01).floor() as i32;
    (0..=steps).map(|i| rounded(10f64.powf((first + f64::from(i)) / n))).collect()
}

/// The rate at a place beyond the ends of ascending rates that are evenly spaced in the logarithm.
pub(super) fn beyond(rates: &[f64], place: i64) -> f64 {
    let (first, last) = (rates[0], rates[rates.len() - 1]);
    let n = (rates.len() - 1) as f64 / (last / first).log10();
    let near = (n * first.log10()).round();
    let first = if rounded(10f64.powf(near / n)) == first { near } else { n * first.log10() };
    rounded(10f64.powf((first + place as f64) / n))
}

/// `0` to `1` in `n` values.
fn spaced(n: u32) -> impl Iterator<Item = f64> {
    (0..n).map(move |i| f64::from(i) / f64::from(n - 1))
}

/// Whole numbers are integers: a range may count steps or units.
fn number(x: f64) -> Option<Value> {
    if x.fract() == 0.0 && x.abs() < 1e15 {
        Some(Value::from(x as i64))
    } else {
        Number::from_f64(x).map(Value::Number)
    }
}

/// To three significant digits, so that labels and tables are clean: 10^-2.5 is 3.16e-3.
pub(super) fn rounded(x: f64) -> f64 {
    format!("{x:.2e}").parse().unwrap_or(x)
}

/// To twelve significant digits: 0.1 + 0.2 is 0.3.
pub(super) fn shortened(x: f64) -> f64 {
    format!("{x:.11e}").parse().unwrap_or(x)
}

/// The learning rates to try.
#[derive(Clone, Debug, PartialEq)]
pub enum Rates {
    /// These.
    Absolute(Vec<f64>),
    /// These times each optimizer's default.
    Relative(Vec<f64>),
    /// The grid that each optimizer's facts hold to be worth a try, two per decade.
    Grid,
}

impl Rates {
    /// What `lr` is set to: a number, an array, a range, `{ relative = [0.1, 1, 10] }`, which multiplies each
    /// optimizer's default, or `{ around = 7, per_decade = 2 }`, so many values with that default in the middle.
    ///
    /// # Errors
    /// If a rate is not a finite number `> 0`, or the range is wrong.
    pub fn of(entry: &Entry) -> Result<Self, Fault> {
        let fault = |found: &dyn std::fmt::Display| {
            Fault::new(entry.line(), format!("`lr` is {found}, allowed is a number > 0"))
        };
        let factors = Range::of(entry)?.and_then(|range| range.factors());
        let rates = match &factors {
            Some(factors) => factors.clone(),
            None => {
                let values = Axis::of(entry)?.values;
                values.iter().map(|v| v.as_f64().ok_or_else(|| fault(v))).collect::<Result<_, _>>()?
            }
        };
        if let Some(wrong) = rates.iter().find(|&&x| !(x > 0.0 && x.is_finite())) {
            return Err(fault(wrong));
        }
        if rates.is_empty() {
            return Err(Range::fault(entry));
        }
        distinct("lr", entry.line(), &rates)?;
        Ok(if factors.is_some() { Rates::Relative(rates) } else { Rates::Absolute(rates) })
    }

    /// The rates for an optimizer with those facts.
    pub fn resolve(&self, facts: &downhill::Facts) -> Vec<f64> {
        match self {
            Rates::Absolute(rates) => rates.clone(),
            Rates::Relative(factors) => factors.iter().map(|f| rounded(f * facts.lr)).collect(),
            Rates::Grid => decades(facts.grid.0, facts.grid.1, 2.0),
        }
    }
}
