//! The drop-wave function.

use super::{Function, Start};
use crate::math::{cos, sin};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// Rings around a drop, lower with the distance: every ring is a trap all around.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DropWave {
    /// Where to start.
    pub start: Start,
}

impl Function for DropWave {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "drop-wave",
        formula: "-(1 + cos(12 r)) / (r^2 / 2 + 2), r = sqrt(x^2 + y^2)",
        source: "Surjanovic & Bingham, Virtual Library of Simulation Experiments, DROP",
        teaches: "rings around the minimum, each a trap",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "multimodal"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-5.12, 5.12)], ..Facts::global(-1.0, vec![vec![0.0, 0.0]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0, 1.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let c = R::of;
        let square = x[0] * x[0] + x[1] * x[1];
        let (r, below) = (square.sqrt(), c(0.5) * square + c(2.0));
        let height = (c(1.0) + cos(c(12.0) * r)) / below;
        // sin(12 r) / r tends to 12.
        let wave = if r > R::ZERO { sin(c(12.0) * r) / r } else { c(12.0) };
        let slope = (c(12.0) * wave + height) / below;
        g[0] = slope * x[0];
        g[1] = slope * x[1];
        -height
    }
}
