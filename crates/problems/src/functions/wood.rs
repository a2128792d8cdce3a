//! Wood's function, also called Colville's.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// Two valleys, coupled. Near (-1, 1, -1, 1), at a height of about 7.877, lies a saddle so flat that many methods rest
/// there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wood {
    /// Where to start.
    pub start: Start,
}

impl Function for Wood {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "wood",
        formula: "100 (a^2 - b)^2 + (a - 1)^2 + (c - 1)^2 \
                  + 90 (c^2 - d)^2 + 10.1 ((b - 1)^2 + (d - 1)^2) + 19.8 (b - 1) (d - 1)",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 14",
        teaches: "a flat saddle on the way",
        hypers: &[Start::HYPER],
        tags: &["function", "4d", "valley", "saddle", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-10.0, 10.0)], ..Facts::global(0.0, vec![vec![1.0; 4]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![-3.0, -1.0, -3.0, -1.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let k = R::of;
        let (ab, cd) = (x[0] * x[0] - x[1], x[2] * x[2] - x[3]);
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| x[i] - k(1.0));
        g[0] = k(400.0) * ab * x[0] + k(2.0) * a;
        g[1] = -k(200.0) * ab + k(20.2) * b + k(19.8) * d;
        g[2] = k(360.0) * cd * x[2] + k(2.0) * c;
        g[3] = -k(180.0) * cd + k(20.2) * d + k(19.8) * b;
        k(100.0) * ab * ab + a * a + c * c + k(90.0) * cd * cd + k(10.1) * (b * b + d * d) + k(19.8) * b * d
    }
}
