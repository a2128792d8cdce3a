//! Networks that come with downhill as problems: images, texts, and something that learns without labels.
//!
//! Each file is one family: its knobs, its module, its loss. Where a family follows a paper or DeepOBS
//! (arXiv:1903.05499, version 1.2's code), its documentation says in what and where not. The defaults are the source's
//! own sizes on bundled data; knobs make them small enough for seconds.

mod c2d2;
mod language;
mod lstm;
mod resnet;
mod transformer;
mod vae;

pub use c2d2::{C2d2, C2d2Net};
pub use lstm::{Cell, Lstm, LstmNet};
pub use resnet::{ResNet, ResNetNet, Residual};
pub use transformer::{Layer, Transformer, TransformerNet};
pub use vae::{Vae, VaeNet};

use crate::{Backend, family};
use burn::tensor::Tensor;
use downhill_problems::FamilyEntry;

/// All of them.
pub(crate) fn all(backend: Backend) -> Vec<FamilyEntry> {
    vec![
        family::<C2d2>(backend),
        family::<ResNet>(backend),
        family::<Transformer>(backend),
        family::<Lstm>(backend),
        family::<Vae>(backend),
    ]
}

/// Rows of pixels as `[images, 1, side, side]`.
fn images(x: Tensor<2>) -> Tensor<4> {
    let [n, pixels] = x.dims();
    let side = pixels.isqrt();
    x.reshape([n, 1, side, side])
}
