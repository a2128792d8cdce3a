//! What tuning buys: the best of k trials, and what they cost.

/// The expected lowest of `k` trials drawn from these without replacement, for `k` = 1 to their number: unbiased (Tang et
/// al. 2020, arXiv:2004.11355), where the estimate with replacement (Dodge et al. 2019, arXiv:1909.03004) is biased
/// upwards. Infinite as long as `k` trials may all be infinite ones: give those of lost trials the loss at the start.
///
/// ```
/// let best = downhill_stats::expected_best(&[3.0, 1.0, 2.0]);
/// assert_eq!(best, [2.0, 4.0 / 3.0, 1.0]);
/// ```
pub fn expected_best(losses: &[f64]) -> Vec<f64> {
    let mut sorted = losses.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    let of = |k: usize| {
        // The chance that the i-th lowest is the lowest of k: C(n - i, k - 1) / C(n, k), each from the one before.
        let mut chance = k as f64 / n as f64;
        let mut sum = 0.0;
        for (i, loss) in sorted.iter().enumerate().take(n - k + 1) {
            sum += chance * loss;
            chance *= (n - i - k) as f64 / (n - i - 1).max(1) as f64;
        }
        sum
    };
    (1..=n).map(of).collect()
}
