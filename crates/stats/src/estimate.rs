//! What a sample says of where it came from, and how well that is known.

use crate::resample::{RESAMPLES, draw, ends, generator};
use statrs::distribution::{Binomial, ContinuousCDF as _, DiscreteCDF as _, Normal, StudentsT};

/// From so many values on, the interval of a mean is the studentised bootstrap's; below, Student's t.
pub const BOOTSTRAP_FROM: usize = 20;

/// A number and the interval that covers what it estimates; both ends are NaN where no interval can be given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
    /// How many values it rests on.
    pub n: usize,
}

impl Estimate {
    /// With an interval of that half width around it.
    pub fn around(value: f64, half: f64, n: usize) -> Self {
        Estimate { value, low: value - half, high: value + half, n }
    }

    /// Half the width of the interval; none without one.
    pub fn half(&self) -> Option<f64> {
        Some(0.5 * (self.high - self.low)).filter(|half| !half.is_nan())
    }

    /// Whether a number lies inside the interval, ends included; false without an interval.
    pub fn covers(&self, x: f64) -> bool {
        self.low <= x && x <= self.high
    }
}

/// Mean and standard deviation (n - 1); zero for one value.
pub(crate) fn moments(x: &[f64]) -> (f64, f64) {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let squares: f64 = x.iter().map(|v| (v - mean) * (v - mean)).sum();
    (mean, if x.len() > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 })
}

/// The quantile of Student's t; `df > 0`, `0 < p < 1`. Infinite `df` is the normal distribution.
pub(crate) fn t_quantile(df: f64, p: f64) -> f64 {
    if df > 1e6 {
        return normal_quantile(p);
    }
    StudentsT::new(0.0, 1.0, df).map_or(f64::NAN, |t| t.inverse_cdf(p))
}

/// The two-sided p-value of Student's t.
pub(crate) fn t_two_sided(df: f64, t: f64) -> f64 {
    StudentsT::new(0.0, 1.0, df).map_or(f64::NAN, |d| (2.0 * d.sf(t.abs())).min(1.0))
}

/// The quantile of the standard normal distribution.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// The mean. Below [`BOOTSTRAP_FROM`] values with Student's t interval, exact for normal values; from there on with the
/// studentised bootstrap (Efron & Tibshirani 1993, section 12.5; 1,999 resamples), which follows skewed values too. None
/// of no values; without an interval for one. A value that is not finite makes the mean so, without an interval.
///
/// ```
/// let e = downhill_stats::mean(&[1.0, 2.0, 3.0], 0.95).expect("three values");
/// assert!((e.high - 2.0 - 4.302_652_729_749_46 / 3f64.sqrt()).abs() < 1e-9); // t(0.975, 2) s / sqrt(n), s = 1
/// ```
pub fn mean(x: &[f64], coverage: f64) -> Option<Estimate> {
    let n = x.len();
    let (value, sd) = moments(x);
    let without = Estimate { value, low: f64::NAN, high: f64::NAN, n };
    match n {
        0 => None,
        _ if n == 1 || !sd.is_finite() => Some(without),
        _ if sd == 0.0 => Some(Estimate { low: value, high: value, ..without }),
        _ => {
            let (low, high) = if n < BOOTSTRAP_FROM { student(n, coverage) } else { studentised(x, coverage) };
            let error = sd / (n as f64).sqrt();
            Some(Estimate { low: value - high * error, high: value - low * error, ..without })
        }
    }
}

/// The quantiles of Student's t at both ends.
fn student(n: usize, coverage: f64) -> (f64, f64) {
    let t = t_quantile((n - 1) as f64, 0.5 * (1.0 + coverage));
    (-t, t)
}

/// The quantiles of `(mean* - mean) / error*` over resamples.
fn studentised(x: &[f64], coverage: f64) -> (f64, f64) {
    let (centre, _) = moments(x);
    let (mut rng, mut sample) = (generator(x), Vec::new());
    let root = (x.len() as f64).sqrt();
    let mut pivots: Vec<f64> = Vec::with_capacity(RESAMPLES);
    while pivots.len() < RESAMPLES {
        draw(x, &mut sample, &mut rng);
        let (mean, sd) = moments(&sample);
        // A resample of one value alone has no error; one in 20^19.
        if sd > 0.0 {
            pivots.push((mean - centre) * root / sd);
        }
    }
    pivots.sort_by(f64::total_cmp);
    ends(&pivots, coverage)
}

/// The quantile `q` of values, linear between neighbours (type 7, as numpy). None of no values, NaN if one is.
pub fn quantile(x: &[f64], q: f64) -> Option<f64> {
    let mut sorted = x.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let at = q.clamp(0.0, 1.0) * last as f64;
    let (below, share) = (at as usize, at.fract());
    if share == 0.0 {
        return Some(sorted[below]);
    }
    let (from, to) = (sorted[below], sorted[below + 1]);
    // Between a number and infinity there is infinity, between two infinities too.
    Some(if to.is_infinite() { to } else { from + share * (to - from) })
}

/// The median, with the interval between order statistics, interpolated so that it covers neither more nor less
/// (Hettmansperger & Sheather 1986, Statistics & Probability Letters 4(2)). It asks nothing of the distribution, and takes
/// infinite values for what they are. Without an interval below six values, where none reaches 95 %.
pub fn median(x: &[f64], coverage: f64) -> Option<Estimate> {
    let value = quantile(x, 0.5)?;
    let n = x.len();
    let mut sorted = x.to_vec();
    sorted.sort_by(f64::total_cmp);
    let coin = Binomial::new(0.5, n as u64).ok()?;
    // From the k-th lowest to the k-th highest value.
    let covers = |k: usize| 1.0 - 2.0 * coin.cdf(k as u64 - 1);
    let Some(k) = (1..=n / 2).take_while(|&k| covers(k) >= coverage).last() else {
        return Some(Estimate { value, low: f64::NAN, high: f64::NAN, n });
    };
    let share = if k < n / 2 {
        let i = (covers(k) - coverage) / (covers(k) - covers(k + 1));
        (n - k) as f64 * i / (k as f64 + (n as f64 - 2.0 * k as f64) * i)
    } else {
        0.0
    };
    let between = |outer: f64, inner: f64| {
        if share == 0.0 || outer == inner { outer } else { (1.0 - share) * outer + share * inner }
    };
    let inner = k.min(n - 1);
    Some(Estimate {
        value,
        low: between(sorted[k - 1], sorted[inner]),
        high: between(sorted[n - k], sorted[n - 1 - inner]),
        n,
    })
}

/// The mean of the middle half of all values, over problems, with the interval of a bootstrap that resamples the runs
/// of each problem by themselves (Agarwal et al. 2021, arXiv:2108.13264), wider by the root of n / (n - 1), since a resample
/// of n runs spreads less than n runs do. A quarter is cut at each end, of parts of values
/// too, where they have `scipy.stats.trim_mean` drop whole ones. `runs[p]` are the scores of problem `p`, on one scale for
/// all. None without values.
pub fn iqm(runs: &[Vec<f64>], coverage: f64) -> Option<Estimate> {
    let mut all: Vec<f64> = runs.concat();
    let n = all.len();
    let value = middle(&mut all)?;
    let without = Estimate { value, low: f64::NAN, high: f64::NAN, n };
    if runs.iter().all(|r| r.len() < 2) || !value.is_finite() {
        return Some(without);
    }
    let (mut rng, mut sample) = (generator(runs.iter().flatten()), Vec::new());
    let mut resampled = |_| {
        let mut all = Vec::with_capacity(n);
        for run in runs.iter().filter(|r| !r.is_empty()) {
            draw(run, &mut sample, &mut rng);
            let (centre, _) = moments(run);
            let n = run.len() as f64;
            let wider = if n > 1.0 { (n / (n - 1.0)).sqrt() } else { 1.0 };
            all.extend(sample.iter().map(|x| centre + wider * (x - centre)));
        }
        middle(&mut all).unwrap_or(f64::NAN)
    };
    let mut means: Vec<f64> = (0..RESAMPLES).map(&mut resampled).collect();
    means.sort_by(f64::total_cmp);
    let (low, high) = ends(&means, coverage);
    Some(Estimate { low, high, ..without })
}

/// The mean of the middle half.
fn middle(x: &mut [f64]) -> Option<f64> {
    x.sort_by(f64::total_cmp);
    let cut = 0.25 * x.len() as f64;
    let weight = |i: usize| {
        let inside = |from: f64, to: f64| (to - from).clamp(0.0, 1.0);
        inside((i as f64).max(cut), (i as f64 + 1.0).min(x.len() as f64 - cut))
    };
    let parts = x.iter().enumerate().map(|(i, v)| (weight(i), v)).filter(|(w, _)| *w > 0.0);
    (!x.is_empty()).then(|| parts.map(|(w, v)| w * v).sum::<f64>() / (x.len() as f64 - 2.0 * cut))
}

/// Wilson's interval of a share of `k` in `n` (Wilson 1927). None for `n` = 0.
///
/// ```
/// let e = downhill_stats::wilson(10, 10, 0.95).expect("ten");
/// assert!(e.low > 0.72 && e.low < 0.73 && e.high == 1.0, "ten of ten does not prove certainty");
/// ```
pub fn wilson(k: usize, n: usize, coverage: f64) -> Option<Estimate> {
    if n == 0 {
        return None;
    }
    let z = normal_quantile(0.5 * (1.0 + coverage));
    let (count, value) = (n as f64, k as f64 / n as f64);
    let centre = (value + z * z / (2.0 * count)) / (1.0 + z * z / count);
    let half = z / (1.0 + z * z / count) * (value * (1.0 - value) / count + z * z / (4.0 * count * count)).sqrt();
    let (low, high) = ((centre - half).clamp(0.0, value), (centre + half).clamp(value, 1.0));
    Some(Estimate { value, low, high, n })
}
