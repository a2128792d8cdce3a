//! Axes: an array, or a range, on any key of a study.

use super::node::{Entry, Fault, Kind, Node};
use serde::Deserialize;
use serde_json::{Map, Number, Value};

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
            Kind::List(items) if key == "penalty" => items.iter().map(tables).collect::<Result<Vec<_>, _>>()?.concat(),
            Kind::List(items) => items.iter().map(Node::value).collect(),
            Kind::Table(_) if key == "penalty" => tables(&entry.value)?,
            Kind::Table(fields) if Range::KINDS.iter().any(|kind| fields.iter().any(|f| f.key == *kind)) => {
                Range::read(entry)?.values(key, line)?
            }
            Kind::Table(_) | Kind::Leaf(_) => vec![entry.value.value()],
        };
        if values.is_empty() {
            return Err(Fault::new(
                line,
                format!("`{key}` is an empty axis: give at least one value (an empty vector is `[[]]`)"),
            ));
        }
        distinct(key, line, &values)?;
        Ok(Axis { key: key.clone(), line, values })
    }

    /// One value.
    pub fn single(key: &str, value: Value) -> Self {
        Axis { key: key.to_owned(), line: 0, values: vec![value] }
    }
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
    Ok(product(&axes).map(Value::Object).collect())
}

fn distinct<T: PartialEq + std::fmt::Display>(key: &str, line: usize, values: &[T]) -> Result<(), Fault> {
    match values.iter().enumerate().find(|(i, v)| values[..*i].contains(v)) {
        Some((_, twice)) => Err(Fault::new(line, format!("`{key}`: {twice} stands there twice"))),
        None => Ok(()),
    }
}

/// All combinations of the axes, the last varying fastest.
pub fn product(axes: &[Axis]) -> impl Iterator<Item = Map<String, Value>> {
    let count: usize = axes.iter().map(|a| a.values.len()).product();
    (0..count).map(move |mut i| {
        let mut chosen = Map::new();
        for axis in axes.iter().rev() {
            chosen.insert(axis.key.clone(), axis.values[i % axis.values.len()].clone());
            i /= axis.values.len();
        }
        chosen
    })
}

/// A range, as a table.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Range {
    log: Option<[f64; 2]>,
    linear: Option<[f64; 2]>,
    values: Option<Vec<Value>>,
    relative: Option<Vec<f64>>,
    around: Option<u32>,
    per_decade: Option<f64>,
    count: Option<u32>,
}

impl Range {
    /// Each makes a table a range.
    const KINDS: [&str; 5] = ["log", "linear", "values", "relative", "around"];
    const FORMS: &str = "`{ log = [1e-4, 1.0], per_decade = 2 }`, `{ log = [1e-4, 1.0], count = 9 }`, \
                         `{ linear = [0, 1], count = 5 }` or `{ values = [1, 2] }`";

    fn read(entry: &Entry) -> Result<Self, Fault> {
        serde_json::from_value(entry.value.value())
            .map_err(|e| Fault::new(entry.line(), format!("`{}` is a range, but {e}", entry.key)))
    }

    fn values(self, key: &str, line: usize) -> Result<Vec<Value>, Fault> {
        let fault = |text: &str| Fault::new(line, format!("`{key}`: {text}; a range is {}", Range::FORMS));
        let numbers =
            match self {
                Range { values: Some(values), log: None, linear: None, per_decade: None, count: None, .. } => {
                    return Ok(values);
                }
                Range { log: Some([low, high]), linear: None, values: None, .. } if !(0.0 < low && low < high) => {
                    return Err(fault("a logarithmic range goes from a number > 0 to a larger one"));
                }
                Range {
                    log: Some([low, high]), linear: None, values: None, per_decade: Some(n), count: None, ..
                } if n > 0.0 => decades(low, high, n),
                Range {
                    log: Some([low, high]), linear: None, values: None, per_decade: None, count: Some(n), ..
                } if n > 1 => spaced(n).map(|share| rounded(low * (high / low).powf(share))).collect(),
                Range { linear: Some([a, b]), log: None, values: None, per_decade: None, count: Some(n), .. }
                    if n > 1 =>
                {
                    spaced(n).map(|share| shortened(a + share * (b - a))).collect::<Vec<f64>>()
                }
                _ => return Err(fault("this is none of the ranges there are")),
            };
        Ok(numbers.into_iter().filter_map(number).collect())
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
fn rounded(x: f64) -> f64 {
    format!("{x:.2e}").parse().unwrap_or(x)
}

/// To twelve significant digits: 0.1 + 0.2 is 0.3.
fn shortened(x: f64) -> f64 {
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
        let line = entry.line();
        let rates = match &entry.value.kind {
            Kind::Table(fields) if fields.iter().any(|f| f.key == "relative" || f.key == "around") => {
                Rates::Relative(Rates::factors(Range::read(entry)?, line)?)
            }
            _ => {
                let values = Axis::of(entry)?.values;
                let number = |v: &Value| {
                    v.as_f64().ok_or_else(|| Fault::new(line, format!("`lr` is {v}, allowed is a number > 0")))
                };
                Rates::Absolute(values.iter().map(number).collect::<Result<_, _>>()?)
            }
        };
        let (Rates::Absolute(numbers) | Rates::Relative(numbers)) = &rates else { return Ok(rates) };
        if numbers.is_empty() {
            return Err(Fault::new(line, "`lr` is an empty axis: give at least one value"));
        }
        if let Some(wrong) = numbers.iter().find(|&&x| !(x > 0.0 && x.is_finite())) {
            return Err(Fault::new(line, format!("`lr` is {wrong}, allowed is a number > 0")));
        }
        distinct("lr", line, numbers)?;
        Ok(rates)
    }

    fn factors(range: Range, line: usize) -> Result<Vec<f64>, Fault> {
        match range {
            Range { relative: Some(factors), around: None, per_decade: None, count: None, log: None, .. } => {
                Ok(factors)
            }
            Range { around: Some(n), per_decade: Some(per), relative: None, count: None, log: None, .. }
                if n % 2 == 1 && per > 0.0 =>
            {
                let half = f64::from(n / 2);
                Ok((0..n).map(|i| 10f64.powf((f64::from(i) - half) / per)).collect())
            }
            _ => Err(Fault::new(
                line,
                "`lr` around each optimizer's default is `{ relative = [0.1, 1, 10] }`, or an odd number of values \
                 as in `{ around = 7, per_decade = 2 }`",
            )),
        }
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
