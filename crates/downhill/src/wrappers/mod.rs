//! The list of wrappers: what goes around any optimizer. One file each, and two lines here.

use crate::WrapperEntry;

mod clip;
mod decay;

pub use clip::ClipGlobal;
pub use decay::Decay;

/// All of them.
pub(crate) fn all() -> Vec<WrapperEntry> {
    vec![WrapperEntry::of::<ClipGlobal>(), WrapperEntry::of::<Decay>()]
}
