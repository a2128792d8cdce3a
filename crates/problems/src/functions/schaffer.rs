//! Two functions of Schaffer.

use super::{Function, Start};
use crate::math::{cos, sin};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// A wave along hyperbolas, ever quicker with the distance, under a wide bowl.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schaffer2 {
    /// Where to start.
    pub start: Start,
}

impl Function for Schaffer2 {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "schaffer-2",
        formula: "0.5 + (sin^2(x^2 - y^2) - 0.5) / (1 + 0.001 (x^2 + y^2))^2",
        source: "Schaffer et al. 1989; Jamil & Yang 2013, arXiv:1308.4008",
        teaches: "ripples that quicken with the distance",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "multimodal"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-100.0, 100.0)], ..Facts::global(0.0, vec![vec![0.0, 0.0]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![5.0, 3.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        rings(x, g, |u| (sin(u) * sin(u), sin(R::of(2.0) * u)))
    }
}

/// As [`Schaffer2`], with a wave inside the wave: the minima lie beside 0, and are not 0.
///
/// The cosine is squared; as printed in places, without the square, nothing is as low as the 0.29258 quoted with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schaffer4 {
    /// Where to start.
    pub start: Start,
}

impl Function for Schaffer4 {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "schaffer-4",
        formula: "0.5 + (cos^2(sin |x^2 - y^2|) - 0.5) / (1 + 0.001 (x^2 + y^2))^2",
        source: "Surjanovic & Bingham, Virtual Library of Simulation Experiments, SCHAFFER4",
        teaches: "ripples that quicken with the distance, around four minima",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "multimodal"],
    };
    fn known(&self) -> Facts {
        const AT: f64 = 1.253_131_831_463_733_3;
        let minimisers = vec![vec![0.0, AT], vec![0.0, -AT], vec![AT, 0.0], vec![-AT, 0.0]];
        Facts { domain: vec![(-100.0, 100.0)], ..Facts::global(0.292_578_632_035_980_55, minimisers) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![5.0, 3.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        // Even in x^2 - y^2: the bars of the formula change nothing.
        rings(x, g, |u| {
            let inner = sin(u);
            (cos(inner) * cos(inner), -sin(R::of(2.0) * inner) * cos(u))
        })
    }
}

/// `0.5 + (wave - 0.5) / (1 + 0.001 r^2)^2`, with a wave of `x^2 - y^2`: its value and slope.
fn rings<R: Real>(x: &[R], g: &mut [R], wave: impl Fn(R) -> (R, R)) -> R {
    let (c, x2, y2) = (R::of, x[0] * x[0], x[1] * x[1]);
    let (height, slope) = wave(x2 - y2);
    let (height, wide) = (height - c(0.5), c(1.0) + c(0.001) * (x2 + y2));
    let (across, inward) = (slope / (wide * wide), -c(0.002) * height / (wide * wide * wide));
    g[0] = c(2.0) * x[0] * (inward + across);
    g[1] = c(2.0) * x[1] * (inward - across);
    c(0.5) + height / (wide * wide)
}
