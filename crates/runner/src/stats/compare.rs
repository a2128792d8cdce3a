//! Who leads a group, by how much, and whether that is resolved.

use super::{Cell, Estimate, Group, Member};
use crate::rows::TrialRow;

/// What a paired difference says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The interval of the difference lies above zero.
    Higher,
    /// It lies below zero.
    Lower,
    /// It contains zero, or there are fewer than two pairs.
    Unresolved,
}

/// One cell less another, seed by seed: same seeds mean the same split, start and batches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference(pub Estimate);

impl Difference {
    /// `cell - reference` in a measure, over the seeds where both are usable. None if there are none.
    pub fn paired(cell: &Cell, reference: &Cell, measure: impl Fn(&TrialRow) -> f64) -> Option<Self> {
        let pairs = cell.usable().filter_map(|a| Some((a, reference.usable().find(|b| b.seed == a.seed)?)));
        Estimate::of(pairs.map(|(a, b)| measure(a) - measure(b))).filter(|e| e.mean.is_finite()).map(Difference)
    }

    /// Whether the interval excludes zero, and on which side.
    pub fn verdict(&self) -> Verdict {
        match self.0 {
            e if !e.resolved() => Verdict::Unresolved,
            e if e.mean > 0.0 => Verdict::Higher,
            _ => Verdict::Lower,
        }
    }
}

impl Group<'_> {
    /// The member whose chosen learning rate has the lowest mean of a measure, among those that lost the fewest seeds
    /// there.
    pub fn lowest(&self, measure: impl Fn(&TrialRow) -> f64) -> Option<usize> {
        let score = |cell: &Cell| Some((cell.lost(), cell.estimate(&measure)?.mean));
        let scored = self.members.iter().enumerate().filter_map(|(i, m)| Some((i, score(m.best()?)?)));
        scored.min_by(|(_, a), (_, b)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))).map(|(i, _)| i)
    }

    /// The member of the lowest validation loss in the search, among those that lost the fewest seeds there: what a user
    /// of this study would take.
    pub fn leader(&self) -> Option<usize> {
        let score = |m: &Member| m.best().and_then(|c| Some((c.search_lost(), c.search_loss()?)));
        let scored = self.members.iter().enumerate().filter_map(|(i, m)| Some((i, score(m)?)));
        scored.min_by(|(_, a), (_, b)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))).map(|(i, _)| i)
    }

    /// The paired difference of each member to another in a measure, each at its chosen learning rate.
    pub fn differences(&self, to: usize, measure: impl Fn(&TrialRow) -> f64) -> Vec<Option<Difference>> {
        let reference = self.members[to].best();
        self.members.iter().map(|m| Difference::paired(m.best()?, reference?, &measure)).collect()
    }

    /// The rank of each member by mean test loss, 1 for the lowest; equals share the mean of their ranks, and members
    /// that lost every trial share the last.
    pub fn ranks(&self) -> Vec<f64> {
        let loss = |m: &super::Member| m.best().and_then(|c| c.estimate(|t| t.test_loss)).map(|e| e.mean);
        let losses: Vec<f64> = self.members.iter().map(|m| loss(m).unwrap_or(f64::INFINITY)).collect();
        let rank = |x: f64| {
            let below = losses.iter().filter(|&&y| y < x).count() as f64;
            let equal = losses.iter().filter(|&&y| y == x).count() as f64;
            below + (equal + 1.0) / 2.0
        };
        losses.iter().map(|&x| rank(x)).collect()
    }
}

/// Members that are in every group that carries a headline, with their mean rank there, best first; none for fewer
/// than two such groups.
pub fn mean_ranks(groups: &[Group]) -> Vec<(String, f64)> {
    let counted: Vec<(&Group, Vec<f64>)> = groups.iter().filter(|g| !g.toy()).map(|g| (g, g.ranks())).collect();
    let Some(((first, _), true)) = counted.first().map(|f| (f, counted.len() > 1)) else { return Vec::new() };
    let rank = |label: &str| -> Option<f64> {
        let of = |(g, ranks): &(&Group, Vec<f64>)| Some(ranks[g.members.iter().position(|m| m.label == label)?]);
        let ranks: Option<Vec<f64>> = counted.iter().map(of).collect();
        Estimate::of(ranks?).map(|e| e.mean)
    };
    let mut means: Vec<_> = first.members.iter().filter_map(|m| Some((m.label.clone(), rank(&m.label)?))).collect();
    means.sort_by(|a, b| a.1.total_cmp(&b.1));
    means
}
