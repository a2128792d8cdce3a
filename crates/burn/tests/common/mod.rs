//! A small problem with blocks of every kind, and walks on it.
#![allow(dead_code, reason = "each test file takes what it needs")]

use downhill::{Layout, NoOracle, Optimizer, Real, Registry, Role, Step};
use downhill_burn::{Backend, entries};
use serde_json::{Map, Value};

/// downhill's optimizers and burn's.
pub(crate) fn registry(backend: Backend) -> Registry {
    entries(backend).into_iter().fold(Registry::builtin(), Registry::with)
}

/// The names of burn's.
pub(crate) fn names() -> Vec<&'static str> {
    entries(Backend::Flex).iter().map(|e| e.facts.name).collect()
}

/// Each entry on each backend.
pub(crate) fn everything() -> Vec<(Backend, &'static str)> {
    Backend::ALL.into_iter().flat_map(|b| names().into_iter().map(move |n| (b, n))).collect()
}

/// A matrix, an offset, a block of three dimensions, a number, and nothing. Lengths are no multiple of a SIMD width.
pub(crate) fn layout() -> Layout {
    Layout::new()
        .block("w", [3, 5], Role::Hidden)
        .block("b", [3], Role::Bias)
        .block("none", [0, 4], Role::Hidden)
        .block("t", [2, 3, 3], Role::Hidden)
        .block("s", [], Role::Gain)
}

/// The start of the walks: both signs, no zero.
pub(crate) fn start<R: Real>(n: usize) -> Vec<R> {
    (0..n).map(|i| R::of(1.0 - i as f64 / 6.0 + 0.01)).collect()
}

/// A bowl with a fourth-order wall and a push that changes with the step, from 1.
pub(crate) fn gradient<R: Real>(x: &[R], t: u64) -> Vec<R> {
    let one = |(i, &x): (usize, &R)| {
        let x = x.to_f64();
        let (h, b) = ((i % 9 + 1) as f64 / 4.0, if i % 2 == 0 { 0.5 } else { -0.5 });
        let push = 0.05 * (((7 * t + 3 * i as u64) % 11) as f64 - 5.0) / 5.0;
        R::of(h * x + 0.1 * x * x * x - b + push)
    };
    x.iter().enumerate().map(one).collect()
}

/// Steps `from..to` (from 0) of `optimizer` on [`gradient`].
pub(crate) fn walk<R: Real>(optimizer: &mut dyn Optimizer<R>, x: &mut [R], from: u64, to: u64, lr: f64) {
    for t in from + 1..=to {
        let g = gradient(x, t);
        optimizer.step(x, &g, &mut Step { t, lr, loss: R::ZERO, oracle: &mut NoOracle });
    }
}

/// The optimizer of that name with these fields.
pub(crate) fn build<R: Real>(registry: &Registry, name: &str, fields: Value, layout: &Layout) -> Box<dyn Optimizer<R>> {
    let mut table = Map::from_iter([("name".to_owned(), Value::from(name))]);
    table.extend(fields.as_object().cloned().expect("a table"));
    let method = registry.configure(&Value::Object(table)).expect("known fields");
    method.build(layout).expect("it builds")
}

/// `steps` steps from the start, with the default learning rate.
pub(crate) fn path(registry: &Registry, name: &str, fields: Value, layout: &Layout, steps: u64) -> Vec<f32> {
    let lr = registry.find(name).expect("a name").facts.lr;
    let (mut optimizer, mut x) = (build(registry, name, fields, layout), start(layout.len()));
    walk(&mut *optimizer, &mut x, 0, steps, lr);
    x
}

/// The bit patterns.
pub(crate) fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
}

/// The largest difference, relative to the larger of the two and 1.
pub(crate) fn apart(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs() / a.abs().max(b.abs()).max(1.0)).fold(0.0, f64::max)
}

/// In double precision.
pub(crate) fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x)).collect()
}
