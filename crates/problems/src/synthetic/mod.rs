//! Problems made to show one thing: a target that moves, features that are rare, many minima.

mod drift;
mod wilson;
mod zipf;

pub use drift::Drift;
pub use wilson::Wilson;
pub use zipf::Zipf;
