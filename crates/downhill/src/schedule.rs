//! Learning-rate schedules: closed forms of the step, never a recursion on the last rate.

use serde::{Deserialize, Serialize};

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
}

/// The factor that multiplies the base learning rate, as a function of the step `t` (from 0) and the horizon `T`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Schedule {
    /// 1.
    #[default]
    Constant,
    /// `end + (1 - end) (1 + cos(pi t / T)) / 2`, and `end` beyond `T`. arXiv:1608.03983.
    Cosine {
        /// The factor at the horizon.
        #[serde(default)]
        end: f64,
    },
}

impl Schedule {
    /// The factor of step `t`, from 0.
    pub fn factor(&self, t: u64, horizon: u64) -> f64 {
        let progress = if horizon == 0 { 0.0 } else { (t as f64 / horizon as f64).min(1.0) };
        match self {
            Schedule::Constant => 1.0,
            Schedule::Cosine { end } => end + (1.0 - end) * 0.5 * (1.0 + libm::cos(std::f64::consts::PI * progress)),
        }
    }
}
