//! Convolutional networks.

use super::goal::Goal;
use super::layers::{Affine, Body, Columns, Conv, MaxPool, Padding, Shape, Units, Window};
use super::{Activation, Init, Loss, Model, Network};
use crate::data::{DataSpec, Splits};
use crate::problem::{Problem, ProblemError};
use crate::{Context, Family, FamilyFacts};
use downhill::{Hyper, Range, Real, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Convolutions, each with an activation and a pool, then dense layers, and an output a class.
///
/// With `channels = [32, 64]`, `kernel = 5`, `hidden = [1024]`, `init = { truncated = 0.05 }` and `bias = 0.05`, all else by
/// default, this is `2c2d` of DeepOBS (Schneider, Balles & Hennig 2019, arXiv:1903.05499): on MNIST, in batches of 128, its
/// `mnist_2c2d`, with `split = { validation = 0.16667, seen = true }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cnn {
    /// Square images, grey, or of three colours one after the other; classes as targets.
    pub data: DataSpec,
    /// The channels of each convolution, `>= 1`.
    pub channels: Vec<usize>,
    /// Pixels along a side of a convolution's window, `>= 1`.
    pub kernel: usize,
    /// Pixels from one of its windows to the next, `>= 1`.
    pub stride: usize,
    /// What becomes of the rim, in convolutions and pools.
    pub padding: Padding,
    /// Pixels along a side of a pool, of which the largest goes on, and from one pool to the next, `>= 1`; 1 is none.
    pub pool: usize,
    /// The width of each dense layer before the last, `>= 1`.
    pub hidden: Vec<usize>,
    /// What hidden units do.
    pub activation: Activation,
    /// How weights start.
    pub init: Init,
    /// Where offsets start.
    pub bias: f64,
}

impl Default for Cnn {
    fn default() -> Self {
        Cnn {
            data: DataSpec::Name("digit_images".into()),
            channels: vec![8, 16],
            kernel: 3,
            stride: 1,
            padding: Padding::Same,
            pool: 2,
            hidden: vec![32],
            activation: Activation::Relu,
            init: Init::He,
            bias: 0.0,
        }
    }
}

impl Family for Cnn {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "conv",
        formula: "mean of log(sum_j e^(f_j)) - f_y, f = dense(.. pool(a(conv(.. pool(a(conv(x)))))))",
        source: "LeCun et al. 1998; 2c2d of DeepOBS, arXiv:1903.05499",
        teaches: "shared weights: filters with many slopes added up beside dense layers with few",
        hypers: &[
            Hyper::new("kernel", Range::AtLeast(1), "pixels along a side of a convolution's window"),
            Hyper::new("stride", Range::AtLeast(1), "pixels from one window to the next"),
            Hyper::new("padding", Range::OneOf(&["same", "valid"]), "what becomes of the rim"),
            Hyper::new("pool", Range::AtLeast(1), "pixels along a side of a pool; 1 is none"),
            Hyper::new("activation", Range::OneOf(&["relu", "leaky", "tanh", "gelu"]), "what hidden units do"),
            Hyper::new("bias", Range::Finite, "where offsets start"),
        ],
        tags: &["data", "non-convex", "network", "classification", "images"],
    };
    fn data(&self) -> Option<&DataSpec> {
        Some(&self.data)
    }
    fn build<R: Real>(&self, context: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        Ok(Arc::new(self.network(context.splits(&self.data)?)?))
    }
}

impl Model for Cnn {
    fn network<R: Real>(&self, splits: Arc<Splits<R>>) -> Result<Network<R>, ProblemError> {
        let &Cnn { kernel, stride, padding, pool, activation, init, bias, .. } = self;
        init.check()?;
        for (name, widths) in [("channels", &self.channels), ("hidden", &self.hidden)] {
            if let Some(l) = widths.iter().position(|&w| w == 0) {
                return Err(ProblemError(format!("`{name}`: layer {} has width 0, allowed is value >= 1", l + 1)));
            }
        }
        let goal = Goal::of(Loss::CrossEntropy);
        let outputs = goal.outputs(&splits)?;
        let (mut channels, mut side) = image(splits.width)?;
        let slide = |side, size, stride| {
            Window::new(side, size, stride, padding).ok_or_else(|| {
                let text =
                    format!("a window of {size} pixels does not fit into {side}; allowed are smaller `kernel` and");
                ProblemError(format!("{text} `pool`, fewer `channels`, or `padding = \"same\"`"))
            })
        };
        let mut body = Body::new(Columns(Shape { units: channels, places: side * side }));
        for &more in &self.channels {
            let window = slide(side, kernel, stride)?;
            body.push(Conv::new(channels, window, more, init, bias));
            body.push(Units::new(body.shape(), activation));
            (channels, side) = (more, window.count);
            if pool > 1 {
                let window = slide(side, pool, pool)?;
                body.push(MaxPool::new(channels, window));
                side = window.count;
            }
        }
        body.flatten();
        for &width in &self.hidden {
            body.push(Affine::new(body.shape(), width, Role::Hidden, Some(init)).with_offset(bias));
            body.push(Units::new(body.shape(), activation));
        }
        body.push(Affine::new(body.shape(), outputs, Role::Head, Some(init)).with_offset(bias));
        Ok(Network::new(splits, body, goal))
    }
}

/// Channels and side of an image with so many numbers.
pub(super) fn image(width: usize) -> Result<(usize, usize), ProblemError> {
    let side = |channels: usize| (width / channels).isqrt();
    let fits = |&channels: &usize| width > 0 && channels * side(channels) * side(channels) == width;
    [1, 3].into_iter().find(fits).map(|channels| (channels, side(channels))).ok_or_else(|| {
        ProblemError(format!("rows of {width} numbers are no square images, neither grey nor of three colours"))
    })
}
