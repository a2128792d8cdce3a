//! Comparisons over many problems.

use statrs::distribution::{ChiSquared, ContinuousCDF as _, Normal};

/// A statistic and its p-value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Test {
    /// The statistic.
    pub statistic: f64,
    /// How often chance alone gives one as large.
    pub p: f64,
}

/// The rank of each value, 1 for the lowest; equals share the mean of their ranks. Infinite values come last.
///
/// ```
/// assert_eq!(downhill_stats::ranks(&[0.3, 0.1, f64::INFINITY, 0.3]), [2.5, 1.0, 4.0, 2.5]);
/// ```
pub fn ranks(x: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&i, &j| x[i].total_cmp(&x[j]));
    let mut ranks = vec![0.0; x.len()];
    for equal in order.chunk_by(|&i, &j| x[i] == x[j]) {
        let first = order.iter().position(|&i| i == equal[0]).unwrap_or(0) as f64;
        equal.iter().for_each(|&i| ranks[i] = first + 0.5 * (equal.len() as f64 + 1.0));
    }
    ranks
}

/// Wilcoxon's signed-rank test (1945), two-sided: whether the differences of pairs, one a problem, lie around zero.
/// Differences of zero are dropped. Exact for up to 50 pairs without equal sizes, or up to 13 with such; else the normal
/// approximation with the correction for equals, as `scipy.stats.wilcoxon`. The statistic is the smaller sum of ranks. None if all are zero.
pub fn wilcoxon(differences: &[f64]) -> Option<Test> {
    let x: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    let sizes: Vec<f64> = x.iter().map(|d| d.abs()).collect();
    let (rank, n) = (ranks(&sizes), x.len());
    if n == 0 || x.iter().any(|d| d.is_nan()) {
        return None;
    }
    let plus: f64 = rank.iter().zip(&x).filter(|(_, d)| **d > 0.0).map(|(r, _)| r).sum();
    let total = (n * (n + 1)) as f64 / 2.0;
    let statistic = plus.min(total - plus);
    let equals = rank.iter().any(|r| rank.iter().filter(|s| *s == r).count() > 1);
    let p = if n <= 50 && !equals && n == differences.len() {
        (2.0 * signed_ranks_below(n, statistic as usize)).min(1.0)
    } else if n <= 13 {
        let sum =
            |signs: u32| rank.iter().enumerate().filter(|(i, _)| signs >> i & 1 == 1).map(|(_, r)| r).sum::<f64>();
        let below = (0..1u32 << n).filter(|&signs| sum(signs) <= statistic).count();
        (2.0 * below as f64 / f64::from(1u32 << n)).min(1.0)
    } else {
        let mut sorted = sizes.clone();
        sorted.sort_by(f64::total_cmp);
        let correction: f64 = sorted.chunk_by(|a, b| a == b).map(|t| (t.len().pow(3) - t.len()) as f64).sum();
        let n = n as f64;
        let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - correction / 48.0;
        let z = (statistic - 0.5 * total) / variance.sqrt();
        (2.0 * Normal::standard().cdf(-z.abs())).min(1.0)
    };
    Some(Test { statistic, p })
}

/// The probability that the sum of ranks with a positive sign is at most `sum`, for `n` pairs without a difference.
fn signed_ranks_below(n: usize, sum: usize) -> f64 {
    let mut ways = vec![0.0; sum + 1];
    ways[0] = 1.0;
    for rank in 1..=n {
        for s in (rank..=sum).rev() {
            ways[s] += ways[s - rank];
        }
        ways.iter_mut().for_each(|w| *w *= 0.5);
    }
    ways.iter().sum()
}

/// Holm's p-values (1979): each so large that calling those below `alpha` different is wrong anywhere with probability
/// `alpha` at most, whatever their dependence.
///
/// ```
/// let adjusted = downhill_stats::holm(&[0.01, 0.04, 0.03]);
/// assert_eq!(adjusted, [0.03, 0.06, 0.06]);
/// ```
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&i, &j| p[i].total_cmp(&p[j]));
    let (mut adjusted, mut largest) = (vec![0.0; p.len()], 0.0f64);
    for (done, &i) in order.iter().enumerate() {
        largest = largest.max(((p.len() - done) as f64 * p[i]).min(1.0));
        adjusted[i] = largest;
    }
    adjusted
}

/// Friedman's test (1937): whether methods differ at all in their ranks over problems. `losses[p][m]` is method `m` on
/// problem `p`; equals are corrected for, as in `scipy.stats.friedmanchisquare`. None for fewer than three methods or two
/// problems, or where all are equal.
pub fn friedman(losses: &[Vec<f64>]) -> Option<Test> {
    let (n, k) = (losses.len(), losses.first()?.len());
    if k < 3 || n < 2 || losses.iter().any(|row| row.len() != k) {
        return None;
    }
    let rows: Vec<Vec<f64>> = losses.iter().map(|row| ranks(row)).collect();
    let equals: f64 = rows
        .iter()
        .map(|row| {
            let mut sorted = row.clone();
            sorted.sort_by(f64::total_cmp);
            sorted.chunk_by(|a, b| a == b).map(|t| (t.len().pow(3) - t.len()) as f64).sum::<f64>()
        })
        .sum();
    let (nf, kf) = (n as f64, k as f64);
    let correction = 1.0 - equals / (nf * kf * (kf * kf - 1.0));
    let squares: f64 = (0..k).map(|m| rows.iter().map(|row| row[m]).sum::<f64>().powi(2)).sum();
    let statistic = (12.0 / (kf * nf * (kf + 1.0)) * squares - 3.0 * nf * (kf + 1.0)) / correction;
    let p = ChiSquared::new(kf - 1.0).ok()?.sf(statistic);
    (correction > 0.0).then_some(Test { statistic, p })
}

/// Kendall's tau-b (1938, 1945): how far two lists of numbers agree in their order, from -1 to 1; equals are corrected for, as
/// in `scipy.stats.kendalltau`. None for fewer than two, or if all of a list are equal.
///
/// ```
/// assert_eq!(downhill_stats::kendall(&[1.0, 2.0, 3.0], &[0.1, 0.3, 0.2]), Some(1.0 / 3.0));
/// ```
pub fn kendall(a: &[f64], b: &[f64]) -> Option<f64> {
    let sign = |x: &[f64], i: usize, j: usize| x[i].partial_cmp(&x[j]).map_or(0.0, |o| f64::from(o as i8));
    let pairs = || (0..a.len().min(b.len())).flat_map(|j| (0..j).map(move |i| (i, j)));
    let sum = |f: &dyn Fn(usize, usize) -> f64| pairs().map(|(i, j)| f(i, j)).sum::<f64>();
    let both = sum(&|i, j| sign(a, i, j) * sign(b, i, j));
    let [first, second] = [a, b].map(|x| sum(&|i, j| sign(x, i, j).abs()));
    (first > 0.0 && second > 0.0).then(|| both / (first * second).sqrt())
}

/// Nemenyi's critical difference (1963; Demšar 2006, JMLR 7): mean ranks over `problems` that lie farther apart belong to
/// different methods, at the 5 % level over all pairs. A ranking depends on who else is ranked, and so does this verdict
/// on a pair (Benavoli, Corani & Mangili 2016, JMLR 17): it is for a picture, [`wilcoxon`] with [`holm`] for a claim.
/// `methods >= 2`.
///
/// ```
/// let cd = downhill_stats::critical_difference(10, 8);
/// assert!((cd - 4.79).abs() < 0.01); // eight problems tell nearly nothing about ten methods
/// ```
pub fn critical_difference(methods: usize, problems: usize) -> f64 {
    let k = methods as f64;
    range_quantile(methods, 0.95) / 2f64.sqrt() * (k * (k + 1.0) / (6.0 * problems as f64)).sqrt()
}

/// The quantile of the range of `k` standard normal values: Tukey's studentized range with infinite degrees of freedom.
fn range_quantile(k: usize, p: f64) -> f64 {
    let normal = Normal::standard();
    // P(range < q) = k integral of phi(z) (Phi(z) - Phi(z - q))^(k-1) dz, by Simpson's rule.
    let below = |q: f64| {
        const PARTS: usize = 800;
        let (from, to) = (-8.0, 8.0 + q);
        let width = (to - from) / PARTS as f64;
        let at = |i: usize| {
            let z = from + i as f64 * width;
            let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
            density * (normal.cdf(z) - normal.cdf(z - q)).powi(k as i32 - 1)
        };
        let weight = |i: usize| if i == 0 || i == PARTS { 1.0 } else { 2.0 + 2.0 * (i % 2) as f64 };
        k as f64 * (0..=PARTS).map(|i| weight(i) * at(i)).sum::<f64>() * width / 3.0
    };
    let (mut low, mut high) = (0.0, 20.0);
    while high - low > 1e-9 {
        let middle = 0.5 * (low + high);
        *(if below(middle) < p { &mut low } else { &mut high }) = middle;
    }
    0.5 * (low + high)
}
