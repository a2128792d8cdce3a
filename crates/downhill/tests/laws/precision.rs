//! A step in `f32` is the step in `f64` from the same state, but for rounding.

use crate::common::{Bowl, Walk, everything, gradients, layout, noise, uniform, widen};
use downhill::{Optimizer, Real, State, Values};
use serde_json::Value;
use std::collections::BTreeMap;

const ULP: f64 = f32::EPSILON as f64;
const LR: f64 = 0.125;

/// A quantity's name and numbers.
type Quantity = (String, Vec<f64>);

/// Where it stands, what it reads out, and all that it remembers.
fn quantities<R: Real>(walk: &mut Walk<R>) -> Vec<Quantity> {
    let numbers = |v: &Values| match v {
        Values::F32(v) => widen(v),
        Values::F64(v) => v.clone(),
        Values::U64(v) => v.iter().map(|&x| x as f64).collect(),
    };
    let mut all = vec![("x".to_owned(), widen(&walk.x)), ("readout".to_owned(), walk.readout())];
    all.extend(walk.save().iter().map(|(name, v)| (name.to_owned(), numbers(v))));
    all
}

/// Loads a state in `f32` into an optimizer in `f64`, each number (but counters and flags) sent through `f`.
fn widen_into(optimizer: &mut dyn Optimizer<f64>, state: &State, mut f: impl FnMut(f64) -> f64) {
    let kinds = State::save(optimizer);
    let widened = |((name, from), (_, kind)): ((&str, &Values), (&str, &Values))| {
        let values = match (from, kind) {
            (Values::F32(v), Values::F64(_)) => Values::F64(v.iter().map(|&x| f(x.into())).collect()),
            (Values::F64(v), _) => Values::F64(v.iter().map(|&x| f(x)).collect()),
            (same, _) => same.clone(),
        };
        (name.to_owned(), values)
    };
    let wide: BTreeMap<_, _> = state.iter().zip(kinds.iter()).map(widened).collect();
    let wide: State = serde_json::from_value(serde_json::to_value(wide).unwrap()).unwrap();
    wide.load(optimizer).unwrap();
}

/// After a step in `f64` from where `narrow` is, each number that the step starts from sent through `f`.
fn in_f64(table: &Value, narrow: &mut Walk<f32>, g: &[f64], mut f: impl FnMut(f64) -> f64) -> Vec<Quantity> {
    let mut wide = Walk::<f64>::new(table, &layout(), &widen(&narrow.x), f(narrow.lr));
    wide.t = narrow.t;
    widen_into(&mut *wide.optimizer, &narrow.save(), &mut f);
    // What the caller says and what the oracle says are rounded each by itself.
    let mut each = |x: &[f64]| x.iter().map(|&x| f(x)).collect::<Vec<_>>();
    let mut oracle = Bowl::new(wide.t + 1, &each(&wide.x), &each(g), each(&[narrow.scale])[0]);
    (wide.x, wide.scale) = (each(&wide.x), each(&[narrow.scale])[0]);
    wide.step_with(&each(g), wide.scale, &mut oracle);
    quantities(&mut wide)
}

fn largest(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |m, x| m.max(x.abs()))
}

/// The largest difference; infinite where there is a number in one place only.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let apart = |(a, b): (&f64, &f64)| if a == b { 0.0 } else { (a - b).abs().min(f64::INFINITY) };
    if a.len() == b.len() { largest(&a.iter().zip(b).map(apart).collect::<Vec<_>>()) } else { f64::INFINITY }
}

/// A few units in the last place, of the result and of all that it is made from: how much the latter do is seen in
/// `f64`, from starts that are nudged by so much. Hence it holds for matrices and signs and searches, too: where one
/// decides by less than rounding, the nudged ones part. Not from the first step: an identity is exact in both.
#[test]
fn a_step_in_f32_is_the_step_in_f64_but_for_rounding() {
    for table in everything() {
        let mut decided = false;
        for steps in [1, 3, 20] {
            let n = layout().len();
            let mut narrow = Walk::<f32>::new(&table, &layout(), &noise(0, n), LR).along(&gradients(steps, n));
            let g = noise(99, n);
            let exact = in_f64(&table, &mut narrow, &g, |x| x);
            let nudged = [1, 2, 3].map(|seed| {
                let mut by = uniform(seed);
                in_f64(&table, &mut narrow, &g, |x| x + ULP * x * by.next().unwrap())
            });
            narrow.step(&g);
            for (i, (name, found)) in quantities(&mut narrow).iter().enumerate() {
                let expected = &exact[i].1;
                let spread = nudged.iter().map(|n| distance(&n[i].1, expected)).fold(0.0, f64::max);
                let (off, allowed) = (distance(found, expected), 8.0 * (ULP * largest(expected) + spread));
                assert!(off <= allowed, "{table}: {name} is {off:e} off after {steps} steps, allowed is {allowed:e}");
                decided |= name == "x" && spread < 1e-4;
            }
        }
        assert!(decided, "{table}: rounding decides everywhere");
    }
}
