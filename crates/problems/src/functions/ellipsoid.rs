//! The ill-conditioned ellipsoid.

use super::forms::{curvature, separable};
use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// Curvatures from 1 to `kappa` in even ratios, along the axes: what one learning rate for each coordinate can repair.
///
/// [`RotatedQuadratic`](super::RotatedQuadratic) has the same spectrum, turned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ellipsoid {
    /// The number of coordinates, `>= 2`.
    pub dim: usize,
    /// The ratio of the largest curvature to the smallest, `> 0`.
    pub kappa: f64,
    /// Where to start.
    pub start: Start,
}

impl Default for Ellipsoid {
    fn default() -> Self {
        Ellipsoid { dim: 10, kappa: 1e3, start: Start::default() }
    }
}

impl Function for Ellipsoid {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "ellipsoid",
        formula: "1/2 sum_i kappa^((i-1)/(dim-1)) x_i^2",
        source: "Hansen et al. 2009, BBOB functions (there kappa = 1e6)",
        teaches: "ill-conditioning along the axes: diagonal methods win",
        hypers: &[
            Hyper::new("dim", Range::AtLeast(2), "number of coordinates"),
            Hyper::new("kappa", Range::Positive, "ratio of the largest curvature to the smallest"),
            Start::HYPER,
        ],
        tags: &["function", "nd", "convex", "quadratic", "ill-conditioned"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-5.0, 5.0)], ..Facts::global(0.0, vec![vec![0.0; self.dim]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        separable(x, g, |i, x| {
            let slope = R::of(curvature(self.kappa, self.dim, i)) * x;
            (R::of(0.5) * slope * x, slope)
        })
    }
}
