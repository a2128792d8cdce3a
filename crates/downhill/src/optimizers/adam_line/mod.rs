//! A mean of gradients over a scale: Adam and what it became.

mod adabelief;
mod adabound;
mod adam;
mod adamax;
mod adamw;
mod adan;
mod ademamix;
mod ademamix_simplified;
mod adopt;
mod amsgrad;
mod laprop;
mod lion;
mod mars;
mod nadam;
mod nadamw;
mod qhadam;
mod radam;
mod tiger;
mod yogi;

pub use amsgrad::AmsGradForm;

pub(in crate::optimizers) use adam::unbias;

// In the order of their discovery.
optimizers! {
    adam::Adam,
    adamax::AdaMax,
    nadam::NAdam,
    amsgrad::AmsGrad,
    yogi::Yogi,
    adamw::AdamW,
    nadamw::NAdamW,
    adabound::AdaBound,
    qhadam::QHAdam,
    radam::RAdam,
    laprop::LaProp,
    adabelief::AdaBelief,
    adan::Adan,
    lion::Lion,
    tiger::Tiger,
    ademamix::AdEmaMix,
    adopt::Adopt,
    mars::Mars,
    ademamix_simplified::AdEmaMixSimplified,
}
