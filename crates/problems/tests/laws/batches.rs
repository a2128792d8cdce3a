//! Batches are parts of a mean.

use crate::cases::{Case, cases, distance, eval, everything, norm};
use downhill_problems::{Batch, Problem, Sample};
use std::sync::Arc;

fn with_examples() -> Vec<(Case, Arc<dyn Problem<f64>>)> {
    let built = cases().into_iter().map(|case| (case.build::<f64>(), case));
    // Dropout draws for the batch as it stands: other batches have other masks.
    let found: Vec<_> = built.filter(|(p, _)| p.examples() > 0 && !p.facts().noisy).map(|(p, c)| (c, p)).collect();
    assert!(found.len() >= 2);
    found
}

#[test]
fn all_rows_in_order_are_the_full_batch() {
    for (case, problem) in with_examples() {
        let streams = case.streams(0);
        let x = &case.points(&*problem, 1)[0];
        let rows: Vec<u32> = (0..problem.examples() as u32).collect();
        let (f, g) = eval(&*problem, x, &everything(&streams));
        let (rows_f, rows_g) = eval(&*problem, x, &Sample { batch: Batch::Rows(&rows), ..everything(&streams) });
        assert!((f - rows_f).abs() <= 1e-12 * f.abs(), "{}: {f}, {rows_f}", case.table);
        assert!(distance(&g, &rows_g) <= 1e-12 * norm(&g), "{}", case.table);
    }
}

#[test]
fn parts_average_to_the_whole() {
    for (case, problem) in with_examples() {
        let streams = case.streams(0);
        let x = &case.points(&*problem, 1)[0];
        let n = problem.examples();
        let (f, g) = eval(&*problem, x, &everything(&streams));
        // Batches of unlike size, each of several runs of rows.
        let hands = 4;
        let (mut mean_f, mut mean_g) = (0.0, vec![0.0; x.len()]);
        for hand in 0..hands {
            let rows: Vec<u32> =
                (0..n as u32).filter(|row| (*row as usize * row.count_ones() as usize) % hands == hand).collect();
            if rows.is_empty() {
                continue;
            }
            let (part_f, part_g) = eval(&*problem, x, &Sample { batch: Batch::Rows(&rows), ..everything(&streams) });
            let share = rows.len() as f64 / n as f64;
            mean_f += share * part_f;
            mean_g.iter_mut().zip(part_g).for_each(|(mean, part)| *mean += share * part);
        }
        assert!((f - mean_f).abs() <= 1e-12 * f.abs(), "{}: {f}, {mean_f}", case.table);
        assert!(distance(&g, &mean_g) <= 1e-11 * norm(&g), "{}: {}", case.table, distance(&g, &mean_g) / norm(&g));
    }
}
