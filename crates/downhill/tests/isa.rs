//! The same bits on every instruction set. A binary of its own: the limit holds for the whole process.
//!
//! The limit is one of element-wise loops. Matrix products choose their kernel by the processor whatever it says
//! (`downhill::gemm`): what multiplies matrices has the same bits at every level of one machine, as is tested here, and
//! others on a processor of another kernel class, which its documentation says.

#![allow(clippy::unwrap_used)]

#[path = "laws/common.rs"]
#[allow(dead_code)]
mod common;

use common::{Walk, everything, gradients, noise};
use downhill::{Layout, Real, Role, isa::Isa};

/// The bits of everything after 20 steps; the lengths leave a remainder behind every vector width.
fn paths<R: Real>() -> Vec<Vec<u64>> {
    let layout = Layout::new().block("w", [7, 19], Role::Hidden).block("b", [3], Role::Bias);
    let g = gradients(20, layout.len());
    let start = noise(0, layout.len());
    everything().iter().map(|table| Walk::<R>::new(table, &layout, &start, 0.01).along(&g).bits()).collect()
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    Isa::Baseline.limit();
    assert_eq!(Isa::current(), Isa::Baseline);
    let (narrow, wide) = (paths::<f32>(), paths::<f64>());
    for level in Isa::available() {
        level.limit();
        assert!(paths::<f32>() == narrow && paths::<f64>() == wide, "{level:?}");
    }
}
