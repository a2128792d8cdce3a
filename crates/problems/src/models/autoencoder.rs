//! Autoencoders.

use super::goal::{Goal, Likeness};
use super::layers::{Affine, Body, Columns, Mirror, Sequence, Shape, Units};
use super::network::features;
use super::{Activation, Init, Network};
use crate::data::{DataSpec, Matrix, Splits};
use crate::problem::{Part, Problem, ProblemError};
use crate::{Context, Family, FamilyFacts};
use downhill::{Hyper, Range, Real, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Layers down to a code and back up: the features of each example from fewer numbers. Targets are not looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Autoencoder {
    /// Any data set.
    pub data: DataSpec,
    /// The width of each layer of the encoder, `>= 1`, the code last, at least one; the decoder has the same in turn.
    pub hidden: Vec<usize>,
    /// Whether the decoder has the encoder's weights, transposed, and only offsets of its own.
    pub tied: bool,
    /// How outputs and features are compared.
    pub loss: Likeness,
    /// What all units do but the outputs.
    pub activation: Activation,
    /// How weights start.
    pub init: Init,
}

impl Default for Autoencoder {
    fn default() -> Self {
        Autoencoder {
            data: DataSpec::Name("digit_images".into()),
            hidden: vec![32, 8],
            tied: false,
            loss: Likeness::Squared,
            activation: Activation::Tanh,
            init: Init::Glorot,
        }
    }
}

impl Family for Autoencoder {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "autoencoder",
        formula: "mean of 1/2 |f - x|^2, or of sum_j log(1 + e^(f_j)) - x_j f_j, f = decode(encode(x))",
        source: "Hinton & Salakhutdinov 2006, Science 313; Vincent et al. 2010, JMLR 11",
        teaches: "a bottleneck: a plateau at the mean, then one direction of the data after the other",
        hypers: &[
            Hyper::new("tied", Range::Flag, "whether the decoder has the encoder's weights"),
            Hyper::new("loss", Range::OneOf(&["squared", "bernoulli"]), "how outputs and features are compared"),
            Hyper::new("activation", Range::OneOf(&["relu", "leaky", "tanh", "gelu"]), "what hidden units do"),
        ],
        tags: &["data", "non-convex", "network", "unsupervised"],
    };
    fn data(&self) -> Option<&DataSpec> {
        Some(&self.data)
    }
    fn build<R: Real>(&self, context: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        let splits = context.splits(&self.data)?;
        self.init.check()?;
        if let Some(l) = self.hidden.iter().position(|&w| w == 0) {
            return Err(ProblemError(format!("`hidden`: layer {} has no unit", l + 1)));
        }
        if self.loss == Likeness::Bernoulli
            && let Some(x) = outside(&splits)
        {
            let text =
                format!("`loss` is \"bernoulli\", but a feature is {x}: allowed are numbers from 0 to 1, as of images");
            return Err(ProblemError(format!("{text}, or `loss = \"squared\"`")));
        }
        let Some((&first, more)) = self.hidden.split_first() else {
            return Err(ProblemError("`hidden` is empty, allowed are one or more widths".into()));
        };
        let mut body = Body::new(Columns(features(&splits)?));
        if self.tied {
            body.push(self.mirror(splits.width, first, more));
        } else {
            let down = self.hidden.iter();
            for &width in down.clone().chain(down.rev().skip(1)) {
                body.push(Affine::new(body.shape(), width, Role::Hidden, Some(self.init)));
                body.push(Units::new(body.shape(), self.activation));
            }
            body.push(Affine::new(body.shape(), splits.width, Role::Head, Some(self.init)));
        }
        Ok(Arc::new(Network::new(splits, body, Goal::Itself(self.loss))))
    }
}

impl Autoencoder {
    /// To `width` units and back, by way of `more`.
    fn mirror<R: Real>(&self, inputs: usize, width: usize, more: &[usize]) -> Mirror<R> {
        let shape = Shape::flat(width);
        let mut inner = Sequence::new(shape);
        inner.push(Units::new(shape, self.activation));
        if let Some((&next, more)) = more.split_first() {
            inner.push(self.mirror(width, next, more));
            inner.push(Units::new(shape, self.activation));
        }
        Mirror::new(inputs, inner, self.init)
    }
}

/// A feature that is no probability.
fn outside<R: Real>(splits: &Splits<R>) -> Option<R> {
    let values = |part| match &splits.part(part).x {
        Matrix::Dense(x) => x,
        Matrix::Sparse(x) => &x.values,
    };
    Part::ALL.into_iter().flat_map(values).copied().find(|x| !(R::ZERO..=R::ONE).contains(x))
}
