//! What holds for any numbers.
#![allow(clippy::unwrap_used, reason = "tests")]

use downhill_stats::*;
use proptest::prelude::*;

fn sample(n: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-100.0..100.0, n)
}

fn near(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-7 * a.abs().max(b.abs()).max(1e-6) || a.is_nan() && b.is_nan()
}

proptest! {
    /// Another unit of the loss, or another zero, changes nothing but unit and zero. (The bootstrap draws its resamples
    /// from the bits of the numbers: other ones for moved numbers.)
    #[test]
    fn units_do_not_matter(x in sample(2..20), scale in 0.1..10.0f64, shift in -5.0..5.0f64) {
        let moved: Vec<f64> = x.iter().map(|v| v * scale + shift).collect();
        for (a, b) in [(mean(&x, 0.95), mean(&moved, 0.95)), (median(&x, 0.95), median(&moved, 0.95))] {
            let (a, b): (Estimate, Estimate) = (a.unwrap(), b.unwrap());
            for (a, b) in [(a.value, b.value), (a.low, b.low), (a.high, b.high)] {
                prop_assert!(near(a * scale + shift, b), "{a} {b}");
            }
        }
    }

    #[test]
    fn order_does_not_matter(mut x in sample(2..19), y in sample(2..19)) {
        let (before, apart) = (mean(&x, 0.95).unwrap(), welch(&x, &y, 0.95).unwrap());
        x.reverse();
        let (after, still) = (mean(&x, 0.95).unwrap(), welch(&x, &y, 0.95).unwrap());
        prop_assert!(near(before.low, after.low) && near(before.high, after.high));
        prop_assert!(near(apart.p, still.p));
    }

    #[test]
    fn the_other_side_says_the_opposite(a in sample(2..12), b in sample(2..12)) {
        let (ab, ba) = (welch(&a, &b, 0.95).unwrap(), welch(&b, &a, 0.95).unwrap());
        prop_assert!(near(ab.estimate.low, -ba.estimate.high) && near(ab.p, ba.p));
        let (ab, ba) = (improvement(&a, &b, 0.95).unwrap(), improvement(&b, &a, 0.95).unwrap());
        prop_assert!(near(ab.value, 1.0 - ba.value) && near(ab.low, 1.0 - ba.high), "{ab:?} {ba:?}");
        let (p, q) = (permutation(&a, &b).unwrap(), permutation(&b, &a).unwrap());
        prop_assert!((p - q).abs() < 0.02);
        let flip = |d: &Difference| match verdict(d, 0.5, 0.05) { Verdict::Better => Verdict::Worse, Verdict::Worse => Verdict::Better, v => v };
        let (ab, ba) = (welch(&a, &b, 0.95).unwrap(), welch(&b, &a, 0.95).unwrap());
        prop_assert_eq!(flip(&ab), verdict(&ba, 0.5, 0.05));
    }

    /// Intervals hold their estimate, are nested in coverage, and p is below alpha just where zero is outside.
    #[test]
    fn intervals_and_p_values_agree(a in sample(2..15), b in sample(2..15)) {
        let d = welch(&a, &b, 0.95).unwrap();
        let ((l99, h99), (l80, h80)) = (d.interval(0.99), d.interval(0.8));
        prop_assert!(l99 <= d.estimate.low && d.estimate.low <= l80 && h80 <= d.estimate.high && d.estimate.high <= h99);
        prop_assert!((d.p < 0.05) == (d.estimate.low > 0.0 || d.estimate.high < 0.0) || (d.p - 0.05).abs() < 1e-6);
    }

    /// Two equal samples are never told apart, and a bound beyond all values makes a tie of anything.
    #[test]
    fn an_equal_is_no_win_and_a_wide_bound_a_tie(a in sample(2..15), b in sample(2..15)) {
        let same = welch(&a, &a, 0.95).unwrap();
        prop_assert!(!matches!(verdict(&same, 0.0, 0.05), Verdict::Better | Verdict::Worse));
        prop_assert_eq!(verdict(&welch(&a, &b, 0.95).unwrap(), 1e6, 0.05), Verdict::Tie);
    }

    /// More trials never make the expected best worse, and all of them give the best.
    #[test]
    fn the_expected_best_falls(x in sample(1..30)) {
        let best = expected_best(&x);
        prop_assert!(best.windows(2).all(|w| w[1] <= w[0] + 1e-9));
        prop_assert!(near(best[0], x.iter().sum::<f64>() / x.len() as f64));
        prop_assert!(near(best[x.len() - 1], x.iter().copied().fold(f64::INFINITY, f64::min)));
    }

    /// The larger the adjusted p, the larger the own; never smaller than it, never above one.
    #[test]
    fn holm_keeps_the_order(p in prop::collection::vec(0.0..1.0, 1..12)) {
        let adjusted = holm(&p);
        for i in 0..p.len() {
            prop_assert!(adjusted[i] >= p[i] && adjusted[i] <= 1.0);
            prop_assert!((0..p.len()).all(|j| p[i] > p[j] || adjusted[i] <= adjusted[j]));
        }
    }

    #[test]
    fn profiles_rise_and_count_misses(costs in prop::collection::vec(prop::collection::vec(prop_oneof![1.0..100.0, Just(f64::INFINITY)], 5), 2..5)) {
        let (near_one, wide) = (profile(&costs, 1.0), profile(&costs, 1e9));
        for (m, cost) in costs.iter().enumerate() {
            prop_assert!(near_one[m] <= wide[m]);
            prop_assert_eq!(wide[m], cost.iter().filter(|c| c.is_finite()).count() as f64 / 5.0);
        }
        prop_assert!(profile_score(&costs, 4.0).iter().all(|s| (0.0..=1.0).contains(s)));
    }
}

#[test]
fn what_cannot_be_said_is_not_said() {
    assert_eq!(mean(&[], 0.95), None);
    assert!(mean(&[1.0], 0.95).unwrap().low.is_nan());
    assert_eq!(mean(&[2.0; 30], 0.95).unwrap(), Estimate { value: 2.0, low: 2.0, high: 2.0, n: 30 });
    let infinite = mean(&[1.0, f64::INFINITY], 0.95).unwrap();
    assert!(infinite.value.is_infinite() && infinite.low.is_nan());
    assert!(median(&[1.0, 2.0, 3.0], 0.95).unwrap().low.is_nan());
    assert_eq!(median(&[1.0, f64::INFINITY, 2.0], 0.95).unwrap().value, 2.0);
    assert_eq!(quantile(&[1.0, f64::INFINITY, f64::INFINITY, f64::INFINITY], 0.5), Some(f64::INFINITY));
    assert_eq!(quantile(&[1.0, 2.0, 4.0, f64::INFINITY], 0.5), Some(3.0));
    assert_eq!(paired(&[1.0], &[2.0], 0.95), None);
    assert_eq!(paired(&[1.0, 2.0], &[2.0], 0.95), None);
    assert_eq!(welch(&[1.0, f64::INFINITY], &[2.0, 3.0], 0.95), None);
    assert_eq!(permutation(&[], &[1.0]), None);
    assert_eq!(wilson(0, 0, 0.95), None);
    assert_eq!(wilcoxon(&[0.0, 0.0]), None);
    assert_eq!(friedman(&[vec![1.0, 2.0], vec![2.0, 1.0]]), None);
    assert_eq!(iqm(&[], 0.95), None);
    let apart = improvement(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0], 0.95).unwrap();
    assert!(apart.value == 1.0 && apart.low < 0.8 && apart.high == 1.0, "{apart:?}");
    // Equal all over: known exactly, and no win.
    let same = welch(&[1.0; 4], &[1.0; 4], 0.95).unwrap();
    assert_eq!((same.p, verdict(&same, 0.0, 0.05)), (1.0, Verdict::Tie));
    let exact = welch(&[1.0; 4], &[2.0; 4], 0.95).unwrap();
    assert_eq!((exact.p, verdict(&exact, 0.1, 0.05)), (0.0, Verdict::Better));
}

#[test]
fn the_middle_half_of_eight_is_four() {
    let runs = [vec![1.0, 2.0, 3.0, 4.0], vec![5.0, 6.0, 7.0, 100.0]];
    let e = iqm(&runs, 0.95).unwrap();
    assert_eq!(e.value, 4.5);
    assert!(e.low < 4.5 && 4.5 < e.high);
    // Six values: one and a half are cut at each end.
    assert_eq!(iqm(&[vec![0.0, 1.0, 2.0, 3.0, 4.0, 50.0]], 0.95).unwrap().value, (0.5 + 2.0 + 3.0 + 2.0) / 3.0);
}

#[test]
fn targets_fall_from_near_the_start_to_near_the_best() {
    let targets = Targets::between(10.0, 0.0, 20, 0.0);
    assert_eq!(targets.0.len(), 20);
    assert!((targets.0[0] - 9.0).abs() < 1e-12 && (targets.0[19] - 0.01).abs() < 1e-12);
    let curve = [(0.0, 10.0), (1.0, 5.0), (2.0, 1.0)];
    let times = attainment(&curve, &targets);
    assert_eq!((times[0], times[19]), (1.0, f64::INFINITY));
    let reached = targets.0.iter().filter(|t| **t >= 1.0).count() as f64;
    assert_eq!((ecdf(&times, 0.5), ecdf(&times, 5.0)), (0.0, reached / 20.0));
}

#[test]
fn a_profile_is_worked_out_by_hand() {
    let costs = [vec![1.0, 10.0, f64::INFINITY], vec![2.0, 5.0, f64::INFINITY]];
    assert_eq!(profile(&costs, 1.0), [1.0 / 3.0, 1.0 / 3.0]);
    assert_eq!(profile(&costs, 2.0), [2.0 / 3.0, 2.0 / 3.0]);
    // (4 - 1) / 3 + (4 - 2) / 3 over three problems, for both.
    let score = profile_score(&costs, 4.0);
    assert!(score.iter().all(|s| (s - (1.0 + 2.0 / 3.0) / 3.0).abs() < 1e-12), "{score:?}");
}

#[test]
fn leaving_one_problem_out_moves_the_ranking_by_places() {
    let steady = [vec![1.0, 2.0, 3.0], vec![1.0, 2.0, 3.0], vec![1.0, 2.0, 3.0]];
    assert_eq!(steadiness(&steady), 0);
    // Mean ranks 1.5, 2.5, 2; without the first problem the last method is first.
    let shaky = [vec![1.0, 2.0, 3.0], vec![2.0, 3.0, 1.0]];
    assert_eq!(steadiness(&shaky), 1);
}

#[test]
fn levels_of_looks_add_up() {
    let looks = Looks::new(&[10, 20, 40], 0.05);
    let levels: Vec<f64> = (0..3).map(|i| looks.level(i)).collect();
    assert!((levels.iter().sum::<f64>() - 0.05).abs() < 1e-15 && levels[2] > levels[0]);
}

#[test]
fn what_is_unresolved_is_resolved_by_the_seeds_that_it_names() {
    let a = [1.00, 1.10, 0.95, 1.05, 1.02];
    let b = [1.05, 1.06, 1.02, 1.01, 1.10];
    let d = welch(&a, &b, 0.95).unwrap();
    let Verdict::Unresolved { further: Some(further) } = verdict(&d, 0.0, 0.05) else { panic!("{d:?}") };
    let n = (5 + further) as f64;
    let chance = power(n, d.estimate.value / d.sd, 0.05, Design::Unpaired);
    assert!((0.8..0.85).contains(&chance), "{further}: {chance}");
    assert_eq!(seeds_for(0.0, 0.05, 0.8, Design::Paired), None);
    let effect = detectable(10, 0.05, 0.8, Design::Unpaired);
    assert!((effect - 1.324_94).abs() < 1e-4, "R: power.t.test(n = 10, power = 0.8)$delta is 1.324947, not {effect}");
}
