//! Intervals cover, equals are not told apart, differences are seen, as often as they say. With the draws of a test a
//! share is known to a percent or so: what is asserted is that the promised bound is not excluded.
#![allow(clippy::unwrap_used, reason = "tests")]

mod worlds;

use downhill_stats::*;
use worlds::*;

const DRAWS: usize = 2000;

/// 93 to 97 %, as far as the draws can tell.
#[track_caller]
fn covers(e: Estimate, what: &str) {
    assert!(e.high >= 0.93 && e.low <= 0.97, "{what}: {e:?}");
}

#[test]
fn intervals_of_means_cover() {
    for n in [3, 5, 10, 19, 20, 40] {
        let draws = if n < BOOTSTRAP_FROM { DRAWS } else { DRAWS / 4 };
        for world in World::ALL {
            covers(covers_mean(world, n, draws), &format!("mean of {n}, {world:?}"));
        }
    }
}

#[test]
fn intervals_of_medians_cover() {
    for n in [10, 20, 40] {
        for world in World::ALL {
            covers(covers_median(world, n, DRAWS), &format!("median of {n}, {world:?}"));
        }
    }
}

#[test]
fn intervals_of_differences_cover() {
    for n in [5, 10, 20] {
        for design in [Design::Paired, Design::Unpaired] {
            for world in World::ALL {
                covers(covers_difference(world, n, design, DRAWS), &format!("{design:?} difference of {n}, {world:?}"));
            }
        }
    }
    for n in [10, 20, 40] {
        covers(covers_improvement(n, DRAWS), &format!("improvement of {n}"));
        covers(covers_iqm(n, DRAWS / 10), &format!("middle half of {n}"));
    }
}

#[test]
fn equals_are_not_told_apart() {
    for world in World::ALL {
        for (n, bound) in [(5, 0.0), (10, 0.0), (10, 0.25)] {
            let e = false_wins(world, n, bound, DRAWS);
            assert!(e.low <= 0.05, "n = {n}, {world:?}: {e:?}");
        }
    }
    assert!(false_ties(20, DRAWS).low <= 0.05);
    let ((naive, _), (spent, _)) = (looks(0.0, true, DRAWS), looks(0.0, false, DRAWS));
    assert!(naive.low > 0.05, "looking thrice at the whole level must be seen to err: {naive:?}");
    assert!(spent.low <= 0.05, "{spent:?}");
}

#[test]
fn differences_are_seen_as_often_as_theory_says() {
    for (n, effect) in [(5, 1.5), (10, 1.0), (20, 0.8)] {
        let (theory, seen) = (power(n as f64, effect, 0.05, Design::Unpaired), wins(n, effect, 5 * DRAWS));
        assert!((seen.value - theory).abs() < 0.03, "n = {n}, {effect} sd: {theory} in theory, {seen:?}");
    }
    let (called, seeds) = looks(2.0, false, DRAWS);
    assert!(called.value > 0.99 && seeds < 20.0, "large differences are seen early: {seeds}");
}
