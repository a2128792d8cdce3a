//! The function of Kowalik and Osborne.

use super::residuals::Residuals;
use crate::functions::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// What is measured.
const Y: [f64; 11] = [0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246];

/// Where it is measured.
const U: [f64; 11] = [4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625];

/// Eleven measurements and a quotient of two quadratics. Another minimum waits at infinity, at 1.02734e-3.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KowalikOsborne {
    /// Where to start.
    pub start: Start,
}

impl Function for KowalikOsborne {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "kowalik-osborne",
        formula: "sum_{i<=11} (y_i - a (u_i^2 + b u_i) / (u_i^2 + c u_i + d))^2",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 15",
        teaches: "a fit whose coordinates can stand in for each other",
        hypers: &[Start::HYPER],
        tags: &["function", "4d", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        let minimiser =
            vec![0.192_806_934_579_037_9, 0.191_282_328_734_366_68, 0.123_056_506_926_320_74, 0.136_062_330_683_794_74];
        Facts { domain: vec![(0.0, 0.5)], ..Facts::global(3.075_056_038_492_378e-4, vec![minimiser]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.25, 0.39, 0.415, 0.39]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for KowalikOsborne {
    fn count(&self) -> usize {
        Y.len()
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (y, u) = (R::of(Y[i - 1]), R::of(U[i - 1]));
        let (above, below) = (u * (u + x[1]), u * (u + x[2]) + x[3]);
        let (share, pull) = (above / below, x[0] * above / (below * below));
        (y - x[0] * share, [-share, -x[0] * u / below, pull * u, pull].into_iter().enumerate())
    }
}
