//! Michalewicz's function.

use super::forms::separable;
use super::{Function, Start};
use crate::math::{cos, sin};
use crate::{Facts, FamilyFacts, ProblemError};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};
use std::f64::consts::{FRAC_PI_2, PI};

/// Narrow canyons along every axis in a plain: where they cross, it is deepest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Michalewicz {
    /// The number of coordinates, `>= 1` and `<= 10`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Michalewicz {
    fn default() -> Self {
        Michalewicz { dim: 2, start: Start::default() }
    }
}

impl Function for Michalewicz {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "michalewicz",
        formula: "-sum_i sin(x_i) sin^20(i x_i^2 / pi)",
        source: "Michalewicz 1992; Surjanovic & Bingham, Virtual Library of Simulation Experiments, MICHAL",
        teaches: "canyons in a plain: most starts see no slope",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "multimodal", "plateau"],
    };
    fn check(&self) -> Result<(), ProblemError> {
        match self.dim {
            1..=10 => Ok(()),
            n => Err(ProblemError(format!("`dim` is {n}, known are the minima of up to 10 coordinates"))),
        }
    }
    fn known(&self) -> Facts {
        // The deepest point of each term, and its depth.
        const DEEPEST: [(f64, f64); 10] = [
            (2.202_905_520_172_609_3, 0.801_303_410_098_552_5),
            (FRAC_PI_2, 1.0),
            (1.284_991_570_552_924_4, 0.959_091_269_896_006),
            (1.923_058_469_866_362_8, 0.938_462_418_472_083_4),
            (1.720_469_772_565_841_3, 0.988_801_080_621_504_4),
            (FRAC_PI_2, 1.0),
            (1.454_413_971_362_379, 0.993_227_135_355_881_6),
            (1.756_086_520_945_026_4, 0.982_872_036_272_210_6),
            (1.655_717_416_821_029_1, 0.996_394_364_925_103),
            (FRAC_PI_2, 1.0),
        ];
        let (minimiser, depths): (Vec<f64>, Vec<f64>) = DEEPEST.into_iter().take(self.dim).unzip();
        Facts {
            domain: vec![(0.0, PI)],
            lower_bound: None,
            ..Facts::global(-depths.iter().sum::<f64>(), vec![minimiser])
        }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        [2.0, 1.5].into_iter().cycle().take(self.dim).collect()
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let c = R::of;
        separable(x, g, |i, x| {
            let angle = c(i as f64 / PI) * x * x;
            // The twentieth power, less one.
            let (s, mut power) = (sin(angle), R::ONE);
            for _ in 0..19 {
                power *= s;
            }
            let bend = c(40.0 * i as f64 / PI) * x * cos(angle);
            (-sin(x) * power * s, -power * (cos(x) * s + sin(x) * bend))
        })
    }
}
