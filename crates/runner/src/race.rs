//! The race behind `downhill recommend`: which trials to run next, from those that are finished, and who leads.
//!
//! Entrants are optimizers with a schedule; a candidate is an entrant at one learning rate, on a grid of quarter-decades.
//! Five stages, each a fixed plan computed from the finished ones, all trials at the full budget, since entrants compared
//! in the middle of training are often in another order at its end:
//!
//! 1. *Screening*: each entrant over its grid, two rates a decade, with one seed; then those that follow another one (the
//!    same optimizer with another schedule) at the rates around the best of that.
//! 2. *Extension*: where an entrant's best rate is the lowest or the highest tried, two more beyond, twice at most.
//! 3. *Refinement*: for the leading entrants, the rates a quarter-decade beside their best.
//! 4. *Heats*: sequential halving (Karnin, Koren & Somekh, ICML 2013) over entrants: ever fewer, with ever more seeds.
//! 5. *Final*: the last ones on fresh seeds, which chose nothing. Only these are reported.
//!
//! Only validation losses choose who runs; the test losses of the final say how many seeds it takes. Nothing here reads a clock: the same trials in the same order for the same
//! budget, whatever was interrupted.

use crate::rounds::{FRESH, Finish, advance};
use std::collections::BTreeMap;
use std::ops::Range;

/// The learning rate of a place on the grid: `10^(place / 4)` to three digits, so 1, 1.78, 3.16, 5.62, 10.
pub fn rate(place: i32) -> f64 {
    const DIGITS: [f64; 4] = [1.0, 1.78, 3.16, 5.62];
    let text = format!("{}e{}", DIGITS[place.rem_euclid(4) as usize], place.div_euclid(4));
    text.parse().unwrap_or(f64::NAN)
}

/// The place nearest to a learning rate.
pub fn place(rate: f64) -> i32 {
    (4.0 * rate.log10()).round() as i32
}

/// One trial of the race.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Heat {
    /// The entrant's number.
    pub entrant: usize,
    /// Its learning rate's place on the grid.
    pub place: i32,
    /// The seed.
    pub seed: u64,
}

/// All that has been seen.
pub type Seen = BTreeMap<Heat, Finish>;

/// How many seeds a finalist gets at first.
pub const FINAL_SEEDS: usize = 10;
/// The numbers of seeds at which finalists that are not told apart from the leader are looked at.
pub const LOOKS: [usize; 3] = [FINAL_SEEDS, 20, 40];
/// How many finalists there are at most.
pub const FINALISTS: usize = 4;
/// Of each heat: how many entrants, with how many of their rates.
const HEATS: [(usize, usize); 3] = [(8, 2), (5, 2), (3, 2)];
/// No candidate gets more seeds than this before the final.
const MOST_SEEDS: usize = 32;
/// A rate next below lost trials is passed over for one that costs at most this share more.
const CLIFF_TOLERANCE: f64 = 0.05;

/// Which rates an entrant is tried at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grid {
    /// From this place to that, in steps of half a decade.
    From(i32, i32),
    /// From half a decade below to a decade above the best of another entrant: a schedule that decays goes with a higher
    /// rate, if with another.
    Around(usize),
}

impl Grid {
    /// So many trials.
    fn len(self) -> usize {
        match self {
            Grid::From(low, high) => ((high - low) / 2 + 1) as usize,
            Grid::Around(_) => AROUND.len(),
        }
    }
}

/// The places of [`Grid::Around`], from the other's best.
const AROUND: [i32; 4] = [-2, 0, 2, 4];

/// A race: entrants with their grids, and how many trials there may be.
#[derive(Clone, Debug)]
pub struct Race {
    /// Each entrant's grid, the entrants that are tried first before the others.
    pub grids: Vec<Grid>,
    /// How many trials there may be.
    pub trials: usize,
}

/// An entrant at its best rate so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// The entrant's number.
    pub entrant: usize,
    /// The best place.
    pub place: i32,
    /// The mean validation loss over the seeds of the search.
    pub score: f64,
    /// So many seeds.
    pub seeds: usize,
}

impl Race {
    /// The fewest trials with which there is an answer: one entrant screened, and its final.
    pub fn least(&self) -> usize {
        self.grids.first().map_or(0, |g| g.len()) + FINAL_SEEDS
    }

    /// How many entrants are tried: as many as half of the trials can screen.
    pub fn admitted(&self) -> usize {
        let mut left = self.trials as i64 / 2;
        let fits = |grid: &&Grid| {
            left -= grid.len() as i64;
            left >= 0
        };
        self.grids.iter().take_while(fits).count().max(1)
    }

    /// How many reach the final: as many as an eighth of the trials can seed.
    pub fn finalists(&self) -> usize {
        (self.trials / 8 / FINAL_SEEDS).clamp(1, FINALISTS).min(self.admitted())
    }

    /// The next trials, none if the race is over. `told_apart` says of two finalists' test losses, seed by seed, whether
    /// more seeds are of no use.
    pub fn next(&self, seen: &Seen, told_apart: impl Fn(&[f64], &[f64]) -> bool) -> Vec<Heat> {
        advance(seen, |number, known| Some(self.plan(*STAGES.get(number)?, known, &told_apart))).1
    }

    /// Whether more trials would change nothing: all entrants were tried, and the finalists are told apart.
    pub fn done(&self, seen: &Seen, told_apart: impl Fn(&[f64], &[f64]) -> bool) -> bool {
        let unbounded = Race { trials: usize::MAX / 4, ..self.clone() };
        self.admitted() == self.grids.len() && unbounded.next(seen, told_apart).is_empty()
    }

    /// Entrants by their best rates, those with more seeds first, then the lower score.
    pub fn standings(&self, seen: &Seen) -> Vec<Standing> {
        Search::of(seen).standings()
    }

    fn plan(&self, stage: Stage, known: &Seen, told_apart: &dyn Fn(&[f64], &[f64]) -> bool) -> Vec<Heat> {
        let search = Search::of(known);
        match stage {
            Stage::Screening => self.screen(),
            Stage::Following => self.follow(&search),
            Stage::Extension => self.extend(&search),
            Stage::Refinement => self.refine(&search),
            Stage::Heat(number) => self.heat(number, &search),
            Stage::Final(look) => self.last(look, &search, known, told_apart),
        }
    }

    fn screen(&self) -> Vec<Heat> {
        let grids = self.grids.iter().enumerate().take(self.admitted());
        let own = |(entrant, grid): (usize, &Grid)| match *grid {
            Grid::From(low, high) => with_seeds(entrant, (low..=high).step_by(2), 0..1),
            Grid::Around(_) => Vec::new(),
        };
        grids.flat_map(own).collect()
    }

    fn follow(&self, search: &Search) -> Vec<Heat> {
        let grids = self.grids.iter().enumerate().take(self.admitted());
        let around = |(entrant, grid): (usize, &Grid)| match *grid {
            Grid::Around(other) => {
                let best = search.standing(other).map(|s| s.place);
                with_seeds(entrant, best.into_iter().flat_map(|best| AROUND.map(|by| best + by)), 0..1)
            }
            Grid::From(..) => Vec::new(),
        };
        grids.flat_map(around).collect()
    }

    /// Two rates beyond each end on which the best lies.
    fn extend(&self, search: &Search) -> Vec<Heat> {
        let beyond = |&Standing { entrant, place, .. }: &Standing| {
            let places = &search.finishes[&entrant];
            let ends = match (places.keys().next(), places.keys().next_back()) {
                (Some(&low), _) if low == place => vec![low - 4, low - 2],
                (_, Some(&high)) if high == place => vec![high + 2, high + 4],
                _ => Vec::new(),
            };
            with_seeds(entrant, ends, 0..1)
        };
        search.standings().iter().flat_map(beyond).collect()
    }

    /// Beside the best rates of the leading entrants; with few trials, the final goes before finer rates.
    fn refine(&self, search: &Search) -> Vec<Heat> {
        let (leading, _) = HEATS[0];
        let standings = search.standings().into_iter().take(leading);
        let plan: Vec<Heat> = standings.flat_map(|s| with_seeds(s.entrant, [s.place - 1, s.place + 1], 0..1)).collect();
        if plan.len() <= self.left(search) { plan } else { Vec::new() }
    }

    /// Seeds for the leading entrants: a share of what is left.
    fn heat(&self, number: usize, search: &Search) -> Vec<Heat> {
        let (entrants, rates) = HEATS[number];
        let leading: Vec<Standing> = search.standings().into_iter().take(entrants).collect();
        let candidates: Vec<(usize, Vec<i32>)> = leading.iter().map(|s| (s.entrant, search.ranked(s, rates))).collect();
        let count: usize = candidates.iter().map(|(_, places)| places.len()).sum();
        let share = self.left(search) / (HEATS.len() - number);
        let before = leading.iter().map(|s| s.seeds).max().unwrap_or(0);
        let seeds = (before + share / count.max(1)).min(MOST_SEEDS.max(before));
        candidates.into_iter().flat_map(|(entrant, places)| with_seeds(entrant, places, 0..seeds as u64)).collect()
    }

    /// The first ones on fresh seeds; at later looks, those that are not told apart from the leader, and the leader.
    fn last(
        &self,
        look: usize,
        search: &Search,
        known: &Seen,
        told_apart: &dyn Fn(&[f64], &[f64]) -> bool,
    ) -> Vec<Heat> {
        let fresh = |n: usize| FRESH..FRESH + n as u64;
        let mut open: Vec<Standing> = search.standings().into_iter().take(self.finalists()).collect();
        if let Some(last) = look.checked_sub(1).map(|i| LOOKS[i]) {
            let losses = |s: &Standing| -> Vec<f64> {
                let heats = with_seeds(s.entrant, [s.place], fresh(last)).into_iter();
                heats.map(|h| known.get(&h).filter(|f| !f.lost).map_or(f64::INFINITY, |f| f.test)).collect()
            };
            let Some(reference) = open.first().map(losses) else { return Vec::new() };
            let mut others = open.split_off(1);
            others.retain(|s| !told_apart(&losses(s), &reference));
            if others.is_empty() {
                return Vec::new();
            }
            open.extend(others);
        }
        let plan: Vec<Heat> = open.iter().flat_map(|s| with_seeds(s.entrant, [s.place], fresh(LOOKS[look]))).collect();
        let cost = plan.iter().filter(|heat| !known.contains_key(heat)).count();
        if look == 0 || known.len() + cost <= self.trials { plan } else { Vec::new() }
    }

    /// How many trials are left for the search, when the final has its own.
    fn left(&self, search: &Search) -> usize {
        self.trials.saturating_sub(search.trials + self.finalists() * FINAL_SEEDS)
    }
}

/// What is planned at once.
#[derive(Clone, Copy)]
enum Stage {
    Screening,
    Following,
    Extension,
    Refinement,
    Heat(usize),
    Final(usize),
}

/// Grids grow twice at most, by a decade each time.
const STAGES: [Stage; 11] = [
    Stage::Screening,
    Stage::Following,
    Stage::Extension,
    Stage::Extension,
    Stage::Refinement,
    Stage::Heat(0),
    Stage::Heat(1),
    Stage::Heat(2),
    Stage::Final(0),
    Stage::Final(1),
    Stage::Final(2),
];

/// An entrant's places with those seeds.
fn with_seeds(entrant: usize, places: impl IntoIterator<Item = i32>, seeds: Range<u64>) -> Vec<Heat> {
    let of = |place| seeds.clone().map(move |seed| Heat { entrant, place, seed });
    places.into_iter().flat_map(of).collect()
}

/// What was seen of the search: finishes by entrant, place and seed.
struct Search {
    finishes: BTreeMap<usize, BTreeMap<i32, Vec<Finish>>>,
    trials: usize,
}

impl Search {
    fn of(seen: &Seen) -> Self {
        let mut search = Search { finishes: BTreeMap::new(), trials: 0 };
        for (heat, finish) in seen.iter().filter(|(heat, _)| heat.seed < FRESH) {
            search.finishes.entry(heat.entrant).or_default().entry(heat.place).or_default().push(*finish);
            search.trials += 1;
        }
        search
    }

    fn standings(&self) -> Vec<Standing> {
        let mut standings: Vec<Standing> = self.finishes.keys().filter_map(|&entrant| self.standing(entrant)).collect();
        standings
            .sort_by(|a, b| b.seeds.cmp(&a.seeds).then(a.score.total_cmp(&b.score)).then(a.entrant.cmp(&b.entrant)));
        standings
    }

    /// The best of the entrant's candidates that have the most seeds; one away from the cliff if that costs little.
    fn standing(&self, entrant: usize) -> Option<Standing> {
        let places = self.finishes.get(&entrant)?;
        let scored = |(&place, finishes): (&i32, &Vec<Finish>)| {
            Some(Standing { entrant, place, score: score(finishes)?, seeds: finishes.len() })
        };
        let candidates: Vec<Standing> = places.iter().filter_map(scored).collect();
        let seeds = candidates.iter().map(|c| c.seeds).max()?;
        let deepest = || candidates.iter().filter(|c| c.seeds == seeds);
        let lowest = |a: &&Standing, b: &&Standing| a.score.total_cmp(&b.score).then(a.place.cmp(&b.place));
        let best = deepest().min_by(lowest)?;
        let safe = deepest().filter(|c| !self.on_the_cliff(c)).min_by(lowest);
        let near = safe.filter(|s| s.score <= best.score + CLIFF_TOLERANCE * best.score.abs());
        Some(*near.unwrap_or(best))
    }

    /// The standing's place and the next best of the same entrant, with as many seeds or fewer.
    fn ranked(&self, standing: &Standing, count: usize) -> Vec<i32> {
        let Some(places) = self.finishes.get(&standing.entrant) else { return Vec::new() };
        let scored = |(&place, f): (&i32, &Vec<Finish>)| Some((place, f.len(), score(f)?));
        let mut others: Vec<(i32, usize, f64)> =
            places.iter().filter_map(scored).filter(|(place, ..)| *place != standing.place).collect();
        others.sort_by(|a, b| b.1.cmp(&a.1).then(a.2.total_cmp(&b.2)));
        [standing.place].into_iter().chain(others.into_iter().map(|(place, ..)| place)).take(count).collect()
    }

    /// Whether the next higher rate that was tried lost a trial.
    fn on_the_cliff(&self, standing: &Standing) -> bool {
        let places = self.finishes.get(&standing.entrant);
        let next = places.and_then(|places| places.range(standing.place + 1..).next());
        next.is_some_and(|(_, finishes)| finishes.iter().any(|f| f.lost))
    }
}

/// The mean validation loss; none if a trial was lost or a loss is not finite. Candidates with as many seeds have the same
/// ones, and so the same splits, starts and batches: what one seed adds to all does not change their order.
fn score(finishes: &[Finish]) -> Option<f64> {
    let sound = finishes.iter().all(|f| !f.lost && f.validation.is_finite());
    let mean = finishes.iter().map(|f| f.validation).sum::<f64>() / finishes.len() as f64;
    (sound && !finishes.is_empty()).then_some(mean)
}

#[cfg(test)]
mod tests;
