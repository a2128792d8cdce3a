//! The laws of a split.

use downhill_problems::data::{Csr, Features, Labels, Matrix, Portion, Target};
use downhill_problems::{DataSpec, Dataset, Part, SplitSpec, Stream, Streams, World};
use proptest::prelude::*;
use std::sync::Arc;

fn dataset(features: Features, target: Target) -> Dataset {
    let columns = (0..9).map(|c| format!("x{c}")).collect();
    let [name, digest, source, licence] = ["made up", "", "", ""].map(str::to_owned);
    Dataset { name, features, target, columns, digest, source, licence, test_from: None }
}

/// Class `c` occurs `counts[c]` times, in turns; the one feature is the row's number.
fn classes(counts: &[usize]) -> Dataset {
    let most = counts.iter().max().copied().unwrap_or(0);
    let labels: Vec<u32> =
        (0..most).flat_map(|i| (0..counts.len()).filter(move |&c| i < counts[c]).map(|c| c as u32)).collect();
    let names = (0..counts.len()).map(|c| c.to_string()).collect();
    let rows = (0..labels.len()).map(|r| r as f64).collect();
    dataset(Features::Dense(rows), Target::Classes { labels, names })
}

fn numbers(x: Vec<f64>, y: Vec<f64>) -> Dataset {
    dataset(Features::Dense(x), Target::Numbers(y))
}

fn dense<R>(portion: &Portion<R>) -> &[R] {
    match &portion.x {
        Matrix::Dense(values) => values,
        Matrix::Sparse(_) => panic!("dense"),
    }
}

fn assert_partition(rows: &[Vec<u32>; 3], n: usize) {
    let mut all = rows.concat();
    all.sort_unstable();
    assert!(all.into_iter().eq(0..n as u32), "{rows:?}");
    assert!(rows.iter().all(|part| !part.is_empty() && part.is_sorted()), "{rows:?}");
}

proptest! {
    #[test]
    fn a_split_is_a_stratified_partition(
        counts in prop::collection::vec(1usize..60, 2..8), v in 0.05..0.45, t in 0.05..0.45, seed: u64
    ) {
        let data = classes(&counts);
        let split = SplitSpec { validation: v, test: t, seen: false };
        let streams = Streams::new("p", seed);
        let Ok(rows) = split.rows(&data, &streams) else {
            return Ok(()); // a part without rows
        };
        assert_partition(&rows, data.rows());
        prop_assert_eq!(&rows, &split.rows(&data, &streams).unwrap());
        let Target::Classes { labels, .. } = &data.target else { unreachable!() };
        for (class, &count) in counts.iter().enumerate() {
            let found = rows.each_ref().map(|rows| rows.iter().filter(|&&r| labels[r as usize] == class as u32).count());
            for (n, share) in found.into_iter().zip([1.0 - v - t, v, t]) {
                prop_assert!((n as f64 - share * count as f64).abs() < 1.0, "{found:?} of {count}");
            }
            prop_assert!(found[0] > 0, "class {class} is not in train: {found:?}");
        }
    }

    #[test]
    fn numbers_are_shuffled_by_the_shares(n in 5usize..500, v in 0.2..0.4, t in 0.2..0.4, seed: u64) {
        let data = numbers(vec![0.0; n], (0..n).map(|i| i as f64).collect());
        let rows = SplitSpec { validation: v, test: t, seen: false }.rows(&data, &Streams::new("p", seed)).unwrap();
        assert_partition(&rows, n);
        for (rows, share) in rows.iter().zip([1.0 - v - t, v, t]) {
            prop_assert!((rows.len() as f64 - share * n as f64).abs() < 1.0);
        }
    }

    #[test]
    fn train_is_standardised_and_alone_decides(
        x in prop::collection::vec(-1e6..1e6f64, 60), y in prop::collection::vec(-1e3..1e3f64, 20), seed: u64
    ) {
        let (split, streams) = (SplitSpec::default(), Streams::new("p", seed));
        let data = numbers(x.clone(), y.clone());
        let splits = split.split::<f64>(&data, &streams).unwrap();
        let Labels::Numbers(train_y) = &splits.train.y else { panic!("numbers") };
        let columns = (0..3).map(|c| dense(&splits.train).iter().skip(c).step_by(3).copied().collect());
        for column in columns.chain([train_y.clone()]) {
            let column: Vec<f64> = column;
            let n = column.len() as f64;
            prop_assert!((column.iter().sum::<f64>() / n).abs() < 1e-9);
            prop_assert!((column.iter().map(|v| v * v).sum::<f64>() / n - 1.0).abs() < 1e-9);
        }
        // Another test row: another test part, the same train and validation.
        let rows = split.rows(&data, &streams).unwrap();
        let (mut x, mut y, row) = (x, y, rows[2][0] as usize);
        x[3 * row] += 1e7;
        y[row] += 1e7;
        let edited = split.split::<f64>(&numbers(x, y), &streams).unwrap();
        for part in [Part::Train, Part::Validation] {
            prop_assert_eq!(dense(splits.part(part)), dense(edited.part(part)));
            prop_assert_eq!(format!("{:?}", splits.part(part).y), format!("{:?}", edited.part(part).y));
        }
        prop_assert_ne!(dense(&splits.test), dense(&edited.test));
    }
}

#[test]
fn rare_classes_train_first() {
    let (data, split) = (classes(&[1, 2, 3, 50]), SplitSpec::default());
    let Target::Classes { labels, .. } = &data.target else { panic!("classes") };
    for seed in 0..20 {
        let rows = split.rows(&data, &Streams::new("rare", seed)).unwrap();
        let has = |class| rows.each_ref().map(|rows| rows.iter().filter(|&&r| labels[r as usize] == class).count());
        assert_eq!(has(0), [1, 0, 0]);
        assert_eq!((has(1)[0], has(1)[1] + has(1)[2]), (1, 1));
        assert_eq!((has(2), has(3)), ([1, 1, 1], [30, 10, 10]));
    }
}

#[test]
fn classes_of_two_rows_serve_both_held_out_parts() {
    let rows = SplitSpec::default().rows(&classes(&[2; 50]), &Streams::new("pairs", 0)).unwrap();
    assert_eq!(rows.map(|rows| rows.len()), [50, 25, 25]);
}

#[test]
fn a_seed_is_a_split() {
    let (data, split) = (classes(&[40, 60]), SplitSpec::default());
    let rows = |streams: Streams| split.rows(&data, &streams).unwrap();
    let zero = rows(Streams::new("s", 0));
    assert_ne!(zero, rows(Streams::new("s", 1)));
    assert_ne!(zero, rows(Streams::new("other", 0)));
    assert_eq!(zero, rows(Streams::new("s", 1).with_fixed(&[Stream::Split])));
}

#[test]
fn constant_columns_become_zero() {
    // The mean of many 0.1 is not 0.1 after rounding.
    let x = (0..100).flat_map(|i| [0.1, f64::from(i)]).collect();
    let data = numbers(x, (0..100).map(f64::from).collect());
    let splits = SplitSpec::default().split::<f32>(&data, &Streams::new("constant", 0)).unwrap();
    for part in Part::ALL {
        assert!(dense(splits.part(part)).iter().step_by(2).all(|&v| v == 0.0), "{part:?}");
    }
}

#[test]
fn sparse_rows_stay_as_they_are() {
    // Row i holds i + 1 in column i mod 3, and the last row nothing.
    let n = 20;
    let csr = Csr {
        starts: (0..n).chain([n - 1]).collect(),
        columns: (0..n as u32 - 1).map(|i| i % 3).collect(),
        values: (1..n).map(|v| v as f32).collect(),
        width: 3,
    };
    let target = Target::Numbers((0..n).map(|v| v as f64).collect());
    let data = dataset(Features::Sparse(csr), target);
    let (split, streams) = (SplitSpec::default(), Streams::new("sparse", 0));
    let rows = split.rows(&data, &streams).unwrap();
    let splits = split.split::<f64>(&data, &streams).unwrap();
    for (part, rows) in Part::ALL.iter().zip(rows) {
        let Matrix::Sparse(x) = &splits.part(*part).x else { panic!("sparse") };
        assert_eq!((x.starts.len(), x.width), (rows.len() + 1, 3));
        for (i, row) in rows.into_iter().enumerate() {
            let entries = x.starts[i]..x.starts[i + 1];
            let expected = if row as usize == n - 1 { vec![] } else { vec![(row % 3, f64::from(row + 1))] };
            let found: Vec<_> = entries.map(|e| (x.columns[e], x.values[e])).collect();
            assert_eq!(found, expected);
        }
    }
}

#[test]
fn what_validates_may_be_seen_in_training() {
    let (data, streams) = (classes(&[30, 50]), Streams::new("seen", 0));
    let [kept, seen] =
        [false, true].map(|seen| SplitSpec { validation: 0.25, test: 0.2, seen }.rows(&data, &streams).unwrap());
    assert_eq!(kept[1..], seen[1..]);
    let mut both = [&kept[0][..], &kept[1]].concat();
    both.sort_unstable();
    assert_eq!(seen[0], both);
}

#[test]
fn what_is_wrong_is_named() {
    let streams = Streams::new("wrong", 0);
    for (v, t) in [(0.0, 0.2), (0.2, 1.0), (0.5, 0.5), (-0.1, 0.2), (f64::NAN, 0.2)] {
        let error =
            SplitSpec { validation: v, test: t, seen: false }.rows(&classes(&[50, 50]), &streams).unwrap_err().0;
        assert!(error.contains(&format!("validation = {v}, test = {t}")) && error.contains("between 0 and 1"));
    }
    for counts in [&[1, 1][..], &[1, 1, 1, 1]] {
        let error = SplitSpec::default().rows(&classes(counts), &streams).unwrap_err().0;
        assert!(error.contains("made up") && error.contains("part Validation"), "{error}");
    }
    let huge = numbers((0..20).map(|i| f64::from(i) * 1e300).collect(), (0..20).map(f64::from).collect());
    let error = SplitSpec::default().split::<f64>(&huge, &streams).unwrap_err().0;
    assert!(error.contains("made up") && error.contains("`x0`") && error.contains("too large"), "{error}");
}

#[test]
fn the_world_splits_once() {
    let (world, split, spec) = (World::new(), SplitSpec::default(), "iris".parse::<DataSpec>().unwrap());
    let streams = |problem: &str, seed| Streams::new(problem, seed);
    let (mlp, logistic, other) = (streams("mlp iris", 0), streams("logistic iris", 0), streams("mlp iris", 1));
    let one = world.context(&split, &mlp).splits::<f32>(&spec).unwrap();
    assert!(Arc::ptr_eq(&one, &world.context(&split, &logistic).splits::<f32>(&spec).unwrap()));
    let two = world.context(&split, &other).splits::<f32>(&spec).unwrap();
    assert_ne!(dense(&one.train), dense(&two.train));
    let double = world.context(&split, &mlp).splits::<f64>(&spec).unwrap();
    assert!(dense(&one.train).iter().zip(dense(&double.train)).all(|(a, b)| *a == *b as f32));
    let more = SplitSpec { test: 0.4, ..split.clone() };
    assert_eq!(dense(&world.context(&more, &mlp).splits::<f32>(&spec).unwrap().test).len(), 60 * 4);
    assert!(Arc::ptr_eq(&one, &world.context(&split, &mlp).splits::<f32>(&spec).unwrap()));
}
