//! The study engine: sweeps optimizers over learning rates, problems and seeds, and says what is known.

mod answers;
pub mod app;
pub mod ask;
pub mod catalogue;
mod chart;
pub mod cmd;
pub mod filter;
pub mod findings;
pub mod lab;
pub mod landscape;
mod machine;
pub mod needs;
pub mod parity;
pub mod pilot;
pub mod plan;
pub mod plot;
mod progress;
pub mod record;
pub mod report;
pub mod rows;
pub mod running;
pub mod splice;
pub mod stats;
pub mod store;
pub mod study;
pub mod sweep;
pub mod table;
pub mod tables;
pub mod trial;
pub mod view;

pub use app::Runner;
pub use lab::Lab;
pub use record::{Outcome, Point, Summary, Timings};
pub use running::Running;
pub use study::Study;
pub use trial::{Budget, Record, Trial};
