//! Optimizers that are right, fast and a joy to read.
//!
//! ```
//! use downhill::{Adam, Layout, Method};
//!
//! let mut x = [-1.2, 1.0]; // Rosenbrock's valley, from its customary start
//! let mut opt = Adam::default().stepper(&Layout::vector(2), 0.05);
//! for _ in 0..2000 {
//!     let (a, b) = (x[1] - x[0] * x[0], 1.0 - x[0]);
//!     let g = [-400.0 * x[0] * a - 2.0 * b, 200.0 * a];
//!     opt.step(&mut x, &g);
//! }
//! assert!((x[0] - 1.0f64).abs() < 1e-3 && (x[1] - 1.0).abs() < 1e-3, "{x:?}");
//! ```
//!
//! A method is a config struct ([`Adam`], [`Sgd`], ...): its fields are its hyperparameters, `Default` holds
//! their defaults. Parameters are one flat slice; a [`Layout`] says which blocks it has.
//!
//! There are three levels, and a method takes the lowest that fits:
//! [`Pointwise`] is one formula on one scalar; [`Rule`] sees a block with its shape; [`Optimizer`] owns the step.
//! Composition of pointwise rules ([`Chain`]) *is* the fused kernel: `Chain(Adam, Decay)` compiles to the loop
//! that one would write by hand for AdamW.
//!
//! No input or output, no clock, no random generator: noise comes from the [`Oracle`], by step and purpose.

mod facts;
pub mod gemm;
mod hyper;
pub mod isa;
mod layout;
mod linalg;
mod memory;
mod method;
mod optimizer;
mod optimizers;
mod pointwise;
pub mod real;
mod registry;
mod rule;
mod schedule;
mod state;
mod stepper;
mod wrappers;

pub use facts::{Claim, Facts, Given, Need, Preset, WrapperFacts};
pub use hyper::{Hyper, Range};
pub use layout::{Block, Group, GroupRule, Layout, NoSuchBlock, Role};
pub use memory::{Cell, Memory, Slot, Slots};
pub use method::{AnyMethod, AnyWrapper, Method, Refusal, SharedMethod, SharedWrapper, Wrapper};
pub use optimizer::{Driver, NoOracle, Optimizer, Oracle, Purpose, Refused, Step, differences};
pub use optimizers::*;
pub use pointwise::{At, Chain, Clock, Pointwise};
pub use real::Real;
pub use registry::{Configured, Entry, Registry, SpecError, WrapperEntry, check, unknown};
pub use rule::{Either, Fused, Rule, Split, Then};
pub use schedule::{Schedule, ScheduleFacts, Shape, Span};
pub use state::{State, StateError, Values, Visit};
pub use stepper::Stepper;
pub use wrappers::*;
