//! The quadratic of any spectrum.

use super::at_least_1;
use super::rotation::Rotation;
use super::spectrum::Spectrum;
use crate::math::normal;
use crate::problem::{Facts, Info, Measures, Part, Problem, ProblemError, Sample, Scratch};
use crate::{Context, Family, FamilyFacts, Rng, Stream, Streams};
use downhill::{Hyper, Layout, Range, Real};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A quadratic with a chosen spectrum, in a frame that is turned in blocks.
///
/// ```text
/// f(x) = 1/2 sum_i h_i y_i^2,  y = Q (x - c),  1 = h_1 >= ... >= h_dim = 1 / kappa
/// ```
///
/// `Q` and the minimiser `c`, from N(0, 1), are drawn from `instance`; the start is drawn from N(0, 1) for each trial.
/// Gradient descent diverges beyond a learning rate of 2. With `block = 1` the axes are those of the curvatures, and a
/// learning rate for each coordinate repairs any condition; with `block = dim` it repairs none. In between, each block
/// has curvatures of about one size of its own, as layers of a transformer have (Zhang et al. 2024, arXiv:2402.16788).
/// An evaluation takes `O(dim log block)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quadratic {
    /// The number of coordinates, `>= 2`.
    pub dim: usize,
    /// How curvatures fall.
    pub spectrum: Spectrum,
    /// The ratio of the largest curvature to the smallest, `>= 1`.
    pub kappa: f64,
    /// The number of large curvatures, `>= 1`, at most all but one; without effect where the spectrum has no outliers.
    pub outliers: usize,
    /// How many coordinates are turned together, `>= 1`; `dim` or more turns all.
    pub block: usize,
    /// Which of the random frames and minimisers.
    pub instance: u64,
}

impl Default for Quadratic {
    fn default() -> Self {
        Quadratic { dim: 100, spectrum: Spectrum::default(), kappa: 1e3, outliers: 10, block: 100, instance: 0 }
    }
}

impl Family for Quadratic {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "quadratic",
        formula: "1/2 sum_i h_i y_i^2, y = Q (x - c), h from 1 to 1/kappa, Q turns blocks",
        source: "after Nesterov 2004, Introductory Lectures on Convex Optimization; spectra as cited there",
        teaches: "how the answer depends on condition, spectrum, axes and noise, one at a time",
        hypers: &[
            Hyper::new("dim", Range::AtLeast(2), "number of coordinates"),
            Hyper::new("spectrum", Range::OneOf(Spectrum::WORDS), "how curvatures fall from 1 to 1/kappa"),
            Hyper::new("kappa", Range::Positive, "ratio of the largest curvature to the smallest, at least 1"),
            Hyper::new("outliers", Range::AtLeast(1), "number of large curvatures, for `deep` and `spiked`"),
            Hyper::new("block", Range::AtLeast(1), "how many coordinates are turned together; 1 turns none"),
            Hyper::new("instance", Range::AtLeast(0), "which of the random frames and minimisers"),
        ],
        tags: &["synthetic", "nd", "convex", "quadratic", "ill-conditioned"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        let &Quadratic { dim, spectrum, kappa, outliers, block, instance } = self;
        at_least_1("kappa", kappa)?;
        let mut rng = Streams::new("quadratic, instance", instance).rng(Stream::Noise);
        let minimiser = (0..dim).map(|_| normal(&mut rng)).collect();
        let h = spectrum.curvatures(dim, kappa, outliers.min(dim - 1));
        Ok(Arc::new(Bowl { h, minimiser, rotation: Rotation::draw(dim, block, &mut rng) }))
    }
}

struct Bowl {
    h: Vec<f64>,
    minimiser: Vec<f64>,
    rotation: Rotation,
}

impl Bowl {
    /// `y` becomes `Q' h Q y`; returns half the form.
    fn curve<R: Real>(&self, y: &mut [R]) -> f64 {
        self.rotation.apply(y);
        let mut twice = 0.0;
        for (y, &h) in y.iter_mut().zip(&self.h) {
            let slope = R::of(h) * *y;
            twice += slope.to_f64() * y.to_f64();
            *y = slope;
        }
        self.rotation.undo(y);
        0.5 * twice
    }

    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> f64 {
        for ((g, &x), &c) in g.iter_mut().zip(x).zip(&self.minimiser) {
            *g = x - R::of(c);
        }
        self.curve(g)
    }
}

impl Info for Bowl {
    fn layout(&self) -> Layout {
        Layout::vector(self.h.len())
    }
    fn facts(&self) -> Facts {
        Facts { domain: vec![(-5.0, 5.0)], curved: true, ..Facts::global(0.0, vec![self.minimiser.clone()]) }
    }
}

impl<R: Real> Problem<R> for Bowl {
    fn start(&self, rng: &mut Rng, x: &mut [R]) {
        x.fill_with(|| R::of(normal(rng)));
    }
    fn eval(&self, x: &[R], _: &Sample<'_>, g: &mut [R], _: &mut Scratch<R>) -> R {
        R::of(self.value_and_gradient(x, g))
    }
    fn hessian_vector(&self, _: &[R], v: &[R], _: &Sample<'_>, hv: &mut [R], _: &mut Scratch<R>) -> Option<()> {
        hv.copy_from_slice(v);
        self.curve(hv);
        Some(())
    }
    fn root_hessian(&self, z: &mut [R]) -> Option<()> {
        z.iter_mut().zip(&self.h).for_each(|(z, &h)| *z *= R::of(libm::sqrt(h)));
        self.rotation.undo(z);
        Some(())
    }
    fn measure(&self, x: &[R], _: Part, scratch: &mut Scratch<R>) -> Measures {
        let loss = self.value_and_gradient(x, scratch.take(x.len()));
        Measures { objective: loss, loss, metric: None }
    }
}
