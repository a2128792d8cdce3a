//! Hyperparameters: their names, ranges and descriptions.

use crate::{Claim, Span};
use serde::Deserialize;
use serde_json::Value;
use std::fmt;

/// One hyperparameter.
#[derive(Clone, Copy, Debug)]
pub struct Hyper {
    /// The field.
    pub name: &'static str,
    /// The values allowed.
    pub range: Range,
    /// What it does, in a few words, with its unit.
    pub doc: &'static str,
    /// Laws that the method obeys by default and not with every value; `tests/laws` shows that the others survive.
    pub breaks: &'static [Claim],
}

impl Hyper {
    /// A row of [`Facts::hypers`](crate::Facts::hypers).
    pub const fn new(name: &'static str, range: Range, doc: &'static str) -> Self {
        Hyper { name, range, doc, breaks: &[] }
    }
    /// The same, which breaks these laws of the method where it is not the default.
    pub const fn breaking(self, breaks: &'static [Claim]) -> Self {
        Hyper { breaks, ..self }
    }
}

/// The values that a hyperparameter may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// `[0, 1)`: a decay rate.
    Decay,
    /// A list of decay rates, at least one.
    Decays,
    /// `> 0`.
    Positive,
    /// `>= 0`.
    NonNegative,
    /// Any finite number.
    Finite,
    /// A whole number of at least this.
    AtLeast(u64),
    /// `true` or `false`.
    Flag,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A [`Span`]: some steps, or a share of the horizon.
    Span,
    /// A list of spans.
    Spans,
}

impl Range {
    /// Whether `value` lies in it. `null` (an absent option) always does.
    pub fn contains(self, value: &Value) -> bool {
        let number = |ok: fn(f64) -> bool| value.as_f64().is_some_and(|x| x.is_finite() && ok(x));
        match self {
            _ if value.is_null() => true,
            Range::Decay => number(|x| (0.0..1.0).contains(&x)),
            Range::Decays => {
                value.as_array().is_some_and(|l| !l.is_empty() && l.iter().all(|x| Range::Decay.contains(x)))
            }
            Range::Positive => number(|x| x > 0.0),
            Range::NonNegative => number(|x| x >= 0.0),
            Range::Finite => number(|_| true),
            Range::AtLeast(low) => value.as_u64().is_some_and(|x| x >= low),
            Range::Flag => value.is_boolean(),
            Range::OneOf(words) => value.as_str().is_some_and(|x| words.contains(&x)),
            Range::Span => Span::deserialize(value).is_ok_and(Span::in_range),
            Range::Spans => value.as_array().is_some_and(|list| list.iter().all(|x| Range::Span.contains(x))),
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Range::Decay => write!(f, "0 <= value < 1"),
            Range::Decays => write!(f, "a list, each {}", Range::Decay),
            Range::Positive => write!(f, "value > 0"),
            Range::NonNegative => write!(f, "value >= 0"),
            Range::Finite => write!(f, "any finite number"),
            Range::AtLeast(low) => write!(f, "a whole number >= {low}"),
            Range::Flag => write!(f, "true or false"),
            Range::OneOf(words) => write!(f, "one of `{}`", words.join("`, `")),
            Range::Span => write!(f, "a whole number of steps >= 1, or a share of the horizon, 0 < share <= 1"),
            Range::Spans => write!(f, "a list, each {}", Range::Span),
        }
    }
}
