//! Functions with known minima.

use crate::FamilyEntry;

mod rosenbrock;

pub use rosenbrock::Rosenbrock;

/// All of them.
pub(crate) fn all() -> Vec<FamilyEntry> {
    vec![FamilyEntry::of::<Rosenbrock>()]
}
