//! Two functions with a penalty so strong that little else is seen.

use super::residuals::{Residuals, unknown};
use crate::functions::{Function, Start};
use crate::math::exp;
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// The weight of what is weak.
const WEIGHT: f64 = 1e-5;

/// All coordinates want to be 1, weakly, and to lie on a sphere of radius 1/2, strongly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Penalty1 {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Penalty1 {
    fn default() -> Self {
        Penalty1 { dim: 4, start: Start::default() }
    }
}

impl Function for Penalty1 {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "penalty-1",
        formula: "1e-5 sum_i (x_i - 1)^2 + (sum_i x_i^2 - 1/4)^2",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 23",
        teaches: "a strong penalty beside a weak wish",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "ill-conditioned", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        // All coordinates are equal: a root of the slope along the diagonal, by Newton's method from beyond it.
        let n = self.dim as f64;
        let mut s = 1.0;
        for _ in 0..100 {
            s -= (1e-5 * (s - 1.0) + 2.0 * s * (n * s * s - 0.25)) / (1e-5 + 6.0 * n * s * s - 0.5);
        }
        let minimum = 1e-5 * n * (s - 1.0) * (s - 1.0) + (n * s * s - 0.25) * (n * s * s - 0.25);
        Facts { domain: vec![(-10.0, 10.0)], ..Facts::global(minimum, vec![vec![s; self.dim]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        (1..=self.dim).map(|j| j as f64).collect()
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for Penalty1 {
    fn count(&self) -> usize {
        self.dim + 1
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (c, n, root) = (R::of, x.len(), R::of(WEIGHT).sqrt());
        let (r, places) = if i <= n {
            (root * (x[i - 1] - c(1.0)), i - 1..i)
        } else {
            (x.iter().fold(-c(0.25), |sum, &x| sum + x * x), 0..n)
        };
        (r, places.map(move |j| (j, if i <= n { root } else { c(2.0) * x[j] })))
    }
}

/// Exponentials want the coordinates at their places, weakly, and a weighted sphere holds them, strongly.
///
/// The minimum is known for 4 and 10 coordinates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Penalty2 {
    /// The number of coordinates, `>= 2`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Penalty2 {
    fn default() -> Self {
        Penalty2 { dim: 4, start: Start::default() }
    }
}

impl Function for Penalty2 {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "penalty-2",
        formula: "(x_1 - 0.2)^2 + 1e-5 sum_{i>=2} (e_i + e_{i-1} - exp(i/10) - exp((i-1)/10))^2 \
                  + 1e-5 sum_{i>=2} (e_i - exp(-1/10))^2 + (sum_i (dim - i + 1) x_i^2 - 1)^2, e_i = exp(x_i / 10)",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 24",
        teaches: "a strong penalty beside many weak wishes",
        hypers: &[Hyper::new("dim", Range::AtLeast(2), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "ill-conditioned", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        let (minimum, minimiser): (f64, &[f64]) = match self.dim {
            4 => (
                9.376_293_007_355_442e-6,
                &[0.199_999_333_350_380_4, 0.191_316_700_992_772_45, 0.480_101_485_332_623_15, 0.518_845_404_390_200_5],
            ),
            10 => (
                0.000_293_660_537_456_745_94,
                &[
                    0.199_983_605_197_823_6,
                    0.010_350_648_471_292_297,
                    0.019_604_934_480_438_4,
                    0.032_089_067_220_685_65,
                    0.049_932_677_399_641_294,
                    0.076_513_995_153_993_61,
                    0.118_624_072_869_504_17,
                    0.192_144_872_335_576_67,
                    0.347_320_586_941_843_65,
                    0.369_164_374_159_350_8,
                ],
            ),
            _ => return unknown(),
        };
        Facts { domain: vec![(-1.0, 1.0)], ..Facts::global(minimum, vec![minimiser.to_vec()]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.5; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for Penalty2 {
    fn count(&self) -> usize {
        2 * self.dim
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (c, n, root) = (R::of, x.len(), R::of(WEIGHT).sqrt());
        let e = move |j: usize| exp(x[j] / c(10.0));
        // The weight of coordinate j in the sphere.
        let weight = move |j: usize| c((n - j) as f64);
        let (r, places) = if i == 1 {
            (x[0] - c(0.2), 0..1)
        } else if i <= n {
            let y = libm::exp(i as f64 / 10.0) + libm::exp((i - 1) as f64 / 10.0);
            (root * (e(i - 1) + e(i - 2) - c(y)), i - 2..i)
        } else if i < 2 * n {
            (root * (e(i - n) - c(libm::exp(-0.1))), i - n..i - n + 1)
        } else {
            (x.iter().enumerate().fold(-c(1.0), |sum, (j, &x)| sum + weight(j) * x * x), 0..n)
        };
        let row = places.map(move |j| {
            let slope = if i == 1 {
                c(1.0)
            } else if i < 2 * n {
                root * e(j) / c(10.0)
            } else {
                c(2.0) * weight(j) * x[j]
            };
            (j, slope)
        });
        (r, row)
    }
}
