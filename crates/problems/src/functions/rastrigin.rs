//! Rastrigin's function.

use super::forms::{replaced, separable};
use super::{Function, Start};
use crate::math::{cos, sin};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// A bowl with a grid of traps, one at about every whole number.
///
/// [`known`](Function::known) lists those next to the minimum along the axes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rastrigin {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Rastrigin {
    fn default() -> Self {
        Rastrigin { dim: 2, start: Start::default() }
    }
}

impl Function for Rastrigin {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "rastrigin",
        formula: "10 dim + sum_i x_i^2 - 10 cos(2 pi x_i)",
        source: "Rastrigin 1974; Mühlenbein, Schomisch & Born 1991",
        teaches: "a grid of local minima: where hikers from many starts end",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "multimodal"],
    };
    fn known(&self) -> Facts {
        const TRAP: f64 = 0.994_958_637_652_334_8;
        let minimiser = vec![0.0; self.dim];
        Facts {
            domain: vec![(-5.12, 5.12)],
            traps: [TRAP, -TRAP].map(|x| replaced(&minimiser, x, 0.994_959_057_093_291_4)).concat(),
            ..Facts::global(0.0, vec![minimiser])
        }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![2.2; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let c = R::of;
        separable(x, g, |_, x| {
            let angle = c(TAU) * x;
            (x * x + c(10.0) * (c(1.0) - cos(angle)), c(2.0) * x + c(10.0 * TAU) * sin(angle))
        })
    }
}
