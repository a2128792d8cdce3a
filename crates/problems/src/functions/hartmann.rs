//! Hartman's functions: wells of different depths, widths and places.

use super::{Function, Start};
use crate::math::exp;
use crate::{Facts, FamilyFacts};
use downhill::Real;
use serde::{Deserialize, Serialize};

const WIDTHS_3: [[f64; 3]; 4] = [[3.0, 10.0, 30.0], [0.1, 10.0, 35.0], [3.0, 10.0, 30.0], [0.1, 10.0, 35.0]];
const PLACES_3: [[f64; 3]; 4] =
    [[0.3689, 0.1170, 0.2673], [0.4699, 0.4387, 0.7470], [0.1091, 0.8732, 0.5547], [0.03815, 0.5743, 0.8828]];
const WIDTHS_6: [[f64; 6]; 4] = [
    [10.0, 3.0, 17.0, 3.5, 1.7, 8.0],
    [0.05, 10.0, 17.0, 0.1, 8.0, 14.0],
    [3.0, 3.5, 1.7, 10.0, 17.0, 8.0],
    [17.0, 8.0, 0.05, 10.0, 0.1, 14.0],
];
const PLACES_6: [[f64; 6]; 4] = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];

/// Four wells in three dimensions.
///
/// The first coordinate of the fourth is 0.03815, as in the tables with which the minimum is -3.86278214782; some print
/// 0.0381, with which it is -3.862779787.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hartmann3 {
    /// Where to start.
    pub start: Start,
}

impl Function for Hartmann3 {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "hartmann-3",
        formula: "-sum_{i<=4} c_i exp(-sum_{j<=3} a_ij (x_j - p_ij)^2)",
        source: "Hartman 1973; Dixon & Szegő 1978; Jamil & Yang 2013, arXiv:1308.4008",
        teaches: "wells of different width",
        hypers: &[Start::HYPER],
        tags: &["function", "3d", "multimodal"],
    };
    fn known(&self) -> Facts {
        let minimiser = vec![0.114_614_338_589_671_98, 0.555_648_849_971_856_9, 0.852_546_953_520_865_8];
        let traps = vec![
            (
                vec![0.109_337_500_835_031_16, 0.860_524_221_769_077_3, 0.564_123_171_053_538_1],
                -3.089_764_163_092_250_5,
            ),
            (vec![0.368_722_727_070_440_8, 0.117_561_628_825_735_63, 0.267_573_743_016_829], -1.000_816_863_562_928_2),
        ];
        Facts { domain: vec![(0.0, 1.0)], traps, ..Facts::global(-3.862_782_147_820_755_4, vec![minimiser]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.5; 3]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        wells(x, g, &WIDTHS_3, &PLACES_3)
    }
}

/// Four wells in six dimensions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hartmann6 {
    /// Where to start.
    pub start: Start,
}

impl Function for Hartmann6 {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "hartmann-6",
        formula: "-sum_{i<=4} c_i exp(-sum_{j<=6} a_ij (x_j - p_ij)^2)",
        source: "Hartman 1973; Dixon & Szegő 1978; Jamil & Yang 2013, arXiv:1308.4008",
        teaches: "wells of different width",
        hypers: &[Start::HYPER],
        tags: &["function", "6d", "multimodal"],
    };
    fn known(&self) -> Facts {
        let minimiser = vec![
            0.201_689_511_006_705_42,
            0.150_010_691_823_457_97,
            0.476_873_974_221_897,
            0.275_332_430_494_056_1,
            0.311_651_616_600_113_24,
            0.657_300_534_065_620_3,
        ];
        let trap = vec![
            0.404_653_127_706_171_3,
            0.882_444_923_972_383_2,
            0.846_101_570_478_180_5,
            0.573_989_692_430_365_7,
            0.138_926_603_667_243_9,
            0.038_495_892_478_237_27,
        ];
        let traps = vec![(trap, -3.203_161_918_396_231)];
        Facts { domain: vec![(0.0, 1.0)], traps, ..Facts::global(-3.322_368_011_415_514_8, vec![minimiser]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![0.5; 6]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        wells(x, g, &WIDTHS_6, &PLACES_6)
    }
}

/// Four wells of different depths, widths and places.
fn wells<R: Real, const N: usize>(x: &[R], g: &mut [R], widths: &[[f64; N]; 4], places: &[[f64; N]; 4]) -> R {
    let (c, mut f) = (R::of, R::ZERO);
    g.fill(R::ZERO);
    for ((depth, a), p) in [1.0, 1.2, 3.0, 3.2].into_iter().zip(widths).zip(places) {
        let mut square = R::ZERO;
        for ((&x, &a), &p) in x.iter().zip(a).zip(p) {
            square += c(a) * (x - c(p)) * (x - c(p));
        }
        let well = c(depth) * exp(-square);
        f += -well;
        for (((g, &x), &a), &p) in g.iter_mut().zip(x).zip(a).zip(p) {
            *g += c(2.0 * a) * (x - c(p)) * well;
        }
    }
    f
}
