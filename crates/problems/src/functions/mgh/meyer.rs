//! Meyer's thermistor.

use super::residuals::Residuals;
use crate::functions::{Function, Start};
use crate::math::exp;
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// The resistance in ohm at each temperature.
const Y: [f64; 16] = [
    34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0, 11540.0, 9744.0, 8261.0, 7030.0, 6005.0, 5147.0, 4427.0,
    3820.0, 3307.0, 2872.0,
];

/// The resistance of a thermistor: coordinates of a thousandth and of thousands, and a valley so narrow that steps
/// along the slope do not follow it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Meyer {
    /// Where to start.
    pub start: Start,
}

impl Function for Meyer {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "meyer",
        formula: "sum_{i<=16} (a exp(b / (t_i + c)) - y_i)^2, t_i = 45 + 5 i",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 10",
        teaches: "a fit so ill-conditioned that first-order methods fail",
        hypers: &[Start::HYPER],
        tags: &["function", "3d", "ill-conditioned", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        let minimiser = vec![5.609_636_471_028_053e-3, 6_181.346_346_286_372, 345.223_634_624_136_5];
        let domain = vec![(0.0, 0.02), (4e3, 8e3), (250.0, 450.0)];
        Facts { domain, ..Facts::global(87.945_855_170_851_12, vec![minimiser]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.02, 4000.0, 250.0]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for Meyer {
    fn count(&self) -> usize {
        Y.len()
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let below = R::of(45.0 + 5.0 * i as f64) + x[2];
        let e = exp(x[1] / below);
        let row = [e, x[0] * e / below, -x[0] * x[1] * e / (below * below)];
        (x[0] * e - R::of(Y[i - 1]), row.into_iter().enumerate())
    }
}
