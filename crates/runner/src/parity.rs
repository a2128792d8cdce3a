//! burn's optimizers against ours: how far their paths part and why, whether it matters to a training, and what a step
//! costs. `downhill compare --burn` measures, `README.md` is a function of the files that it leaves:
//!
//! | file | what it holds | again |
//! |---|---|---|
//! | `deviations.csv` | distances between paths ([`paths`]) | the same bytes, on the same instruction set |
//! | `verdicts.csv` | differences of final losses over seeds ([`verdicts`]) | the same bytes, on the same instruction set |
//! | `speed.csv`, `speed-machine.toml` | times and allocations ([`speed`]) | other times |

pub mod allocation;
#[cfg(feature = "burn")]
pub mod measure;
mod page;
mod pairs;
pub mod paths;
pub mod speed;
pub mod verdicts;

pub use page::page;
pub use pairs::{Defaults, PAIRS, Pair, Tables, comparisons};
