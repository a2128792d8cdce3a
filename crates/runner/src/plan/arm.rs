//! What is tuned as one: an optimizer on a problem, with its candidates.

use super::axis::beyond;
use crate::protocol;
use crate::protocol::{Protocol, Stage, Try, WHOLE};
use crate::rounds::Finish;
use crate::trial::{Budget, Trial};

/// An optimizer on a problem with its candidates.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Candidates, each a trial whose seed is still open; learning rates in the order of the study.
    pub candidates: Vec<Trial>,
    /// The seeds of the search.
    pub seeds: Vec<u64>,
    /// Whether candidates are learning rates, so that there may be others beyond.
    pub grows: bool,
    /// The arm in words, where its candidates differ in more than the rate.
    pub label: Option<String>,
    /// The optimizer at its defaults; none if it cannot run here.
    pub default: Option<Trial>,
}

/// A trial and what it is run for.
pub(crate) type Staged = (Trial, Stage);

impl Arm {
    /// The trials of the search, the seed varying fastest.
    pub fn trials(&self) -> impl Iterator<Item = Trial> + '_ {
        self.candidates.iter().flat_map(|t| self.seeds.iter().map(move |&seed| Trial { seed, ..t.clone() }))
    }

    /// What the protocol has to know of it.
    pub fn outline(&self) -> protocol::Arm {
        let ascending = self.candidates.windows(2).all(|w| w[0].lr < w[1].lr);
        let grows = self.grows && ascending && self.candidates.len() > 2;
        protocol::Arm { candidates: self.candidates.len(), seeds: self.seeds.clone(), grows }
    }

    /// The trial that a try of the protocol means.
    pub fn trial(&self, t: &Try) -> Trial {
        let candidate = usize::try_from(t.candidate).ok().and_then(|i| self.candidates.get(i)).cloned();
        let mut trial = candidate.unwrap_or_else(|| {
            let rates: Vec<f64> = self.candidates.iter().map(|t| t.lr).collect();
            Trial { lr: beyond(&rates, t.candidate), ..self.candidates[0].clone() }
        });
        trial.seed = t.seed;
        if t.share < WHOLE {
            let part = |n: u64| (n * u64::from(t.share)).div_ceil(u64::from(WHOLE));
            trial.horizon = Some(trial.horizon.unwrap_or(trial.budget));
            trial.budget = match trial.budget {
                Budget::Steps(n) => Budget::Steps(part(n)),
                Budget::Epochs(n) => Budget::Epochs(part(n)),
            };
        }
        trial
    }

    /// What is planned, as far as finished trials tell: those done, and those that come next.
    pub fn plan(&self, protocol: &Protocol, finish: impl Fn(&str) -> Option<Finish>) -> (Vec<Staged>, Vec<Staged>) {
        let outline = self.outline();
        let mut seen = protocol::Seen::new();
        loop {
            let (done, next) = protocol.plan(&outline, &seen);
            let found: Vec<(Try, Finish)> =
                next.iter().filter_map(|t| Some((*t, finish(&self.trial(t).key())?))).collect();
            if found.is_empty() {
                let staged = |t: Try| (self.trial(&t), t.stage());
                return (done.into_iter().map(staged).collect(), next.into_iter().map(staged).collect());
            }
            seen.extend(found);
        }
    }
}
