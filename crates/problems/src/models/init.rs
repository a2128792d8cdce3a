//! How weights start.

use crate::math::{normal, uniform};
use crate::problem::ProblemError;
use crate::rng::Rng;
use downhill::Real;
use serde::{Deserialize, Serialize};

/// The distribution of a layer's first weights; biases start at 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Init {
    /// Normal with variance `2 / inputs` (He et al. 2015, arXiv:1502.01852): for relu.
    #[default]
    He,
    /// Uniform within `+- sqrt(6 / (inputs + outputs))` (Glorot & Bengio 2010): for tanh.
    Glorot,
    /// Normal with this standard deviation, `>= 0`: `{ std = 0.1 }`.
    Std(f64),
    /// Normal with this standard deviation, `>= 0`, draws beyond two of them drawn again, as TensorFlow's: `{ truncated =
    /// 0.05 }`.
    Truncated(f64),
}

impl Init {
    /// # Errors
    /// If a standard deviation is negative.
    pub(crate) fn check(self) -> Result<(), ProblemError> {
        match self {
            Init::Std(std) if !(std >= 0.0 && std.is_finite()) => Err(("std", std)),
            Init::Truncated(std) if !(std >= 0.0 && std.is_finite()) => Err(("truncated", std)),
            _ => Ok(()),
        }
        .map_err(|(name, std)| ProblemError(format!("`init.{name}` is {std}, allowed is value >= 0")))
    }

    /// Draws the weights of a layer in their order.
    pub(crate) fn draw<R: Real>(self, rng: &mut Rng, [outputs, inputs]: [usize; 2], w: &mut [R]) {
        let (inputs, outputs) = (inputs as f64, outputs as f64);
        let mut fill = |f: &mut dyn FnMut(&mut Rng) -> f64| w.iter_mut().for_each(|w| *w = R::of(f(rng)));
        match self {
            Init::He => fill(&mut |rng| libm::sqrt(2.0 / inputs) * normal(rng)),
            Init::Glorot => fill(&mut |rng| libm::sqrt(6.0 / (inputs + outputs)) * (2.0 * uniform(rng) - 1.0)),
            Init::Std(std) => fill(&mut |rng| std * normal(rng)),
            Init::Truncated(std) => fill(&mut |rng| {
                loop {
                    let z = normal(rng);
                    if z.abs() <= 2.0 {
                        return std * z;
                    }
                }
            }),
        }
    }
}
