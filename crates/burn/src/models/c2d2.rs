//! Two convolutions, two dense layers.

use super::images;
use crate::{BurnFamily, DataShape, Draws, Examples, Loss, Start};
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::MaxPool2dConfig;
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor, activation::relu};
use downhill::{Block, Hyper, Range, Role};
use downhill_problems::{DataSpec, FamilyFacts, ProblemError};
use serde::{Deserialize, Serialize};

/// DeepOBS' `2c2d`: two convolutions of 5x5, each with relu and a pool of 2x2, a dense layer with relu, the outputs.
///
/// As there: padding keeps the side, 32 and 64 channels, 1024 units, weights truncated normal with 0.05, biases 0.05. On
/// MNIST or Fashion-MNIST (`data = { idx = ".../train-images-idx3-ubyte.gz" }`), with batches of 128, this is
/// `mnist_2c2d` and `fmnist_2c2d`, but for the split: here validation and test are shares of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct C2d2 {
    /// Square images whose side is a multiple of 4.
    pub data: DataSpec,
    /// Channels of the first convolution, `>= 1`.
    pub channels1: usize,
    /// Channels of the second convolution, `>= 1`.
    pub channels2: usize,
    /// Units of the dense layer, `>= 1`.
    pub units: usize,
}

impl Default for C2d2 {
    fn default() -> Self {
        C2d2 { data: DataSpec::Name("digit_images".into()), channels1: 32, channels2: 64, units: 1024 }
    }
}

/// The layers of [`C2d2`].
#[derive(Module, Debug)]
pub struct C2d2Net {
    conv1: Conv2d,
    conv2: Conv2d,
    dense: Linear,
    head: Linear,
}

impl C2d2 {
    /// The logits of images, `[images, pixels]`.
    pub fn outputs(&self, net: &C2d2Net, x: Tensor<2>) -> Tensor<2> {
        let pool = MaxPool2dConfig::new([2, 2]).init();
        let layer = |conv: &Conv2d, x| pool.forward(relu(conv.forward(x)));
        let x: Tensor<2> = layer(&net.conv2, layer(&net.conv1, images(x))).flatten(1, 3);
        net.head.forward(relu(net.dense.forward(x)))
    }
}

impl BurnFamily for C2d2 {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "burn/2c2d",
        formula: "cross-entropy of dense(relu(dense(pool(relu(conv(pool(relu(conv(x)))))))))",
        source: "DeepOBS (Schneider, Balles & Hennig 2019, arXiv:1903.05499)",
        teaches: "a small convolutional network, with published learning rates",
        hypers: &[
            Hyper::new("channels1", Range::AtLeast(1), "channels of the first convolution"),
            Hyper::new("channels2", Range::AtLeast(1), "channels of the second convolution"),
            Hyper::new("units", Range::AtLeast(1), "units of the dense layer"),
        ],
        tags: &["data", "non-convex", "network", "images", "burn"],
    };
    type Module = C2d2Net;

    fn data(&self) -> &DataSpec {
        &self.data
    }

    fn module(&self, data: DataShape, device: &Device) -> Result<C2d2Net, ProblemError> {
        let pooled = data.side(4)? / 4;
        let conv = |from, to| Conv2dConfig::new([from, to], [5, 5]).with_padding(PaddingConfig2d::Same).init(device);
        let dense = |from, to| LinearConfig::new(from, to).init(device);
        Ok(C2d2Net {
            conv1: conv(1, self.channels1),
            conv2: conv(self.channels1, self.channels2),
            dense: dense(self.channels2 * pooled * pooled, self.units),
            head: dense(self.units, data.outputs()),
        })
    }

    fn loss(&self, net: &C2d2Net, examples: Examples, _: &mut Draws) -> Loss {
        Loss::of(self.outputs(net, examples.x), examples.y)
    }

    fn start(&self, block: &Block, _: Start) -> Start {
        if block.role == Role::Bias { Start::Constant(0.05) } else { Start::Truncated(0.05) }
    }
}
