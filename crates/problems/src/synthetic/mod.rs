//! Problems made to show one thing, with knobs for how much of it: condition, curved valleys, saddles, rare features, a
//! target that moves, slopes of which the rare one decides, many minima. Noise is a knob of every problem: [`GradientNoise`](crate::GradientNoise).
//!
//! What is drawn at random is drawn from the knob `instance` alone: all trials meet the same problem.

use crate::{FamilyEntry, ProblemError};

mod bag;
mod drift;
mod finite_sum;
mod lasso;
mod link;
mod newton;
mod quadratic;
mod reddi;
mod rotation;
mod saddles;
mod spectrum;
mod valley;
mod wilson;
mod zipf;

pub use bag::Bag;
pub use drift::Drift;
pub use finite_sum::FiniteSum;
pub use lasso::Lasso;
pub use link::Link;
pub use quadratic::Quadratic;
pub use reddi::Reddi;
pub use saddles::Saddles;
pub use spectrum::Spectrum;
pub use valley::Valley;
pub use wilson::Wilson;
pub use zipf::Zipf;

/// All of them.
pub(crate) fn all() -> Vec<FamilyEntry> {
    vec![
        FamilyEntry::of::<Quadratic>(),
        FamilyEntry::of::<Valley>(),
        FamilyEntry::of::<Saddles>(),
        FamilyEntry::of::<FiniteSum>(),
        FamilyEntry::of::<Lasso>(),
        FamilyEntry::of::<Drift>(),
        FamilyEntry::of::<Reddi>(),
        FamilyEntry::of::<Zipf>(),
        FamilyEntry::of::<Wilson>(),
        FamilyEntry::of::<Bag>(),
    ]
}

/// # Errors
/// If a ratio is below 1.
fn at_least_1(name: &str, value: f64) -> Result<(), ProblemError> {
    if value >= 1.0 { Ok(()) } else { Err(ProblemError(format!("`{name}` is {value}, allowed is value >= 1"))) }
}

/// An interval that has all coordinates of a minimiser well inside, to draw pictures in.
fn around(minimiser: &[f64]) -> (f64, f64) {
    let width = minimiser.iter().fold(1.5, |width: f64, x| width.max(1.5 * x.abs()));
    (-width, width)
}
