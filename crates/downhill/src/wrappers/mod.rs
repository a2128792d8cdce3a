//! The list of wrappers: what goes around any optimizer. One file an idea, and two lines here.
//!
//! What works on scalars or blocks is a rule too, for [`Chain`](crate::Chain) and [`Then`](crate::Then).

use crate::WrapperEntry;

mod before;
mod clip;
mod decay;
mod ema;
mod penalty;

pub use before::Before;
pub use clip::{ClipGlobal, ClipNorm, ClipValue};
pub use decay::Decay;
pub use ema::Ema;
pub use penalty::{L1, L2};

/// All of them.
pub(crate) fn all() -> Vec<WrapperEntry> {
    vec![
        WrapperEntry::of::<ClipValue>(),
        WrapperEntry::of::<ClipNorm>(),
        WrapperEntry::of::<ClipGlobal>(),
        WrapperEntry::of::<L1>(),
        WrapperEntry::of::<L2>(),
        WrapperEntry::of::<Decay>(),
        WrapperEntry::of::<Ema>(),
    ]
}
