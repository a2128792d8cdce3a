//! The list of wrappers: what goes around any optimizer. One file each, and two lines here.

use crate::WrapperEntry;

mod clip;

pub use clip::ClipGlobal;

/// All of them.
pub(crate) fn all() -> Vec<WrapperEntry> {
    vec![WrapperEntry::of::<ClipGlobal>()]
}
