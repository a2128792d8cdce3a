//! Sequences that ask for what was long ago.

use super::goal::Goal;
use super::layers::{Affine, Body, Columns, Embedding, Last, Shape};
use super::recurrent::Cell;
use super::{Init, Loss, Network};
use crate::data::{Labels, Matrix, Portion, Splits};
use crate::math::uniform;
use crate::problem::{Problem, ProblemError};
use crate::sampling::below;
use crate::{Context, Family, FamilyFacts, Rng, Stream, Streams};
use downhill::{Hyper, Range, Real, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The sum of two numbers out of a sequence, by a recurrent layer that is asked at its end.
///
/// ```text
/// mean of 1/2 (y - f)^2,  y = v_i + v_j,  v_t ~ U(0, 1), i in the first half and j in the second, uniform
/// ```
///
/// Each moment has its `v_t`, and a mark that is 1 at `i` and `j`, else 0. Who always says 1 has a loss of 1/12. Sequences are
/// drawn from `instance`; validation and test have a quarter of `examples` each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adding {
    /// Moments, `>= 2`.
    pub length: usize,
    /// What recurrent units do.
    pub cell: Cell,
    /// Units of the layer, `>= 1`.
    pub width: usize,
    /// How weights start.
    pub init: Init,
    /// The number of training sequences, `>= 4`.
    pub examples: usize,
    /// Which of the random data sets.
    pub instance: u64,
}

impl Default for Adding {
    fn default() -> Self {
        Adding { length: 20, cell: Cell::Lstm, width: 16, init: Init::Glorot, examples: 1000, instance: 0 }
    }
}

impl Family for Adding {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "adding",
        formula: "mean of 1/2 (v_i + v_j - f)^2, f = dense(last of cells(values and marks))",
        source: "Hochreiter & Schmidhuber 1997, Neural Computation 9(8), section 5.4",
        teaches: "a plateau at the mean, until gradients reach back over the whole sequence",
        hypers: &[
            Hyper::new("length", Range::AtLeast(2), "moments"),
            Hyper::new("cell", Range::OneOf(Cell::WORDS), "what recurrent units do"),
            Hyper::new("width", Range::AtLeast(1), "units of the layer"),
            Hyper::new("examples", Range::AtLeast(4), "number of training sequences"),
            Hyper::new("instance", Range::AtLeast(0), "which of the random data sets"),
        ],
        tags: &["synthetic", "non-convex", "network", "regression", "recurrent"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        self.init.check()?;
        let (length, half) = (self.length, self.length / 2);
        let draw = |rng: &mut Rng, n: usize| {
            let (mut x, mut y) = (Vec::with_capacity(2 * n * length), Vec::with_capacity(n));
            for _ in 0..n {
                let values: Vec<f64> = (0..length).map(|_| uniform(rng)).collect();
                let asked = [below(rng, half) as usize, half + below(rng, length - half) as usize];
                y.push(R::of(values[asked[0]] + values[asked[1]]));
                x.extend(values.into_iter().map(R::of));
                x.extend((0..length).map(|t| R::of(f64::from(u8::from(asked.contains(&t))))));
            }
            Portion { x: Matrix::Dense(x), y: Labels::Numbers(y) }
        };
        let splits = parts("adding, data", self.instance, self.examples, [2 * length, 0], draw);
        let mut body = Body::new(Columns(Shape { units: 2, places: length }));
        self.cell.push(&mut body, self.width, self.init);
        body.push(Last::new(body.shape(), 1));
        body.push(Affine::new(body.shape(), 1, Role::Head, Some(self.init)));
        Ok(Arc::new(Network::new(splits, body, Goal::of(Loss::Squared))))
    }
}

/// Symbols again, after a while, in their order, by a recurrent layer.
///
/// A row is `length` symbols, `delay` blanks of which the last is a sign to begin, and `length` blanks, at which the symbols
/// are asked for: the loss is the mean cross-entropy over these. Who remembers nothing has `log(symbols)`. Rows are drawn from
/// `instance`; validation and test have a quarter of `examples` each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Copying {
    /// Different symbols, `>= 2`.
    pub symbols: usize,
    /// Symbols to be remembered, `>= 1`.
    pub length: usize,
    /// Moments between the last of them and the first answer, `>= 1`.
    pub delay: usize,
    /// What recurrent units do.
    pub cell: Cell,
    /// Units of the layer, and numbers a symbol, `>= 1`.
    pub width: usize,
    /// How weights and vectors of symbols start.
    pub init: Init,
    /// The number of training rows, `>= 4`.
    pub examples: usize,
    /// Which of the random data sets.
    pub instance: u64,
}

impl Default for Copying {
    fn default() -> Self {
        let (cell, init) = (Cell::Lstm, Init::Glorot);
        Copying { symbols: 4, length: 3, delay: 8, cell, width: 16, init, examples: 1000, instance: 0 }
    }
}

impl Family for Copying {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "copying",
        formula: "mean cross-entropy of the symbols at the row's beginning, asked for at its end",
        source: "Hochreiter & Schmidhuber 1997; as in Arjovsky, Shah & Bengio 2016, arXiv:1511.06464",
        teaches: "memory over a delay: a plateau at the symbols' entropy, and steep falls from it",
        hypers: &[
            Hyper::new("symbols", Range::AtLeast(2), "different symbols"),
            Hyper::new("length", Range::AtLeast(1), "symbols to be remembered"),
            Hyper::new("delay", Range::AtLeast(1), "moments before the first answer"),
            Hyper::new("cell", Range::OneOf(Cell::WORDS), "what recurrent units do"),
            Hyper::new("width", Range::AtLeast(1), "units of the layer, and numbers a symbol"),
            Hyper::new("examples", Range::AtLeast(4), "number of training rows"),
            Hyper::new("instance", Range::AtLeast(0), "which of the random data sets"),
        ],
        tags: &["synthetic", "non-convex", "network", "classification", "recurrent"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        self.init.check()?;
        let &Copying { symbols, length, delay, width, init, .. } = self;
        // Behind the symbols a blank and a sign.
        let (blank, sign) = (symbols as u32, symbols as u32 + 1);
        let draw = |rng: &mut Rng, n: usize| {
            let (mut x, mut y) = (vec![], vec![]);
            for _ in 0..n {
                let row: Vec<u32> = (0..length).map(|_| below(rng, symbols)).collect();
                let later =
                    std::iter::repeat_n(blank, delay - 1).chain([sign]).chain(std::iter::repeat_n(blank, length));
                x.extend(row.iter().copied().chain(later).map(|s| R::of(f64::from(s))));
                y.extend(row);
            }
            Portion { x: Matrix::Dense(x), y: Labels::Classes(y) }
        };
        let places = 2 * length + delay;
        let splits = parts("copying, data", self.instance, self.examples, [places, symbols], draw);
        let mut body = Body::new(Embedding::new(symbols + 2, Shape { units: width, places }, init));
        self.cell.push(&mut body, width, init);
        body.push(Last::new(body.shape(), length));
        body.push(Affine::new(body.shape(), symbols, Role::Head, Some(init)));
        Ok(Arc::new(Network::new(splits, body, Goal::of(Loss::CrossEntropy))))
    }
}

/// Training rows, and a quarter as many each for validation and test, of that width and so many classes.
fn parts<R: Real>(
    name: &str,
    instance: u64,
    examples: usize,
    [width, classes]: [usize; 2],
    draw: impl Fn(&mut Rng, usize) -> Portion<R>,
) -> Arc<Splits<R>> {
    let mut rng = Streams::new(name, instance).rng(Stream::Noise);
    let [train, validation, test] = [examples, examples / 4, examples / 4].map(|n| draw(&mut rng, n));
    Arc::new(Splits { train, validation, test, width, classes })
}
