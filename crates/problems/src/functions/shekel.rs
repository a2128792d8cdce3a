//! Shekel's foxholes.

use super::{Function, Start};
use crate::{Facts, FamilyFacts, ProblemError};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};

/// The middle of each hole, and its width.
const HOLES: [([f64; 4], f64); 10] = [
    ([4.0, 4.0, 4.0, 4.0], 0.1),
    ([1.0, 1.0, 1.0, 1.0], 0.2),
    ([8.0, 8.0, 8.0, 8.0], 0.2),
    ([6.0, 6.0, 6.0, 6.0], 0.4),
    ([3.0, 7.0, 3.0, 7.0], 0.4),
    ([2.0, 9.0, 2.0, 9.0], 0.6),
    ([5.0, 5.0, 3.0, 3.0], 0.3),
    ([8.0, 1.0, 8.0, 1.0], 0.7),
    ([6.0, 2.0, 6.0, 2.0], 0.5),
    ([7.0, 3.6, 7.0, 3.6], 0.5),
];

/// Foxholes in a plain, the narrowest the deepest.
///
/// The seventh lies at (5, 5, 3, 3), as in Dixon & Szegő's table; elsewhere one finds (5, 3, 5, 3), with which the
/// minimum of all ten is -10.536443153.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shekel {
    /// How many of the ten holes: 5, 7 or 10.
    pub holes: usize,
    /// Where to start.
    pub start: Start,
}

impl Default for Shekel {
    fn default() -> Self {
        Shekel { holes: 10, start: Start::default() }
    }
}

impl Function for Shekel {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "shekel",
        formula: "-sum_{i<=holes} 1 / (|x - c_i|^2 + b_i)",
        source: "Shekel 1971; Dixon & Szegő 1978; Jamil & Yang 2013, arXiv:1308.4008",
        teaches: "holes in a plain: the deepest is the narrowest",
        hypers: &[Hyper::new("holes", Range::AtLeast(5), "how many of the ten holes: 5, 7 or 10"), Start::HYPER],
        tags: &["function", "4d", "multimodal", "plateau"],
    };
    fn check(&self) -> Result<(), ProblemError> {
        match self.holes {
            5 | 7 | 10 => Ok(()),
            n => Err(ProblemError(format!("`holes` is {n}, allowed are 5, 7 and 10"))),
        }
    }
    fn known(&self) -> Facts {
        let (minimiser, minimum) = match self.holes {
            5 => (
                [4.000_037_152_819_676, 4.000_133_276_591_56, 4.000_037_152_819_676, 4.000_133_276_591_56],
                -10.153_199_679_058_227,
            ),
            7 => (
                [4.000_572_916_185_823, 4.000_689_366_185_304, 3.999_489_708_859_150_6, 3.999_606_158_858_631_5],
                -10.402_940_566_818_66,
            ),
            _ => (
                [4.000_746_531_592_047, 4.000_592_934_138_532, 3.999_663_398_040_322_3, 3.999_509_800_586_807_6],
                -10.536_409_816_692_043,
            ),
        };
        Facts { domain: vec![(0.0, 10.0)], ..Facts::global(minimum, vec![minimiser.to_vec()]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![3.5; 4]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, mut f) = (R::of, R::ZERO);
        g.fill(R::ZERO);
        for (middle, width) in &HOLES[..self.holes] {
            let mut square = c(*width);
            for (&x, &middle) in x.iter().zip(middle) {
                square += (x - c(middle)) * (x - c(middle));
            }
            f += -c(1.0) / square;
            for ((g, &x), &middle) in g.iter_mut().zip(x).zip(middle) {
                *g += c(2.0) * (x - c(middle)) / (square * square);
            }
        }
        f
    }
}
