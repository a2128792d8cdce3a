//! What an optimizer remembers, saved and loaded bit for bit.

use crate::{Block, Optimizer, Real};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Remembered numbers of one kind. Serialised as bit patterns, so that NaN and infinity survive any format.
#[derive(Clone, Debug)]
pub enum Values {
    /// In `f32`.
    F32(Vec<f32>),
    /// In `f64`.
    F64(Vec<f64>),
    /// Counters.
    U64(Vec<u64>),
}

/// By bit pattern: equal states continue equally, NaN included.
impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        Bits::from(self.clone()) == Bits::from(other.clone())
    }
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Bits {
    F32(Vec<u32>),
    F64(Vec<u64>),
    U64(Vec<u64>),
}
impl From<Values> for Bits {
    fn from(values: Values) -> Bits {
        match values {
            Values::F32(v) => Bits::F32(v.into_iter().map(f32::to_bits).collect()),
            Values::F64(v) => Bits::F64(v.into_iter().map(f64::to_bits).collect()),
            Values::U64(v) => Bits::U64(v),
        }
    }
}
impl From<Bits> for Values {
    fn from(bits: Bits) -> Values {
        match bits {
            Bits::F32(v) => Values::F32(v.into_iter().map(f32::from_bits).collect()),
            Bits::F64(v) => Values::F64(v.into_iter().map(f64::from_bits).collect()),
            Bits::U64(v) => Values::U64(v),
        }
    }
}
impl Serialize for Values {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        Bits::from(self.clone()).serialize(s)
    }
}
impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Bits::deserialize(d).map(Values::from)
    }
}

/// Everything that an optimizer remembers, by name: `adam/w1/m`, `adam/w1/v`, ...
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(BTreeMap<String, Values>);

impl State {
    /// What `optimizer` remembers now.
    pub fn save<R: Real>(optimizer: &mut dyn Optimizer<R>) -> State {
        let mut state = State::default();
        optimizer.visit(&mut Visit { path: String::new(), mode: Mode::Save(&mut state) });
        state
    }

    /// Makes `optimizer` go on from here, bit for bit.
    ///
    /// # Errors
    /// If a name, a length or a precision differs from what the optimizer remembers; it is then half loaded
    /// and must be built anew.
    pub fn load<R: Real>(&self, optimizer: &mut dyn Optimizer<R>) -> Result<(), StateError> {
        let mut visit = Visit { path: String::new(), mode: Mode::Load { from: self, taken: 0, error: None } };
        optimizer.visit(&mut visit);
        match visit.mode {
            Mode::Load { error: Some(e), .. } => Err(e),
            Mode::Load { taken, .. } if taken != self.0.len() => {
                Err(StateError::Surplus { expected: taken, found: self.0.len() })
            }
            _ => Ok(()),
        }
    }

    /// The bytes of numbers that `optimizer` remembers.
    pub fn bytes<R: Real>(optimizer: &mut dyn Optimizer<R>) -> usize {
        let mut visit = Visit { path: String::new(), mode: Mode::Count(0) };
        optimizer.visit(&mut visit);
        match visit.mode {
            Mode::Count(n) => n,
            _ => 0,
        }
    }

    /// The remembered quantities by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Values)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v))
    }
}

/// A state that was kept in another form.
impl FromIterator<(String, Values)> for State {
    fn from_iter<I: IntoIterator<Item = (String, Values)>>(values: I) -> Self {
        State(values.into_iter().collect())
    }
}

/// Why a state does not fit.
#[derive(Clone, Debug, PartialEq)]
pub enum StateError {
    /// The optimizer remembers this, the state does not hold it.
    Missing(String),
    /// Held with another length or precision.
    Differs {
        /// What is remembered.
        name: String,
        /// What the optimizer has.
        expected: String,
        /// What the state holds.
        found: String,
    },
    /// The state holds more entries than the optimizer remembers.
    Surplus {
        /// Entries that the optimizer remembers.
        expected: usize,
        /// Entries in the state.
        found: usize,
    },
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => {
                write!(f, "the state holds no `{name}`; was it saved by another optimizer or layout?")
            }
            Self::Differs { name, expected, found } => {
                write!(f, "`{name}` is {found} in the state, {expected} in the optimizer")
            }
            Self::Surplus { expected, found } => {
                write!(
                    f,
                    "the state holds {found} entries, the optimizer remembers {expected}; was it saved by another optimizer?"
                )
            }
        }
    }
}
impl std::error::Error for StateError {}

/// Walks over what an optimizer remembers, to save it, to load it or to count it: one listing serves all three.
pub struct Visit<'a> {
    path: String,
    mode: Mode<'a>,
}

enum Mode<'a> {
    Save(&'a mut State),
    Load { from: &'a State, taken: usize, error: Option<StateError> },
    Count(usize),
}

impl Visit<'_> {
    /// Visits what `f` visits under `name/`.
    pub fn within(&mut self, name: &str, f: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push_str(name);
        self.path.push('/');
        f(self);
        self.path.truncate(length);
    }

    /// A vector whose length the layout fixes.
    pub fn vector<R: Real>(&mut self, name: &str, values: &mut [R]) {
        let name = format!("{}{name}", self.path);
        match &mut self.mode {
            Mode::Count(n) => *n += size_of_val(values),
            Mode::Save(state) => _ = state.0.insert(name, R::wrap(values)),
            Mode::Load { from, taken, error } => {
                *taken += 1;
                let found = from.0.get(&name);
                match found.and_then(R::unwrap) {
                    Some(v) if v.len() == values.len() => values.copy_from_slice(v),
                    _ => {
                        let expected = format!("{} values in {}", values.len(), R::NAME);
                        error.get_or_insert(misfit(name, expected, found));
                    }
                }
            }
        }
    }

    /// A vector over all parameters, block by block under the blocks' names: it fits no other layout.
    pub fn by_block<R: Real>(&mut self, blocks: &[Block], name: &str, values: &mut [R]) {
        for block in blocks {
            self.within(&block.name, |v| v.vector(name, &mut values[block.range.clone()]));
        }
    }

    /// A vector that grows, such as a history.
    pub fn growing<R: Real>(&mut self, name: &str, values: &mut Vec<R>) {
        if let Mode::Load { from, .. } = &self.mode
            && let Some(found) = from.0.get(&format!("{}{name}", self.path)).and_then(R::unwrap)
        {
            values.resize(found.len(), R::ZERO);
        }
        self.vector(name, values);
    }

    /// One number, always kept in `f64`.
    pub fn scalar(&mut self, name: &str, value: &mut f64) {
        self.vector(name, std::slice::from_mut(value));
    }

    /// A counter.
    pub fn count(&mut self, name: &str, value: &mut u64) {
        let name = format!("{}{name}", self.path);
        match &mut self.mode {
            Mode::Count(n) => *n += size_of::<u64>(),
            Mode::Save(state) => _ = state.0.insert(name, Values::U64(vec![*value])),
            Mode::Load { from, taken, error } => {
                *taken += 1;
                match from.0.get(&name) {
                    Some(Values::U64(v)) if v.len() == 1 => *value = v[0],
                    found => _ = error.get_or_insert(misfit(name, "a counter".into(), found)),
                }
            }
        }
    }
}

fn misfit(name: String, expected: String, found: Option<&Values>) -> StateError {
    let Some(found) = found else { return StateError::Missing(name) };
    let found = match found {
        Values::F32(v) => format!("{} values in f32", v.len()),
        Values::F64(v) => format!("{} values in f64", v.len()),
        Values::U64(_) => "a counter".into(),
    };
    StateError::Differs { name, expected, found }
}
