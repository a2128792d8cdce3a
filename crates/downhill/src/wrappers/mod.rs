//! The list of wrappers: what goes around any optimizer. One file an idea, and two lines here.
//!
//! What works on scalars or blocks is a rule too, for [`Chain`](crate::Chain) and [`Then`](crate::Then).

use crate::WrapperEntry;

mod accumulate;
mod averaging;
mod before;
mod cautious;
mod centralize;
mod clip;
mod decay;
mod grokfast;
mod lookahead;
mod mechanic;
mod nan_guard;
mod penalty;
mod project;
mod prox;
mod sam;

pub use accumulate::Accumulate;
pub use averaging::{Ema, PolyakAverage, Swa};
pub use before::Before;
pub use cautious::Cautious;
pub use centralize::GradientCentralization;
pub use clip::{ClipAdaptive, ClipGlobal, ClipNorm, ClipValue};
pub use decay::Decay;
pub use grokfast::Grokfast;
pub use lookahead::Lookahead;
pub use mechanic::Mechanic;
pub use nan_guard::{NanGuard, NanPolicy};
pub use penalty::{L1, L2};
pub use project::Project;
pub use prox::ProxL1;
pub use sam::{Asam, Sam};

/// All of them: what changes gradients, what changes steps, what averages.
pub(crate) fn all() -> Vec<WrapperEntry> {
    vec![
        WrapperEntry::of::<NanGuard>(),
        WrapperEntry::of::<Accumulate>(),
        WrapperEntry::of::<ClipValue>(),
        WrapperEntry::of::<ClipNorm>(),
        WrapperEntry::of::<ClipGlobal>(),
        WrapperEntry::of::<ClipAdaptive>(),
        WrapperEntry::of::<GradientCentralization>(),
        WrapperEntry::of::<Grokfast>(),
        WrapperEntry::of::<L1>(),
        WrapperEntry::of::<L2>(),
        WrapperEntry::of::<Sam>(),
        WrapperEntry::of::<Asam>(),
        WrapperEntry::of::<Decay>(),
        WrapperEntry::of::<ProxL1>(),
        WrapperEntry::of::<Project>(),
        WrapperEntry::of::<Cautious>(),
        WrapperEntry::of::<Lookahead>(),
        WrapperEntry::of::<Mechanic>(),
        WrapperEntry::of::<Ema>(),
        WrapperEntry::of::<Swa>(),
        WrapperEntry::of::<PolyakAverage>(),
    ]
}
