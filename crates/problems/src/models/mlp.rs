//! The multi-layer perceptron.

use super::goal::Goal;
use super::layers::{Affine, Body, Norm, Units};
use super::network::features;
use super::{Activation, Init, Loss, Model, Network};
use crate::data::{DataSpec, Splits};
use crate::problem::{Problem, ProblemError};
use crate::{Context, Family, FamilyFacts};
use downhill::{Hyper, Range, Real, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Affine layers with an activation between them, of any depth and width.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mlp {
    /// Any data set.
    pub data: DataSpec,
    /// The width of each hidden layer, `>= 1`; none gives a linear model that starts at random.
    pub hidden: Vec<usize>,
    /// What hidden units do.
    pub activation: Activation,
    /// How weights start.
    pub init: Init,
    /// Any [`Loss`] that fits the targets; numbers need one of the three for numbers, there is no guessing.
    pub loss: Loss,
    /// Where Huber's loss turns from a parabola into a line, `> 0`, in standard deviations of the target.
    pub delta: f64,
    /// The share of hidden units that a training step leaves out, `[0, 1)` (Srivastava et al. 2014): drawn anew for
    /// every step, example and unit; what is left is scaled up by `1 / (1 - dropout)`. Measures leave out nothing.
    pub dropout: f64,
    /// What stands between a hidden layer's sums and its activation.
    #[serde(skip_serializing_if = "Normalisation::is_none")]
    pub norm: Normalisation,
}

/// What hidden layers make of their sums before the activation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Normalisation {
    /// Nothing.
    #[default]
    None,
    /// Mean 0 and variance 1 over the units of each example, then a gain and an offset each (Ba, Kiros & Hinton 2016,
    /// arXiv:1607.06450). Measures do just what training does: no example knows of another.
    Layer,
}

impl Normalisation {
    // Left out of the table, so that trials from before there was a choice keep their names.
    fn is_none(&self) -> bool {
        *self == Normalisation::None
    }
}

impl Default for Mlp {
    fn default() -> Self {
        Mlp {
            data: DataSpec::Name("digits".into()),
            hidden: vec![32],
            activation: Activation::Relu,
            init: Init::He,
            loss: Loss::CrossEntropy,
            delta: 1.0,
            dropout: 0.0,
            norm: Normalisation::None,
        }
    }
}

const LOSSES: &[&str] = &["cross-entropy", "logistic", "hinge", "squared-hinge", "squared", "huber", "absolute"];

impl Family for Mlp {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "mlp",
        formula: "mean loss of f = w_n a(... a(w_1 x + b_1) ...) + b_n",
        source: "Rumelhart, Hinton & Williams 1986",
        teaches: "non-convex, with symmetries; what optimizers are made for",
        hypers: &[
            Hyper::new("activation", Range::OneOf(&["relu", "leaky", "tanh", "gelu"]), "what hidden units do"),
            Hyper::new("loss", Range::OneOf(LOSSES), "how outputs count; must fit the targets"),
            Hyper::new("delta", Range::Positive, "where Huber's loss turns linear, in sd of the target"),
            Hyper::new("dropout", Range::Decay, "the share of hidden units that a step leaves out"),
        ],
        tags: &["data", "non-convex", "network"],
    };
    fn data(&self) -> Option<&DataSpec> {
        Some(&self.data)
    }
    fn build<R: Real>(&self, context: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        Ok(Arc::new(self.network(context.splits(&self.data)?)?))
    }
}

impl Model for Mlp {
    fn network<R: Real>(&self, splits: Arc<Splits<R>>) -> Result<Network<R>, ProblemError> {
        self.init.check()?;
        let Mlp { activation, init, dropout, .. } = *self;
        let goal = Goal::Targets { loss: self.loss, delta: self.delta };
        let outputs = goal.outputs(&splits)?;
        let mut shape = features(&splits)?;
        if let Some(l) = self.hidden.iter().position(|&w| w == 0) {
            return Err(ProblemError(format!("`hidden`: layer {} has no unit", l + 1)));
        }
        let Some((&first, more)) = self.hidden.split_first() else {
            return Ok(Network::new(splits, Body::new(Affine::new(shape, outputs, Role::Head, Some(init))), goal));
        };
        let mut body = Body::new(Affine::new(shape, first, Role::Hidden, Some(init)));
        for (l, &width) in more.iter().chain([&outputs]).enumerate() {
            shape = body.shape();
            if self.norm == Normalisation::Layer {
                body.push(Norm(shape));
            }
            body.push(Units::new(shape, activation).with_dropout(dropout));
            let role = if l == more.len() { Role::Head } else { Role::Hidden };
            body.push(Affine::new(shape, width, role, Some(init)));
        }
        Ok(Network::new(splits, body, goal))
    }
}
