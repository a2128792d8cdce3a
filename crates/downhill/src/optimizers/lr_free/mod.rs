//! Methods that find their learning rate: `lr` is a factor on what they find, 1 by default, or the most that they take.

mod ali_g;
mod cocob;
mod dadapt_adam;
mod dadapt_sgd;
mod dog;
mod dowg;
mod l_dog;
mod momo;
mod momo_adam;
mod polyak;
mod prodigy;
mod schedule_free;
mod schedule_free_adamw;
mod schedule_free_sgd;
mod sps;
mod whole;

use crate::Claim;

// In the order of their discovery, each with its relatives.
optimizers! {
    polyak::Polyak,
    sps::Sps,
    ali_g::AliG,
    momo::Momo,
    momo_adam::MomoAdam,
    cocob::Cocob,
    dadapt_sgd::DAdaptSgd,
    dadapt_adam::DAdaptAdam,
    prodigy::Prodigy,
    dog::Dog,
    l_dog::LDog,
    dowg::Dowg,
    schedule_free_sgd::ScheduleFreeSgd,
    schedule_free_adamw::ScheduleFreeAdamW,
}

/// What holds of an odd formula with sums over all parameters in it, whatever their signs.
const SUMS: &[Claim] = &[
    Claim::SignEquivariant,
    Claim::Splittable,
    Claim::PermutationEquivariant,
    Claim::LinearInLr,
    Claim::TranslationInvariant,
    Claim::StillAtZeroGradient,
    Claim::StillAtZeroRate,
    Claim::AllocationFree,
];
