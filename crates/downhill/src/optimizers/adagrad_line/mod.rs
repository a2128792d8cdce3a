//! Rates per coordinate from accumulated or averaged squares.

mod adadelta;
mod adagrad;
mod rmsprop;

pub use rmsprop::{Deviation, Rms};

// In the order of their discovery.
optimizers! {
    adagrad::Adagrad,
    rmsprop::RmsProp,
    adadelta::Adadelta,
}
