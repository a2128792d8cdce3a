//! Things to minimise, with exact gradients and facts: functions with known minima, models on real data.

mod activation;
pub mod data;
pub mod deepobs;
mod family;
mod fit;
pub mod functions;
mod math;
pub mod models;
mod noise;
mod penalty;
mod problem;
mod rng;
mod sampling;
pub mod synthetic;
mod world;

pub use data::{Corruption, DataSpec, Dataset, SplitSpec};
pub use family::{AnyFamily, Configured, Families, Family, FamilyEntry, FamilyFacts, Precision, SharedFamily};
pub use fit::{Fit, Fitted, Prediction, fit};
pub use math::{normal, uniform};
pub use noise::{Covariance, GradientNoise, Law, Noisy};
pub use penalty::{Penalised, Penalty};
pub use problem::{Batch, Facts, Info, Measures, Metric, Part, Problem, ProblemError, Sample, Scratch};
pub use rng::{Rng, Stream, Streams};
pub use sampling::{Order, Remainder, Sampler, Sampling};
pub use world::{Context, World};
