//! Powell's singular function.

use super::{Function, Start};
use crate::{Facts, FamilyFacts};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// Groups of four coordinates whose Hessian is singular at the minimum: what converges linearly elsewhere crawls here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PowellSingular {
    /// The number of groups of four coordinates, `>= 1`.
    pub groups: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for PowellSingular {
    fn default() -> Self {
        PowellSingular { groups: 1, start: Start::default() }
    }
}

impl Function for PowellSingular {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "powell-singular",
        formula: "sum over groups: (a + 10 b)^2 + 5 (c - d)^2 + (b - 2 c)^4 + 10 (a - d)^4",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 13 and 22",
        teaches: "a minimum without curvature in some directions",
        hypers: &[Hyper::new("groups", Range::AtLeast(1), "number of groups of four coordinates"), Start::HYPER],
        tags: &["function", "nd", "convex", "singular", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-4.0, 5.0)], ..Facts::global(0.0, vec![vec![0.0; 4 * self.groups]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        [3.0, -1.0, 0.0, 1.0].repeat(self.groups)
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let k = R::of;
        let mut f = R::ZERO;
        let groups = x.as_chunks::<4>().0.iter().zip(g.as_chunks_mut::<4>().0);
        for (&[a, b, c, d], g) in groups {
            let (p, q, r, s) = (a + k(10.0) * b, c - d, b - k(2.0) * c, a - d);
            let (r3, s3) = (k(4.0) * r * r * r, k(40.0) * s * s * s);
            *g = [k(2.0) * p + s3, k(20.0) * p + r3, k(10.0) * q - k(2.0) * r3, -k(10.0) * q - s3];
            f += p * p + k(5.0) * q * q + r * r * r * r + k(10.0) * s * s * s * s;
        }
        f
    }
}
