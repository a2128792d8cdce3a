use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A bowl in the logarithm of the rate for each entrant, a cliff above, and noise of each seed.
struct World {
    best: Vec<(i32, f64)>,
    noise: f64,
}

impl World {
    fn run(&self, heat: &Heat) -> Finish {
        let (best, depth) = self.best[heat.entrant];
        let off = f64::from(heat.place - best) / 4.0;
        let hash = (heat.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (heat.entrant as u64) << 7 ^ heat.place as u64)
            .wrapping_mul(0xD1B5_4A32_D192_ED03);
        let noise = self.noise * ((hash >> 11) as f64 / (1u64 << 53) as f64 - 0.5);
        let loss = depth + 0.3 * off * off + noise;
        Finish { validation: loss, test: loss, lost: off >= 1.5 }
    }

    fn race(&self, race: &Race, apart: bool) -> (Seen, Vec<usize>) {
        let (mut seen, mut rounds) = (Seen::new(), Vec::new());
        loop {
            let plan = race.next(&seen, |_, _| apart);
            if plan.is_empty() {
                return (seen, rounds);
            }
            rounds.push(plan.len());
            for heat in plan {
                let finish = self.run(&heat);
                assert!(seen.insert(heat, finish).is_none(), "{heat:?} twice");
            }
        }
    }
}

fn six() -> (World, Race) {
    let best = vec![(-8, 0.30), (-4, 0.20), (-12, 0.25), (0, 0.50), (-8, 0.21), (-6, 0.90)];
    (World { best, noise: 0.02 }, Race { grids: vec![Grid::From(-16, -4); 6], trials: 200 })
}

#[test]
fn rates_are_quarters_of_decades() {
    let rates = [-12, -11, -10, -9, -8, 0, 1].map(rate);
    assert_eq!(rates, [1e-3, 1.78e-3, 3.16e-3, 5.62e-3, 1e-2, 1.0, 1.78]);
    assert!((-40..40).all(|p| place(rate(p)) == p));
}

#[test]
fn the_best_wins_within_the_budget() {
    let (world, race) = six();
    let (seen, _) = world.race(&race, true);
    let standings = race.standings(&seen);
    assert_eq!((standings[0].entrant, standings[0].place), (1, -4));
    assert!(seen.len() <= race.trials, "{} trials", seen.len());
    let fresh: BTreeSet<_> = seen.keys().filter(|h| h.seed >= FRESH).map(|h| (h.entrant, h.place)).collect();
    assert_eq!(fresh.len(), race.finalists());
    assert!(fresh.contains(&(1, -4)) && fresh.contains(&(4, -8)), "{fresh:?}");
}

/// The best of entrant 3 lies a decade above its grid.
#[test]
fn a_grid_goes_on_where_its_best_is_at_its_end() {
    let (world, race) = six();
    let (seen, _) = world.race(&race, true);
    let places: BTreeSet<i32> = seen.keys().filter(|h| h.entrant == 3).map(|h| h.place).collect();
    assert!(places.contains(&0) && places.contains(&2), "{places:?}");
}

#[test]
fn a_follower_starts_around_the_best_of_its_leader() {
    let (world, mut race) = six();
    race.grids[4] = Grid::Around(1);
    let (seen, _) = world.race(&race, true);
    let places: BTreeSet<i32> = seen.keys().filter(|h| h.entrant == 4 && h.seed == 0).map(|h| h.place).collect();
    assert!([-6, -4, -2, 0].iter().all(|p| places.contains(p)), "{places:?}");
    assert!(!places.contains(&-16), "{places:?}");
    assert_eq!(race.standings(&seen)[0].entrant, 1);
}

#[test]
fn finalists_get_more_seeds_until_they_are_told_apart() {
    let (world, mut race) = six();
    race.trials = 800;
    let count = |seen: &Seen| seen.keys().filter(|h| h.seed >= FRESH).count();
    let (apart, _) = world.race(&race, true);
    let (open, _) = world.race(&race, false);
    assert_eq!(count(&apart), race.finalists() * FINAL_SEEDS);
    assert_eq!(count(&open), race.finalists() * LOOKS[2]);
}

/// A round that was half done when the process died is gone on with, not planned anew.
#[test]
fn an_interrupted_race_runs_the_same_trials() {
    let (world, race) = six();
    let (whole, _) = world.race(&race, true);
    for cut in [3, 50, 70, 120, 160] {
        let mut seen = Seen::new();
        let mut run = 0;
        loop {
            let plan = race.next(&seen, |_, _| true);
            if plan.is_empty() {
                break;
            }
            // Now the last of a plan come first, then the process dies, and the plan is made again.
            for heat in plan.iter().rev().take(if run < cut { 1 } else { usize::MAX }) {
                seen.insert(*heat, world.run(heat));
                run += 1;
            }
        }
        assert!(seen.keys().eq(whole.keys()), "cut at {cut}");
    }
}

#[test]
fn a_rate_below_the_cliff_is_passed_over_for_one_that_is_as_good() {
    let finish = |validation, lost| Finish { validation, test: validation, lost };
    let mut seen = Seen::new();
    for (place, loss, lost) in [(-8, 0.300, false), (-6, 0.299, false), (-4, 0.2, true)] {
        seen.insert(Heat { entrant: 0, place, seed: 0 }, finish(loss, lost));
    }
    let race = Race { grids: vec![Grid::From(-8, -4)], trials: 100 };
    assert_eq!(race.standings(&seen)[0].place, -8);
    seen.insert(Heat { entrant: 0, place: -8, seed: 0 }, finish(0.4, false));
    assert_eq!(race.standings(&seen)[0].place, -6);
}

proptest! {
    /// Any budget is kept but for extensions and the first look of the final, and there is an answer.
    #[test]
    fn any_budget_gives_an_answer(trials in 25usize..600, noise in 0.0..0.5, entrants in 1usize..6) {
        let (mut world, mut race) = six();
        world.noise = noise;
        race.grids.truncate(entrants);
        race.trials = trials;
        let (seen, _) = world.race(&race, false);
        let standings = race.standings(&seen);
        prop_assert!(!standings.is_empty());
        let extensions = 4 * race.admitted();
        prop_assert!(seen.len() <= trials + extensions, "{} of {trials}", seen.len());
        let leader = standings[0];
        let finals = seen.keys().filter(|h| h.entrant == leader.entrant && h.place == leader.place && h.seed >= FRESH);
        prop_assert!(finals.count() >= FINAL_SEEDS);
    }
}
