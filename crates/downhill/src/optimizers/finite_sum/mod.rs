//! Variance reduction for finite sums.

use crate::{Block, Claim, Real, Step, rule};

mod sag;
mod saga;
mod svrg;
mod table;

optimizers! {
    sag::Sag,
    svrg::Svrg,
    saga::Saga,
}

/// What holds of a sum of gradients.
const LINEAR: &[Claim] = &[
    Claim::SignEquivariant,
    Claim::Splittable,
    Claim::Separable,
    Claim::PermutationEquivariant,
    Claim::RotationEquivariant,
    Claim::LinearInLr,
    Claim::TranslationInvariant,
    Claim::StillAtZeroGradient,
    Claim::StillAtZeroRate,
    Claim::AllocationFree,
];

/// `x -= lr u`, each block with its group's rate.
fn descend<R: Real>(blocks: &[Block], x: &mut [R], u: &[R], step: &Step<'_, R>) {
    for block in blocks {
        let range = block.range.clone();
        rule::descend(&mut x[range.clone()], &u[range], R::of(step.at(block).lr));
    }
}
