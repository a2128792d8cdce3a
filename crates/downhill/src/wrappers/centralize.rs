//! Gradient centralization.

use crate::{At, Before, Block, Claim, Layout, Optimizer, Real, Rule, Visit, Wrapper, WrapperFacts, real};
use serde::{Deserialize, Serialize};

/// Frees the gradient of each unit from its mean: `g_i <- g_i - mean(g_i)` for the rows i of each matrix.
///
/// Yong et al. 2020, arXiv:2004.01461. As the authors' code and optax's `centralize`: the mean is over all dimensions
/// but the first, the outputs, and blocks of one dimension stay as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradientCentralization {}

impl<R: Real> Rule<R> for GradientCentralization {
    /// The length of a row.
    type State = Option<usize>;
    fn init(&self, block: &Block) -> Option<usize> {
        block.matrix().map(|(_, columns)| columns).filter(|&columns| columns > 0)
    }
    fn direct(&self, _: &At, columns: &mut Option<usize>, _: &[R], u: &mut [R]) {
        let Some(columns) = *columns else { return };
        for row in u.chunks_exact_mut(columns) {
            let mean = R::of(real::sum(row, |g| g) / columns as f64);
            row.iter_mut().for_each(|g| *g -= mean);
        }
    }
    fn visit(&self, _: &mut Option<usize>, _: &mut Visit<'_>) {}
}

impl Wrapper for GradientCentralization {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "gradient-centralization",
        rewrites: true,
        source: "Yong et al. 2020, arXiv:2004.01461",
        formula: "g <- g - mean of g over all dimensions but the first, in blocks of two or more",
        convention: "authors, optax",
        breaks: &[Claim::Separable],
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Before::boxed(*self, inner, layout)
    }
}
