//! Statistics over seeds: estimates with intervals, quantiles, and which groups of trials they are taken over.

mod axis;
mod compare;
mod groups;

pub use axis::Axis;
pub use compare::{Difference, Verdict, mean_ranks};
pub use groups::{Cell, Edge, Group, Member, TOY, groups, usable};

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// The coverage of every interval in reports.
pub const COVERAGE: f64 = 0.95;

/// A mean with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Half the width of the 95 % interval of Student's t; none for fewer than two values.
    pub half: Option<f64>,
    /// How many values.
    pub n: usize,
}

impl Estimate {
    /// Of these values; values that are not finite make the mean so. None of no values.
    ///
    /// ```
    /// let e = runner::stats::Estimate::of([1.0, 2.0, 3.0]).expect("three values");
    /// assert_eq!((e.mean, e.n), (2.0, 3));
    /// assert!((e.half.expect("n > 1") - 4.302_653 / 3f64.sqrt()).abs() < 1e-6); // t(0.975, 2) * s / sqrt(n), s = 1
    /// ```
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let values: Vec<f64> = values.into_iter().collect();
        let n = values.len();
        let mean = values.iter().sum::<f64>() / n as f64;
        let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        let half = (n > 1).then(|| student(n - 1) * (squares / (n - 1) as f64 / n as f64).sqrt());
        (n > 0).then_some(Estimate { mean, half, n })
    }

    /// Whether zero lies outside the interval; false without an interval.
    pub fn resolved(&self) -> bool {
        self.half.is_some_and(|half| self.mean.abs() > half)
    }
}

/// The 97.5 % quantile of Student's t with `df >= 1` degrees of freedom, so that a mean +- `student(n - 1)` standard
/// errors covers 95 %.
///
/// ```
/// assert!((runner::stats::student(2) - 4.302_652_729_749_462).abs() < 1e-12);
/// ```
pub fn student(df: usize) -> f64 {
    // t = sqrt(df) tan(angle), and the coverage rises with the angle.
    let (mut low, mut high) = (0.0, FRAC_PI_2);
    while high - low > f64::EPSILON {
        let middle = 0.5 * (low + high);
        *if coverage(middle, df) < COVERAGE { &mut low } else { &mut high } = middle;
    }
    (df as f64).sqrt() * libm::tan(low)
}

/// The probability that |T| is below `sqrt(df) tan(angle)`: the finite sums of Abramowitz & Stegun 26.7.3 and 26.7.4.
fn coverage(angle: f64, df: usize) -> f64 {
    let (sin, cos) = (libm::sin(angle), libm::cos(angle));
    let odd = df % 2;
    // cos^odd (1 + (1+odd)/(2+odd) cos^2 + (1+odd)(3+odd)/((2+odd)(4+odd)) cos^4 + ...), up to cos^(df - 2).
    let (mut term, mut sum) = (if odd == 1 { cos } else { 1.0 }, 0.0);
    for power in (odd..df.saturating_sub(1)).step_by(2) {
        sum += term;
        term *= cos * cos * (power + 1) as f64 / (power + 2) as f64;
    }
    if odd == 1 { FRAC_2_PI * (angle + sin * sum) } else { sin * sum }
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

/// Wilson's 95 % interval of a share of `k` in `n >= 1`.
///
/// ```
/// let (low, high) = runner::stats::wilson(10, 10);
/// assert!(low > 0.72 && low < 0.73 && high == 1.0, "ten of ten does not prove certainty");
/// ```
pub fn wilson(k: usize, n: usize) -> (f64, f64) {
    const Z: f64 = 1.959_963_984_540_054; // the 97.5 % quantile of the normal distribution
    let (n, p) = (n as f64, k as f64 / n as f64);
    let centre = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((centre - half).clamp(0.0, p), (centre + half).clamp(p, 1.0))
}
