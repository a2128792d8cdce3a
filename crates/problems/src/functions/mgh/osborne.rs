//! Osborne's two fits.

use super::residuals::Residuals;
use crate::functions::{Function, Start};
use crate::math::exp;
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

/// What the first fits.
const DECAYS: [f64; 33] = [
    0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603,
    0.580, 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411,
    0.406,
];

/// What the second fits.
const SPECTRUM: [f64; 65] = [
    1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655, 0.616, 0.606,
    0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558, 0.533, 0.495, 0.500, 0.423,
    0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668,
    0.645, 0.632, 0.591, 0.559, 0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098,
    0.054,
];

/// Two decays, one of which cancels most of the other, at rates that are to be found to a thousandth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Osborne1 {
    /// Where to start.
    pub start: Start,
}

impl Function for Osborne1 {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "osborne-1",
        formula: "sum_{i<=33} (y_i - a - b exp(-d t) - c exp(-e t))^2, t = 10 (i - 1)",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 17",
        teaches: "rates a hundred times as sensitive as weights",
        hypers: &[Start::HYPER],
        tags: &["function", "5d", "ill-conditioned", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        const AT: [f64; 5] = [
            0.375_410_052_106_951_95,
            1.935_846_912_712_355_8,
            -1.464_687_136_613_411_5,
            1.286_753_464_005_726_6e-2,
            2.212_269_966_167_263e-2,
        ];
        // Either decay may be the one.
        let minimisers = [[0, 1, 2, 3, 4], [0, 2, 1, 4, 3]].map(|order| order.map(|k| AT[k]).to_vec()).to_vec();
        let domain = vec![(0.0, 1.0), (-3.0, 3.0), (-3.0, 3.0), (0.0, 0.05), (0.0, 0.05)];
        Facts { domain, ..Facts::global(5.464_894_697_482_912e-5, minimisers) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.5, 1.5, -1.0, 0.01, 0.02]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for Osborne1 {
    fn count(&self) -> usize {
        DECAYS.len()
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let t = R::of(10.0 * (i - 1) as f64);
        let (a, b) = (exp(-t * x[3]), exp(-t * x[4]));
        let row = [-R::ONE, -a, -b, t * x[1] * a, t * x[2] * b];
        (R::of(DECAYS[i - 1]) - (x[0] + x[1] * a + x[2] * b), row.into_iter().enumerate())
    }
}

/// A decay and three bells through sixty-five measurements.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Osborne2 {
    /// Where to start.
    pub start: Start,
}

impl Function for Osborne2 {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "osborne-2",
        formula: "sum_{i<=65} (y_i - x_1 exp(-t x_5) - sum_{k=2..4} x_k exp(-(t - x_{k+7})^2 x_{k+4}))^2, \
                  t = (i - 1) / 10",
        source: "Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. 19",
        teaches: "a fit of many shapes to one spectrum",
        hypers: &[Start::HYPER],
        tags: &["function", "11d", "multimodal", "least-squares", "mgh"],
    };
    fn known(&self) -> Facts {
        const DECAY: [f64; 2] = [1.309_977_154_627_300_6, 0.754_183_226_328_011_5];
        // Height, rate and middle of each bell; they may stand in any order.
        const BELLS: [[f64; 3]; 3] = [
            [0.431_553_794_602_989, 0.904_288_579_859_633_4, 2.398_684_866_131_754_5],
            [0.633_661_698_960_724, 1.365_811_835_237_028_6, 4.568_874_597_667_672],
            [0.599_430_534_785_916_3, 4.823_698_817_227_155_3, 5.675_341_470_580_641_2],
        ];
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let place = |order: [usize; 3]| {
            let [heights, rates, middles] = [0, 1, 2].map(|part| order.map(|bell| BELLS[bell][part]));
            [&DECAY[..1], &heights, &DECAY[1..], &rates, &middles].concat()
        };
        let domain = [[(0.0, 2.0); 5].as_slice(), &[(0.0, 8.0); 3], &[(0.0, 7.0); 3]].concat();
        Facts { domain, ..Facts::global(4.013_773_629_354_774e-2, orders.map(place).to_vec()) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        self.squares(x, g)
    }
}

impl Residuals for Osborne2 {
    fn count(&self) -> usize {
        SPECTRUM.len()
    }
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
        let (c, t) = (R::of, R::of((i - 1) as f64 / 10.0));
        let decay = exp(-t * x[4]);
        let (mut r, mut row) = (c(SPECTRUM[i - 1]) - x[0] * decay, [R::ZERO; 11]);
        (row[0], row[4]) = (-decay, t * x[0] * decay);
        for k in 1..4 {
            let (height, rate, away) = (x[k], x[k + 4], t - x[k + 7]);
            let bell = exp(-(away * away) * rate);
            r += -height * bell;
            row[k] = -bell;
            row[k + 4] = height * away * away * bell;
            row[k + 7] = -c(2.0) * height * rate * away * bell;
        }
        (r, row.into_iter().enumerate())
    }
}
