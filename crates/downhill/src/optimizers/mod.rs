//! The optimizers: one file each, and two lines in the list of their family.

use crate::Entry;

/// Hands on each optimizer of a family, and lists it.
macro_rules! optimizers {
    ($($file:ident::$Optimizer:ident,)*) => {
        $(pub use $file::$Optimizer;)*

        pub(in crate::optimizers) fn all() -> Vec<crate::Entry> {
            vec![$(crate::Entry::of::<$Optimizer>()),*]
        }
    };
}

mod adagrad_line;
mod adam_line;
mod curvature;
mod finite_sum;
mod layerwise;
mod line_search;
mod lr_free;
mod matrix;
mod momentum;

pub use adagrad_line::*;
pub use adam_line::*;
pub use curvature::*;
pub use finite_sum::*;
pub use layerwise::*;
pub use line_search::*;
pub use lr_free::*;
pub use matrix::*;
pub use momentum::*;

/// All of them, family by family.
pub(crate) fn all() -> Vec<Entry> {
    let families = [
        ("Gradient descent and momentum", momentum::all()),
        ("Adagrad's line", adagrad_line::all()),
        ("Adam's line", adam_line::all()),
        ("Layer by layer", layerwise::all()),
        ("Matrices", matrix::all()),
        ("Curvature", curvature::all()),
        ("Free of a learning rate", lr_free::all()),
        ("Line search and quasi-Newton", line_search::all()),
        ("Finite sums", finite_sum::all()),
    ];
    let within = |(family, entries): (&'static str, Vec<Entry>)| entries.into_iter().map(move |e| e.within(family));
    families.into_iter().flat_map(within).collect()
}
