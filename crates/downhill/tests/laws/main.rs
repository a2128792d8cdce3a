//! Laws, held against every optimizer of the registry: as it is, with each switch turned on, and in each wrapper.
//! A new optimizer needs no test of its own here, and a wrong or missing claim of one fails.

#![allow(clippy::unwrap_used)]

mod adagrad_line;
mod adam_line;
mod claims;
mod common;
mod composition;
mod curvature;
mod descent;
mod directions;
mod finite_sum;
mod groups;
mod identities;
mod layerwise;
mod line_search;
mod lr_free;
mod matrix;
mod momentum;
mod needs;
mod numerics;
mod precision;
mod schedules;
mod spec;
mod state;
mod sums;
mod wrappers;
