//! The noisy quadratic model.

use crate::math::normal;
use crate::problem::{Facts, Info, Measures, Part, Problem, ProblemError, Sample, Scratch};
use crate::{Context, Family, FamilyFacts, Rng, Stream};
use downhill::{Hyper, Layout, Range, Real};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A quadratic whose gradient is noisy in proportion to its curvature, as that of a network on mini-batches is.
///
/// ```text
/// f(x)   = 1/2 sum_i h_i x_i^2,  h_i = 1 / i
/// f_t(x) = f(x) + noise sum_i sqrt(h_i) z_i x_i,  z ~ N(0, 1) drawn for step t
/// ```
///
/// The gradient of `f_t` is that of `f` plus noise of variance `noise^2 h_i`; values and gradients of one step belong
/// together, and [`measure`](Problem::measure) sees `f`. A batch `n` times as large is `noise = 1 / sqrt(n)`.
/// The start is drawn from N(0, 1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoisyQuadratic {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// The standard deviation of the noise where the curvature is 1, `>= 0`.
    pub noise: f64,
}

impl Default for NoisyQuadratic {
    fn default() -> Self {
        NoisyQuadratic { dim: 100, noise: 1.0 }
    }
}

impl Family for NoisyQuadratic {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "noisy-quadratic",
        formula: "1/2 sum_i x_i^2 / i, gradient noise of variance noise^2 / i",
        source: "Zhang et al. 2019, arXiv:1907.04164",
        teaches: "noise floors, batch sizes, schedules, averaging",
        hypers: &[
            Hyper::new("dim", Range::AtLeast(1), "number of coordinates"),
            Hyper::new("noise", Range::NonNegative, "standard deviation of the noise where the curvature is 1"),
        ],
        tags: &["function", "nd", "convex", "quadratic", "noisy"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        Ok(Arc::new(self.clone()))
    }
}

impl Info for NoisyQuadratic {
    fn layout(&self) -> Layout {
        Layout::vector(self.dim)
    }
    fn facts(&self) -> Facts {
        Facts {
            domain: vec![(-3.0, 3.0)],
            // The loss of one step has no lower bound: it is tilted.
            lower_bound: None,
            noisy: self.noise > 0.0,
            curved: true,
            ..Facts::global(0.0, vec![vec![0.0; self.dim]])
        }
    }
}

impl<R: Real> Problem<R> for NoisyQuadratic {
    fn start(&self, rng: &mut Rng, x: &mut [R]) {
        x.fill_with(|| R::of(normal(rng)));
    }
    fn eval(&self, x: &[R], sample: &Sample<'_>, g: &mut [R], _: &mut Scratch<R>) -> R {
        let mut rng = sample.streams.at(Stream::Noise, sample.t);
        let mut f = R::ZERO;
        for (i, (g, &x)) in g.iter_mut().zip(x).enumerate() {
            let h = 1.0 / (i + 1) as f64;
            let (slope, noise) = (R::of(h) * x, R::of(self.noise * libm::sqrt(h) * normal(&mut rng)));
            f += (R::of(0.5) * slope + noise) * x;
            *g = slope + noise;
        }
        f
    }
    fn hessian_vector(&self, _: &[R], v: &[R], _: &Sample<'_>, hv: &mut [R], _: &mut Scratch<R>) -> Option<()> {
        hv.iter_mut().zip(v).enumerate().for_each(|(i, (hv, &v))| *hv = R::of(1.0 / (i + 1) as f64) * v);
        Some(())
    }
    fn measure(&self, x: &[R], _: Part, _: &mut Scratch<R>) -> Measures {
        let terms = x.iter().enumerate().map(|(i, x)| 0.5 / (i + 1) as f64 * x.to_f64() * x.to_f64());
        let loss = terms.sum();
        Measures { objective: loss, loss, metric: None }
    }
}
