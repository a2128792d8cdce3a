//! Tiger.

use crate::{Driver, Facts, Fused, Hyper, Layout, Lion, Method, Optimizer, Range, Real};
use serde::{Deserialize, Serialize};

/// Tiger: the sign of a long mean of gradients; [`Lion`] with one decay for both its roles.
///
/// ```text
/// m <- beta m + (1 - beta) g
/// u  = sign(m)
/// ```
///
/// Su 2023, kexue.fm/archives/9512. As pytorch_optimizer, with weight decay (0.01 there) as a wrapper. The author's
/// own code, for transformers in Keras, also multiplies the learning rate by the root mean square of a tensor, and
/// halves it for biases and gains, found by their names. The sign of 0 is 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tiger {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta: f64,
}

impl Default for Tiger {
    fn default() -> Self {
        Tiger { beta: 0.965 }
    }
}

impl Method for Tiger {
    const FACTS: Facts = Facts {
        name: "tiger",
        formula: "m <- beta m + (1 - beta) g; x <- x - lr sign(m)",
        source: "Su 2023, kexue.fm/archives/9512",
        preset: "paper",
        convention: "the formula published in place of a paper, and pytorch_optimizer: the sign alone; the author's code scales it by the size of a tensor",
        failure: "every coordinate moves by lr however small its gradient: no rest at the optimum",
        grid: (1e-6, 1e-2),
        hypers: &[Hyper::new("beta", Range::Decay, "decay of the mean of gradients")],
        claims: Lion::FACTS.claims,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(Lion { beta1: self.beta, beta2: self.beta }), layout)
    }
}
