//! A language model with long short-term memory.

use super::language::next;
use crate::{BurnFamily, DataShape, Draws, Examples, Loss, Start};
use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};
use downhill::{Block, Hyper, Range, Role};
use downhill_problems::{DataSpec, FamilyFacts, ProblemError};
use serde::{Deserialize, Serialize};

/// DeepOBS' `tolstoi_char_rnn` on any text: an embedding, layers of LSTM (Hochreiter & Schmidhuber 1997; Gers et al.
/// 2000), an affine layer to the next symbol.
///
/// As there: two layers of 128 units, windows of 50 symbols, dropout 0.2 before and behind each cell, one matrix for the
/// four gates, 1 added to the forget gate, weights and embedding uniform after Glorot, biases 0. Not as there: each
/// window starts from an empty state, where DeepOBS carries the state from batch to batch; the text is bundled, and
/// small.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lstm {
    /// A text.
    pub data: DataSpec,
    /// Units a layer, and of the embedding, `>= 1`.
    pub width: usize,
    /// Layers, `>= 1`.
    pub layers: usize,
    /// The share of a cell's inputs and outputs that a training step leaves out, `[0, 1)`.
    pub dropout: f64,
}

impl Default for Lstm {
    fn default() -> Self {
        Lstm { data: DataSpec::Name("coriolanus".into()), width: 128, layers: 2, dropout: 0.2 }
    }
}

/// The layers of [`Lstm`].
#[derive(Module, Debug)]
pub struct LstmNet {
    embedding: Embedding,
    cells: Vec<Cell>,
    head: Linear,
}

/// The gates of one layer, from its input and its last output together.
#[derive(Module, Debug)]
pub struct Cell {
    gates: Linear,
}

/// A layer's last output and its memory, `[rows, width]` each.
type State = [Tensor<2>; 2];

impl Cell {
    /// `c <- sigmoid(f + 1) c + sigmoid(i) tanh(j)`, `h <- sigmoid(o) tanh(c)`.
    fn forward(&self, x: Tensor<2>, [h, c]: State) -> State {
        let [_, width] = h.dims();
        let gates = self.gates.forward(Tensor::cat(vec![x, h], 1));
        let gate = |k: usize| gates.clone().narrow(1, k * width, width);
        let c = sigmoid(gate(2) + 1.0) * c + sigmoid(gate(0)) * gate(1).tanh();
        [sigmoid(gate(3)) * c.clone().tanh(), c]
    }
}

impl BurnFamily for Lstm {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "burn/lstm",
        formula: "mean cross-entropy of each next symbol, from dense(lstm(lstm(embedding(x))))",
        source: "DeepOBS (Schneider, Balles & Hennig 2019, arXiv:1903.05499), tolstoi_char_rnn",
        teaches: "recurrence: gradients that vanish or explode over fifty steps",
        hypers: &[
            Hyper::new("width", Range::AtLeast(1), "units a layer, and of the embedding"),
            Hyper::new("layers", Range::AtLeast(1), "layers"),
            Hyper::new("dropout", Range::Decay, "the share of a cell's inputs and outputs that a step leaves out"),
        ],
        tags: &["data", "non-convex", "network", "text", "burn"],
    };
    type Module = LstmNet;

    fn data(&self) -> &DataSpec {
        &self.data
    }

    fn module(&self, data: DataShape, device: &Device) -> Result<LstmNet, ProblemError> {
        let (symbols, width) = (data.symbols()?, self.width);
        let cell = |_| Cell { gates: LinearConfig::new(2 * width, 4 * width).init(device) };
        Ok(LstmNet {
            embedding: EmbeddingConfig::new(symbols, width).init(device),
            cells: (0..self.layers).map(cell).collect(),
            head: LinearConfig::new(width, symbols).init(device),
        })
    }

    fn loss(&self, net: &LstmNet, examples: Examples, draws: &mut Draws) -> Loss {
        let (symbols, targets) = next(examples);
        let ([rows, context], width, device) = (symbols.dims(), self.width, symbols.device());
        let empty = || [(); 2].map(|()| Tensor::zeros([rows, width], &device));
        let mut states: Vec<State> = net.cells.iter().map(|_| empty()).collect();
        let outputs = (0..context).map(|t| {
            let x = net.embedding.forward(symbols.clone().narrow(1, t, 1)).squeeze_dim(1);
            net.cells.iter().zip(&mut states).fold(x, |x, (cell, state)| {
                *state = cell.forward(draws.dropout(x, self.dropout), state.clone());
                draws.dropout(state[0].clone(), self.dropout)
            })
        });
        let outputs = Tensor::stack::<3>(outputs.collect(), 1).reshape([rows * context, width]);
        Loss::of(net.head.forward(outputs), targets)
    }

    fn start(&self, block: &Block, _: Start) -> Start {
        if block.role == Role::Bias { Start::Constant(0.0) } else { Start::Glorot }
    }
}
