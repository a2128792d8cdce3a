//! The list of optimizers: one file each, and two lines here.

use crate::Entry;

mod adabelief;
mod adadelta;
mod adagrad;
mod adam;
mod adamax;
mod adamw;
mod amsgrad;
mod lion;
mod nadam;
mod radam;
mod rmsprop;
mod sgd;

pub use rmsprop::{Deviation, Rms};
pub use sgd::{Momentum, Plain};

/// Hands on each optimizer, and lists it.
macro_rules! optimizers {
    ($($file:ident::$Optimizer:ident,)*) => {
        $(pub use $file::$Optimizer;)*

        pub(crate) fn all() -> Vec<Entry> {
            vec![$(Entry::of::<$Optimizer>()),*]
        }
    };
}

// In the order of their discovery.
optimizers! {
    sgd::Sgd,
    adagrad::Adagrad,
    rmsprop::RmsProp,
    adadelta::Adadelta,
    adam::Adam,
    adamax::AdaMax,
    nadam::NAdam,
    amsgrad::AmsGrad,
    adamw::AdamW,
    radam::RAdam,
    adabelief::AdaBelief,
    lion::Lion,
}
