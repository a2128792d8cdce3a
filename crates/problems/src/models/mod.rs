//! Models on data, with exact hand-written gradients.
//!
//! One engine, [`Network`]: layers, and a loss of what comes out. Each file beside it is one family: its knobs, its facts,
//! its layers. Weights are `[outputs, inputs]`, as in torch; dense data is gathered row by row, sparse data costs as many
//! operations as it has values that are not zero, and one pass over the parameters.
//!
//! A new architecture pushes layers onto a body; a new layer is a file in `layers/`, and a line in its tests, which hold it to
//! differences.

use crate::FamilyEntry;

mod autoencoder;
mod conv;
mod factorisation;
mod goal;
mod init;
mod language;
mod layers;
mod leaders;
mod linear;
mod logistic;
mod loss;
mod memory;
mod metric;
mod mlp;
mod modular;
mod network;
mod recurrent;
mod rows;
mod softmax;
mod svm;
mod transformer;
mod vae;

pub use crate::activation::Activation;
pub use autoencoder::Autoencoder;
pub use conv::Cnn;
pub use factorisation::Factorisation;
pub use goal::Likeness;
pub use init::Init;
pub use layers::Padding;
pub(crate) use leaders::Leaders;
pub use linear::Linear;
pub use logistic::Logistic;
pub use loss::Loss;
pub use memory::{Adding, Copying};
pub use mlp::{Mlp, Normalisation};
pub use modular::{Modular, Reasoner};
pub use network::{Model, Network};
pub use recurrent::{Cell, Recurrent};
pub use softmax::Softmax;
pub use svm::Svm;
pub use transformer::Transformer;
pub use vae::Vae;

/// All of them, from the simplest.
pub(crate) fn all() -> Vec<FamilyEntry> {
    vec![
        FamilyEntry::of::<Linear>(),
        FamilyEntry::of::<Logistic>(),
        FamilyEntry::of::<Softmax>(),
        FamilyEntry::of::<Svm>(),
        FamilyEntry::of::<Mlp>(),
        FamilyEntry::of::<Factorisation>(),
        FamilyEntry::of::<Autoencoder>(),
        FamilyEntry::of::<Cnn>(),
        FamilyEntry::of::<Vae>(),
        FamilyEntry::of::<Modular>(),
        FamilyEntry::of::<Adding>(),
        FamilyEntry::of::<Copying>(),
        FamilyEntry::of::<Recurrent>(),
        FamilyEntry::of::<Transformer>(),
    ]
}
