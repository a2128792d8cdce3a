//! A ravine.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// The cosine of 30 degrees.
const COS: f64 = 0.866_025_403_784_438_6;
/// The sine of 30 degrees.
const SIN: f64 = 0.5;

/// A long valley with steep walls, at 30 degrees to the axes: `u` runs along it, `v` across.
///
/// The customary start is `(u, v) = (10, 1)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ravine {
    /// The ratio of the largest curvature to the smallest, `> 0`.
    pub kappa: f64,
    /// Where to start.
    pub start: Start,
}

impl Default for Ravine {
    fn default() -> Self {
        Ravine { kappa: 100.0, start: Start::default() }
    }
}

impl Function for Ravine {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "ravine",
        formula: "1/2 (u^2 + kappa v^2), u = x cos 30 + y sin 30, v = y cos 30 - x sin 30",
        source: "this project",
        teaches: "zigzags, and how momentum ends them",
        hypers: &[Hyper::new("kappa", Range::Positive, "ratio of the largest curvature to the smallest"), Start::HYPER],
        tags: &["function", "2d", "convex", "quadratic", "ill-conditioned"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-12.0, 12.0)], ..Facts::global(0.0, vec![vec![0.0, 0.0]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![10.0 * COS - SIN, 10.0 * SIN + COS]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (cos, sin, kappa) = (R::of(COS), R::of(SIN), R::of(self.kappa));
        let (u, v) = (x[0] * cos + x[1] * sin, x[1] * cos - x[0] * sin);
        g[0] = u * cos - kappa * v * sin;
        g[1] = u * sin + kappa * v * cos;
        R::of(0.5) * (u * u + kappa * v * v)
    }
}
