//! The rows of `speed.csv`: what a step costs, in time and in bytes that it asks the system for.

use serde::{Deserialize, Serialize};

/// A row of `speed.csv`. Times are medians in nanoseconds of a whole step; bytes are those of one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Speed {
    /// `step`: the optimizer alone, on one matrix; `training`: forward, backward and step of a network.
    pub what: String,
    /// burn's optimizer, with its defaults.
    pub burn: String,
    /// Ours, with the same.
    pub ours: String,
    /// Parameters.
    pub parameters: usize,
    /// So many turns.
    pub turns: usize,
    /// burn's, inside burn.
    pub burn_ns: f64,
    /// Ours, inside burn.
    pub inside_ns: f64,
    /// Ours on slices, without burn; none in a training.
    pub alone_ns: Option<f64>,
    /// burn's time over ours inside burn.
    pub ratio: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// burn's.
    pub burn_bytes: Option<u64>,
    /// Ours, inside burn.
    pub inside_bytes: Option<u64>,
    /// Ours on slices.
    pub alone_bytes: Option<u64>,
}
