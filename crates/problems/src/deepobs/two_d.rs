//! Functions of two numbers, tilted at random by each example.

use super::numpy::RandomState;
use crate::functions::{Beale, Branin, Function, Rosenbrock};
use crate::problem::{Batch, Facts, Info, Measures, Part, Problem, ProblemError, Sample, Scratch};
use crate::{Context, Family, FamilyFacts, Rng};
use downhill::{Layout, Real};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, LazyLock};

/// The number of training examples.
const EXAMPLES: usize = 10_000;
/// Examples for validation: the 78 full batches of 128.
const KEPT: usize = 9984;

type Tilts = Vec<[f64; 2]>;

/// A [`Function`] `f` of two numbers, to which each example adds a slope of its own.
///
/// ```text
/// mean over examples of f(u, v) + u x + v y,  x, y ~ N(0, 1)
/// ```
///
/// The 10,000 training examples are drawn by numpy's `RandomState(42)`, first all `x` and then all `y`, 9984 for validation
/// by `44`; test sees `f` itself. DeepOBS runs 100 epochs with batches of 128, the remainder dropped.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TwoD<F: Default> {
    #[serde(skip)]
    f: F,
}

/// From (-0.5, 1.5).
pub type TwoDRosenbrock = TwoD<Rosenbrock>;
/// From (-4.5, 4.5).
pub type TwoDBeale = TwoD<Beale>;
/// From (2.5, 12.5).
pub type TwoDBranin = TwoD<Branin>;

/// The functions that DeepOBS tilts.
pub trait Tilted: Function + Default {
    const FACTS: FamilyFacts;
    const START: [f64; 2];
}

const COMMON: FamilyFacts = FamilyFacts {
    name: "",
    formula: "",
    source: "Schneider, Balles & Hennig 2019, arXiv:1903.05499",
    teaches: "",
    hypers: &[],
    tags: &["deepobs", "synthetic", "2d", "finite-sum"],
};

impl Tilted for Rosenbrock {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "two-d-rosenbrock",
        formula: "mean of (1 - u)^2 + 100 (v - u^2)^2 + u x + v y, x, y ~ N(0, 1)",
        teaches: "noise against the small slope along a valley",
        ..COMMON
    };
    const START: [f64; 2] = [-0.5, 1.5];
}

impl Tilted for Beale {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "two-d-beale",
        formula: "mean of Beale's function + u x + v y, x, y ~ N(0, 1)",
        teaches: "a steep wall at the start, noise on the flat after it",
        ..COMMON
    };
    const START: [f64; 2] = [-4.5, 4.5];
}

impl Tilted for Branin {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "two-d-branin",
        formula: "mean of Branin's function + u x + v y, x, y ~ N(0, 1)",
        teaches: "noise decides between three minima of almost the same value",
        ..COMMON
    };
    const START: [f64; 2] = [2.5, 12.5];
}

/// The slopes of training and validation, drawn at first use.
static TILTS: LazyLock<[Tilts; 2]> = LazyLock::new(|| {
    [(42, EXAMPLES), (44, KEPT)].map(|(seed, n)| {
        let mut rng = RandomState::new(seed);
        let mut draws = || (0..EXAMPLES).map(|_| f64::from(rng.normal(1.0) as f32)).collect::<Vec<_>>();
        let (x, y) = (draws(), draws());
        x.into_iter().zip(y).take(n).map(|(x, y)| [x, y]).collect()
    })
});

/// The mean slope.
fn mean<'a>(tilts: impl ExactSizeIterator<Item = &'a [f64; 2]>) -> [f64; 2] {
    let n = tilts.len() as f64;
    tilts.fold([0.0; 2], |sum, tilt| [sum[0] + tilt[0], sum[1] + tilt[1]]).map(|sum| sum / n)
}

impl<F: Tilted> TwoD<F> {
    /// Value and gradient of `f`, tilted.
    fn at<R: Real>(&self, x: &[R], tilt: [f64; 2], g: &mut [R]) -> R {
        let mut f = self.f.value_and_gradient(x, g);
        for (i, tilt) in tilt.into_iter().enumerate() {
            f += R::of(tilt) * x[i];
            g[i] += R::of(tilt);
        }
        f
    }

    /// Where a minimum of `f` moves when all examples tilt it: Newton's method, with differences of slopes for the
    /// curvature.
    fn moved(&self, from: &[f64]) -> Vec<f64> {
        let tilt = mean(TILTS[0].iter());
        let slope = |u: f64, v: f64| {
            let mut g = [0.0; 2];
            self.at(&[u, v], tilt, &mut g);
            g
        };
        let (mut u, mut v, h) = (from[0], from[1], 1e-4);
        for _ in 0..20 {
            let [gu, gv] = slope(u, v);
            let (a, b) = (slope(u + h, v)[0] - slope(u - h, v)[0], slope(u + h, v)[1] - slope(u - h, v)[1]);
            let c = slope(u, v + h)[1] - slope(u, v - h)[1];
            let scale = 2.0 * h / (a * c - b * b);
            (u, v) = (u - scale * (c * gu - b * gv), v - scale * (a * gv - b * gu));
        }
        vec![u, v]
    }
}

impl<F: Tilted> Family for TwoD<F> {
    const FACTS: FamilyFacts = <F as Tilted>::FACTS;
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        Ok(Arc::new(self.clone()))
    }
}

impl<F: Tilted> Info for TwoD<F> {
    fn layout(&self) -> Layout {
        Layout::vector(2)
    }
    fn examples(&self) -> usize {
        EXAMPLES
    }
    /// Minima are those of the training loss; tilted, these functions are unbounded below far away.
    fn facts(&self) -> Facts {
        let known = self.f.known();
        let value = |x: &Vec<f64>| self.at(x, mean(TILTS[0].iter()), &mut [0.0; 2]);
        let mut minima: Vec<_> = known.minimisers.iter().map(|x| self.moved(x)).map(|x| (value(&x), x)).collect();
        minima.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut minima = minima.into_iter();
        let lowest = minima.next();
        Facts {
            minimum: lowest.as_ref().map(|(value, _)| *value),
            minimisers: lowest.into_iter().map(|(_, x)| x).collect(),
            traps: minima.map(|(value, x)| (x, value)).collect(),
            domain: known.domain,
            ..Facts::default()
        }
    }
}

impl<R: Real, F: Tilted> Problem<R> for TwoD<F> {
    fn start(&self, _: &mut Rng, x: &mut [R]) {
        x.copy_from_slice(&F::START.map(R::of));
    }
    fn eval(&self, x: &[R], sample: &Sample<'_>, g: &mut [R], _: &mut Scratch<R>) -> R {
        let tilt = match sample.batch {
            Batch::All => mean(TILTS[0].iter()),
            Batch::Rows(rows) => mean(rows.iter().map(|&i| &TILTS[0][i as usize])),
        };
        self.at(x, tilt, g)
    }
    fn measure(&self, x: &[R], part: Part, _: &mut Scratch<R>) -> Measures {
        let tilt = match part {
            Part::Train => mean(TILTS[0].iter()),
            Part::Validation => mean(TILTS[1].iter()),
            Part::Test => [0.0; 2],
        };
        let loss = self.at(x, tilt, &mut [R::ZERO; 2]).to_f64();
        Measures { objective: loss, loss, metric: None }
    }
}
