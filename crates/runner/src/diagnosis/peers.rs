//! The lowest training loss that is known of a trial's problem from the trials beside it.

use crate::rows::{Text, TrialRow};
use crate::stats::usable;
use std::collections::HashMap;

/// The two lowest training losses on each ground on which trials of one problem can be compared: the same loss function, and
/// the same seed, which splits the data and draws the start. Seeds of imported runs do neither.
pub struct Peers(HashMap<(String, u64), [Option<Peer>; 2]>);

/// A training loss, and the key of its trial.
#[derive(Clone)]
struct Peer(f64, Text);

impl Peers {
    /// Of trials on one problem, which may differ in its knobs.
    pub fn of<'t>(trials: impl Iterator<Item = &'t TrialRow>) -> Self {
        let mut peers: HashMap<_, [Option<Peer>; 2]> = HashMap::new();
        for trial in trials.filter(|t| usable(t) && t.train_loss.is_finite()) {
            let [first, second] = peers.entry(ground(trial)).or_default();
            let new = Some(Peer(trial.train_loss, trial.key.clone()));
            let below = |peer: &Option<Peer>| peer.as_ref().is_none_or(|p| trial.train_loss < p.0);
            if below(first) {
                *second = std::mem::replace(first, new);
            } else if below(second) {
                *second = new;
            }
        }
        Peers(peers)
    }

    /// The lowest training loss of the others on a trial's ground; none if there are no others.
    pub fn best(&self, trial: &TrialRow) -> Option<f64> {
        let lowest = self.0.get(&ground(trial))?.iter().flatten();
        lowest.filter(|peer| peer.1 != trial.key).map(|peer| peer.0).next()
    }
}

/// A label names a loss function only where it is not the default.
fn ground(trial: &TrialRow) -> (String, u64) {
    let loss = trial.problem.split(' ').find(|word| word.starts_with("loss=")).unwrap_or_default();
    (loss.to_owned(), if trial.foreign() { 0 } else { trial.seed })
}
