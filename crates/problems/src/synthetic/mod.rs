//! Problems made to show one thing: a target that moves, features that are rare.

mod drift;
mod zipf;

pub use drift::Drift;
pub use zipf::Zipf;
