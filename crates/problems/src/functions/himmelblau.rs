//! Himmelblau's function.

use super::forms::squares;
use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// Four minima of the same depth: which one is reached depends on the start and the method.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Himmelblau {
    /// Where to start.
    pub start: Start,
}

impl Function for Himmelblau {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "himmelblau",
        formula: "(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
        source: "Himmelblau 1972, Applied Nonlinear Programming",
        teaches: "basins of attraction",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "multimodal", "least-squares"],
    };
    fn known(&self) -> Facts {
        let minimisers = [
            [3.0, 2.0],
            [-2.805_118_086_952_745, 3.131_312_518_250_573],
            [-3.779_310_253_377_747, -3.283_185_991_286_169_4],
            [3.584_428_340_330_491_7, -1.848_126_526_964_403_6],
        ];
        Facts { domain: vec![(-5.0, 5.0)], ..Facts::global(0.0, minimisers.map(Vec::from).to_vec()) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.0, 0.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, x, y) = (R::of, x[0], x[1]);
        let (two, one) = (c(2.0), c(1.0));
        squares(&[(x * x + y - c(11.0), [two * x, one]), (x + y * y - c(7.0), [one, two * y])], g)
    }
}
