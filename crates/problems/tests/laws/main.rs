//! Laws that hold for every registered problem, and for every one of a kind. Whoever registers a family is tested here.

#![allow(clippy::unwrap_used, reason = "a test")]

mod allocation;
mod batches;
mod cases;
mod curvature;
mod draws;
mod facts;
mod gradients;
mod minima;
mod streams;
mod values;
