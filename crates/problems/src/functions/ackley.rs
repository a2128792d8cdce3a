//! Ackley's function.

use super::{Function, Start};
use crate::math::{cos, exp, sin};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};
use std::f64::consts::{E, TAU};

/// A nearly flat outer region with ripples, and a deep funnel in the middle with a tip: at the minimum there is no
/// gradient, and 0 is given for it.
///
/// Of its many traps, [`known`](Function::known) lists the nearest with equal coordinates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ackley {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Ackley {
    fn default() -> Self {
        Ackley { dim: 2, start: Start::default() }
    }
}

impl Function for Ackley {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "ackley",
        formula: "-20 exp(-0.2 sqrt(mean x_i^2)) - exp(mean cos(2 pi x_i)) + 20 + e",
        source: "Ackley 1987; Jamil & Yang 2013, arXiv:1308.4008, no. 1",
        teaches: "ripples around a funnel",
        hypers: &[Hyper::new("dim", Range::AtLeast(1), "number of coordinates"), Start::HYPER],
        tags: &["function", "nd", "multimodal", "kink"],
    };
    fn known(&self) -> Facts {
        let trap = |x| (vec![x; self.dim], 3.574_451_877_257_68);
        let traps = [0.968_477_658_707_724_4, -0.968_477_658_707_724_4].map(trap).to_vec();
        Facts { domain: vec![(-32.768, 32.768)], traps, ..Facts::global(0.0, vec![vec![0.0; self.dim]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![2.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, share) = (R::of, R::of(1.0 / x.len() as f64));
        let (mut squares, mut waves) = (R::ZERO, R::ZERO);
        for &x in x {
            squares += share * x * x;
            waves += share * cos(c(TAU) * x);
        }
        let radius = squares.sqrt();
        let (funnel, ripple) = (c(20.0) * exp(-c(0.2) * radius), exp(waves));
        let pull = if radius > R::ZERO { c(0.2) * funnel * share / radius } else { R::ZERO };
        for (g, &x) in g.iter_mut().zip(x) {
            *g = pull * x + ripple * c(TAU) * share * sin(c(TAU) * x);
        }
        c(20.0) - funnel + (c(E) - ripple)
    }
}
