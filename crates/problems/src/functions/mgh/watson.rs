//! Watson's function.

use super::residuals::{Residuals, unknown};
use crate::functions::{Function, Start};
use crate::{Facts, FamilyFacts, ProblemError};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// A polynomial that is to solve a differential equation: the more coefficients, the smaller the value, and the less it
/// says about them.
///
/// The minimum is known for 6, 9 and 12 coordinates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Watson {
    /// The number of coordinates, `>= 2` and `<= 31`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Watson {
    fn default() -> Self {
        Watson { dim: 6, start: Start::default() }
    }
}

impl Function for Watson {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "watson",
        formula: "sum_{i<=29} (sum_j (j - 1) x_j t^(j-2) - (sum_j x_j t^(j-1))^2 - 1)^2 \
                  + x_1^2 + (x_2 - x_1^2 - 1)^2, t = i / 29",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 20",
        teaches: "coefficients that the data hardly tell apart",
        hypers: &[Hyper::new("dim", Range::AtLeast(2), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "ill-conditioned", "least-squares", "mgh"],
    };
    fn check(&self) -> Result<(), ProblemError> {
        match self.dim {
            2..=31 => Ok(()),
            n => Err(ProblemError(format!("`dim` is {n}, allowed are 2 to 31"))),
        }
    }
    fn known(&self) -> Facts {
        let (minimum, minimiser, size): (f64, &[f64], f64) = match self.dim {
            6 => (
                0.002_287_670_053_552_436_3,
                &[
                    -0.015_725_086_401_458_456,
                    1.012_434_869_369_109_9,
                    -0.232_991_625_956_737_67,
                    1.260_430_087_799_608_2,
                    -1.513_728_922_722_279_7,
                    0.992_996_432_431_134_6,
                ],
                2.0,
            ),
            9 => (
                1.399_760_138_099_019_8e-6,
                &[
                    -1.530_703_652_139_434_2e-5,
                    0.999_789_703_931_948_3,
                    0.014_763_963_693_556_96,
                    0.146_342_328_299_362_22,
                    1.000_821_103_004_709_2,
                    -2.617_731_140_519_015,
                    4.104_403_164_478_857,
                    -3.143_612_278_556_442,
                    1.052_626_408_010_166_8,
                ],
                5.0,
            ),
            12 => (
                4.722_381_105_891_757e-10,
                &[
                    -6.638_060_464_520_687e-9,
                    1.000_001_644_117_862,
                    -0.000_563_932_210_342_305_8,
                    0.347_820_540_504_042_43,
                    -0.156_731_504_096_165_13,
                    1.052_815_177_207_177_9,
                    -3.247_271_153_459_667_7,
                    7.288_434_897_938_061,
                    -10.271_848_241_321_724,
                    9.074_113_647_075_317,
                    -4.541_375_466_692_512,
                    1.012_011_888_552_810_4,
                ],
                12.0,
            ),
            _ => return unknown(),
        };
        Facts { domain: vec![(-size, size)], ..Facts::global(minimum, vec![minimiser.to_vec()]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for Watson {
    fn count(&self) -> usize {
        31
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (c, t) = (R::of, i as f64 / 29.0);
        // The j-th power of t, and its derivative.
        let power = move |j: usize| c(libm::pow(t, j as f64));
        let rise = move |j: usize| c(j as f64) * power(j.saturating_sub(1));
        let (mut u, mut slope) = (R::ZERO, R::ZERO);
        for (j, &x) in x.iter().enumerate() {
            u += x * power(j);
            slope += x * rise(j);
        }
        let (r, places) = match i {
            ..=29 => (slope - u * u - c(1.0), 0..x.len()),
            30 => (x[0], 0..1),
            _ => (x[1] - x[0] * x[0] - c(1.0), 0..2),
        };
        let row = move |j: usize| match (i, j) {
            (..=29, j) => rise(j) - c(2.0) * u * power(j),
            (31, 0) => -c(2.0) * x[0],
            _ => c(1.0),
        };
        (r, places.map(move |j| (j, row(j))))
    }
}
