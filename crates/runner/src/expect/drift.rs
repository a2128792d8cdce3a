//! Whether two numbers can be tuned one after the other: how far the best learning rate moves with the other one.

use crate::stats::{Cell, Group, usable};
use std::collections::{BTreeMap, BTreeSet};

/// What the other number is, beside the learning rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// As the study writes it.
    Written,
    /// Times the learning rate: what a step makes of it.
    PerStep,
}

impl Unit {
    /// That of a measure; none if it is no drift.
    pub(super) fn of(measure: &str) -> Option<Self> {
        match measure {
            "drift" => Some(Unit::Written),
            "drift per step" => Some(Unit::PerStep),
            _ => None,
        }
    }
}

/// The number that stands in a label where the pattern has a star.
pub(super) fn number(pattern: &str, label: &str) -> Option<f64> {
    let (before, after) = pattern.split_once('*')?;
    label.strip_prefix(before)?.strip_suffix(after)?.parse().ok().filter(|x| *x > 0.0)
}

/// One trial of the grid: logarithms to base 10 of learning rate and of the other number, and the validation loss.
#[derive(Clone, Copy, Debug, PartialEq)]
struct At {
    rate: f64,
    other: f64,
    loss: f64,
}

/// The drift on each seed over all members that the pattern fits; none if it cannot be told on any.
pub(super) fn by_seed(group: &Group, pattern: &str, unit: Unit) -> Option<Vec<(u64, f64)>> {
    let members = || group.members.iter().filter_map(|m| Some((number(pattern, &m.label)?, m)));
    let cells = || members().flat_map(|(x, m)| m.grid.iter().map(move |cell| (x, cell)));
    let seeds: BTreeSet<u64> = cells().flat_map(|(_, cell)| &cell.search).map(|t| t.seed).collect();
    let at = |(x, cell): (f64, &Cell), seed| {
        let trial = cell.search.iter().find(|t| t.seed == seed && usable(t))?;
        let other = match unit {
            Unit::Written => x,
            Unit::PerStep => x * cell.lr,
        };
        Some(At { rate: cell.lr.log10(), other: other.log10(), loss: trial.validation_loss })
    };
    let of = |seed| Some((seed, drift(&cells().filter_map(|cell| at(cell, seed)).collect::<Vec<_>>())?));
    let found: Vec<(u64, f64)> = seeds.into_iter().filter_map(of).collect();
    Some(found).filter(|found| !found.is_empty())
}

/// The slope of the line through the best rate for each value of the other number, by least squares: 0 if one can be
/// tuned whatever the other is, -1 if only their product counts. Values that were tried with fewer than three rates, and those
/// whose best rate is the lowest or the highest that was tried with them, do not count, as a better one may lie beyond.
/// None if fewer than two are left.
fn drift(grid: &[At]) -> Option<f64> {
    let mut rows: BTreeMap<i64, Vec<At>> = BTreeMap::new();
    grid.iter().for_each(|at| rows.entry((at.other * 1e3).round() as i64).or_default().push(*at));
    let best: Vec<At> = rows.into_values().filter_map(best).collect();
    let n = best.len() as f64;
    let mean = |of: fn(&At) -> f64| best.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|at| at.other), mean(|at| at.rate));
    let square: f64 = best.iter().map(|at| (at.other - x).powi(2)).sum();
    let product: f64 = best.iter().map(|at| (at.other - x) * (at.rate - y)).sum();
    (best.len() > 1).then(|| product / square)
}

/// The lowest of a row, between its neighbours on the parabola through the three.
fn best(mut row: Vec<At>) -> Option<At> {
    row.sort_by(|a, b| a.rate.total_cmp(&b.rate));
    let lowest = (0..row.len()).min_by(|&i, &j| row[i].loss.total_cmp(&row[j].loss))?;
    let below = row.get(lowest.checked_sub(1)?)?;
    let (at, above) = (row[lowest], row.get(lowest + 1)?);
    let [left, right] = [below, above].map(|end| (end.rate - at.rate, end.loss - at.loss));
    // Through (left), (0, 0) and (right): the losses are rate^2 a + rate b.
    let (a, b) = (left.1 * right.0 - right.1 * left.0, right.1 * left.0 * left.0 - left.1 * right.0 * right.0);
    let shift = if a == 0.0 { 0.0 } else { -0.5 * b / a };
    Some(At { rate: at.rate + shift.clamp(left.0, right.0), ..at })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn grid(loss: impl Fn(f64, f64) -> f64) -> Vec<At> {
        let half = |i: i32| 0.5 * f64::from(i);
        let all = (-8..1).flat_map(|u| (-6..3).map(move |v| (half(u), half(v))));
        all.map(|(rate, other)| At { rate, other, loss: loss(rate, other) }).collect()
    }

    #[test]
    fn a_valley_along_an_axis_has_no_drift_and_one_of_products_has_minus_one() {
        let along = drift(&grid(|u, v| (u + 2.1).powi(2) + (v + 1.0).powi(2))).unwrap();
        let product = drift(&grid(|u, v| (u + v + 2.1).powi(2) + 0.1 * (u + 2.0).powi(2))).unwrap();
        assert!(along.abs() < 1e-12, "{along}");
        assert!((product + 1.0 / 1.1).abs() < 1e-12, "{product}");
    }

    #[test]
    fn a_best_rate_at_an_end_says_nothing() {
        assert_eq!(drift(&grid(|u, _| u)), None);
    }

    #[test]
    fn the_star_of_a_pattern_is_a_number() {
        assert_eq!(number("adam l2(lambda=*)", "adam l2(lambda=0.001)"), Some(0.001));
        assert_eq!(number("adam l2(lambda=*)", "adam decay(lambda=0.001)"), None);
        assert_eq!(number("adam", "adam"), None);
    }
}
