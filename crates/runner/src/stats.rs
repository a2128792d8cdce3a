//! Statistics over seeds, by `downhill-stats`: estimates with intervals, and which groups of trials they are taken over.

mod axis;
mod compare;
mod groups;
mod slope;

pub use axis::Axis;
pub use compare::{ALPHA, Compared, mean_ranks};
pub use downhill_stats::{Estimate, Verdict};
pub use groups::{Cell, Edge, Group, Member, TOY, groups, usable};
pub use slope::{Reach, Slope};

/// The coverage of every interval in reports.
pub const COVERAGE: f64 = 0.95;

/// The mean of these values with its interval, see [`downhill_stats::mean`]; values that are not finite make the mean so.
/// None of no values.
///
/// ```
/// let e = runner::stats::mean([1.0, 2.0, 3.0]).expect("three values");
/// assert_eq!((e.value, e.n), (2.0, 3));
/// assert!((e.half().expect("n > 1") - 4.302_653 / 3f64.sqrt()).abs() < 1e-6); // t(0.975, 2) * s / sqrt(n), s = 1
/// ```
pub fn mean(values: impl IntoIterator<Item = f64>) -> Option<Estimate> {
    downhill_stats::mean(&values.into_iter().collect::<Vec<_>>(), COVERAGE)
}

/// The quantile `q` of finite values, linear between neighbours (type 7, as numpy). NaN of no values.
pub fn quantile(values: impl IntoIterator<Item = f64>, q: f64) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = q * last as f64;
    let (below, share) = (at as usize, at - at.floor());
    sorted[below] + share * (sorted[(below + 1).min(last)] - sorted[below])
}

/// Wilson's 95 % interval of a share of `k` in `n`; from 0 to 1 for `n` = 0.
pub fn wilson(k: usize, n: usize) -> (f64, f64) {
    downhill_stats::wilson(k, n, COVERAGE).map_or((0.0, 1.0), |e| (e.low, e.high))
}
