//! Test problems of DeepOBS (Schneider, Balles & Hennig 2019, arXiv:1903.05499), to the digit: they are made of numpy's
//! random numbers with fixed seeds, and so are these.
//!
//! DeepOBS takes batches of 128 and leaves out what fills none; TensorFlow repeated one order in every epoch. In a study
//! this is `batch = 128`, `remainder = "drop"`, `order = "fixed"`; with `order = "shuffled"` each epoch has its own.

use crate::FamilyEntry;

mod numpy;
mod quadratic_deep;
mod two_d;

pub use quadratic_deep::QuadraticDeep;
pub use two_d::{TwoD, TwoDBeale, TwoDBranin, TwoDRosenbrock};

/// All of them.
pub(crate) fn all() -> Vec<FamilyEntry> {
    vec![
        FamilyEntry::of::<QuadraticDeep>(),
        FamilyEntry::of::<TwoDRosenbrock>(),
        FamilyEntry::of::<TwoDBeale>(),
        FamilyEntry::of::<TwoDBranin>(),
    ]
}
