//! Chebyquad.

use super::residuals::{Residuals, Root, enough, unknown};
use crate::functions::{Function, Start};
use crate::{Facts, FamilyFacts, ProblemError};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

// Nodes in ascending order, of the dimensions whose residuals do not vanish, or not within reach of the start.
const EIGHT: [f64; 8] = [
    0.043_152_760_151_016_63,
    0.193_090_840_384_186_1,
    0.266_328_706_890_272_94,
    0.5,
    0.5,
    0.733_671_293_109_727_1,
    0.806_909_159_615_813_9,
    0.956_847_239_848_983_3,
];
const NINE: [f64; 9] = [
    0.044_205_346_135_782_76,
    0.199_490_672_309_880_96,
    0.235_619_108_471_06,
    0.416_046_907_892_598,
    0.5,
    0.583_953_092_107_402,
    0.764_380_891_528_94,
    0.800_509_327_690_119_1,
    0.955_794_653_864_217_2,
];
const TEN: [f64; 10] = [
    0.074_748_166_214_602_48,
    0.171_518_176_948_092_68,
    0.286_434_152_584,
    0.359_646_450_628_934_1,
    0.470_750_522_866_593_47,
    0.616_738_335_038_745,
    0.616_738_335_038_745,
    0.799_810_801_538_613_7,
    0.844_854_642_240_926_7,
    0.967_006_626_981_925_5,
];
const TRAP: [f64; 10] = [
    0.059_619_900_535_812_7,
    0.166_708_281_835_861_42,
    0.239_170_658_942_608_5,
    0.398_884_292_306_044_5,
    0.398_884_292_306_044_5,
    0.601_115_707_693_955_5,
    0.601_115_707_693_955_5,
    0.760_829_341_057_391_5,
    0.833_291_718_164_138_6,
    0.940_380_099_464_187_3,
];

/// The nodes of a quadrature of equal weights that is to be exact for Chebyshev's polynomials: it is, with as many
/// residuals as nodes, for 1 to 7 and 9 of them.
///
/// The minimum is known for up to 10 nodes and as many residuals. For 10 the collection has 6.50395e-3, which is a
/// trap: from some hundred random starts, least squares find 4.77271e-3. Of the minimisers, one for every order of the
/// nodes, [`known`](Function::known) lists those that ascend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Chebyquad {
    /// The number of coordinates, `>= 1`.
    pub dim: usize,
    /// The number of residuals, `>= dim`.
    pub residuals: usize,
    /// Where to start.
    pub start: Start,
    #[serde(skip)]
    root: Root,
}

impl Default for Chebyquad {
    fn default() -> Self {
        Chebyquad { dim: 8, residuals: 8, start: Start::default(), root: Root::default() }
    }
}

impl Function for Chebyquad {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "chebyquad",
        formula: "sum_{i<=residuals} (sum_j T_i(2 x_j - 1) / dim - c_i)^2, c_i = 0 for odd i, else -1 / (i^2 - 1)",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 35",
        teaches: "minima that come in all orders of the coordinates",
        hypers: &[
            Hyper::new("dim", Range::AtLeast(1), "number of coordinates"),
            Hyper::new("residuals", Range::AtLeast(1), "number of residuals"),
            Start::HYPER,
        ],
        tags: &["function", "nd", "multimodal", "least-squares", "mgh"],
    };
    fn check(&self) -> Result<(), ProblemError> {
        enough(self.dim, self.residuals)
    }
    fn known(&self) -> Facts {
        let at = |minimum, places| Facts { domain: vec![(0.0, 1.0)], ..Facts::global(minimum, places) };
        match self.dim {
            _ if self.residuals != self.dim => unknown(),
            1..=7 => self.root.facts(self, self.customary_start(), (0.0, 1.0)),
            8 => at(3.516_873_725_677_931_6e-3, vec![EIGHT.to_vec()]),
            9 => at(0.0, vec![NINE.to_vec()]),
            10 => {
                let mirrored = TEN.iter().rev().map(|x| 1.0 - x).collect();
                let traps = vec![(TRAP.to_vec(), 6.503_954_800_882_306e-3)];
                Facts { traps, ..at(4.772_713_696_375_349e-3, vec![TEN.to_vec(), mirrored]) }
            }
            _ => unknown(),
        }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        (1..=self.dim).map(|j| j as f64 / (self.dim + 1) as f64).collect()
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for Chebyquad {
    fn count(&self) -> usize {
        self.residuals
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (c, n) = (R::of, x.len());
        let share = c(1.0 / n as f64);
        let integral = if i % 2 == 1 { 0.0 } else { -1.0 / ((i * i - 1) as f64) };
        let r = x.iter().fold(-c(integral), |sum, &x| sum + share * chebyshev(i, x).0);
        (r, x.iter().enumerate().map(move |(j, &x)| (j, share * chebyshev(i, x).1)))
    }
}

/// The Chebyshev polynomial `T_i(2 x - 1)` and its slope, by their recurrence.
fn chebyshev<R: Real>(i: usize, x: R) -> (R, R) {
    let c = R::of;
    let y = c(2.0) * x - c(1.0);
    let (mut before, mut now) = ((c(1.0), c(0.0)), (y, c(2.0)));
    for _ in 1..i {
        let next = (c(2.0) * y * now.0 - before.0, c(4.0) * now.0 + c(2.0) * y * now.1 - before.1);
        (before, now) = (now, next);
    }
    now
}
