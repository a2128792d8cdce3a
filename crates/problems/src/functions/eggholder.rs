//! The eggholder.

use super::{Function, Start};
use crate::math::{cos, sin};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// Bumps of all sizes; the deepest valley runs out of the box, and the minimum lies on its edge, where the gradient is
/// not 0. Outside of the box it goes deeper.
///
/// Along two lines the slope grows without bound; on them, 0 is given for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Eggholder {
    /// Where to start.
    pub start: Start,
}

impl Function for Eggholder {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "eggholder",
        formula: "-(y + 47) sin(sqrt |x/2 + y + 47|) - x sin(sqrt |x - y - 47|)",
        source: "Surjanovic & Bingham, Virtual Library of Simulation Experiments, EGG",
        teaches: "a minimum on the edge of the box",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "multimodal", "kink"],
    };
    fn known(&self) -> Facts {
        let minimiser = vec![512.0, 404.231_805_113_757_8];
        Facts {
            domain: vec![(-512.0, 512.0)],
            lower_bound: None,
            ..Facts::global(-959.640_662_720_850_8, vec![minimiser])
        }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![100.0, 100.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, y) = (R::of, x[1] + R::of(47.0));
        // The sine of the root of |u|, and its slope.
        let wave = |u: R| {
            let root = u.abs().sqrt();
            let slope = if root > R::ZERO { c(0.5) * cos(root) * u.sign() / root } else { R::ZERO };
            (sin(root), slope)
        };
        let ((a, a1), (b, b1)) = (wave(c(0.5) * x[0] + y), wave(x[0] - y));
        g[0] = -c(0.5) * y * a1 - b - x[0] * b1;
        g[1] = -a - y * a1 + x[0] * b1;
        -y * a - x[0] * b
    }
}
