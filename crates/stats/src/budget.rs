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

/// What a method that is tuned costs and reaches, trial by trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Spending {
    /// The cost of the first 1, 2, ... trials, in the mean.
    pub cost: Vec<f64>,
    /// The expected lowest loss of so many.
    pub best: Vec<f64>,
}

impl Spending {
    /// From the losses of trials and what each cost, in any unit. A method that is not tuned has one trial.
    pub fn of(losses: &[f64], costs: &[f64]) -> Self {
        let each = costs.iter().sum::<f64>() / costs.len().max(1) as f64;
        Spending { cost: (1..=losses.len()).map(|k| k as f64 * each).collect(), best: expected_best(losses) }
    }

    /// The expected lowest loss within a budget; none if it does not pay for one trial.
    pub fn within(&self, budget: f64) -> Option<f64> {
        let paid = self.cost.iter().take_while(|&&cost| cost <= budget).count();
        paid.checked_sub(1).map(|i| self.best[i])
    }
}
