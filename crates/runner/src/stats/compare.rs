//! Who leads a group, by how much, and whether that is resolved.

use super::{COVERAGE, Cell, Estimate, Group, Member};
use crate::rows::TrialRow;
use downhill_stats::{Verdict, holm, paired, ranks, verdict, welch};

/// How often a difference that is not there may be called one, over all members of a group.
pub const ALPHA: f64 = 0.05;

/// What one cell less another says in a measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compared {
    /// The difference.
    pub difference: Estimate,
    /// How often chance alone gives one as large.
    pub p: f64,
    /// What that says: `Better` is lower.
    pub verdict: Verdict,
}

impl Compared {
    /// `cell - reference` in a measure. Seed by seed where both have the same seeds (which mean the same split, start and
    /// batches; not so in imported runs), else sample against sample. Differences below `bound` do not count. None if there are fewer than two
    /// values, or one lost all its trials.
    pub fn of(cell: &Cell, reference: &Cell, measure: impl Fn(&TrialRow) -> f64, bound: f64) -> Option<Self> {
        let pairs: Vec<(f64, f64)> = cell
            .usable()
            .filter(|a| !a.foreign())
            .filter_map(|a| Some((measure(a), measure(reference.usable().find(|b| b.seed == a.seed)?))))
            .collect();
        let (a, b): (Vec<f64>, Vec<f64>) = if pairs.is_empty() {
            (cell.usable().map(&measure).collect(), reference.usable().map(&measure).collect())
        } else {
            pairs.iter().copied().unzip()
        };
        let found = if pairs.is_empty() { welch(&a, &b, COVERAGE) } else { paired(&a, &b, COVERAGE) }?;
        Some(Compared { difference: found.estimate, p: found.p, verdict: verdict(&found, bound, ALPHA) })
    }

    /// Whether the difference is there and counts.
    pub fn resolved(&self) -> bool {
        matches!(self.verdict, Verdict::Better | Verdict::Worse)
    }
}

impl Group<'_> {
    /// The member whose chosen learning rate has the lowest mean of a measure, among those that lost the fewest seeds
    /// there.
    pub fn lowest(&self, measure: impl Fn(&TrialRow) -> f64) -> Option<usize> {
        let score = |cell: &Cell| Some((cell.lost(), cell.mean(&measure)?));
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

    /// Each member less another in a measure, each at its chosen candidate; so many comparisons are made at once that
    /// p-values are Holm's, and a difference is resolved only if that is below [`ALPHA`]. Differences of less than the
    /// share `equivalence` of the other's mean do not count.
    pub fn compared(&self, to: usize, measure: impl Fn(&TrialRow) -> f64, equivalence: f64) -> Vec<Option<Compared>> {
        let Some(reference) = self.members[to].best() else { return vec![None; self.members.len()] };
        let bound = equivalence * reference.mean(&measure).map_or(0.0, f64::abs);
        let of =
            |(i, m): (usize, &Member)| (i != to).then(|| Compared::of(m.best()?, reference, &measure, bound)).flatten();
        let mut all: Vec<Option<Compared>> = self.members.iter().enumerate().map(of).collect();
        let p: Vec<f64> = all.iter().flatten().map(|c| c.p).collect();
        for (compared, p) in all.iter_mut().flatten().zip(holm(&p)) {
            compared.p = p;
            if compared.resolved() && p >= ALPHA {
                compared.verdict = Verdict::Unresolved { further: None };
            }
        }
        all
    }

    /// The mean test loss of each member; infinite for one that lost every trial.
    pub fn mean_losses(&self) -> Vec<f64> {
        let mean = |m: &Member| m.best().and_then(|c| c.estimate(|t| t.test_loss)).map_or(f64::INFINITY, |e| e.value);
        self.members.iter().map(mean).collect()
    }
}

/// Members that are in every one of these groups, with their mean rank there, best first; none for fewer than two groups.
pub fn mean_ranks(groups: &[&Group]) -> Vec<(String, f64)> {
    let counted: Vec<(&Group, Vec<f64>)> = groups.iter().map(|g| (*g, ranks(&g.mean_losses()))).collect();
    let Some(((first, _), true)) = counted.first().map(|f| (f, counted.len() > 1)) else { return Vec::new() };
    let rank = |label: &str| -> Option<f64> {
        let of = |(g, ranks): &(&Group, Vec<f64>)| Some(ranks[g.members.iter().position(|m| m.label == label)?]);
        let ranks: Option<Vec<f64>> = counted.iter().map(of).collect();
        super::mean(ranks?).map(|e| e.value)
    };
    let mut means: Vec<_> = first.members.iter().filter_map(|m| Some((m.label.clone(), rank(&m.label)?))).collect();
    means.sort_by(|a, b| a.1.total_cmp(&b.1));
    means
}
