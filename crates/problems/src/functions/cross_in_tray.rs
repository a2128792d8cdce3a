//! A cross in a tray.

use super::{Function, Start};
use crate::math::{cos, exp, pow, sin};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// Four equal minima between the arms of a cross, whose edges are infinitely steep: on them the slope given is 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CrossInTray {
    /// Where to start.
    pub start: Start,
}

impl Function for CrossInTray {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "cross-in-tray",
        formula: "-0.0001 (|sin x sin y exp |100 - r/pi|| + 1)^0.1, r = sqrt(x^2 + y^2)",
        source: "Jamil & Yang 2013, arXiv:1308.4008",
        teaches: "edges in the way between equal minima",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "multimodal", "kink"],
    };
    fn known(&self) -> Facts {
        const AT: f64 = 1.349_406_617_153_910_8;
        let minimisers = vec![vec![AT, AT], vec![AT, -AT], vec![-AT, AT], vec![-AT, -AT]];
        // The far corners of the plane are deeper.
        Facts { domain: vec![(-10.0, 10.0)], lower_bound: None, ..Facts::global(-2.062_611_870_822_737, minimisers) }
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
        let (waves, inside) = (sin(x[0]) * sin(x[1]), c(100.0) - r / c(PI));
        // The factor e^(a/10) is taken out of the power: e^100 has no single precision.
        let (a, lifted) = (inside.abs(), waves.abs() + exp(-inside.abs()));
        let f = -c(1e-4) * exp(c(0.1) * a) * pow(lifted, c(0.1));
        g.fill(R::ZERO);
        if waves.abs() > R::ZERO {
            let (share, pull) = (c(0.1) * f / lifted, -inside.sign() / (c(PI) * r));
            g[0] = share * (waves.sign() * cos(x[0]) * sin(x[1]) + waves.abs() * pull * x[0]);
            g[1] = share * (waves.sign() * sin(x[0]) * cos(x[1]) + waves.abs() * pull * x[1]);
        }
        f
    }
}
