//! Hölder's table.

use super::{Function, Start};
use crate::math::{cos, exp, sin};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// Four equal minima in the corners of a table of bumps with kinks between them, where the slope given is the mean of
/// both sides. Outside of the box it goes deeper.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HolderTable {
    /// Where to start.
    pub start: Start,
}

impl Function for HolderTable {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "holder-table",
        formula: "-|sin x cos y exp |1 - r/pi||, r = sqrt(x^2 + y^2)",
        source: "Surjanovic & Bingham, Virtual Library of Simulation Experiments, HOLDER",
        teaches: "kinks between many traps",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "multimodal", "kink"],
    };
    fn known(&self) -> Facts {
        const AT: [f64; 2] = [8.055_023_475_736_563, 9.664_590_019_241_273];
        let corner = |a: f64, b: f64| vec![a * AT[0], b * AT[1]];
        let minimisers = vec![corner(1.0, 1.0), corner(1.0, -1.0), corner(-1.0, 1.0), corner(-1.0, -1.0)];
        Facts { domain: vec![(-10.0, 10.0)], lower_bound: None, ..Facts::global(-19.208_502_567_886_732, minimisers) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0, 1.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let c = R::of;
        let r = (x[0] * x[0] + x[1] * x[1]).sqrt();
        let (waves, inside) = (sin(x[0]) * cos(x[1]), c(1.0) - r / c(PI));
        let height = exp(inside.abs());
        let pull = if r > R::ZERO { -inside.sign() / (c(PI) * r) } else { R::ZERO };
        g[0] = -height * (waves.sign() * cos(x[0]) * cos(x[1]) + waves.abs() * pull * x[0]);
        g[1] = -height * (waves.abs() * pull * x[1] - waves.sign() * sin(x[0]) * sin(x[1]));
        -waves.abs() * height
    }
}
