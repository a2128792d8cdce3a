//! The camel with three humps.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// Three valleys in a row; the middle one is the deepest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThreeHumpCamel {
    /// Where to start.
    pub start: Start,
}

impl Function for ThreeHumpCamel {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "three-hump-camel",
        formula: "2 x^2 - 1.05 x^4 + x^6 / 6 + x y + y^2",
        source: "Jamil & Yang 2013, arXiv:1308.4008, no. 29",
        teaches: "two traps around the minimum",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "multimodal"],
    };
    fn known(&self) -> Facts {
        let trap = |sign: f64| vec![sign * 1.747_552_345_830_289, sign * -0.873_776_172_915_144_4];
        let traps = [1.0, -1.0].map(|sign| (trap(sign), 0.298_638_442_236_859_8)).to_vec();
        Facts { domain: vec![(-5.0, 5.0)], traps, ..Facts::global(0.0, vec![vec![0.0, 0.0]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![2.0, -1.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, x, y) = (R::of, x[0], x[1]);
        let x2 = x * x;
        g[0] = x * (c(4.0) - c(4.2) * x2 + x2 * x2) + y;
        g[1] = x + c(2.0) * y;
        x2 * (c(2.0) - c(1.05) * x2 + x2 * x2 / c(6.0)) + x * y + y * y
    }
}
