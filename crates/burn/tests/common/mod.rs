//! A small problem with blocks of every kind, and walks on it.
#![allow(dead_code, reason = "each test file takes what it needs")]

use downhill::{Layout, Need, Optimizer, Oracle, Real, Refused, Registry, Role, Step};
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

/// Those that step one block at a time, and ask for no more than the gradient.
pub(crate) fn blockwise() -> Vec<&'static str> {
    let asks = |e: &downhill::Entry| e.facts.needs.contains(&Need::Again);
    entries(Backend::Flex).iter().filter(|e| !asks(e)).map(|e| e.facts.name).collect()
}

/// The backends that promise bits.
pub(crate) const PROCESSORS: [Backend; 2] = [Backend::Flex, Backend::Ndarray];

/// Each entry on each of them.
pub(crate) fn everything() -> Vec<(Backend, &'static str)> {
    PROCESSORS.into_iter().flat_map(|b| names().into_iter().map(move |n| (b, n))).collect()
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

/// A bowl with a fourth-order wall and a push that changes with the step, from 1: loss and slope along one coordinate.
fn valley(i: usize, x: f64, t: u64) -> (f64, f64) {
    let (h, b) = ((i % 9 + 1) as f64 / 4.0, if i.is_multiple_of(2) { 0.5 } else { -0.5 });
    let push = 0.05 * (((7 * t + 3 * i as u64) % 11) as f64 - 5.0) / 5.0;
    (0.5 * h * x * x + 0.025 * x.powi(4) + (push - b) * x, h * x + 0.1 * x * x * x - b + push)
}

/// The gradient over all coordinates.
pub(crate) fn gradient<R: Real>(x: &[R], t: u64) -> Vec<R> {
    x.iter().enumerate().map(|(i, x)| R::of(valley(i, x.to_f64(), t).1)).collect()
}

/// The loss.
pub(crate) fn loss<R: Real>(x: &[R], t: u64) -> R {
    R::of(x.iter().enumerate().map(|(i, x)| valley(i, x.to_f64(), t).0).sum())
}

/// Answers as the valley of step `t`, and counts the questions.
pub(crate) struct Valley {
    pub(crate) t: u64,
    pub(crate) asked: usize,
}

impl<R: Real> Oracle<R> for Valley {
    fn again(&mut self, x: &[R], g: &mut [R]) -> Result<R, Refused> {
        self.asked += 1;
        g.copy_from_slice(&gradient(x, self.t));
        Ok(loss(x, self.t))
    }
}

/// Steps `from..to` (from 0) of `optimizer` in the valley; the number of its questions.
pub(crate) fn walk<R: Real>(optimizer: &mut dyn Optimizer<R>, x: &mut [R], from: u64, to: u64, lr: f64) -> usize {
    let mut asked = 0;
    for t in from + 1..=to {
        let (g, loss) = (gradient(x, t), loss(x, t));
        let mut valley = Valley { t, asked: 0 };
        optimizer.step(x, &g, &mut Step { t, lr, loss, oracle: &mut valley });
        asked += valley.asked;
    }
    asked
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
