//! The list of optimizers: one file each, and two lines here.

use crate::Entry;

mod adam;
mod sgd;

pub use adam::Adam;
pub use sgd::{Momentum, Plain, Sgd};

/// All of them, in the order of their discovery.
pub(crate) fn all() -> Vec<Entry> {
    vec![Entry::of::<Sgd>(), Entry::of::<Adam>()]
}
