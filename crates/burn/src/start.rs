//! How the parameters of a module start: laws, and draws from them.

use downhill::{Block, Layout, Role};
use downhill_problems::{Rng, normal, uniform};
use std::ops::Range;

/// The law of a block's first values.
///
/// Inputs and outputs are those that one number of the layer is connected to: for a convolution, channels times the
/// pixels of a window. A bias has those of the weight beside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// This number everywhere.
    Constant(f64),
    /// Uniform within `+- 1 / sqrt(inputs)`: what torch and burn do with weights and biases of linear layers and
    /// convolutions.
    FanIn,
    /// Uniform within `+- sqrt(6 / (inputs + outputs))` (Glorot & Bengio 2010): what TensorFlow does.
    Glorot,
    /// Normal with variance `2 / inputs` (He et al. 2015, arXiv:1502.01852): for relu.
    He,
    /// Normal with this standard deviation.
    Normal(f64),
    /// Normal with this standard deviation, drawn again beyond two of them, so that its own is 0.88 of it: what
    /// TensorFlow calls truncated normal.
    Truncated(f64),
}

impl Start {
    /// What burn does by default, block by block: [`FanIn`](Start::FanIn) for matrices, convolutions and the biases
    /// beside them, a standard normal for embeddings, 1 for gains, 0 for all other vectors.
    pub(crate) fn guess(block: &Block, of: &Layout) -> Self {
        match block.role {
            Role::Gain => Start::Constant(1.0),
            Role::Embedding => Start::Normal(1.0),
            Role::Hidden | Role::Head => Start::FanIn,
            Role::Bias if fans(block, of).is_some() => Start::FanIn,
            Role::Bias => Start::Constant(0.0),
        }
    }
}

/// `[inputs, outputs]` of a block or, for a bias, of the weight beside it.
fn fans(block: &Block, of: &Layout) -> Option<[usize; 2]> {
    match block.shape[..] {
        [inputs, outputs] if block.inputs_first => Some([inputs, outputs]),
        [outputs, inputs, ref window @ ..] => {
            let window: usize = window.iter().product();
            Some([inputs * window, outputs * window])
        }
        [] | [_] => {
            let weight = format!("{}weight", block.name.strip_suffix("bias")?);
            let weight = of.blocks().iter().find(|b| b.name == weight && b.shape.len() > 1)?;
            fans(weight, of)
        }
    }
}

/// A law with everything that it needs.
#[derive(Clone, Debug)]
pub(crate) struct Started {
    range: Range<usize>,
    law: Start,
    /// 1 and 1 where nobody knows.
    fans: [usize; 2],
}

impl Started {
    pub(crate) fn new(block: &Block, of: &Layout, law: Start) -> Self {
        Started { range: block.range.clone(), law, fans: fans(block, of).unwrap_or([1, 1]) }
    }

    /// Draws the block's values, in their order.
    pub(crate) fn draw(&self, rng: &mut Rng, x: &mut [f32]) {
        let [inputs, outputs] = self.fans.map(|n| n as f64);
        let within = |bound: f64, rng: &mut Rng| bound * (2.0 * uniform(rng) - 1.0);
        for x in &mut x[self.range.clone()] {
            *x = match self.law {
                Start::Constant(value) => value,
                Start::FanIn => within((1.0 / inputs).sqrt(), rng),
                Start::Glorot => within((6.0 / (inputs + outputs)).sqrt(), rng),
                Start::He => (2.0 / inputs).sqrt() * normal(rng),
                Start::Normal(sd) => sd * normal(rng),
                Start::Truncated(sd) => loop {
                    let z = normal(rng);
                    if z.abs() <= 2.0 {
                        break sd * z;
                    }
                },
            } as f32;
        }
    }
}
