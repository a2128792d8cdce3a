//! Chebyquad.

use super::residuals::{Residuals, Root, enough, unknown};
use crate::functions::{Function, Start};
use crate::{Facts, FamilyFacts, ProblemError};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// The nodes of a quadrature of equal weights that is to be exact for Chebyshev's polynomials: it is, with as many residuals as
/// nodes, for 1 to 7 and 9 of them.
///
/// The minimum is known for up to 10 nodes and as many residuals. For 10 the collection has 6.50395e-3, which is a trap: from
/// some hundred random starts, least squares find 4.77271e-3. Of the minimisers, one for every order of the nodes,
/// [`known`](Function::known) lists the one that ascends.
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
        enough(Self::FAMILY.name, self.dim, self.residuals)
    }
    fn known(&self) -> Facts {
        let (minimum, minimiser) = match self.dim {
            _ if self.residuals != self.dim => return unknown(),
            1..=7 => return self.root.facts(self, self.customary_start(), (0.0, 1.0)),
            8 => (
                0.0035168737256779316,
                vec![
                    0.04315276015101663,
                    0.1930908403841861,
                    0.26632870689027294,
                    0.5,
                    0.5,
                    0.7336712931097271,
                    0.8069091596158139,
                    0.9568472398489833,
                ],
            ),
            9 => (
                0.0,
                vec![
                    0.04420534613578276,
                    0.19949067230988096,
                    0.23561910847106,
                    0.416046907892598,
                    0.5,
                    0.583953092107402,
                    0.76438089152894,
                    0.8005093276901191,
                    0.9557946538642172,
                ],
            ),
            10 => (
                0.004772713696375349,
                vec![
                    0.07474816621460248,
                    0.17151817694809268,
                    0.286434152584,
                    0.3596464506289341,
                    0.47075052286659347,
                    0.616738335038745,
                    0.616738335038745,
                    0.7998108015386137,
                    0.8448546422409267,
                    0.9670066269819255,
                ],
            ),
            _ => return unknown(),
        };
        let mirrored: Vec<f64> = minimiser.iter().rev().map(|x| 1.0 - x).collect();
        let apart = mirrored.iter().zip(&minimiser).any(|(a, b)| (a - b).abs() > 1e-6);
        let minimisers = [Some(minimiser), apart.then_some(mirrored)].into_iter().flatten().collect();
        let trap = (
            vec![
                0.0596199005358127,
                0.16670828183586142,
                0.2391706589426085,
                0.3988842923060445,
                0.3988842923060445,
                0.6011157076939555,
                0.6011157076939555,
                0.7608293410573915,
                0.8332917181641386,
                0.9403800994641873,
            ],
            0.006_503_954_800_882_306,
        );
        let traps = Some(trap).filter(|_| self.dim == 10).into_iter().collect();
        Facts { domain: vec![(0.0, 1.0)], traps, ..Facts::global(minimum, minimisers) }
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
