//! Hills in a bowl.

use super::{Function, Start};
use crate::math::{cos, sin};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// A row of valleys, each deeper than the one outside it. A small learning rate ends in the nearest one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hills {
    /// Where to start.
    pub start: Start,
}

impl Function for Hills {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "hills",
        formula: "x^2 / 40 + 1 - cos x",
        source: "this project",
        teaches: "local minima in one dimension, and when a larger step leaves them",
        hypers: &[Start::HYPER],
        tags: &["function", "1d", "multimodal"],
    };
    fn known(&self) -> Facts {
        const VALLEYS: [(f64, f64); 3] = [
            (5.979_563_629_859_72, 0.939_619_582_804_170_1),
            (11.927_399_365_842_897, 3.753_861_691_776_248),
            (17.756_913_938_968_254, 8.422_558_513_241_88),
        ];
        let traps = VALLEYS.iter().flat_map(|&(x, f)| [(vec![x], f), (vec![-x], f)]).collect();
        Facts { domain: vec![(-20.0, 20.0)], traps, ..Facts::global(0.0, vec![vec![0.0]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![15.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, x) = (R::of, x[0]);
        g[0] = x / c(20.0) + sin(x);
        x * x / c(40.0) + c(1.0) - cos(x)
    }
}
