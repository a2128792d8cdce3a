//! Problems made to show one thing: a target that moves, features that are rare.

use crate::FamilyEntry;

mod drift;
mod zipf;

pub use drift::Drift;
pub use zipf::Zipf;

/// All of them.
pub(crate) fn all() -> Vec<FamilyEntry> {
    vec![FamilyEntry::of::<Drift>(), FamilyEntry::of::<Zipf>()]
}
