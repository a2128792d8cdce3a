//! Gradient descent and momentum.

use crate::Claim;

mod aggmo;
mod asgd;
mod ef_sign_sgd;
mod heavy_ball;
mod nesterov;
mod pid;
mod qhm;
mod rprop;
mod sgd;
mod sgdw;
mod sign_sgd;
mod signum;

pub use sgd::{Momentum, Plain};
pub use sign_sgd::Sign;

// In the order of their discovery.
optimizers! {
    sgd::Sgd,
    heavy_ball::HeavyBall,
    nesterov::Nesterov,
    asgd::Asgd,
    rprop::Rprop,
    signum::Signum,
    sign_sgd::SignSgd,
    aggmo::AggMo,
    pid::Pid,
    qhm::Qhm,
    sgdw::SgdW,
    ef_sign_sgd::EfSignSgd,
}

/// What holds of a linear filter of the gradients, the same for all coordinates.
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

/// What holds where only the signs of gradients, or of their sums, count.
const SIGNS: &[Claim] = &[
    Claim::SignEquivariant,
    Claim::Splittable,
    Claim::Separable,
    Claim::PermutationEquivariant,
    Claim::ScaleInvariant,
    Claim::LinearInLr,
    Claim::TranslationInvariant,
    Claim::StillAtZeroGradient,
    Claim::StillAtZeroRate,
    Claim::AllocationFree,
];
