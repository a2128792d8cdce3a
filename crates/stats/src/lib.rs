//! The statistics of comparing optimizers: how well something is known, whether two differ, and what more would tell.
//!
//! Everything here is a pure function of numbers. What is drawn at random (resamples, permutations) is drawn from the
//! numbers themselves, so that the same input gives the same output, to the bit. Losses are lower where they are better.
//!
//! | question | answer |
//! |---|---|
//! | what is it, and how well is that known? | [`mean`], [`median`], [`iqm`], [`wilson`] |
//! | do two differ? | [`paired`], [`welch`], [`permutation`], [`improvement`] |
//! | is that a win, a tie, or unresolved? | [`verdict`] |
//! | how small a difference would be seen? how many seeds would show this one? | [`detectable`], [`seeds_for`] |
//! | may one look while seeds come in? | [`Looks`] |
//! | over many problems? | [`wilcoxon`], [`holm`], [`friedman`], [`critical_difference`] |
//! | who reaches a target, how fast, how often? | [`profile`], [`Targets`] |
//! | does a ranking hold? | [`steadiness`] |
//! | what is the best of k trials? | [`expected_best`] |

mod budget;
mod estimate;
mod power;
mod problems;
mod profile;
mod resample;
mod sequential;
mod two;
mod verdict;

pub use budget::expected_best;
pub use estimate::{BOOTSTRAP_FROM, Estimate, iqm, mean, median, quantile, wilson};
pub use power::{Design, detectable, power, seeds_for};
pub use problems::{Test, critical_difference, friedman, holm, kendall, ranks, wilcoxon};
pub use profile::{Targets, attainment, ecdf, profile, profile_score, steadiness};
pub use sequential::Looks;
pub use two::{Difference, improvement, paired, permutation, sign_flips, welch};
pub use verdict::{Verdict, verdict};
