//! Variational autoencoders.

use super::conv::image;
use super::goal::Goal;
use super::layers::{Affine, Body, Columns, Conv, Latent, Padding, Sequence, Shape, Transposed, Units, Window};
use super::{Activation, Init, Network};
use crate::data::{DataSpec, Matrix};
use crate::problem::{Part, Problem, ProblemError};
use crate::{Context, Family, FamilyFacts};
use downhill::{Hyper, Range, Real, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Pixels along a side of every window.
const KERNEL: usize = 4;

/// An image from a code that is drawn: three convolutions down to the code, three transposed ones up from it, and what the
/// code may say has a price. Targets are not looked at; measures draw the code, too.
///
/// With `filters = 64` and `code = 8`, on MNIST, this is `mnist_vae` of DeepOBS (Schneider, Balles & Hennig 2019,
/// arXiv:1903.05499), on Fashion-MNIST its `fmnist_vae`, but that means and variances of the code start as one layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Vae {
    /// Square images of numbers from 0 to 1, whose side is a multiple of 4.
    pub data: DataSpec,
    /// The channels of each convolution, `>= 1`.
    pub filters: usize,
    /// The numbers of the code, `>= 1`.
    pub code: usize,
    /// The width of the decoder's first layer, `>= 1`.
    pub width: usize,
    /// The share of units that a training step leaves out behind convolutions, `[0, 1)`.
    pub dropout: f64,
    /// How weights start.
    pub init: Init,
}

impl Default for Vae {
    fn default() -> Self {
        Vae {
            data: DataSpec::Name("digit_images".into()),
            filters: 4,
            code: 2,
            width: 24,
            dropout: 0.2,
            init: Init::Glorot,
        }
    }
}

impl Family for Vae {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "vae",
        formula: "mean of |s(decode(z)) - x|^2 + 1/2 sum_k m_k^2 + e^(h_k) - 1 - h_k, z = m + e^(h/2) noise, (m, h) = encode(x)",
        source: "Kingma & Welling 2014, arXiv:1312.6114; DeepOBS, arXiv:1903.05499",
        teaches: "two losses that pull: too fast a start, and the code says nothing any more",
        hypers: &[
            Hyper::new("filters", Range::AtLeast(1), "channels of each convolution"),
            Hyper::new("code", Range::AtLeast(1), "numbers of the code"),
            Hyper::new("width", Range::AtLeast(1), "width of the decoder's first layer"),
            Hyper::new("dropout", Range::Decay, "the share of units that a step leaves out behind convolutions"),
        ],
        tags: &["data", "non-convex", "network", "unsupervised", "images", "noisy"],
    };
    fn data(&self) -> Option<&DataSpec> {
        Some(&self.data)
    }
    fn build<R: Real>(&self, context: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        let splits = context.splits::<R>(&self.data)?;
        self.init.check()?;
        let (colours, side) = image(splits.width)?;
        if side % 4 != 0 {
            let text = format!("images of {side} by {side} pixels cannot be halved twice");
            return Err(ProblemError(format!("{text}: allowed are sides that are multiples of 4")));
        }
        for part in Part::ALL {
            if let Matrix::Dense(x) = &splits.part(part).x
                && let Some(x) = x.iter().find(|x| !(R::ZERO..=R::ONE).contains(*x))
            {
                return Err(ProblemError(format!("a pixel is {x}, allowed are numbers from 0 to 1")));
            }
        }
        let (init, width) = (self.init, splits.width);
        let mut body = Body::new(Columns(Shape { units: colours, places: side * side }));
        for (side, stride) in [(side, 2), (side / 2, 2), (side / 4, 1)] {
            body.push(Conv::new(body.shape().units, window(side, stride)?, self.filters, init, 0.0));
            body.push(Units::new(body.shape(), Activation::Leaky).with_dropout(self.dropout));
        }
        body.flatten();
        body.push(Affine::new(body.shape(), 2 * self.code, Role::Hidden, Some(init)));
        body.push(Latent::new(self.code, self.decoder(side, width)?));
        Ok(Arc::new(Network::new(splits, body, Goal::Evidence)))
    }
}

impl Vae {
    /// From the code to an image.
    fn decoder<R: Real>(&self, side: usize, width: usize) -> Result<Sequence<R>, ProblemError> {
        let init = Some(self.init);
        let mut layers = Sequence::new(Shape::flat(self.code));
        for width in [self.width, side / 4 * (side / 4)] {
            layers.push(Affine::new(layers.shape(), width, Role::Hidden, init));
            layers.push(Units::new(layers.shape(), Activation::Leaky));
        }
        layers.reshape(Shape { units: 1, places: layers.shape().units });
        for (stride, dropout) in [(2, self.dropout), (1, self.dropout), (1, 0.0)] {
            layers.push(Transposed::new(layers.shape().units, window(side / 2, stride)?, self.filters, self.init));
            layers.push(Units::new(layers.shape(), Activation::Relu).with_dropout(dropout));
        }
        layers.reshape(Shape::flat(layers.shape().len()));
        layers.push(Affine::new(layers.shape(), width, Role::Head, init));
        Ok(layers)
    }
}

fn window(side: usize, stride: usize) -> Result<Window, ProblemError> {
    let none = || ProblemError(format!("no window fits into {side} pixels"));
    Window::new(side, KERNEL, stride, Padding::Same).ok_or_else(none)
}
