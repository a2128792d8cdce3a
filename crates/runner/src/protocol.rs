//! The protocol of an adaptive study: which trials of one optimizer on one problem come next, from those that are
//! finished.
//!
//! An *arm* is what is tuned as one: an optimizer on a problem with its candidates, mostly learning rates. Its stages are
//! fixed plans, each computed from the finished ones:
//!
//! 1. *Screening* (if there is `halving`): candidates for a share of the budget, of which the best go on: successive
//!    halving (Jamieson & Talwalkar 2016, arXiv:1502.07943), within one arm only, as optimizers that are compared in the
//!    middle of training are often in another order at its end.
//! 2. *Search*: the candidates for the whole budget, on the study's seeds.
//! 3. *Extension*: where the best rate is the lowest or the highest, two more beyond.
//! 4. *Finalists* on further seeds; the choice is the one with the lowest mean validation loss among them, without lost
//!    trials if there is such a one.
//! 5. *Confirmation*: the choice, and the optimizer at its defaults, on fresh seeds, which chose nothing. These are reported.
//!
//! Nothing here reads a clock or runs a trial: the same trials for the same study, whatever was interrupted.

use crate::rounds::{FRESH, Finish, advance};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `[protocol]` of a study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Protocol {
    /// How candidates are found.
    pub search: Search,
    /// Which of them go on when; none go out early without it.
    pub halving: Option<Halving>,
    /// How often a grid grows by two rates beyond the end on which its best lies.
    pub extend: usize,
    /// How many candidates get further seeds.
    pub finalists: usize,
    /// How many further seeds.
    pub reseed: usize,
    /// How many fresh seeds the choice is reported on; with 0, it is reported on those that chose it.
    pub confirm: usize,
    /// Whether each optimizer also runs at its defaults, on the fresh seeds.
    pub default: bool,
}

/// How candidates are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Search {
    /// All values of all axes.
    #[default]
    Grid,
    /// So many points of the declared ranges, drawn independently (Bergstra & Bengio 2012, JMLR 13).
    Random(usize),
    /// So many of a scrambled Sobol sequence, which leaves no gaps (Burley 2020, JCGT 9(4)).
    Sobol(usize),
}

/// After these shares of the budget, the best go on: so large a share of the candidates, rounded up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Halving {
    /// Shares of the budget, ascending, each above 0 and below 1.
    pub at: Vec<f64>,
    /// The share of candidates that goes on, each above 0 and at most 1.
    pub keep: Vec<f64>,
}

impl Default for Protocol {
    fn default() -> Self {
        Protocol { search: Search::Grid, halving: None, extend: 2, finalists: 3, reseed: 3, confirm: 10, default: true }
    }
}

/// What is tuned as one.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// How many candidates there are: 0 to this number less one. A grid that grows has others below and above.
    pub candidates: usize,
    /// The seeds of the search.
    pub seeds: Vec<u64>,
    /// Whether candidates are learning rates in ascending order, so that there are others beyond both ends.
    pub grows: bool,
}

/// One trial of an arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Try {
    /// The candidate's number.
    pub candidate: i64,
    /// The seed.
    pub seed: u64,
    /// How much of the budget, in thousandths.
    pub share: u32,
}

/// The most candidates, extensions, finalists and seeds: more are a mistake.
const MOST: usize = 10_000;

/// The whole budget.
pub const WHOLE: u32 = 1000;

/// What a trial was run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// To see whether a candidate goes on; for a part of the budget.
    Screen,
    /// To choose.
    Search,
    /// To be reported.
    Confirm,
    /// To be reported beside it: the optimizer at its defaults.
    Default,
}

impl Stage {
    /// The word in `trials.csv`.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Screen => "screen",
            Stage::Search => "search",
            Stage::Confirm => "confirm",
            Stage::Default => "default",
        }
    }
}

impl Try {
    /// What it is run for.
    pub fn stage(&self) -> Stage {
        match self {
            Try { share, .. } if *share < WHOLE => Stage::Screen,
            Try { seed, .. } if *seed >= FRESH => Stage::Confirm,
            _ => Stage::Search,
        }
    }
}

/// All that has been seen of an arm.
pub type Seen = BTreeMap<Try, Finish>;

/// The candidate that was chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// Its number.
    pub candidate: i64,
    /// Its mean validation loss in the search.
    pub loss: f64,
    /// How many of its trials were lost.
    pub lost: usize,
    /// Whether it is the lowest or the highest of a grid.
    pub edge: bool,
}

impl Protocol {
    /// Checks the numbers.
    ///
    /// # Errors
    /// In words: which is out of range, and what is allowed.
    pub fn check(&self) -> Result<(), String> {
        if let Search::Random(0) | Search::Sobol(0) = self.search {
            return Err("`search` is for 0 candidates, allowed is a number >= 1".into());
        }
        if self.finalists == 0 {
            return Err("`finalists` is 0, allowed is a number >= 1".into());
        }
        let candidates = if let Search::Random(n) | Search::Sobol(n) = self.search { n } else { 0 };
        let numbers = [("search", candidates), ("extend", self.extend), ("finalists", self.finalists)];
        for (name, n) in numbers.into_iter().chain([("reseed", self.reseed), ("confirm", self.confirm)]) {
            if n > MOST {
                return Err(format!("`{name}` is for {n}, allowed are at most {MOST}"));
            }
        }
        let Some(Halving { at, keep }) = &self.halving else { return Ok(()) };
        let ascending = at.windows(2).all(|w| w[0] < w[1]) && at.iter().all(|&share| 0.0 < share && share < 1.0);
        if at.is_empty() || !ascending {
            return Err(format!("`halving.at` is {at:?}, allowed are shares of the budget between 0 and 1, ascending"));
        }
        if keep.len() != at.len() || keep.iter().any(|&share| !(0.0 < share && share <= 1.0)) {
            return Err(format!(
                "`halving.keep` is {keep:?}, allowed is for each of the {} shares of the budget one of the candidates, \
                 above 0 and at most 1",
                at.len()
            ));
        }
        Ok(())
    }

    /// In a sentence, with what differs from the standard ([`Protocol::default`], as METHODOLOGY.md states it).
    pub fn words(&self) -> String {
        let search = match self.search {
            Search::Grid => "Grids".to_owned(),
            Search::Random(n) => format!("{n} random candidates each"),
            Search::Sobol(n) => format!("{n} quasi-random candidates each"),
        };
        let mut parts = vec![search];
        if let Some(Halving { at, keep }) = &self.halving {
            let steps =
                at.iter().zip(keep).map(|(at, keep)| format!("{:.0} % go on after {:.0} %", 100.0 * keep, 100.0 * at));
            parts.push(format!("halved within each ({} of the budget)", steps.collect::<Vec<_>>().join(", ")));
        }
        if self.extend > 0 && self.search == Search::Grid {
            parts.push(format!("which grow up to {} times by two rates while their best is at an end", self.extend));
        }
        if self.reseed > 0 {
            parts.push(format!("the best {} with {} further seeds", self.finalists, self.reseed));
        }
        parts.push(match self.confirm {
            0 => "the choice reported on the seeds that chose it".into(),
            n => format!("the choice reported on {n} fresh seeds"),
        });
        if self.default {
            parts.push("each optimizer at its defaults beside it".into());
        }
        let standard = Protocol::default();
        let mut changed = Vec::new();
        for (name, differs) in [
            ("search", self.search != standard.search),
            ("halving", self.halving != standard.halving),
            ("extend", self.extend != standard.extend),
            ("finalists", self.finalists != standard.finalists),
            ("reseed", self.reseed != standard.reseed),
            ("confirm", self.confirm != standard.confirm),
            ("default", self.default != standard.default),
        ] {
            changed.extend(differs.then_some(name));
        }
        let standard = if changed.is_empty() {
            "the standard protocol".to_owned()
        } else {
            format!("not the standard protocol in {}", changed.join(", "))
        };
        format!("{}: {standard}.", parts.join(", "))
    }

    /// All trials of an arm as far as its finished stages say: those that are done, and those that come next, in the order
    /// in which they were planned. The second are empty when the arm is done.
    pub fn plan(&self, arm: &Arm, seen: &Seen) -> (Vec<Try>, Vec<Try>) {
        advance(seen, |number, known| self.stage(number, arm, known))
    }

    /// At most so many trials.
    pub fn most(&self, arm: &Arm) -> usize {
        let screened = self.halving.as_ref().map_or(0, |h| arm.candidates * h.at.len());
        let grown = if arm.grows { 2 * self.extend } else { 0 };
        (arm.candidates + screened + grown) * arm.seeds.len() + self.finalists * self.reseed + self.confirm
    }

    /// The plan of a stage, from what the stages before it have shown; none after the last.
    fn stage(&self, stage: usize, arm: &Arm, known: &Seen) -> Option<Vec<Try>> {
        let screens = self.halving.as_ref().map_or(0, |h| h.at.len());
        let survivors = |screens: usize| self.survivors(screens, arm, known);
        let whole = |candidates: Vec<i64>, seeds: &[u64]| product(candidates, seeds, WHOLE);
        let grows = if arm.grows { self.extend } else { 0 };
        if let Some(halving) = self.halving.as_ref().filter(|_| stage < screens) {
            return Some(product(survivors(stage), &arm.seeds, thousandths(halving.at[stage])));
        }
        match stage - screens {
            0 => Some(whole(survivors(screens), &arm.seeds)),
            i if i <= grows => Some(whole(beyond(arm, known), &arm.seeds)),
            i if i == grows + 1 => {
                let ranked = ranked(known).into_iter().map(|c| c.candidate);
                Some(whole(ranked.take(self.finalists).collect(), &further(&arm.seeds, self.reseed)))
            }
            i if i == grows + 2 => {
                let fresh: Vec<u64> = (FRESH..FRESH + self.confirm as u64).collect();
                Some(whole(choice(arm, known).map(|c| c.candidate).into_iter().collect(), &fresh))
            }
            _ => None,
        }
    }

    /// The candidates that go on after so many screens, ascending.
    fn survivors(&self, screens: usize, arm: &Arm, known: &Seen) -> Vec<i64> {
        let Some((last, halving)) = screens.checked_sub(1).zip(self.halving.as_ref()) else {
            return (0..arm.candidates as i64).collect();
        };
        let share = thousandths(halving.at[last]);
        let mut ranked = ranked(&known.iter().filter(|(t, _)| t.share == share).map(|(t, f)| (*t, *f)).collect());
        let kept = (halving.keep[last] * ranked.len() as f64).ceil() as usize;
        ranked.truncate(kept.max(1));
        // A candidate that lost a trial stays only if none is without.
        let sound = ranked.iter().any(|c| c.lost == 0);
        let mut kept: Vec<i64> = ranked.iter().filter(|c| !sound || c.lost == 0).map(|c| c.candidate).collect();
        kept.sort_unstable();
        kept
    }
}

/// The choice of the search: among the candidates with the most seeds for the whole budget, the one that lost the fewest
/// trials, then the lowest mean validation loss. None if no trial came to an end. Test losses and fresh seeds take no part.
pub fn choice(arm: &Arm, seen: &Seen) -> Option<Choice> {
    let ranked = ranked(seen);
    let most = ranked.iter().map(|c| c.seeds).max()?;
    let best = ranked.iter().find(|c| c.seeds == most)?;
    let tried = || seen.keys().map(|t| t.candidate);
    let ends = [tried().min(), tried().max()];
    let edge = arm.grows && arm.candidates > 1 && ends.contains(&Some(best.candidate));
    Some(Choice { candidate: best.candidate, loss: best.loss, lost: best.lost, edge }).filter(|c| c.loss.is_finite())
}

/// A candidate with what its search has shown.
struct Ranked {
    candidate: i64,
    seeds: usize,
    lost: usize,
    loss: f64,
}

/// Candidates with trials for the whole budget (or, where there are only such, for one share of it), the best first.
fn ranked(seen: &Seen) -> Vec<Ranked> {
    let longest = seen.keys().map(|t| t.share).max().unwrap_or(WHOLE);
    let mut candidates: BTreeMap<i64, Vec<&Finish>> = BTreeMap::new();
    for (t, finish) in seen.iter().filter(|(t, _)| t.seed < FRESH && t.share == longest) {
        candidates.entry(t.candidate).or_default().push(finish);
    }
    let of = |(candidate, finishes): (i64, Vec<&Finish>)| {
        let sound: Vec<f64> = finishes.iter().filter(|f| !f.lost).map(|f| f.validation).collect();
        let loss = if sound.is_empty() { f64::INFINITY } else { sound.iter().sum::<f64>() / sound.len() as f64 };
        Ranked { candidate, seeds: finishes.len(), lost: finishes.len() - sound.len(), loss }
    };
    let mut ranked: Vec<Ranked> = candidates.into_iter().map(of).collect();
    ranked.sort_by(|a, b| a.lost.cmp(&b.lost).then(a.loss.total_cmp(&b.loss)));
    ranked
}

/// Two rates beyond the end on which the best lies.
fn beyond(arm: &Arm, known: &Seen) -> Vec<i64> {
    let (low, high) = known.keys().map(|t| t.candidate).fold((i64::MAX, i64::MIN), |(a, b), c| (a.min(c), b.max(c)));
    match choice(arm, known) {
        Some(best) if best.edge && best.candidate == high => vec![high + 1, high + 2],
        Some(best) if best.edge && best.candidate == low => vec![low - 2, low - 1],
        _ => Vec::new(),
    }
}

/// The next numbers that are no seeds yet.
fn further(seeds: &[u64], count: usize) -> Vec<u64> {
    (0..).filter(|seed| !seeds.contains(seed)).take(count).collect()
}

fn product(candidates: Vec<i64>, seeds: &[u64], share: u32) -> Vec<Try> {
    candidates.into_iter().flat_map(|candidate| seeds.iter().map(move |&seed| Try { candidate, seed, share })).collect()
}

fn thousandths(share: f64) -> u32 {
    ((share * f64::from(WHOLE)).round() as u32).clamp(1, WHOLE - 1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// A bowl around a candidate; above `cliff` all is lost; seeds shift the loss a little.
    fn run(best: i64, cliff: i64) -> impl Fn(&Try) -> Finish {
        move |t| {
            let off = (t.candidate - best) as f64;
            let noise =
                if t.seed >= FRESH { 0.0 } else { 0.01 * ((t.seed * 7 + t.candidate.unsigned_abs()) % 5) as f64 };
            let loss = 1.0 + off * off / f64::from(t.share) * 1000.0 + noise;
            Finish { validation: loss, test: loss, lost: t.candidate > cliff }
        }
    }

    fn all(protocol: &Protocol, arm: &Arm, run: impl Fn(&Try) -> Finish) -> Seen {
        let mut seen = Seen::new();
        loop {
            let (_, missing) = protocol.plan(arm, &seen);
            if missing.is_empty() {
                return seen;
            }
            for t in missing {
                assert!(seen.insert(t, run(&t)).is_none(), "{t:?} twice");
            }
        }
    }

    fn arm() -> Arm {
        Arm { candidates: 7, seeds: vec![0, 1], grows: true }
    }

    fn candidates(seen: &Seen, stage: Stage) -> BTreeSet<i64> {
        seen.keys().filter(|t| t.stage() == stage).map(|t| t.candidate).collect()
    }

    #[test]
    fn an_inner_best_is_reseeded_and_confirmed() {
        let (protocol, arm) = (Protocol::default(), arm());
        let seen = all(&protocol, &arm, run(3, 5));
        assert_eq!(candidates(&seen, Stage::Search), (0..7).collect());
        assert_eq!(candidates(&seen, Stage::Confirm), [3].into());
        assert_eq!(seen.len(), 7 * 2 + 3 * 3 + 10);
        assert!(seen.len() <= protocol.most(&arm));
        let choice = choice(&arm, &seen).unwrap();
        assert!((choice.candidate, choice.edge, choice.lost) == (3, false, 0));
        let further: BTreeSet<u64> =
            seen.keys().filter(|t| t.candidate == 3 && t.seed < FRESH).map(|t| t.seed).collect();
        assert_eq!(further, (0..5).collect());
    }

    #[test]
    fn a_grid_grows_until_its_best_is_inside_or_it_says_so() {
        let (protocol, arm) = (Protocol::default(), arm());
        let seen = all(&protocol, &arm, run(8, 20));
        assert_eq!(candidates(&seen, Stage::Search), (0..11).collect());
        assert!(!choice(&arm, &seen).unwrap().edge);
        let far = all(&protocol, &arm, run(-90, 20));
        assert_eq!(candidates(&far, Stage::Search), (-4..7).collect());
        assert!(choice(&arm, &far).unwrap().edge);
        let fixed = Arm { grows: false, ..arm };
        assert_eq!(candidates(&all(&protocol, &fixed, run(-90, 20)), Stage::Search), (0..7).collect());
    }

    #[test]
    fn halving_spares_most_and_keeps_the_best() {
        let halving = Halving { at: vec![0.1, 0.3], keep: vec![0.25, 0.34] };
        let protocol = Protocol { halving: Some(halving), extend: 0, reseed: 0, confirm: 0, ..Protocol::default() };
        let arm = Arm { candidates: 36, seeds: vec![0], grows: true };
        let seen = all(&protocol, &arm, run(20, 25));
        let count = |share| seen.keys().filter(|t| t.share == share).count();
        assert_eq!([count(100), count(300), count(WHOLE)], [36, 9, 4]);
        assert_eq!(choice(&arm, &seen).unwrap().candidate, 20);
        // What lost a trial does not go on.
        assert!(candidates(&seen, Stage::Search).iter().all(|&c| c <= 25));
    }

    #[test]
    fn confirmation_takes_no_part_in_the_choice() {
        let (protocol, arm) = (Protocol::default(), arm());
        let mut seen = all(&protocol, &arm, run(3, 5));
        let before = choice(&arm, &seen);
        for (_, finish) in seen.iter_mut().filter(|(t, _)| t.seed >= FRESH) {
            *finish = Finish { validation: 1e9, test: 1e9, lost: true };
        }
        assert_eq!(choice(&arm, &seen), before);
        seen.values_mut().for_each(|finish| finish.test = -finish.test);
        assert_eq!(choice(&arm, &seen), before);
    }

    #[test]
    fn a_half_done_stage_is_gone_on_with() {
        let (protocol, arm) = (Protocol::default(), arm());
        let whole = all(&protocol, &arm, run(6, 20));
        let mut seen = Seen::new();
        loop {
            let (_, missing) = protocol.plan(&arm, &seen);
            // The last of a plan comes first, then the process dies.
            let Some(last) = missing.last() else { break };
            seen.insert(*last, run(6, 20)(last));
        }
        assert_eq!(seen, whole);
    }

    #[test]
    fn wrong_numbers_are_named() {
        let wrong = |halving: Halving| Protocol { halving: Some(halving), ..Protocol::default() }.check().unwrap_err();
        assert!(wrong(Halving { at: vec![0.3, 0.1], keep: vec![0.5, 0.5] }).contains("ascending"));
        assert!(wrong(Halving { at: vec![0.3], keep: vec![0.0] }).contains("keep"));
        assert!(wrong(Halving { at: vec![0.3], keep: vec![0.5, 0.5] }).contains("each of the 1 shares"));
        assert!(Protocol { finalists: 0, ..Protocol::default() }.check().is_err());
        assert!(Protocol::default().check().is_ok());
    }
}
