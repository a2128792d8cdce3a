//! Steps scaled by norms of whole blocks.

use crate::isa::{Kernel, dispatch};
use crate::{Block, Real, Role};

mod adam_mini;
mod lamb;
mod lars;
mod novograd;
mod stable_adamw;

pub use lamb::TrustRatio;

// In the order of their discovery.
optimizers! {
    lars::Lars,
    lamb::Lamb,
    novograd::NovoGrad,
    stable_adamw::StableAdamW,
    adam_mini::AdamMini,
}

/// Offsets and gains: what large-batch recipes leave out of ratios and decay.
fn is_offset_or_gain(block: &Block) -> bool {
    matches!(block.role, Role::Bias | Role::Gain)
}

/// `u *= by`.
fn scale<R: Real>(u: &mut [R], by: f64) {
    dispatch(Scale { u, by: R::of(by) });
}

struct Scale<'a, R> {
    u: &'a mut [R],
    by: R,
}
impl<R: Real> Kernel for Scale<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for u in self.u {
            *u *= self.by;
        }
    }
}
