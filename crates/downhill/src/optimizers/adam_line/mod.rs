//! A mean of gradients over a scale: Adam and what it became.

mod adabelief;
mod adam;
mod adamax;
mod adamw;
mod amsgrad;
mod lion;
mod nadam;
mod radam;

pub(in crate::optimizers) use adam::unbias;

// In the order of their discovery.
optimizers! {
    adam::Adam,
    adamax::AdaMax,
    nadam::NAdam,
    amsgrad::AmsGrad,
    adamw::AdamW,
    radam::RAdam,
    adabelief::AdaBelief,
    lion::Lion,
}
