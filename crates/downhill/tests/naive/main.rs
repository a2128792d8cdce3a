//! Second implementations of methods that no package has, from the papers' formulas, in plain loops.

#![allow(clippy::unwrap_used, clippy::needless_range_loop)]

#[path = "../laws/common.rs"]
#[allow(dead_code)]
mod common;
#[path = "../laws/sums.rs"]
#[allow(dead_code)]
mod sums;

mod finite_sum;
