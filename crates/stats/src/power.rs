//! How small a difference would be seen, and how many seeds would show this one.

use crate::estimate::{normal_quantile, t_quantile};
use statrs::distribution::{ContinuousCDF as _, Normal};
use statrs::function::gamma::ln_gamma;

/// How two samples belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Design {
    /// One value of each for every seed: what counts is the spread of the differences.
    Paired,
    /// As many values of each, without a common cause: what counts is the spread of one sample.
    Unpaired,
}

impl Design {
    /// The standard error of the difference is the spread times this.
    pub(crate) fn error(self, n: f64) -> f64 {
        match self {
            Design::Paired => (1.0 / n).sqrt(),
            Design::Unpaired => (2.0 / n).sqrt(),
        }
    }
    pub(crate) fn freedom(self, n: f64) -> f64 {
        match self {
            Design::Paired => n - 1.0,
            Design::Unpaired => 2.0 * (n - 1.0),
        }
    }
}

/// The probability that a two-sided t test at level `alpha` sees a difference of `effect` standard deviations with `n`
/// seeds each: exact for normal values, by the noncentral t distribution. `n` need not be whole; `n > 1`.
///
/// ```
/// use downhill_stats::{Design, power};
/// // R: power.t.test(n = 10, delta = 1, sd = 1)$power
/// assert!((power(10.0, 1.0, 0.05, Design::Unpaired) - 0.562_006_6).abs() < 1e-6);
/// ```
pub fn power(n: f64, effect: f64, alpha: f64, design: Design) -> f64 {
    let (df, shift) = (design.freedom(n), effect.abs() / design.error(n));
    let critical = t_quantile(df, 1.0 - 0.5 * alpha);
    1.0 - noncentral_t(critical, df, shift) + noncentral_t(-critical, df, shift)
}

/// The probability that `(Z + shift) / S` is below `t`, where `S` is the root of chi-squared over its `df` degrees of
/// freedom: the mean over `S` of a normal probability, by Simpson's rule where `S` has nearly all its mass.
fn noncentral_t(t: f64, df: f64, shift: f64) -> f64 {
    // With few degrees of freedom the critical value is large, and the integrand steep near zero.
    let parts = if df < 4.0 { 20_000 } else { 400 };
    let normal = Normal::standard();
    // d/ds P(S < s): s^(df-1) exp(-df s^2 / 2), normalised.
    let constant = (2.0f64).ln() + 0.5 * df * (0.5 * df).ln() - ln_gamma(0.5 * df);
    let density = |s: f64| if s > 0.0 { (constant + (df - 1.0) * s.ln() - 0.5 * df * s * s).exp() } else { 0.0 };
    let spread = 10.0 / (2.0 * df).sqrt();
    let (from, to) = ((1.0 - spread).max(0.0), 1.0 + spread);
    let width = (to - from) / parts as f64;
    let at = |i: usize| {
        let s = from + i as f64 * width;
        density(s) * normal.cdf(t * s - shift)
    };
    let weight = |i: usize| match i {
        i if i == 0 || i == parts => 1.0,
        i if i % 2 == 1 => 4.0,
        _ => 2.0,
    };
    (0..=parts).map(|i| weight(i) * at(i)).sum::<f64>() * width / 3.0
}

/// The smallest difference, in standard deviations, that `n` seeds each show with that power: the minimal detectable
/// effect. Infinite for fewer than two seeds.
pub fn detectable(n: usize, alpha: f64, wanted: f64, design: Design) -> f64 {
    if n < 2 {
        return f64::INFINITY;
    }
    let (mut low, mut high) = (0.0, 1.0);
    while power(n as f64, high, alpha, design) < wanted {
        high *= 2.0;
    }
    while high - low > 1e-10 * high {
        let middle = 0.5 * (low + high);
        *(if power(n as f64, middle, alpha, design) < wanted { &mut low } else { &mut high }) = middle;
    }
    high
}

/// The fewest seeds each that show a difference of `effect` standard deviations with that power; none if a million are
/// too few.
///
/// ```
/// use downhill_stats::{Design, seeds_for};
/// // R: power.t.test(delta = 1, sd = 1, power = 0.8)$n is 16.71
/// assert_eq!(seeds_for(1.0, 0.05, 0.8, Design::Unpaired), Some(17));
/// ```
pub fn seeds_for(effect: f64, alpha: f64, wanted: f64, design: Design) -> Option<usize> {
    let shows = |n: usize| power(n as f64, effect, alpha, design) >= wanted;
    // With the normal distribution for Student's: too few by one or two.
    let reach = normal_quantile(1.0 - 0.5 * alpha) + normal_quantile(wanted);
    let guess = (reach * design.error(1.0) / effect.abs()).powi(2).ceil();
    fewest(guess, shows)
}

/// The lowest number, at least 2 and at most a million, from which something holds, near a guess below it.
pub(crate) fn fewest(guess: f64, holds: impl Fn(usize) -> bool) -> Option<usize> {
    const MOST: f64 = 1e6;
    let guess = (guess <= MOST).then(|| guess.max(2.0) as usize)?;
    let start = (2..=guess).rev().find(|&n| !holds(n)).map_or(2, |n| n + 1);
    (start..start + 100).find(|&n| holds(n))
}
