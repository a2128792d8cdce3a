//! The function of Styblinski and Tang.

use super::forms::{replaced, separable};
use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// Two valleys in each coordinate, one deeper: `2^dim` minima, one global.
///
/// [`known`](Function::known) lists the traps that are wrong in one coordinate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StyblinskiTang {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for StyblinskiTang {
    fn default() -> Self {
        StyblinskiTang { dim: 2, start: Start::default() }
    }
}

impl Function for StyblinskiTang {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "styblinski-tang",
        formula: "1/2 sum_i x_i^4 - 16 x_i^2 + 5 x_i",
        source: "Styblinski & Tang 1990, Neural Networks 3(4)",
        teaches: "one of two valleys for each coordinate",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "multimodal"],
    };
    fn known(&self) -> Facts {
        const DEEP: f64 = -39.166_165_703_771_42;
        let (n, minimiser) = (self.dim as f64, vec![-2.903_534_027_771_177; self.dim]);
        Facts {
            domain: vec![(-5.0, 5.0)],
            traps: replaced(&minimiser, 2.746_802_770_990_837, (n - 1.0) * DEEP - 25.029_446_655_283_943),
            ..Facts::global(n * DEEP, vec![minimiser])
        }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let c = R::of;
        separable(x, g, |_, x| {
            let x2 = x * x;
            (c(0.5) * (x2 * (x2 - c(16.0)) + c(5.0) * x), x * (c(2.0) * x2 - c(16.0)) + c(2.5))
        })
    }
}
