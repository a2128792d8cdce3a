//! Learning-rate schedules: closed forms of the step, never a recursion on the last rate.

mod facts;

pub use facts::ScheduleFacts;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};
use std::f64::consts::PI;

/// A stretch of training: an integer counts steps, a number with a point is a share of the horizon.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Span {
    /// Steps.
    Steps(u64),
    /// A share of the horizon, 0 to 1.
    Share(f64),
}

impl Span {
    /// In steps.
    pub fn steps(self, horizon: u64) -> f64 {
        match self {
            Span::Steps(n) => n as f64,
            Span::Share(s) => s * horizon as f64,
        }
    }

    /// At least one step, or some share up to all.
    pub(crate) fn in_range(self) -> bool {
        match self {
            Span::Steps(n) => n > 0,
            Span::Share(s) => s > 0.0 && s <= 1.0,
        }
    }
}

/// How many spans are behind step `t`. One of 0 steps is a share of an unknown horizon, which is never behind.
fn spans(t: f64, span: f64) -> f64 {
    if span > 0.0 { t / span } else { 0.0 }
}

/// How much of one span is behind step `t`, 0 to 1.
fn progress(t: f64, span: f64) -> f64 {
    spans(t, span).clamp(0.0, 1.0)
}

/// How the last part of [`Schedule::WarmupStableDecay`] falls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// `1 - p`.
    #[default]
    Linear,
    /// `1 - sqrt(p)`.
    Sqrt,
    /// `(1 + cos(pi p)) / 2`.
    Cosine,
}

impl Shape {
    /// From 1 to 0 as `p` goes from 0 to 1.
    fn fall(self, p: f64) -> f64 {
        match self {
            Shape::Linear => 1.0 - p,
            Shape::Sqrt => 1.0 - p.sqrt(),
            Shape::Cosine => cosine(p),
        }
    }
}

/// `(1 + cos(pi p)) / 2`.
fn cosine(p: f64) -> f64 {
    0.5 * (1.0 + libm::cos(PI * p))
}

/// The factor that multiplies the base learning rate, as a function of the step `t` (from 0) and the horizon `T`.
///
/// In a study, a name alone (`"cosine"`) or a table (`{ name = "cosine", end = 0.01 }`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Schedule {
    /// `1`.
    #[default]
    Constant,
    /// `start + (end - start) t / over`, and `end` from there on.
    Linear {
        /// The first factor.
        #[serde(default = "one")]
        start: f64,
        /// The last factor.
        #[serde(default)]
        end: f64,
        /// How long it takes.
        #[serde(default = "whole")]
        over: Span,
    },
    /// `end + (1 - end) (1 - t / over)^power`, and `end` from there on.
    Polynomial {
        /// The last factor.
        #[serde(default)]
        end: f64,
        /// The power; 1 is a line.
        power: f64,
        /// How long it takes.
        #[serde(default = "whole")]
        over: Span,
    },
    /// `gamma^(t / per)`.
    Exponential {
        /// The factor of one span.
        gamma: f64,
        /// The span.
        #[serde(default = "step")]
        per: Span,
    },
    /// `gamma^floor(t / every)`.
    Step {
        /// The factor of one span.
        gamma: f64,
        /// The span.
        every: Span,
    },
    /// `gamma^(number of milestones <= t)`.
    Multistep {
        /// The factor of one milestone.
        gamma: f64,
        /// The milestones.
        at: Vec<Span>,
    },
    /// `1 / sqrt(t + 1)`, the rate of the convergence proofs.
    InverseSqrt,
    /// `end + (1 - end) (1 + cos(pi t / T)) / 2`, and `end` beyond `T`, where torch rises again.
    Cosine {
        /// The last factor.
        #[serde(default)]
        end: f64,
    },
    /// Cosines of length `first`, `first mult`, `first mult^2`, ..., each from 1 to `end`.
    CosineRestarts {
        /// The length of the first.
        first: Span,
        /// How many times longer each is than the one before.
        #[serde(default = "once")]
        mult: u64,
        /// The factor before a restart.
        #[serde(default)]
        end: f64,
    },
    /// A cosine from `1 / div` up to 1 over the share `rise` of `T`, then one down to `1 / (div final_div)`.
    /// As torch, the phases end at the steps `rise T - 1` and `T - 1`.
    OneCycle {
        /// The share of the horizon that rises.
        #[serde(default = "three_tenths")]
        rise: f64,
        /// The first factor's inverse.
        #[serde(default = "twenty_five")]
        div: f64,
        /// The first factor over the last.
        #[serde(default = "ten_thousand")]
        final_div: f64,
    },
    /// `(t + 1) / steps` of the first factor of `then` while `t < steps`, then `then`, over the rest of the horizon.
    /// The first rate is not 0, and the full one is that of step `steps - 1`; others use `t / steps`.
    Warmup {
        /// How long it rises.
        steps: Span,
        /// What follows.
        #[serde(default)]
        then: Box<Schedule>,
    },
    /// `(t + 1) / warmup` while `t < warmup`, then 1, then a fall to `end` over the last `decay` of the horizon.
    WarmupStableDecay {
        /// How long it rises; not at all if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        warmup: Option<Span>,
        /// How long it falls.
        #[serde(default = "fifth")]
        decay: Span,
        /// How it falls.
        #[serde(default)]
        shape: Shape,
        /// The last factor.
        #[serde(default)]
        end: f64,
    },
}

// Defaults of fields; serde takes them as functions.
fn one() -> f64 {
    1.0
}
fn three_tenths() -> f64 {
    0.3
}
fn twenty_five() -> f64 {
    25.0
}
fn ten_thousand() -> f64 {
    1e4
}
fn whole() -> Span {
    Span::Share(1.0)
}
fn fifth() -> Span {
    Span::Share(0.2)
}
fn step() -> Span {
    Span::Steps(1)
}
fn once() -> u64 {
    1
}

impl Serialize for Schedule {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        Schedule::serialize(self, s)
    }
}

impl<'de> Deserialize<'de> for Schedule {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let table = match Value::deserialize(d)? {
            Value::String(name) => json!({ "name": name }),
            table => table,
        };
        let extra = table.as_object().and_then(|t| t.keys().find(|k| *k != "name")).cloned();
        let schedule = Schedule::deserialize(table).map_err(D::Error::custom)?;
        // serde lets a variant without fields take any field.
        if let (Schedule::Constant | Schedule::InverseSqrt, Some(field)) = (&schedule, extra) {
            return Err(D::Error::custom(format!("unknown field `{field}`, expected none but `name`")));
        }
        schedule.check().map_err(D::Error::custom)?;
        Ok(schedule)
    }
}

impl Schedule {
    /// The factor of step `t`, from 0. A horizon of 0 is unknown: no share of it is ever behind.
    pub fn factor(&self, t: u64, horizon: u64) -> f64 {
        let (s, total) = (t as f64, horizon as f64);
        let progressed = |span: Span| progress(s, span.steps(horizon));
        match *self {
            Schedule::Constant => 1.0,
            Schedule::Linear { start, end, over } => between(end, start, 1.0 - progressed(over)),
            Schedule::Polynomial { end, power, over } => between(end, 1.0, libm::pow(1.0 - progressed(over), power)),
            Schedule::Exponential { gamma, per } => libm::pow(gamma, spans(s, per.steps(horizon))),
            Schedule::Step { gamma, every } => libm::pow(gamma, spans(s, every.steps(horizon)).floor()),
            Schedule::Multistep { gamma, ref at } => {
                libm::pow(gamma, at.iter().filter(|&&m| progressed(m) == 1.0).count() as f64)
            }
            Schedule::InverseSqrt => 1.0 / (s + 1.0).sqrt(),
            Schedule::Cosine { end } => between(end, 1.0, cosine(progress(s, total))),
            Schedule::CosineRestarts { first, mult, end } => {
                between(end, 1.0, cosine(since_restart(s, first.steps(horizon), mult)))
            }
            Schedule::OneCycle { rise, div, final_div } => {
                let (peak, last) = (rise * total - 1.0, total - 1.0);
                if s <= peak {
                    between(1.0, 1.0 / div, cosine(progress(s, peak)))
                } else {
                    between(1.0 / (div * final_div), 1.0, cosine(progress(s - peak, last - peak)))
                }
            }
            Schedule::Warmup { steps, ref then } => {
                let warm = steps.steps(horizon).round() as u64;
                rise(t, warm) * then.factor(t.saturating_sub(warm), horizon.saturating_sub(warm))
            }
            Schedule::WarmupStableDecay { warmup, decay, shape, end } => {
                let warm = warmup.map_or(0, |w| w.steps(horizon).round() as u64);
                let falling = if horizon == 0 { 0.0 } else { decay.steps(horizon) };
                rise(t, warm) * between(end, 1.0, shape.fall(progress(s - (total - falling), falling)))
            }
        }
    }
}

/// `from` where `share` is 1, `to` where it is 0.
fn between(to: f64, from: f64, share: f64) -> f64 {
    to + (from - to) * share
}

/// `(t + 1) / warm`, up to 1.
fn rise(t: u64, warm: u64) -> f64 {
    if t < warm { (t + 1) as f64 / warm as f64 } else { 1.0 }
}

/// The progress, 0 to 1, within the current one of the spans `first`, `first mult`, `first mult^2`, ...
fn since_restart(mut t: f64, first: f64, mult: u64) -> f64 {
    if mult == 1 && first > 0.0 {
        return progress(t % first, first);
    }
    let mut length = first;
    while length > 0.0 && t >= length {
        t -= length;
        length *= mult as f64;
    }
    progress(t, length)
}
