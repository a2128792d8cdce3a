//! Gradient descent and momentum.

mod sgd;

pub use sgd::{Momentum, Plain};

// In the order of their discovery.
optimizers! {
    sgd::Sgd,
}
