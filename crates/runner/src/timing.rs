//! What a step costs, by itself: the measurements that may rank optimizers by speed.
//!
//! | what would spoil them | what is done |
//! |---|---|
//! | other threads of a sweep | one thread, pinned to one core |
//! | being put aside by the system | the thread's own processor time is counted |
//! | a machine that is faster now than then | optimizers take turns, in an order drawn anew for each round |
//! | memory that is touched for the first time, cold caches | rounds that do not count, and a step before each turn |
//! | where in memory vectors happen to lie | what fits a cache has another place each turn |
//! | one odd turn | medians over rounds, with the interval of order statistics |
//! | a machine that does other things as well | it is looked at before and meanwhile, and the answer says so |
//!
//! `README.md` of a measurement is a function of the files beside it, `time.csv` and `machine.toml`.

mod measure;
mod page;
mod pin;

pub use measure::{Effort, Place, measure, shape};
pub(crate) use page::gradients;
pub use page::{page, table};
pub use pin::alone;

use serde::{Deserialize, Serialize};

/// A row of `time.csv`. Times are of the thread's processor time, medians over rounds with their 95 % intervals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// `step`, the optimizer's with a given gradient; or `gradient`, the problem's.
    pub what: String,
    /// The optimizer; of a gradient, the problem.
    pub name: String,
    /// Where: `1000000 parameters`, or the problem.
    pub place: String,
    /// How many there are.
    pub parameters: usize,
    /// `f32` or `f64`.
    pub precision: String,
    /// So many rounds.
    pub rounds: usize,
    /// Steps in a turn.
    pub steps: usize,
    /// Nanoseconds of one step.
    pub ns: f64,
    /// The lower end of its interval.
    pub ns_low: f64,
    /// The upper end.
    pub ns_high: f64,
    /// As a multiple of SGD's, round by round.
    pub ratio: f64,
    /// The lower end of its interval.
    pub ratio_low: f64,
    /// The upper end.
    pub ratio_high: f64,
    /// How many of the other optimizers are faster, and one: the interval of the ratio, round by round, is below 1. Those
    /// that cannot be told apart share a rank. None for a gradient.
    pub rank: Option<usize>,
    /// Bytes read and written for a parameter, at the least: the gradient once, parameters and what is remembered twice. For
    /// methods that treat each coordinate alike, in one pass.
    pub bytes: Option<f64>,
    /// Gigabytes a second, by these bytes.
    pub gb_s: Option<f64>,
    /// Processor time over time on the clock, in all turns.
    pub share: f64,
}
