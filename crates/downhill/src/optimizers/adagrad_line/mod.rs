//! Rates per coordinate from accumulated or averaged squares.

mod adadelta;
mod adafactor;
mod adagrad;
mod adagrad_norm;
mod ftrl;
mod madgrad;
mod rmsprop;
mod root;
mod sm3;

pub use rmsprop::{Deviation, Rms};
pub use root::Root;

// In the order of their discovery.
optimizers! {
    adagrad::Adagrad,
    rmsprop::RmsProp,
    adadelta::Adadelta,
    ftrl::Ftrl,
    adafactor::Adafactor,
    adagrad_norm::AdagradNorm,
    sm3::Sm3,
    madgrad::Madgrad,
}
