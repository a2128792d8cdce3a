//! A variational autoencoder.

use super::images;
use crate::{BurnFamily, DataShape, Draws, Examples, Loss, Start};
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::{leaky_relu, relu, sigmoid};
use burn::tensor::{Device, Tensor};
use downhill::{Block, Hyper, Range, Role};
use downhill_problems::{DataSpec, FamilyFacts, ProblemError};
use serde::{Deserialize, Serialize};

/// DeepOBS' variational autoencoder (Kingma & Welling 2013, arXiv:1312.6114): the squared error of an image, summed over
/// its pixels, and the divergence of its code from a standard normal.
///
/// As in DeepOBS' TensorFlow code: the encoder has three convolutions of 4x4 with 64 channels, strides 2, 2, 1, leaky
/// relu of 0.3 and dropout 0.2, then two affine layers to mean and log deviation (halved) of 8 codes; the decoder has
/// dense layers of 24 and of a quarter of the side, squared, three transposed convolutions of 4x4 with 64 channels,
/// strides 2, 1, 1, relu and dropout 0.2 behind the first two, and a dense layer with a sigmoid; padding keeps sides up
/// to strides; weights uniform after Glorot, biases 0. On MNIST or Fashion-MNIST, with batches of 64, this is
/// `mnist_vae` and `fmnist_vae`, but for the split, and but for measures, which decode the mean of a code where DeepOBS
/// draws one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Vae {
    /// Square images whose side is a multiple of 4, with pixels from 0 to 1.
    pub data: DataSpec,
    /// Channels of all convolutions, `>= 1`.
    pub channels: usize,
    /// Numbers a code, `>= 1`.
    pub latent: usize,
    /// The share of a convolution's outputs that a training step leaves out, `[0, 1)`.
    pub dropout: f64,
}

impl Default for Vae {
    fn default() -> Self {
        Vae { data: DataSpec::Name("digit_images".into()), channels: 64, latent: 8, dropout: 0.2 }
    }
}

/// The layers of [`Vae`].
#[derive(Module, Debug)]
pub struct VaeNet {
    encode: [Conv2d; 3],
    mean: Linear,
    deviation: Linear,
    dense1: Linear,
    dense2: Linear,
    decode: [ConvTranspose2d; 3],
    pixels: Linear,
}

impl BurnFamily for Vae {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "burn/vae",
        formula: "mean of |decode(mu + e^s n) - x|^2 - 1/2 sum(1 + 2 s - mu^2 - e^(2 s)), (mu, s) = encode(x), n normal",
        source: "DeepOBS (Schneider, Balles & Hennig 2019, arXiv:1903.05499), mnist_vae",
        teaches: "noise inside the loss, and a plateau where all codes are the same",
        hypers: &[
            Hyper::new("channels", Range::AtLeast(1), "channels of all convolutions"),
            Hyper::new("latent", Range::AtLeast(1), "numbers a code"),
            Hyper::new("dropout", Range::Decay, "the share of a convolution's outputs that a step leaves out"),
        ],
        tags: &["data", "non-convex", "network", "images", "noisy", "burn"],
    };
    type Module = VaeNet;

    fn data(&self) -> &DataSpec {
        &self.data
    }

    fn module(&self, data: DataShape, device: &Device) -> Result<VaeNet, ProblemError> {
        let (side, c) = (data.side(4)?, self.channels);
        let (quarter, half) = (side * side / 16, side * side / 4);
        let conv = |from, stride| {
            let config = Conv2dConfig::new([from, c], [4, 4]).with_stride([stride, stride]);
            config.with_padding(PaddingConfig2d::Same).init(device)
        };
        let back = |from, stride| {
            let config = ConvTranspose2dConfig::new([from, c], [4, 4]).with_stride([stride, stride]);
            config.with_padding([1, 1]).init(device)
        };
        let dense = |from, to| LinearConfig::new(from, to).init(device);
        Ok(VaeNet {
            encode: [conv(1, 2), conv(c, 2), conv(c, 1)],
            mean: dense(quarter * c, self.latent),
            deviation: dense(quarter * c, self.latent),
            dense1: dense(self.latent, 24),
            dense2: dense(24, quarter),
            decode: [back(1, 2), back(c, 1), back(c, 1)],
            pixels: dense(half * c, side * side),
        })
    }

    fn loss(&self, net: &VaeNet, examples: Examples, draws: &mut Draws) -> Loss {
        let [n, _] = examples.x.dims();
        let encoded = net
            .encode
            .iter()
            .fold(images(examples.x.clone()), |x, conv| draws.dropout(leaky_relu(conv.forward(x), 0.3), self.dropout));
        let encoded: Tensor<2> = encoded.flatten(1, 3);
        let (mean, deviation) = (net.mean.forward(encoded.clone()), net.deviation.forward(encoded) * 0.5);
        let code = mean.clone() + draws.normal([n, self.latent]) * deviation.clone().exp();

        let x = leaky_relu(net.dense2.forward(leaky_relu(net.dense1.forward(code), 0.3)), 0.3);
        let [first, second, third] = &net.decode;
        let x = draws.dropout(relu(first.forward(images(x))), self.dropout);
        let x = draws.dropout(relu(same(second, x)), self.dropout);
        let x: Tensor<2> = relu(same(third, x)).flatten(1, 3);
        let off = sigmoid(net.pixels.forward(x)) - examples.x;

        let spread = (deviation.clone() * 2.0).exp() + mean.clone() * mean - deviation * 2.0 - 1.0;
        Loss::only(((off.clone() * off).sum() + spread.sum() * 0.5) * (1.0 / n as f64))
    }

    fn start(&self, block: &Block, _: Start) -> Start {
        if block.role == Role::Bias { Start::Constant(0.0) } else { Start::Glorot }
    }
}

/// A transposed convolution of 4x4 with stride 1 that keeps the side: of the three pixels that it adds, one goes on the
/// near side and two on the far side, as in TensorFlow.
fn same(conv: &ConvTranspose2d, x: Tensor<4>) -> Tensor<4> {
    let [_, _, height, width] = x.dims();
    conv.forward(x).narrow(2, 0, height).narrow(3, 0, width)
}
