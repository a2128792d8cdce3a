//! What networks are made of: a layer a file, its formula and its derivative.
//!
//! A layer holds examples in columns, `[units, places, examples]`, so that every loop runs along the examples, however
//! narrow the layer. A *place* is a pixel, or a moment of a sequence; what has none has one. That `[units, places]` is
//! `[units * places, 1]` in memory, too, is what makes a dense layer behind a convolution one product of matrices.

use super::init::Init;
use super::rows::Input;
use crate::rng::Rng;
use downhill::gemm::Into;
use downhill::{Real, Role};

mod affine;
mod attention;
mod block;
mod body;
mod cells;
mod columns;
mod conv;
mod embedding;
mod last;
mod latent;
mod mirror;
mod norm;
mod patches;
mod pool;
mod recurrence;
mod residual;
mod sequence;
#[cfg(test)]
mod tests;
mod transposed;
mod units;
mod window;

pub(crate) use affine::Affine;
pub(crate) use attention::Attention;
pub(crate) use body::Body;
pub(crate) use cells::{Lstm, Plain};
pub(crate) use columns::Columns;
pub(crate) use conv::Conv;
pub(crate) use embedding::{Embedding, Places};
pub(crate) use last::Last;
pub(crate) use latent::Latent;
pub(crate) use mirror::Mirror;
pub(crate) use norm::Norm;
pub(crate) use pool::MaxPool;
pub(crate) use recurrence::Recurrence;
pub(crate) use residual::Residual;
pub(crate) use sequence::Sequence;
pub(crate) use transposed::Transposed;
pub(crate) use units::Units;
pub use window::Padding;
pub(crate) use window::Window;

/// What an example is between two layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Numbers at each place.
    pub(crate) units: usize,
    /// Pixels, moments.
    pub(crate) places: usize,
}

impl Shape {
    /// So many numbers at one place.
    pub(crate) fn flat(units: usize) -> Self {
        Shape { units, places: 1 }
    }
    /// Numbers an example.
    pub(crate) fn len(self) -> usize {
        self.units * self.places
    }
}

/// A block of a layer's parameters.
pub(crate) struct Parameter {
    /// Its name, to which a network adds a number if it has several.
    pub(crate) stem: &'static str,
    pub(crate) shape: Vec<usize>,
    pub(crate) role: Role,
    pub(crate) start: First,
}

/// The first values of a block.
pub(crate) enum First {
    /// All the same.
    Constant(f64),
    /// Drawn for so many outputs and inputs.
    Drawn(Init, [usize; 2]),
}

/// A map of an example with parameters of its own.
///
/// Between [`forward`](Layer::forward) and [`backward`](Layer::backward) each buffer stays as it is, but for those that
/// layers change in place: a layer of that kind must not follow one that needs its own outputs for its gradient.
pub(crate) trait Layer<R: Real>: Send + Sync {
    /// The blocks of its parameters, in their order.
    fn parameters(&self) -> Vec<Parameter> {
        vec![]
    }
    /// What it makes of its input; nothing if it changes its input where it is.
    fn output(&self) -> Option<Shape>;
    /// Numbers an example that it keeps for the way back.
    fn kept(&self) -> usize {
        0
    }
    /// Whether it draws from the masks of a training step.
    fn is_noisy(&self) -> bool {
        false
    }
    /// Fills the output. `x` are the layer's parameters; `masks` are the draws of a training step, if it is one.
    fn forward(&self, x: &[R], at: Buffers<'_, R>, masks: &mut Option<Rng>);
    /// The output (in place: the input) holds the gradient by it. The gradient by the parameters goes into `g`, that by the
    /// input takes the input's place, if [`wanted`](Buffers::wanted).
    fn backward(&self, into: Into, x: &[R], at: Buffers<'_, R>, g: &mut [R]);
}

/// Where a layer works, for some examples.
pub(crate) struct Buffers<'a, R> {
    pub(crate) examples: usize,
    pub(crate) input: &'a mut [R],
    pub(crate) kept: &'a mut [R],
    /// Empty for a layer that works in place.
    pub(crate) output: &'a mut [R],
    /// Whether something below has parameters.
    pub(crate) wanted: bool,
}

/// What reads the data: the first layer, which has no gradient by its input.
pub(crate) trait Reader<R: Real>: Send + Sync {
    /// The blocks of its parameters, in their order.
    fn parameters(&self) -> Vec<Parameter> {
        vec![]
    }
    /// What it makes of an example.
    fn shape(&self) -> Shape;
    /// Fills `out`, `[units, places, examples]`.
    fn read(&self, x: &[R], input: &Input<'_, R>, out: &mut [R]);
    /// The gradient by its parameters, where `delta` is that by its outputs.
    fn gradient(&self, into: Into, input: &Input<'_, R>, delta: &[R], g: &mut [R]);
}
