//! Starts and noise are functions of the stream, values of point and sample.

use crate::cases::{at_random, cases, cast, eval, everything, norm};
use downhill_problems::{Batch, Part, Sample, Scratch};

#[test]
fn a_start_is_a_function_of_the_stream() {
    for case in cases().iter().chain(&at_random()) {
        let (problem, again) = (case.build::<f64>(), case.build::<f64>());
        let start = case.start(&*problem, 3);
        assert_eq!(start, case.start(&*again, 3), "{}", case.table);
        assert!(start.iter().all(|x| x.is_finite()), "{}", case.table);
        let single = case.start(&*case.build::<f32>(), 3);
        assert_eq!(single, cast::<f64, f32>(&start), "{}: single precision starts elsewhere", case.table);
    }
}

#[test]
fn random_starts_differ_and_fill_the_domain() {
    let cases = at_random();
    assert!(cases.len() >= 26);
    for case in cases {
        let problem = case.build::<f64>();
        let facts = problem.facts();
        if facts.domain.is_empty() {
            continue;
        }
        let starts: Vec<_> = (0..100).map(|seed| case.start(&*problem, seed)).collect();
        for i in 0..starts[0].len() {
            let (low, high) = facts.interval(i).unwrap();
            let (least, most) = starts.iter().fold((high, low), |(a, b), x| (x[i].min(a), x[i].max(b)));
            assert!(low <= least && most <= high, "{}: starts outside of the domain", case.table);
            // All of 100 draws miss a given tenth with a probability of 3e-5.
            assert!(most - least > 0.8 * (high - low), "{}: coordinate {i} in {least}..{most}", case.table);
        }
    }
}

#[test]
fn a_value_is_a_function_of_point_and_sample() {
    for case in cases() {
        let (problem, streams) = (case.build::<f64>(), case.streams(0));
        let noisy = problem.facts().noisy;
        for x in case.points(&*problem, 3) {
            let at = |t| eval(&*problem, &x, &Sample { batch: Batch::All, t, streams: &streams });
            assert_eq!(at(1), at(1), "{}", case.table);
            assert_eq!(at(1) != at(2), noisy, "{}: noise", case.table);
            // A used scratch, and whatever stood in `g`, change nothing.
            let (mut scratch, mut g) = (Scratch::new(), vec![1e300; x.len()]);
            scratch.take(100_000).fill(f64::NAN);
            let f = problem.eval(&x, &everything(&streams), &mut g, &mut scratch);
            assert_eq!((f, g), at(1), "{}: scratch", case.table);
        }
    }
}

#[test]
fn measures_agree_with_values() {
    for case in cases() {
        let (problem, streams) = (case.build::<f64>(), case.streams(0));
        let facts = problem.facts();
        for x in case.points(&*problem, 10) {
            let [train, validation, test] = Part::ALL.map(|part| problem.measure(&x, part, &mut Scratch::new()));
            assert_eq!(train.metric.is_some(), facts.metric.is_some(), "{}", case.table);
            let value = eval(&*problem, &x, &everything(&streams)).0;
            if !facts.noisy {
                let scale = 1e-12 * norm(&[1.0, value]);
                assert!((train.objective - value).abs() <= scale, "{}: {train:?}, {value}", case.table);
            }
            if problem.examples() == 0 {
                assert_eq!([train, train], [validation, test], "{}: a plain function has one part", case.table);
            }
        }
    }
}
