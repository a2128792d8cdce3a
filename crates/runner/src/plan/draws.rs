//! Random and quasi-random points of declared ranges: the candidates of a search, the instances of the zoo.

use super::axis::{Axis, rounded, shortened};
use super::node::{Entry, Fault, Kind, Node};
use crate::protocol::Search;
use downhill_problems::{Stream, Streams};
use rand::Rng as _;
use serde_json::{Map, Number, Value};

/// An optimizer that is tried as a part of an arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its table, defaults resolved.
    pub optimizer: Value,
    /// Its own learning rate; none if it is tried at all rates of a grid.
    pub lr: Option<f64>,
}

/// A key with the values that it may take.
struct Dimension {
    key: String,
    values: Values,
}

enum Values {
    /// One of these, each as likely.
    Choice(Vec<Value>),
    /// Even in the logarithm.
    Log(f64, f64),
    /// Even.
    Linear { low: f64, high: f64, whole: bool },
    /// One less a number that is even in the logarithm: for decays near one.
    OneMinusLog(f64, f64),
}

/// Draws tables with these keys; a name of its own gives other ones. More points begin with the same ones.
///
/// # Errors
/// If a range is wrong.
pub(crate) fn draw(entries: &[&Entry], search: Search, name: &str) -> Result<Vec<Map<String, Value>>, Fault> {
    let dimensions: Vec<Dimension> = entries.iter().map(|entry| Dimension::of(entry)).collect::<Result<_, _>>()?;
    let mut rng = Streams::new(name, 0).rng(Stream::Tuner);
    let scramble = rng.next_u32();
    let count = match search {
        Search::Grid => 0,
        Search::Random(n) | Search::Sobol(n) => n,
    };
    let mut point = |i: usize| {
        let fields = dimensions.iter().enumerate().map(|(d, dimension)| {
            let at = match search {
                Search::Sobol(_) => f64::from(sobol_burley::sample(i as u32, d as u32, scramble)),
                _ => (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64,
            };
            (dimension.key.clone(), dimension.values.at(at))
        });
        fields.collect::<Map<String, Value>>()
    };
    Ok((0..count).map(&mut point).collect())
}

impl Dimension {
    fn of(entry: &Entry) -> Result<Self, Fault> {
        let Kind::Table(fields) = &entry.value.kind else { return Dimension::choice(entry) };
        let [Entry { key, value }] = fields.as_slice() else { return Dimension::choice(entry) };
        let ends = || ends(entry, key, value);
        let values = match key.as_str() {
            "log" => {
                let (low, high, _) = ends()?;
                (low > 0.0).then_some(Values::Log(low, high))
            }
            "linear" => ends().map(|(low, high, whole)| Some(Values::Linear { low, high, whole }))?,
            "one_minus_log" => {
                let (low, high, _) = ends()?;
                (high < 1.0).then_some(Values::OneMinusLog(low, high))
            }
            _ => return Dimension::choice(entry),
        };
        let limits = "`log` starts above 0, `one_minus_log` ends below 1";
        let wrong = || Fault::new(entry.line(), format!("`{}` is {}; {limits}", entry.key, entry.value.value()));
        Ok(Dimension { key: entry.key.clone(), values: values.ok_or_else(wrong)? })
    }

    fn choice(entry: &Entry) -> Result<Self, Fault> {
        Ok(Dimension { key: entry.key.clone(), values: Values::Choice(Axis::of(entry)?.values) })
    }
}

/// Two ascending numbers, and whether both are whole.
fn ends(entry: &Entry, key: &str, value: &Node) -> Result<(f64, f64, bool), Fault> {
    let found = value.value();
    let numbers: Option<Vec<f64>> = found.as_array().and_then(|list| list.iter().map(Value::as_f64).collect());
    match numbers.as_deref() {
        Some([low, high]) if low < high => {
            Ok((*low, *high, found.as_array().is_some_and(|list| list.iter().all(Value::is_i64))))
        }
        _ => {
            let text = format!("`{}` is {{ {key} = {found} }}, allowed are two ascending numbers", entry.key);
            Err(Fault::new(entry.line(), text))
        }
    }
}

impl Values {
    /// The value at a share of the range, 0 to 1.
    fn at(&self, share: f64) -> Value {
        let number = |x: f64| Number::from_f64(x).map_or(Value::Null, Value::Number);
        match self {
            Values::Choice(values) => values[((share * values.len() as f64) as usize).min(values.len() - 1)].clone(),
            Values::Log(low, high) => number(rounded(low * (high / low).powf(share))),
            Values::Linear { low, high, whole: true } => Value::from((low + share * (high - low + 1.0)).floor() as i64),
            Values::Linear { low, high, .. } => number(rounded(low + share * (high - low))),
            Values::OneMinusLog(low, high) => {
                let (far, near) = (1.0 - low, 1.0 - high);
                number(shortened(1.0 - rounded(near * (far / near).powf(share))))
            }
        }
    }
}
