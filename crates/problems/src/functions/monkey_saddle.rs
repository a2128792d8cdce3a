//! The monkey saddle.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// Three ways down and three up, and no curvature at the origin; the fourth-order bowl keeps it from below.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MonkeySaddle {
    /// Where to start.
    pub start: Start,
}

impl Function for MonkeySaddle {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "monkey-saddle",
        formula: "x^3 - 3 x y^2 + (x^2 + y^2)^2",
        source: "Hilbert & Cohn-Vossen 1932 (the saddle); the bowl: this project",
        teaches: "a saddle without curvature",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "saddle"],
    };
    fn known(&self) -> Facts {
        // In polar coordinates r^3 cos(3 phi) + r^4: lowest at r = 3/4 in the three directions with cos(3 phi) = -1.
        const Y: f64 = 0.649_519_052_838_329;
        Facts {
            domain: vec![(-2.0, 2.0)],
            ..Facts::global(-27.0 / 256.0, vec![vec![-0.75, 0.0], vec![0.375, Y], vec![0.375, -Y]])
        }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.01, 0.001]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, x, y) = (R::of, x[0], x[1]);
        let r2 = x * x + y * y;
        g[0] = c(3.0) * (x * x - y * y) + c(4.0) * r2 * x;
        g[1] = -c(6.0) * x * y + c(4.0) * r2 * y;
        x * (x * x - c(3.0) * y * y) + r2 * r2
    }
}
