//! The camel with six humps.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// Six minima in point-symmetric pairs, of three depths.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SixHumpCamel {
    /// Where to start.
    pub start: Start,
}

impl Function for SixHumpCamel {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "six-hump-camel",
        formula: "(4 - 2.1 x^2 + x^4 / 3) x^2 + x y + (4 y^2 - 4) y^2",
        source: "Jamil & Yang 2013, arXiv:1308.4008, no. 30",
        teaches: "minima of several depths",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "multimodal"],
    };
    fn known(&self) -> Facts {
        let pair = |x: f64, y: f64| [vec![x, y], vec![-x, -y]];
        let minimisers = pair(0.089_842_013_100_318_06, -0.712_656_403_020_739_6).to_vec();
        let traps = [
            pair(1.703_606_714_969_980_8, -0.796_083_568_672_625_1).map(|x| (x, -0.215_463_824_383_717_6)),
            pair(1.607_104_752_920_197_2, 0.568_651_454_884_131_4).map(|x| (x, 2.104_250_310_311_258)),
        ];
        Facts {
            domain: vec![(-3.0, 3.0), (-2.0, 2.0)],
            traps: traps.concat(),
            ..Facts::global(-1.031_628_453_489_877_4, minimisers)
        }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![-1.5, 1.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, x, y) = (R::of, x[0], x[1]);
        let (x2, y2) = (x * x, y * y);
        g[0] = x * (c(8.0) - c(8.4) * x2 + c(2.0) * x2 * x2) + y;
        g[1] = x + y * (c(16.0) * y2 - c(8.0));
        x2 * (c(4.0) - c(2.1) * x2 + x2 * x2 / c(3.0)) + x * y + y2 * (c(4.0) * y2 - c(4.0))
    }
}
