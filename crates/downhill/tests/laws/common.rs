//! What the laws run: every method, on fixed gradients.

use downhill::{
    Configured, Facts, Hyper, Layout, Optimizer, Oracle, Purpose, Range, Real, Refused, Registry, Role, State, Step,
};
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
            Range::Decays => json!([0.5, 0.9]),
            Range::Flag => json!(true),
            Range::OneOf(words) => json!(words[0]),
            Range::Span | Range::Spans => unreachable!("{name}: spans are for schedules"),
        };
        table.insert(h.name.into(), value);
    }
    Value::Object(table)
}

/// The method in each other convention, with each other word, and with each switch that is off by default (0, false or
/// absent) turned on, alone and all together.
pub(crate) fn variants(facts: &Facts) -> Vec<Value> {
    let Facts { name, hypers, presets, .. } = *facts;
    let defaults = configure(&json!({ "name": name })).canonical();
    let words = hypers.iter().flat_map(|h| match h.range {
        Range::OneOf(words) => words.iter().map(|&word| (h.name, word)).collect(),
        _ => Vec::new(),
    });
    let others = words.filter(|&(field, word)| defaults[field] != word);
    let chosen = presets.iter().map(|p| ("preset", p.name)).chain(others);
    let mut tables: Vec<_> = chosen.map(|(key, word)| json!({ "name": name, key: word })).collect();
    let off = [json!(false), json!(0.0), json!(null)];
    let switches: Vec<_> = hypers.iter().filter(|h| off.contains(&defaults[h.name])).collect();
    tables.extend(switches.iter().map(|h| switched_on(name, [*h].into_iter())));
    if switches.len() > 1 {
        tables.push(switched_on(name, switches.into_iter()));
    }
    tables
}

/// A table for every wrapper.
pub(crate) fn wrappers() -> Vec<Value> {
    Registry::builtin().wrappers().iter().map(|w| switched_on(w.facts.name, w.facts.hypers.iter())).collect()
}

/// Methods of every level, to be wrapped in everything.
pub(crate) fn wrapped() -> Vec<Value> {
    vec![
        json!({ "name": "sgd" }),
        json!({ "name": "sgd", "momentum": 0.9 }),
        json!({ "name": "adam" }),
        json!({ "name": "lion" }),
        json!({ "name": "lamb" }),
        json!({ "name": "schedule-free-sgd" }),
    ]
}

pub(crate) fn in_wrapper(method: &Value, wrapper: Value) -> Value {
    let mut table = method.clone();
    table["wrap"] = json!([wrapper]);
    table
}

/// Whether the table has one of these wrappers, for the few laws that contradict the purpose of a few.
pub(crate) fn is_wrapped_in(table: &Value, names: &[&str]) -> bool {
    table["wrap"].as_array().is_some_and(|list| list.iter().any(|w| names.iter().any(|n| w["name"] == *n)))
}

/// Everything: each method as it is, its variants, and some in every wrapper.
pub(crate) fn everything() -> Vec<Value> {
    let mut tables = Vec::new();
    for entry in Registry::builtin().entries() {
        tables.push(json!({ "name": entry.facts.name }));
        tables.extend(variants(&entry.facts));
    }
    for method in wrapped() {
        tables.extend(wrappers().into_iter().map(|w| in_wrapper(&method, w)));
    }
    tables
}

/// Uniform numbers in (-1, 1) that `f32` holds exactly; the same for the same seed.
pub(crate) fn uniform(seed: u64) -> impl Iterator<Item = f64> {
    let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    std::iter::repeat_with(move || {
        z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (((x ^ (x >> 31)) >> 41) as f64 + 0.5) / f64::from(1 << 22) - 1.0
    })
}

/// `n` of them.
pub(crate) fn noise(seed: u64, n: usize) -> Vec<f64> {
    uniform(seed).take(n).collect()
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

/// Answers as a bowl around the present point would: `f(y) = loss + g (y - x) + |y - x|^2 scale / 2`.
///
/// It mirrors, turns and permutes as the gradient does, so that laws hold for methods that ask, too.
pub(crate) struct Bowl<R> {
    pub(crate) t: u64,
    pub(crate) loss: R,
    pub(crate) x: Vec<R>,
    pub(crate) g: Vec<R>,
    pub(crate) scale: R,
    pub(crate) rows: [u32; 1],
    /// Adds `|y - x|^2 lift` to the loss, but not to the gradient: as if what other blocks do cost more.
    pub(crate) lift: R,
}

impl<R: Real> Bowl<R> {
    pub(crate) fn new(t: u64, x: &[R], g: &[R], scale: f64) -> Self {
        // Six examples in turn.
        let rows = [(t % 6) as u32];
        Bowl { t, loss: R::of(scale), x: x.to_vec(), g: g.to_vec(), scale: R::of(scale), rows, lift: R::ZERO }
    }
}

impl<R: Real> Oracle<R> for Bowl<R> {
    fn again(&mut self, x: &[R], g: &mut [R]) -> Result<R, Refused> {
        let mut loss = self.loss;
        for i in 0..x.len() {
            let d = x[i] - self.x[i];
            g[i] = self.g[i] + self.scale * d;
            loss += self.g[i] * d + (R::of(0.5) * self.scale + self.lift) * d * d;
        }
        Ok(loss)
    }
    fn full(&mut self, x: &[R], g: &mut [R]) -> Result<R, Refused> {
        self.again(x, g)
    }
    fn examples(&mut self) -> Result<usize, Refused> {
        Ok(6)
    }
    fn rows(&mut self) -> Result<&[u32], Refused> {
        Ok(&self.rows)
    }
    fn summand(&mut self, i: usize, x: &[R], g: &mut [R]) -> Result<R, Refused> {
        let loss = self.again(x, g)?;
        let share = R::of(1.0 + i as f64 / 8.0);
        g.iter_mut().for_each(|g| *g *= share);
        Ok(loss * share)
    }
    fn hessian_vector(&mut self, _: &[R], v: &[R], hv: &mut [R]) -> Result<(), Refused> {
        // Twice as steep along the gradient: a multiple of the identity would look the same from everywhere. And steep:
        // methods that clip what is flat would not look at it.
        let dot = |a: &[R], b: &[R]| a.iter().zip(b).fold(R::ZERO, |sum, (&a, &b)| sum + a * b);
        let square = dot(&self.g, &self.g);
        let share = if square > R::ZERO { dot(&self.g, v) / square } else { R::ZERO };
        for ((hv, &v), &g) in hv.iter_mut().zip(v).zip(&self.g) {
            *hv = R::of(1024.0) * self.scale * (v + share * g);
        }
        Ok(())
    }
    fn model_labels(&mut self, x: &[R], g: &mut [R]) -> Result<R, Refused> {
        self.again(x, g)
    }
    fn lower_bound(&mut self) -> Result<f64, Refused> {
        Ok(0.0)
    }
    fn noise(&mut self, purpose: Purpose, out: &mut [R]) -> Result<(), Refused> {
        let seed = 1_000_000 + 4 * self.t + purpose as u64;
        // Without a vector: methods that claim so allocate nothing, and neither may their oracle.
        out.iter_mut().zip(uniform(seed)).for_each(|(out, u)| *out = R::of(1.5 * u));
        Ok(())
    }
}

/// An optimizer on its way along gradients that do not depend on the point.
pub(crate) struct Walk<R: Real> {
    pub(crate) optimizer: Box<dyn Optimizer<R>>,
    pub(crate) x: Vec<R>,
    pub(crate) t: u64,
    pub(crate) lr: f64,
    /// Of losses and curvatures.
    pub(crate) scale: f64,
    /// As [`Bowl::lift`].
    pub(crate) lift: f64,
}

impl<R: Real> Walk<R> {
    pub(crate) fn new(table: &Value, layout: &Layout, start: &[f64], lr: f64) -> Self {
        let optimizer = configure(table).build(layout).unwrap_or_else(|e| panic!("{table}: {e}"));
        Walk { optimizer, x: cast(start), t: 0, lr, scale: 1.0, lift: 0.0 }
    }
    pub(crate) fn step(&mut self, g: &[f64]) {
        let g = cast::<R>(g);
        let mut oracle = Bowl { lift: R::of(self.lift), ..Bowl::new(self.t + 1, &self.x, &g, self.scale) };
        self.step_with(&g, oracle.loss, &mut oracle);
        // Without a vector: most of the laws' time is spent around this line.
        let same = |(a, b): (&R, &R)| a.to_f64().to_bits() == b.to_f64().to_bits();
        assert!(g.iter().zip(&oracle.g).all(same), "the caller's gradient changed");
    }
    /// A step with a gradient and a loss that need not be the oracle's.
    pub(crate) fn step_with(&mut self, g: &[R], loss: R, oracle: &mut Bowl<R>) {
        self.t += 1;
        self.optimizer.step(&mut self.x, g, &mut Step { t: self.t, lr: self.lr, loss, oracle });
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
