//! A small residual network.

use super::images;
use crate::{BurnFamily, DataShape, Draws, Examples, Loss, Start};
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{GroupNorm, GroupNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor, activation::relu};
use downhill::{Block, Hyper, Range, Role};
use downhill_problems::{DataSpec, FamilyFacts, ProblemError};
use serde::{Deserialize, Serialize};

/// A residual network with pre-activation (He et al. 2016, arXiv:1603.05027) for grey images: a convolution of 3x3, two
/// stages of `blocks` residuals, of which the second halves the side and doubles the channels, the mean over the
/// pixels, the outputs.
///
/// Of the paper: the order of norm, relu and convolution, the projection of 1x1 where the shape changes, starts of He et
/// al. 2015. Not of it: group norms of four channels (Wu & He 2018, arXiv:1803.08494) where it has batch norms, whose
/// running statistics are no function of the parameters; no augmentation; two stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResNet {
    /// Square images with an even side.
    pub data: DataSpec,
    /// Channels of the first stage, a multiple of 4.
    pub channels: usize,
    /// Residuals a stage, `>= 1`.
    pub blocks: usize,
}

impl Default for ResNet {
    fn default() -> Self {
        ResNet { data: DataSpec::Name("digit_images".into()), channels: 16, blocks: 1 }
    }
}

/// The layers of [`ResNet`].
#[derive(Module, Debug)]
pub struct ResNetNet {
    stem: Conv2d,
    blocks: Vec<Residual>,
    norm: GroupNorm,
    head: Linear,
}

/// `x + conv(relu(norm(conv(relu(norm(x))))))`, with the first `x` projected where its shape changes.
#[derive(Module, Debug)]
pub struct Residual {
    norm1: GroupNorm,
    conv1: Conv2d,
    norm2: GroupNorm,
    conv2: Conv2d,
    project: Option<Conv2d>,
}

impl Residual {
    fn new(from: usize, to: usize, device: &Device) -> Self {
        let stride = if from == to { 1 } else { 2 };
        Residual {
            norm1: norm(from, device),
            conv1: conv(from, to, stride, device),
            norm2: norm(to, device),
            conv2: conv(to, to, 1, device),
            project: (from != to).then(|| {
                Conv2dConfig::new([from, to], [1, 1]).with_stride([stride, stride]).with_bias(false).init(device)
            }),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let inner = relu(self.norm1.forward(x.clone()));
        let way = self.project.as_ref().map_or(x, |project| project.forward(inner.clone()));
        let inner = relu(self.norm2.forward(self.conv1.forward(inner)));
        way + self.conv2.forward(inner)
    }
}

fn conv(from: usize, to: usize, stride: usize, device: &Device) -> Conv2d {
    let same = PaddingConfig2d::Explicit(1, 1, 1, 1);
    Conv2dConfig::new([from, to], [3, 3]).with_stride([stride, stride]).with_padding(same).with_bias(false).init(device)
}

fn norm(channels: usize, device: &Device) -> GroupNorm {
    GroupNormConfig::new(channels / 4, channels).init(device)
}

impl BurnFamily for ResNet {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "burn/resnet",
        formula: "cross-entropy of dense(mean(relu(norm(residuals(conv(x))))))",
        source: "He, Zhang, Ren & Sun 2016, arXiv:1603.05027; small, with group norms",
        teaches: "skip connections and norms",
        hypers: &[
            Hyper::new("channels", Range::AtLeast(4), "channels of the first stage, a multiple of 4"),
            Hyper::new("blocks", Range::AtLeast(1), "residuals a stage"),
        ],
        tags: &["data", "non-convex", "network", "images", "burn"],
    };
    type Module = ResNetNet;

    fn data(&self) -> &DataSpec {
        &self.data
    }

    fn module(&self, data: DataShape, device: &Device) -> Result<ResNetNet, ProblemError> {
        let c = self.channels;
        if !c.is_multiple_of(4) {
            return Err(ProblemError(format!("`channels` is {c}, allowed are multiples of 4: a norm takes four")));
        }
        data.side(2)?;
        let stages = [vec![c; self.blocks], vec![2 * c; self.blocks]].concat();
        let before = [&[c], &stages[..]].concat();
        Ok(ResNetNet {
            stem: conv(1, c, 1, device),
            blocks: before.iter().zip(&stages).map(|(&from, &to)| Residual::new(from, to, device)).collect(),
            norm: norm(2 * c, device),
            head: LinearConfig::new(2 * c, data.outputs()).init(device),
        })
    }

    fn loss(&self, net: &ResNetNet, examples: Examples, _: &mut Draws) -> Loss {
        let x = net.blocks.iter().fold(net.stem.forward(images(examples.x)), |x, block| block.forward(x));
        let pixels: Tensor<3> = relu(net.norm.forward(x)).flatten(2, 3);
        Loss::of(net.head.forward(pixels.mean_dim(2).squeeze_dim(2)), examples.y)
    }

    fn start(&self, block: &Block, guess: Start) -> Start {
        if block.role == Role::Hidden { Start::He } else { guess }
    }
}
