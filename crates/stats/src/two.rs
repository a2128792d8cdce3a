//! Whether two differ.

use crate::Estimate;
use crate::estimate::{moments, t_quantile, t_two_sided};
use crate::power::Design;
use crate::problems::ranks;
use crate::resample::generator;
use rand::RngExt as _;

/// The mean of one sample less that of another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The difference with its interval; `n` is the number of pairs, or of values in the smaller sample.
    pub estimate: Estimate,
    /// Its standard error.
    pub error: f64,
    /// Degrees of freedom of the error.
    pub freedom: f64,
    /// The standard deviation that the error comes from: of the differences, or pooled over both samples.
    pub sd: f64,
    /// How the samples belong together.
    pub design: Design,
    /// The two-sided p-value of Student's t: how often chance alone gives a difference as large.
    pub p: f64,
}

impl Difference {
    fn new(value: f64, (sd, error, freedom): (f64, f64, f64), n: usize, design: Design, coverage: f64) -> Self {
        let half = if error == 0.0 { 0.0 } else { t_quantile(freedom, 0.5 * (1.0 + coverage)) * error };
        let p = match value {
            0.0 => 1.0,
            _ if error == 0.0 => 0.0,
            value => t_two_sided(freedom, value / error),
        };
        let estimate = Estimate { value, low: value - half, high: value + half, n };
        Difference { estimate, error, freedom, sd, design, p }
    }

    /// The interval at another coverage.
    pub fn interval(&self, coverage: f64) -> (f64, f64) {
        let half = if self.error == 0.0 { 0.0 } else { t_quantile(self.freedom, 0.5 * (1.0 + coverage)) * self.error };
        (self.estimate.value - half, self.estimate.value + half)
    }
}

/// `a - b`, value by value: for samples whose n-th values have a common cause, as the same seed. Student's t on the
/// differences. None for fewer than two pairs, unequal numbers, or values that are not finite.
pub fn paired(a: &[f64], b: &[f64], coverage: f64) -> Option<Difference> {
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let n = differences.len();
    let (mean, sd) = moments(&differences);
    let sound = n > 1 && a.len() == b.len() && sd.is_finite();
    let spread = (sd, sd / (n as f64).sqrt(), n as f64 - 1.0);
    sound.then(|| Difference::new(mean, spread, n, Design::Paired, coverage))
}

/// `a - b` for samples without a common cause: Welch's t (1947), which lets both have their own spread. None for fewer than
/// two values in either, or values that are not finite.
pub fn welch(a: &[f64], b: &[f64], coverage: f64) -> Option<Difference> {
    let ((mean_a, sd_a), (mean_b, sd_b)) = (moments(a), moments(b));
    let (n, m) = (a.len() as f64, b.len() as f64);
    let (va, vb) = (sd_a * sd_a / n, sd_b * sd_b / m);
    let error = (va + vb).sqrt();
    let freedom = (va + vb).powi(2) / (va * va / (n - 1.0) + vb * vb / (m - 1.0));
    let pooled = (0.5 * (sd_a * sd_a + sd_b * sd_b)).sqrt();
    let sound = a.len() > 1 && b.len() > 1 && error.is_finite();
    let freedom = if error == 0.0 { n + m - 2.0 } else { freedom };
    let fewer = a.len().min(b.len());
    sound.then(|| Difference::new(mean_a - mean_b, (pooled, error, freedom), fewer, Design::Unpaired, coverage))
}

/// Up to so many arrangements all are looked at; beyond, as many are drawn.
const ARRANGEMENTS: u64 = 20_000;

/// The two-sided p-value of the difference of means when values are dealt out to the two samples anew: asks nothing of
/// their distribution but that, without a difference, it is one. Exact where there are at most 20,000 ways to deal;
/// else `(b + 1) / (m + 1)` of 20,000 drawn ones (Phipson & Smyth 2010, doi:10.2202/1544-6115.1585). None for an empty
/// sample.
pub fn permutation(a: &[f64], b: &[f64]) -> Option<f64> {
    let all = [a, b].concat();
    let (n, total) = (a.len(), all.iter().sum::<f64>());
    let size = |sum: f64| (sum / n as f64 - (total - sum) / b.len() as f64).abs();
    let observed = size(a.iter().sum());
    // Sums in another order round otherwise.
    let least = observed - 1e-9 * observed.abs();
    if a.is_empty() || b.is_empty() {
        return None;
    }
    if choose(all.len(), n).is_some_and(|ways| ways <= ARRANGEMENTS) {
        let (mut extreme, mut ways) = (0u64, 0u64);
        combinations(all.len(), n, &mut |chosen| {
            ways += 1;
            extreme += u64::from(size(chosen.iter().map(|&i| all[i]).sum()) >= least);
        });
        return Some(extreme as f64 / ways as f64);
    }
    let (mut rng, mut deck) = (generator(&all), all);
    let mut extreme = 1;
    for _ in 0..ARRANGEMENTS {
        for i in 0..n {
            let j = rng.random_range(i..deck.len());
            deck.swap(i, j);
        }
        extreme += u64::from(size(deck[..n].iter().sum()) >= least);
    }
    Some(extreme as f64 / (ARRANGEMENTS + 1) as f64)
}

/// The two-sided p-value of the mean of paired differences when each may as well have had the other sign. Exact for up
/// to 14 pairs, else drawn, as in [`permutation`]. None without pairs.
pub fn sign_flips(a: &[f64], b: &[f64]) -> Option<f64> {
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let observed = differences.iter().sum::<f64>().abs();
    let least = observed - 1e-9 * observed;
    let n = differences.len();
    let flipped = |signs: u64| -> f64 {
        let signed = differences.iter().enumerate().map(|(i, d)| if signs >> (i % 64) & 1 == 1 { -d } else { *d });
        signed.sum::<f64>().abs()
    };
    match n {
        0 => None,
        1..=14 => {
            let ways = 1u64 << n;
            Some((0..ways).filter(|&signs| flipped(signs) >= least).count() as f64 / ways as f64)
        }
        _ => {
            let mut rng = generator(&differences);
            let mut drawn = || {
                let sum: f64 = differences.iter().map(|d| if rng.random::<bool>() { -d } else { *d }).sum();
                sum.abs() >= least
            };
            let extreme = (0..ARRANGEMENTS).filter(|_| drawn()).count() + 1;
            Some(extreme as f64 / (ARRANGEMENTS + 1) as f64)
        }
    }
}

/// The number of ways to choose `k` of `n`; none if it does not fit.
fn choose(n: usize, k: usize) -> Option<u64> {
    (0..k.min(n - k)).try_fold(1u64, |ways, i| Some(ways.checked_mul((n - i) as u64)? / (i as u64 + 1)))
}

/// All ways to choose `k` of `n` places.
fn combinations(n: usize, k: usize, each: &mut impl FnMut(&[usize])) {
    let mut chosen: Vec<usize> = (0..k).collect();
    loop {
        each(&chosen);
        let Some(i) = (0..k).rev().find(|&i| chosen[i] != i + n - k) else { return };
        chosen[i] += 1;
        for j in i + 1..k {
            chosen[j] = chosen[j - 1] + 1;
        }
    }
}

/// The probability that a value of `a` is below one of `b`, equals counting half: the probability of improvement, for
/// losses. With the interval of Brunner & Munzel (2000, Biometrical Journal 42(1)), which lets both samples have their own
/// distribution, taken on the scale of arc sines, where it covers from ten values on and stays between 0 and 1. Where all
/// values of one sample lie on one side, it reaches to the share that would have shown an exception. None for fewer than
/// two values in either.
pub fn improvement(a: &[f64], b: &[f64], coverage: f64) -> Option<Estimate> {
    let (n, m) = (a.len(), b.len());
    if n < 2 || m < 2 {
        return None;
    }
    let both = ranks(&[a, b].concat());
    let (of_a, of_b) = both.split_at(n);
    let (within_a, within_b) = (ranks(a), ranks(b));
    // How many of the other sample lie below each value.
    let below = |joint: &[f64], own: &[f64]| joint.iter().zip(own).map(|(j, o)| j - o).collect::<Vec<_>>();
    let (placed_a, placed_b) = (below(of_a, &within_a), below(of_b, &within_b));
    let (_, sd_a) = moments(&placed_a);
    let (mean_b, sd_b) = moments(&placed_b);
    let (nf, mf) = (n as f64, m as f64);
    let value = mean_b / nf;
    let (va, vb) = ((sd_a / mf).powi(2) / nf, (sd_b / nf).powi(2) / mf);
    let fewer = n.min(m);
    if va + vb == 0.0 {
        let slack = 1.0 - (0.5 * (1.0 - coverage)).powf(1.0 / fewer as f64);
        let (low, high) = if value > 0.5 { (1.0 - slack, 1.0) } else { (0.0, slack) };
        let tied = value > 0.0 && value < 1.0;
        let (low, high) = if tied { (value, value) } else { (low, high) };
        return Some(Estimate { value, low, high, n: fewer });
    }
    let freedom = (va + vb).powi(2) / (va * va / (nf - 1.0) + vb * vb / (mf - 1.0));
    // d asin(sqrt p) = dp / (2 sqrt(p (1 - p))); a share of all or nothing is taken for half a pair short of it.
    let inside = value.clamp(0.5 / (nf * mf), 1.0 - 0.5 / (nf * mf));
    let angle = inside.sqrt().asin();
    let half =
        t_quantile(freedom, 0.5 * (1.0 + coverage)) * (va + vb).sqrt() / (2.0 * (inside * (1.0 - inside)).sqrt());
    let share = |angle: f64| angle.clamp(0.0, std::f64::consts::FRAC_PI_2).sin().powi(2);
    Some(Estimate { value, low: share(angle - half), high: share(angle + half), n: fewer })
}
