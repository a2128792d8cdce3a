//! A language model with attention.

use super::language::next;
use crate::{BurnFamily, DataShape, Draws, Examples, Loss, Start};
use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{gelu, softmax};
use burn::tensor::{Device, Int, Tensor, TensorData};
use downhill::{Block, Hyper, Range, Role};
use downhill_problems::{DataSpec, FamilyFacts, ProblemError};
use serde::{Deserialize, Serialize};

/// A decoder as GPT-2's (Radford et al. 2019; Vaswani et al. 2017, arXiv:1706.03762): embeddings of symbols and places,
/// layers of causal attention and of a perceptron four times as wide, each behind a norm and around a skip, a last norm,
/// an affine layer to the next symbol.
///
/// As there: weights and embeddings start normal with 0.02, those that end a skip with `0.02 / sqrt(2 layers)`, biases
/// at 0, gelu. Not as there: symbols are characters, the last layer shares nothing with the embedding, sizes are small.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Transformer {
    /// A text; its rows say how far a symbol sees.
    pub data: DataSpec,
    /// Numbers a symbol, a multiple of `heads`.
    pub width: usize,
    /// Attentions side by side, `>= 1`.
    pub heads: usize,
    /// Layers, `>= 1`.
    pub layers: usize,
    /// The share of the embeddings and of what each skip adds that a training step leaves out, `[0, 1)`.
    pub dropout: f64,
}

impl Default for Transformer {
    fn default() -> Self {
        Transformer { data: DataSpec::Name("coriolanus".into()), width: 64, heads: 4, layers: 2, dropout: 0.1 }
    }
}

/// The layers of [`Transformer`].
#[derive(Module, Debug)]
pub struct TransformerNet {
    symbols: Embedding,
    places: Embedding,
    layers: Vec<Layer>,
    norm: LayerNorm,
    head: Linear,
}

/// Attention and perceptron.
#[derive(Module, Debug)]
pub struct Layer {
    norm1: LayerNorm,
    /// Queries, keys and values at once.
    attend: Linear,
    mix: Linear,
    norm2: LayerNorm,
    up: Linear,
    down: Linear,
}

impl Layer {
    /// What attention adds, `[rows, context, width]`; `mask`, `[1, 1, context, context]`, is minus infinity where a
    /// symbol must not look.
    fn attention(&self, x: Tensor<3>, heads: usize, mask: Tensor<4>) -> Tensor<3> {
        let [rows, context, width] = x.dims();
        let size = width / heads;
        let all = self.attend.forward(x);
        let part =
            |k: usize| all.clone().narrow(2, k * width, width).reshape([rows, context, heads, size]).swap_dims(1, 2);
        let alike = part(0).matmul(part(1).swap_dims(2, 3)) * (1.0 / (size as f64).sqrt());
        let seen = softmax(alike + mask, 3).matmul(part(2));
        self.mix.forward(seen.swap_dims(1, 2).reshape([rows, context, width]))
    }
}

impl BurnFamily for Transformer {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "burn/transformer",
        formula: "mean cross-entropy of each next symbol, from dense(norm(layers(symbols + places)))",
        source: "Radford et al. 2019 (GPT-2); Vaswani et al. 2017, arXiv:1706.03762; small",
        teaches: "attention, norms and embeddings: blocks whose gradients differ widely in size",
        hypers: &[
            Hyper::new("width", Range::AtLeast(1), "numbers a symbol, a multiple of heads"),
            Hyper::new("heads", Range::AtLeast(1), "attentions side by side"),
            Hyper::new("layers", Range::AtLeast(1), "layers"),
            Hyper::new("dropout", Range::Decay, "the share of embeddings and skips that a step leaves out"),
        ],
        tags: &["data", "non-convex", "network", "text", "burn"],
    };
    type Module = TransformerNet;

    fn data(&self) -> &DataSpec {
        &self.data
    }

    fn module(&self, data: DataShape, device: &Device) -> Result<TransformerNet, ProblemError> {
        let (symbols, width, heads) = (data.symbols()?, self.width, self.heads);
        if !width.is_multiple_of(heads) {
            return Err(ProblemError(format!(
                "`width` is {width}, allowed are multiples of `heads`, which is {heads}"
            )));
        }
        let linear = |from, to| LinearConfig::new(from, to).init(device);
        let norm = || LayerNormConfig::new(width).init(device);
        let layer = |_| Layer {
            norm1: norm(),
            attend: linear(width, 3 * width),
            mix: linear(width, width),
            norm2: norm(),
            up: linear(width, 4 * width),
            down: linear(4 * width, width),
        };
        Ok(TransformerNet {
            symbols: EmbeddingConfig::new(symbols, width).init(device),
            places: EmbeddingConfig::new(data.features, width).init(device),
            layers: (0..self.layers).map(layer).collect(),
            norm: norm(),
            head: linear(width, symbols),
        })
    }

    fn loss(&self, net: &TransformerNet, examples: Examples, draws: &mut Draws) -> Loss {
        let (symbols, targets) = next(examples);
        let ([rows, context], device) = (symbols.dims(), symbols.device());
        let places = Tensor::<1, Int>::arange(0..context as i64, &device).reshape([1, context]);
        let ahead = (0..context * context).map(|i| if i % context > i / context { f32::NEG_INFINITY } else { 0.0 });
        let mask = Tensor::from_data(TensorData::new(ahead.collect::<Vec<_>>(), [1, 1, context, context]), &device);

        let x = net.symbols.forward(symbols) + net.places.forward(places);
        let x = net.layers.iter().fold(draws.dropout(x, self.dropout), |x, layer| {
            let seen = layer.attention(layer.norm1.forward(x.clone()), self.heads, mask.clone());
            let x = x + draws.dropout(seen, self.dropout);
            let thought = layer.down.forward(gelu(layer.up.forward(layer.norm2.forward(x.clone()))));
            x + draws.dropout(thought, self.dropout)
        });
        let x = net.norm.forward(x).reshape([rows * context, self.width]);
        Loss::of(net.head.forward(x), targets)
    }

    fn start(&self, block: &Block, guess: Start) -> Start {
        match block.role {
            Role::Bias => Start::Constant(0.0),
            Role::Gain => guess,
            _ if block.name.ends_with("mix.weight") || block.name.ends_with("down.weight") => {
                Start::Normal(0.02 / (2.0 * self.layers as f64).sqrt())
            }
            _ => Start::Normal(0.02),
        }
    }
}
