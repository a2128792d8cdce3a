//! Problems made to show one thing, with knobs for how much of it: condition, curved valleys, saddles, rare features, a
//! target that moves. Noise is a knob of every problem: [`GradientNoise`](crate::GradientNoise).
//!
//! What is drawn at random is drawn from the knob `instance` alone: all trials meet the same problem.

use crate::FamilyEntry;

mod drift;
mod quadratic;
mod rotation;
mod saddles;
mod spectrum;
mod valley;
mod zipf;

pub use drift::Drift;
pub use quadratic::Quadratic;
pub use saddles::Saddles;
pub use spectrum::Spectrum;
pub use valley::Valley;
pub use zipf::Zipf;

/// All of them.
pub(crate) fn all() -> Vec<FamilyEntry> {
    vec![
        FamilyEntry::of::<Quadratic>(),
        FamilyEntry::of::<Valley>(),
        FamilyEntry::of::<Saddles>(),
        FamilyEntry::of::<Drift>(),
        FamilyEntry::of::<Zipf>(),
    ]
}
