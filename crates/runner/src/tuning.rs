//! What tuning buys: the best of k candidates, as can be expected before they are drawn.

#[cfg(doc)]
use crate::rows::TrialRow;
use crate::stats::{Cell, Group};

/// What comes out of tuning one member of a group, by the number of candidates tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuning {
    /// The member's label.
    pub label: String,
    /// The expected lowest validation loss of 1, 2, ... candidates, drawn without replacement from those that were run
    /// (Dodge et al. 2019, arXiv:1909.03004, in the unbiased form of Tang et al. 2020). A candidate that lost a trial
    /// counts as the worst that ended on its problem. An optimizer at its default is one candidate.
    pub best: Vec<f64>,
    /// What a candidate costs on average, over all its seeds, as [`TrialRow::spent`].
    pub spent: f64,
}

/// Of each member, then of the defaults; nothing if no member has several candidates. One without a rate to choose, such as
/// a method that finds its own, is a single candidate. Losses that no candidate gave are left out.
pub fn tuning(group: &Group) -> Vec<Tuning> {
    if group.members.iter().all(|m| m.grid.len() < 2) {
        return Vec::new();
    }
    let cells = || group.members.iter().flat_map(|m| &m.grid);
    let worst = cells().filter_map(Cell::search_loss).fold(f64::NEG_INFINITY, f64::max);
    let loss = |c: &Cell| c.search_loss().filter(|_| c.search_lost() == 0).unwrap_or(worst);
    let tuned = group.members.iter().map(|m| {
        let best = downhill_stats::expected_best(&m.grid.iter().map(loss).collect::<Vec<_>>());
        let spent: f64 = m.grid.iter().flat_map(|c| &c.search).map(|t| t.spent()).sum();
        let best = best.into_iter().filter(|b| b.is_finite()).collect();
        Tuning { label: m.label.clone(), best, spent: spent / m.grid.len() as f64 }
    });
    let defaults = group.defaults.iter().filter_map(|m| {
        let cell = m.shown()?;
        let spent = cell.trials.iter().map(|t| t.spent()).sum();
        let best = vec![cell.mean(|t| t.validation_loss)?];
        Some(Tuning { label: m.label.clone(), best, spent })
    });
    tuned.chain(defaults).filter(|t| !t.best.is_empty()).collect()
}
