//! Watson's function.

use super::residuals::{Residuals, unknown};
use crate::functions::{Function, Start};
use crate::{Facts, FamilyFacts, ProblemError};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// A polynomial that is to solve a differential equation: the more coefficients, the smaller the value, and the less it says
/// about them.
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
        formula: "sum_{i<=29} (sum_j (j - 1) x_j t^(j-2) - (sum_j x_j t^(j-1))^2 - 1)^2 + x_1^2 + (x_2 - x_1^2 - 1)^2, t = i / 29",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 20",
        teaches: "coefficients that the data hardly tell apart",
        hypers: &[Hyper::new("dim", Range::AtLeast(2), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "ill-conditioned", "least-squares", "mgh"],
    };
    fn check(&self) -> Result<(), ProblemError> {
        match self.dim {
            2..=31 => Ok(()),
            n => Err(ProblemError(format!("watson: `dim` is {n}, allowed are 2 to 31"))),
        }
    }
    fn known(&self) -> Facts {
        let (minimum, minimiser, size): (f64, &[f64], f64) = match self.dim {
            6 => (
                0.0022876700535524363,
                &[
                    -0.015725086401458456,
                    1.0124348693691099,
                    -0.23299162595673767,
                    1.2604300877996082,
                    -1.5137289227222797,
                    0.9929964324311346,
                ],
                2.0,
            ),
            9 => (
                1.3997601380990198e-06,
                &[
                    -1.5307036521394342e-05,
                    0.9997897039319483,
                    0.01476396369355696,
                    0.14634232829936222,
                    1.0008211030047092,
                    -2.617731140519015,
                    4.104403164478857,
                    -3.143612278556442,
                    1.0526264080101668,
                ],
                5.0,
            ),
            12 => (
                4.722381105891757e-10,
                &[
                    -6.638060464520687e-09,
                    1.000001644117862,
                    -0.0005639322103423058,
                    0.34782054050404243,
                    -0.15673150409616513,
                    1.0528151772071779,
                    -3.2472711534596677,
                    7.288434897938061,
                    -10.271848241321724,
                    9.074113647075317,
                    -4.541375466692512,
                    1.0120118885528104,
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
        let (c, n) = (R::of, x.len());
        let t = c(i as f64 / 29.0);
        let (mut value, mut slope, mut power) = (R::ZERO, R::ZERO, R::ONE);
        for (j, &x) in x.iter().enumerate().take(if i <= 29 { n } else { 0 }) {
            // `power` is t^(j-1), but 1 at j = 0, where it is multiplied by 0.
            slope += c(j as f64) * x * power;
            let next = if j == 0 { power } else { power * t };
            value += x * next;
            power = next;
        }
        let (r, places) = match i {
            ..=29 => (slope - value * value - c(1.0), 0..n),
            30 => (x[0], 0..1),
            _ => (x[1] - x[0] * x[0] - c(1.0), 0..2),
        };
        let (x0, mut power) = (x[0], R::ONE);
        let row = places.map(move |j| {
            let next = if j == 0 { power } else { power * t };
            let by_data = c(j as f64) * power - c(2.0) * value * next;
            power = next;
            match i {
                ..=29 => (j, by_data),
                30 => (j, c(1.0)),
                _ => (j, if j == 0 { -c(2.0) * x0 } else { c(1.0) }),
            }
        });
        (r, row)
    }
}
