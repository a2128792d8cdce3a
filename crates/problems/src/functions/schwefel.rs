//! Schwefel's function no. 2.26.

use super::forms::{replaced, separable};
use super::{Function, Start};
use crate::math::{cos, sin};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// Waves that grow towards the walls of the box: the second deepest trap lies at the other end from the minimum.
///
/// Outside of the box it goes deeper. Of its many traps, [`known`](Function::known) lists the deepest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schwefel {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Schwefel {
    fn default() -> Self {
        Schwefel { dim: 2, start: Start::default() }
    }
}

impl Function for Schwefel {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "schwefel",
        formula: "sum_i 418.98288727243371 - x_i sin(sqrt |x_i|)",
        source: "Schwefel 1981; Jamil & Yang 2013, arXiv:1308.4008",
        teaches: "a landscape that deceives: what is good lies far from what is best",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "multimodal", "kink"],
    };
    fn known(&self) -> Facts {
        let minimiser = vec![420.968_746_359_982_03; self.dim];
        let traps = replaced(&minimiser, -302.524_935_611_911_8, 118.438_334_614_437_9);
        Facts { domain: vec![(-500.0, 500.0)], traps, lower_bound: None, ..Facts::global(0.0, vec![minimiser]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![250.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let c = R::of;
        separable(x, g, |_, x| {
            let root = x.abs().sqrt();
            let slope = -sin(root) - c(0.5) * root * cos(root);
            (c(418.982_887_272_433_7) - x * sin(root), slope)
        })
    }
}
