//! Measures what a step costs: time, and bytes that it asks the system for.
//!
//! The two sides take turns, so that whatever else the machine does meets both, and the ratio is taken turn by turn:
//! its median, with the interval of order statistics that covers the true median in 95 % of cases, whatever the
//! distribution. Gradients are made before the clock starts, and nobody else holds their memory, as after burn's
//! backward pass.

use super::speed::Speed;
use super::{Defaults, PAIRS, Pair, Tables, allocation};
use crate::lab::Lab;
use crate::stats::quantile;
use crate::timing::shape;
use anyhow::Result;
use downhill::{Layout, Need, NoOracle, Role, Step};
use downhill_burn::inside::{self, Driver, Matrix, Network};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How much is measured.
pub struct Effort {
    /// Numbers of parameters.
    pub sizes: &'static [usize],
    /// Turns of each side.
    pub turns: usize,
    /// Parameters that are stepped in a turn, at least.
    pub turn: usize,
    /// Training steps in a turn.
    pub trainings: usize,
}

impl Effort {
    /// For the report: minutes.
    pub const FULL: Effort =
        Effort { sizes: &[10_000, 100_000, 1_000_000, 10_000_000], turns: 21, turn: 2_000_000, trainings: 20 };
    /// To see that it runs: a second.
    pub const QUICK: Effort = Effort { sizes: &[1_000], turns: 6, turn: 10_000, trainings: 2 };
}

/// The costs of all pairs with burn's defaults. Methods that ask for losses themselves are left out, and those that
/// multiply matrices at more than 1e6 parameters, where a step takes ten seconds.
///
/// # Errors
/// If one of a pair cannot be built.
pub fn measure(lab: &Lab, effort: &Effort) -> Result<Vec<Speed>> {
    let mut pairs = Vec::new();
    for pair in PAIRS {
        let Some(tables) = pair.tables(Defaults::Burns) else { continue };
        let needs = lab.optimizers.configure(&tables.burn)?.needs();
        if !needs.contains(&Need::Again) {
            pairs.push((pair, tables, if needs.contains(&Need::Matrices) { 1_000_000 } else { usize::MAX }));
        }
    }
    let mut rows = Vec::new();
    for (pair, tables, most) in &pairs {
        for &n in effort.sizes.iter().filter(|n| *n <= most) {
            rows.push(step(lab, pair, tables, n, effort)?);
        }
    }
    for (pair, tables, _) in &pairs {
        rows.push(training(lab, pair, tables, effort)?);
    }
    Ok(rows)
}

/// So small that nothing goes anywhere.
const LR: f64 = 1e-6;

/// One way to step, for a turn: the time and the bytes of one step.
type Side<'a> = Box<dyn FnMut(usize) -> (Duration, Option<u64>) + 'a>;

fn step(lab: &Lab, pair: &Pair, tables: &Tables, n: usize, effort: &Effort) -> Result<Speed> {
    // Of the size that training has, so that nothing is denormal.
    let x: Vec<f32> = (0..n).map(|i| (i as f32).sin()).collect();
    let g: Vec<f32> = (0..n).map(|i| 1e-2 * (i as f32).cos()).collect();
    let matrix = |driver| -> Result<Side> {
        let mut matrix = Matrix::new(driver, x.clone(), shape(n))?;
        let g = &g;
        Ok(Box::new(move |steps| {
            average(steps, &mut matrix, |matrix| matrix.gradient(g.clone()), |matrix, g| matrix.step(LR, g))
        }))
    };
    let layout = Layout::new().block("w", shape(n), Role::Hidden);
    let mut optimizer = lab.optimizers.configure(&tables.ours)?.build::<f32>(&layout)?;
    let (mut at, mut t) = (x.clone(), 0);
    let alone: Side = Box::new(|steps| {
        average(
            steps,
            &mut at,
            |_| g.clone(),
            |at, g| {
                t += 1;
                optimizer.step(at, black_box(&g), &mut Step { t, lr: LR, loss: 0.0, oracle: &mut NoOracle });
            },
        )
    });
    let inside = Driver::Ours(Box::new(lab.optimizers.configure(&tables.ours)?));
    let sides = [matrix(inside::burns(&tables.burn)?)?, matrix(inside)?, alone];
    Ok(row("step", pair, n, turns(sides, effort.turns, (effort.turn / n).max(1))))
}

fn training(lab: &Lab, pair: &Pair, tables: &Tables, effort: &Effort) -> Result<Speed> {
    let network = |driver| -> Result<Side> {
        let mut network = Network::new(driver)?;
        let step = |network: &mut Network, ()| {
            black_box(network.step(LR));
        };
        Ok(Box::new(move |steps| average(steps, &mut network, |_| (), step)))
    };
    let inside = Driver::Ours(Box::new(lab.optimizers.configure(&tables.ours)?));
    let sides = [network(inside::burns(&tables.burn)?)?, network(inside)?];
    Ok(row("training", pair, 784 * 100 + 100 + 100 * 10 + 10, turns(sides, effort.turns, effort.trainings)))
}

/// The time of one step, and the bytes of one more, since counting takes time. Inputs are made before the clock starts.
fn average<S, T>(
    steps: usize,
    on: &mut S,
    input: impl Fn(&S) -> T,
    mut step: impl FnMut(&mut S, T),
) -> (Duration, Option<u64>) {
    let inputs: Vec<T> = (0..steps).map(|_| input(on)).collect();
    let mut total = Duration::ZERO;
    for input in inputs {
        let clock = Instant::now();
        step(on, input);
        total += clock.elapsed();
    }
    let one_more = input(on);
    (total / steps as u32, allocation::bytes(|| step(on, one_more)))
}

/// All turns of each side: nanoseconds and bytes of a step.
fn turns<const N: usize>(mut sides: [Side; N], turns: usize, steps: usize) -> [(Vec<f64>, Option<u64>); N] {
    let mut seen = [(); N].map(|()| (Vec::new(), None));
    // The first turn touches fresh memory, which is the system's work.
    for turn in 0..=turns {
        for (side, (times, bytes)) in sides.iter_mut().zip(&mut seen) {
            let (time, asked) = side(steps);
            if turn > 0 {
                times.push(time.as_secs_f64() * 1e9);
                *bytes = asked;
            }
        }
    }
    seen
}

fn row<const N: usize>(what: &str, pair: &Pair, parameters: usize, seen: [(Vec<f64>, Option<u64>); N]) -> Speed {
    let ratios: Vec<f64> = seen[0].0.iter().zip(&seen[1].0).map(|(burn, ours)| burn / ours).collect();
    let (low, high) = interval(&ratios);
    let time = |side: usize| seen.get(side).map(|(times, _)| rounded(quantile(times.iter().copied(), 0.5)));
    let bytes = |side: usize| seen.get(side).and_then(|(_, bytes)| *bytes);
    Speed {
        what: what.to_owned(),
        burn: pair.burn.to_owned(),
        ours: pair.ours.to_owned(),
        parameters,
        turns: ratios.len(),
        burn_ns: time(0).unwrap_or(f64::NAN),
        inside_ns: time(1).unwrap_or(f64::NAN),
        alone_ns: time(2),
        ratio: rounded(quantile(ratios.iter().copied(), 0.5)),
        low: rounded(low),
        high: rounded(high),
        burn_bytes: bytes(0),
        inside_bytes: bytes(1),
        alone_bytes: bytes(2),
    }
}

/// The 95 % interval of the median: from the `k`-th lowest to the `k`-th highest value, with the largest `k` for which
/// `n` throws of a coin give fewer than `k` heads, or fewer than `k` tails, in less than 5 % of cases. From the lowest to
/// the highest where there is no such `k`, which is below six values.
fn interval(values: &[f64]) -> (f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    let (mut k, mut below, mut chance) = (0, 0.0, 0.5_f64.powi(n as i32));
    while below + chance < 0.025 {
        below += chance;
        chance *= (n - k) as f64 / (k + 1) as f64;
        k += 1;
    }
    let k = k.max(1);
    (sorted[k - 1], sorted[n - k])
}

fn rounded(x: f64) -> f64 {
    format!("{x:.3e}").parse().unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As in tables of the sign test: 6 of 21 and 1 of 6.
    #[test]
    fn intervals_of_medians_are_those_of_the_sign_test() {
        let of = |n: usize| interval(&(1..=n).map(|i| i as f64).collect::<Vec<_>>());
        assert_eq!([of(6), of(9), of(21), of(2)], [(1.0, 6.0), (2.0, 8.0), (6.0, 16.0), (1.0, 2.0)]);
    }
}
