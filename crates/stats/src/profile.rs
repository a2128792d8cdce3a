//! Who reaches targets, how fast and how often; and whether a ranking holds.

use crate::problems::ranks;

/// The performance profile of Dolan & Moré (2002, arXiv:cs/0102001): the share of problems on which each method's cost is
/// at most `tau` times the lowest of all. `costs[m][p]` is the cost of method `m` to reach the target of problem `p`,
/// infinite if it never did: a miss counts as one. It depends on who else is compared.
pub fn profile(costs: &[Vec<f64>], tau: f64) -> Vec<f64> {
    let ratios = ratios(costs);
    ratios.iter().map(|r| r.iter().filter(|&&r| r <= tau).count() as f64 / r.len().max(1) as f64).collect()
}

/// The mean of each profile over `tau` from 1 to `most > 1`: AlgoPerf's score (Dahl et al. 2023, arXiv:2306.07179), which
/// has `most` = 4.
pub fn profile_score(costs: &[Vec<f64>], most: f64) -> Vec<f64> {
    let mean = |ratios: &Vec<f64>| {
        let parts = ratios.iter().map(|&r| (most - r).max(0.0) / (most - 1.0));
        parts.sum::<f64>() / ratios.len().max(1) as f64
    };
    ratios(costs).iter().map(mean).collect()
}

/// Costs over the lowest of each problem; a problem that nobody solved is a miss of all.
fn ratios(costs: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let lowest = |p: usize| costs.iter().map(|c| c[p]).fold(f64::INFINITY, f64::min);
    let ratio = |cost: f64, lowest: f64| if lowest.is_finite() { cost / lowest } else { f64::INFINITY };
    costs.iter().map(|c| c.iter().enumerate().map(|(p, &cost)| ratio(cost, lowest(p))).collect()).collect()
}

/// Losses to reach on one problem, from easy to hard.
#[derive(Clone, Debug, PartialEq)]
pub struct Targets(pub Vec<f64>);

impl Targets {
    /// `count >= 20` targets between the loss at the start and the best that is known: what is left of that way falls evenly
    /// in the logarithm from nine tenths to a thousandth, as COCO's (Hansen et al. 2021, arXiv:1603.08785). Relaxed by a
    /// share of that way, if that is not zero.
    pub fn between(start: f64, best: f64, count: usize, relaxed: f64) -> Self {
        const FROM: f64 = 0.9;
        const TO: f64 = 1e-3;
        let left = |i: usize| FROM * (TO / FROM).powf(i as f64 / (count.max(2) - 1) as f64);
        Targets((0..count.max(20)).map(|i| best + (start - best) * (left(i) + relaxed)).collect())
    }
}

/// The cost at which a curve first reached each target, infinite if it never did. `curve` has costs and losses, in order.
pub fn attainment(curve: &[(f64, f64)], targets: &Targets) -> Vec<f64> {
    let reached = |target: &f64| curve.iter().find(|(_, loss)| loss <= target).map_or(f64::INFINITY, |(cost, _)| *cost);
    targets.0.iter().map(reached).collect()
}

/// The share of targets, over problems, that were reached within a budget: the empirical distribution of [`attainment`].
/// Misses stay in the denominator.
pub fn ecdf(attained: &[f64], budget: f64) -> f64 {
    attained.iter().filter(|&&cost| cost <= budget).count() as f64 / attained.len().max(1) as f64
}

/// How far a method moves at most in the order by mean rank when one problem is left out: `losses[p][m]` is method `m` on
/// problem `p`. Equal mean ranks share a place. Zero for fewer than two problems.
pub fn steadiness(losses: &[Vec<f64>]) -> usize {
    let order = |skip: Option<usize>| {
        let kept = losses.iter().enumerate().filter(|(p, _)| Some(*p) != skip).map(|(_, row)| ranks(row));
        let sums = kept.fold(Vec::new(), |sums: Vec<f64>, row| {
            if sums.is_empty() { row } else { sums.iter().zip(&row).map(|(a, b)| a + b).collect() }
        });
        ranks(&sums)
    };
    if losses.len() < 2 {
        return 0;
    }
    let all = order(None);
    let moved = |skip: usize| {
        let moves = order(Some(skip)).into_iter().zip(&all).map(|(a, b)| (a - b).abs());
        moves.fold(0.0, f64::max).ceil() as usize
    };
    (0..losses.len()).map(moved).max().unwrap_or(0)
}
