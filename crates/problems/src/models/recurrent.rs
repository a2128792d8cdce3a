//! Language models with recurrent layers.

use super::goal::Goal;
use super::language::{beginning, next_symbols};
use super::layers::{self, Affine, Body, Embedding, Plain, Recurrence, Shape};
use super::{Init, Loss, Network};
use crate::data::DataSpec;
use crate::problem::{Problem, ProblemError};
use crate::{Context, Family, FamilyFacts};
use downhill::{Hyper, Range, Real, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Each next symbol of a text from those before it in its row: an embedding, recurrent layers, an affine layer.
///
/// Every row starts from an empty state, and gradients go back to the row's beginning: `data = { text = "coriolanus",
/// context = 20, symbols = 20001 }`, the default, says how far that is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recurrent {
    /// A text.
    pub data: DataSpec,
    /// What recurrent units do.
    pub cell: Cell,
    /// Units a layer, and numbers a symbol, `>= 1`.
    pub width: usize,
    /// Recurrent layers, `>= 1`.
    pub layers: usize,
    /// How weights and vectors of symbols start.
    pub init: Init,
}

/// What recurrent units do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cell {
    /// `h_t = tanh(w [x_t; h_(t-1)] + b)` (Elman 1990): gradients vanish or explode over the moments.
    Plain,
    /// Long short-term memory (Hochreiter & Schmidhuber 1997), with 1 added to its forget gate.
    #[default]
    Lstm,
}

impl Cell {
    pub(crate) const WORDS: &'static [&'static str] = &["plain", "lstm"];

    /// One more layer, of so many units.
    pub(crate) fn push<R: Real>(self, body: &mut Body<R>, units: usize, init: Init) {
        match self {
            Cell::Plain => body.push(Recurrence::new(body.shape(), units, Plain, init)),
            Cell::Lstm => body.push(Recurrence::new(body.shape(), units, layers::Lstm, init)),
        }
    }
}

impl Default for Recurrent {
    fn default() -> Self {
        let data = beginning();
        Recurrent { data, cell: Cell::Lstm, width: 32, layers: 1, init: Init::Glorot }
    }
}

impl Family for Recurrent {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "recurrent",
        formula: "mean cross-entropy of each next symbol, from dense(cells(embedding(x)))",
        source: "Elman 1990; Hochreiter & Schmidhuber 1997; as DeepOBS's tolstoi_char_rnn, small",
        teaches: "one matrix used at every moment: gradients that vanish or explode on the way back",
        hypers: &[
            Hyper::new("cell", Range::OneOf(Cell::WORDS), "what recurrent units do"),
            Hyper::new("width", Range::AtLeast(1), "units a layer, and numbers a symbol"),
            Hyper::new("layers", Range::AtLeast(1), "recurrent layers"),
        ],
        tags: &["data", "non-convex", "network", "text", "recurrent"],
    };
    fn data(&self) -> Option<&DataSpec> {
        Some(&self.data)
    }
    fn build<R: Real>(&self, context: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        self.init.check()?;
        let splits = next_symbols(&*context.splits::<R>(&self.data)?)?;
        let (symbols, shape) = (splits.classes, Shape { units: self.width, places: splits.width });
        let mut body = Body::new(Embedding::new(symbols, shape, self.init));
        for _ in 0..self.layers {
            self.cell.push(&mut body, self.width, self.init);
        }
        body.push(Affine::new(body.shape(), symbols, Role::Head, Some(self.init)));
        Ok(Arc::new(Network::new(splits, body, Goal::of(Loss::CrossEntropy))))
    }
}
