//! The function of Goldstein and Price, and its logarithm.

use super::{Function, Start};
use crate::math::ln;
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// Values from 3 to a million within a box of width 4, and four minima.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GoldsteinPrice {
    /// Where to start.
    pub start: Start,
}

impl Function for GoldsteinPrice {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "goldstein-price",
        formula: "(1 + (x + y + 1)^2 (19 - 14 x + 3 x^2 - 14 y + 6 x y + 3 y^2)) \
                  (30 + (2 x - 3 y)^2 (18 - 32 x + 12 x^2 + 48 y - 36 x y + 27 y^2))",
        source: "Goldstein & Price 1971",
        teaches: "gradients of very different size",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "multimodal"],
    };
    fn known(&self) -> Facts {
        let traps = vec![(vec![-0.6, -0.4], 30.0), (vec![1.8, 0.2], 84.0), (vec![1.2, 0.8], 840.0)];
        Facts { domain: vec![(-2.0, 2.0)], traps, ..Facts::global(3.0, vec![vec![0.0, -1.0]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![-0.5, 0.25]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let (c, x, y) = (R::of, x[0], x[1]);
        let (p, r) = (x + y + c(1.0), c(2.0) * x - c(3.0) * y);
        let q = c(19.0) - c(14.0) * (x + y) + c(3.0) * (x + y) * (x + y);
        let q1 = c(6.0) * (x + y) - c(14.0);
        // The second polynomial is one of r alone, too: 12 x^2 - 36 x y + 27 y^2 = 3 r^2.
        let s = c(18.0) - c(16.0) * r + c(3.0) * r * r;
        let s1 = c(6.0) * r - c(16.0);
        let (a, b) = (c(1.0) + p * p * q, c(30.0) + r * r * s);
        let (a1, b1) = (c(2.0) * p * q + p * p * q1, c(2.0) * r * s + r * r * s1);
        g[0] = a1 * b + a * b1 * c(2.0);
        g[1] = a1 * b - a * b1 * c(3.0);
        a * b
    }
}

/// The logarithm of [`GoldsteinPrice`] over the unit square, with mean 0 and variance 1 there: the same minima, and
/// slopes of one size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogGoldsteinPrice {
    /// Where to start.
    pub start: Start,
}

/// What maps a value of [`GoldsteinPrice`] to one of its logarithm.
const MEAN: f64 = 8.693;
const DEVIATION: f64 = 2.427;

impl Function for LogGoldsteinPrice {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "log-goldstein-price",
        formula: "(ln f(4 x - 2, 4 y - 2) - 8.693) / 2.427, f that of goldstein-price",
        source: "Picheny, Wagner & Ginsbourger 2013, Structural and Multidisciplinary Optimization 48(3)",
        teaches: "what a logarithm does to gradients of very different size",
        hypers: &[Start::HYPER],
        tags: &["function", "2d", "multimodal"],
    };
    fn known(&self) -> Facts {
        let place = |x: &Vec<f64>| x.iter().map(|x| (x + 2.0) / 4.0).collect();
        let value = |f: f64| (libm::log(f) - MEAN) / DEVIATION;
        let inner = GoldsteinPrice::default().known();
        let traps = inner.traps.iter().map(|(x, f)| (place(x), value(*f))).collect();
        let minimisers = inner.minimisers.iter().map(place).collect();
        Facts { domain: vec![(0.0, 1.0)], traps, ..Facts::global(value(3.0), minimisers) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.375, 0.5625]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let c = R::of;
        let f = GoldsteinPrice::default().value_and_gradient(&[0, 1].map(|i| c(4.0) * x[i] - c(2.0)), g);
        for g in g {
            *g *= c(4.0 / DEVIATION) / f;
        }
        (ln(f) - c(MEAN)) / c(DEVIATION)
    }
}
