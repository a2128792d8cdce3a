//! The study engine: sweeps optimizers over learning rates, problems and seeds, and says what is known.

pub mod lab;
pub mod record;
pub mod rows;
pub mod running;
pub mod store;
pub mod trial;

pub use lab::Lab;
pub use record::{Outcome, Point, Summary, Timings};
pub use running::Running;
pub use trial::{Budget, Record, Trial};
