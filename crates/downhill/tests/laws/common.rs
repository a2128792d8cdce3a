//! What the laws run: every method, on fixed gradients.

use downhill::{Configured, Entry, Hyper, Layout, NoOracle, Optimizer, Range, Real, Registry, Role, State, Step};
use serde_json::{Map, Value, json};

/// A matrix, a vector and a scalar: 17 parameters.
pub(crate) fn layout() -> Layout {
    Layout::new().block("w", [4, 3], Role::Hidden).block("b", [4], Role::Bias).block("s", [1], Role::Gain)
}

pub(crate) fn configure(table: &Value) -> Configured {
    Registry::builtin().configure(table).unwrap_or_else(|e| panic!("{table}: {e}"))
}

/// A table with these hyperparameters, each at a value that does something.
fn switched_on<'a>(name: &str, hypers: impl Iterator<Item = &'a Hyper>) -> Value {
    let mut table = Map::from_iter([("name".to_owned(), json!(name))]);
    for h in hypers {
        let value = match h.range {
            Range::Decay => json!(0.9),
            Range::Positive | Range::NonNegative | Range::Finite => json!(0.125),
            Range::AtLeast(low) => json!(low + 1),
            Range::Flag => json!(true),
            Range::OneOf(words) => json!(words[0]),
            Range::Span | Range::Spans => unreachable!("{name}: spans are for schedules"),
        };
        table.insert(h.name.into(), value);
    }
    Value::Object(table)
}

/// The method with each switch that is off by default (0 or false) turned on, alone and all together.
pub(crate) fn variants(entry: &Entry) -> Vec<Value> {
    let name = entry.facts.name;
    let defaults = configure(&json!({ "name": name })).canonical();
    let off = |h: &&Hyper| defaults[h.name] == json!(false) || defaults[h.name] == json!(0.0);
    let switches: Vec<_> = entry.facts.hypers.iter().filter(off).collect();
    let mut tables: Vec<_> = switches.iter().map(|h| switched_on(name, [*h].into_iter())).collect();
    if switches.len() > 1 {
        tables.push(switched_on(name, switches.into_iter()));
    }
    tables
}

/// A table for every wrapper.
pub(crate) fn wrappers() -> Vec<Value> {
    Registry::builtin().wrappers().iter().map(|w| switched_on(w.facts.name, w.facts.hypers.iter())).collect()
}

/// Everything: each method as it is, its variants, and itself in every wrapper.
pub(crate) fn everything() -> Vec<Value> {
    let mut tables = Vec::new();
    for entry in Registry::builtin().entries() {
        tables.push(json!({ "name": entry.facts.name }));
        tables.extend(variants(entry));
        tables.extend(wrappers().into_iter().map(|w| json!({ "name": entry.facts.name, "wrap": [w] })));
    }
    tables
}

/// Uniform numbers in (-1, 1) that `f32` holds exactly; the same for the same seed.
pub(crate) fn noise(seed: u64, n: usize) -> Vec<f64> {
    let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut next = || {
        z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (((x ^ (x >> 31)) >> 41) as f64 + 0.5) / f64::from(1 << 22) - 1.0
    };
    (0..n).map(|_| next()).collect()
}

pub(crate) fn gradients(steps: usize, n: usize) -> Vec<Vec<f64>> {
    (0..steps).map(|t| noise(t as u64 + 1, n)).collect()
}

pub(crate) fn cast<R: Real>(x: &[f64]) -> Vec<R> {
    x.iter().map(|&x| R::of(x)).collect()
}

pub(crate) fn widen<R: Real>(x: &[R]) -> Vec<f64> {
    x.iter().map(|x| x.to_f64()).collect()
}

/// An optimizer on its way along gradients that do not depend on the point.
pub(crate) struct Walk<R: Real> {
    pub(crate) optimizer: Box<dyn Optimizer<R>>,
    pub(crate) x: Vec<R>,
    pub(crate) t: u64,
    pub(crate) lr: f64,
}

impl<R: Real> Walk<R> {
    pub(crate) fn new(table: &Value, layout: &Layout, start: &[f64], lr: f64) -> Self {
        let optimizer = configure(table).build(layout).unwrap_or_else(|e| panic!("{table}: {e}"));
        Walk { optimizer, x: cast(start), t: 0, lr }
    }
    pub(crate) fn step(&mut self, g: &[f64]) {
        self.t += 1;
        let mut step = Step { t: self.t, lr: self.lr, loss: R::ZERO, oracle: &mut NoOracle };
        self.optimizer.step(&mut self.x, &cast::<R>(g), &mut step);
    }
    pub(crate) fn along(mut self, gradients: &[Vec<f64>]) -> Self {
        gradients.iter().for_each(|g| self.step(g));
        self
    }
    pub(crate) fn save(&mut self) -> State {
        State::save(&mut *self.optimizer)
    }
    pub(crate) fn readout(&self) -> Vec<f64> {
        widen(self.optimizer.readout(&self.x, &mut vec![R::ZERO; self.x.len()]))
    }
    /// Where it stands, in bits: NaN and the sign of 0 count.
    pub(crate) fn bits(&self) -> Vec<u64> {
        bits(&widen(&self.x))
    }
}

pub(crate) fn bits(x: &[f64]) -> Vec<u64> {
    x.iter().map(|x| x.to_bits()).collect()
}

/// The largest difference, in units of the largest value (at least 1).
pub(crate) fn difference(a: &[f64], b: &[f64]) -> f64 {
    let scale = a.iter().fold(1.0, |m: f64, x| m.max(x.abs()));
    a.iter().zip(b).fold(0.0, |m: f64, (a, b)| if (a - b).is_nan() { f64::NAN } else { m.max((a - b).abs() / scale) })
}
