//! Language models with attention.

use super::goal::Goal;
use super::language::{beginning, next_symbols};
use super::layers::{Affine, Body, Embedding, Norm, Places, Shape};
use super::{Init, Loss, Network};
use crate::data::DataSpec;
use crate::problem::{Problem, ProblemError};
use crate::{Context, Family, FamilyFacts};
use downhill::{Hyper, Range, Real, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Each next symbol of a text from those before it in its row: vectors of symbols and places, blocks as in GPT-2 (Radford
/// et al. 2019), a last norm, an affine layer.
///
/// Symbols are characters, the last layer shares nothing with the vectors, nothing is dropped out, and sizes are small.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Transformer {
    /// A text; its rows say how far a symbol sees.
    pub data: DataSpec,
    /// Numbers a symbol, a multiple of `heads`.
    pub width: usize,
    /// Attentions side by side, `>= 1`.
    pub heads: usize,
    /// Blocks, `>= 1`.
    pub layers: usize,
    /// How weights and vectors start.
    pub init: Init,
}

impl Default for Transformer {
    fn default() -> Self {
        let data = beginning();
        Transformer { data, width: 32, heads: 2, layers: 1, init: Init::Std(0.02) }
    }
}

impl Family for Transformer {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "transformer",
        formula: "mean cross-entropy of each next symbol, from dense(norm(blocks(symbols + places)))",
        source: "Radford et al. 2019 (GPT-2); Vaswani et al. 2017, arXiv:1706.03762; small",
        teaches: "attention, norms and embeddings: blocks whose gradients differ widely in size",
        hypers: &[
            Hyper::new("width", Range::AtLeast(1), "numbers a symbol, a multiple of heads"),
            Hyper::new("heads", Range::AtLeast(1), "attentions side by side"),
            Hyper::new("layers", Range::AtLeast(1), "blocks"),
        ],
        tags: &["data", "non-convex", "network", "text", "attention"],
    };
    fn data(&self) -> Option<&DataSpec> {
        Some(&self.data)
    }
    fn build<R: Real>(&self, context: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        let &Transformer { width, heads, layers, init, .. } = self;
        init.check()?;
        divides(heads, width)?;
        let splits = next_symbols(&*context.splits::<R>(&self.data)?)?;
        let (symbols, shape) = (splits.classes, Shape { units: width, places: splits.width });
        let mut body = Body::new(Embedding::new(symbols, shape, init));
        body.push(Places::new(shape, init));
        for _ in 0..layers {
            body.push_block(heads, init);
        }
        body.push(Norm(shape));
        body.push(Affine::new(shape, symbols, Role::Head, Some(init)));
        Ok(Arc::new(Network::new(splits, body, Goal::of(Loss::CrossEntropy))))
    }
}

/// # Errors
/// If heads do not share the width evenly.
pub(super) fn divides(heads: usize, width: usize) -> Result<(), ProblemError> {
    if width.is_multiple_of(heads) {
        return Ok(());
    }
    Err(ProblemError(format!("`width` is {width}, allowed are multiples of `heads`, which is {heads}")))
}
