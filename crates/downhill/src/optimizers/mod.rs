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

pub use adabelief::AdaBelief;
pub use adadelta::Adadelta;
pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamax::AdaMax;
pub use adamw::AdamW;
pub use amsgrad::AmsGrad;
pub use lion::Lion;
pub use nadam::NAdam;
pub use radam::RAdam;
pub use rmsprop::{Deviation, Rms, RmsProp};
pub use sgd::{Momentum, Plain, Sgd};

/// All of them, in the order of their discovery.
pub(crate) fn all() -> Vec<Entry> {
    vec![
        Entry::of::<Sgd>(),
        Entry::of::<Adagrad>(),
        Entry::of::<RmsProp>(),
        Entry::of::<Adadelta>(),
        Entry::of::<Adam>(),
        Entry::of::<AdaMax>(),
        Entry::of::<NAdam>(),
        Entry::of::<AmsGrad>(),
        Entry::of::<AdamW>(),
        Entry::of::<RAdam>(),
        Entry::of::<AdaBelief>(),
        Entry::of::<Lion>(),
    ]
}
