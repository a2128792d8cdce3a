//! A valley that winds.

use super::rotation::Rotation;
use crate::functions::{Function, Start};
use crate::{Facts, FamilyFacts, Stream, Streams};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// A chain of valleys, each of which bends with the coordinate before it, from straight to Nesterov's.
///
/// ```text
/// f(x) = 1/2 (y_1 - 1)^2 + kappa/2 sum_{i=2}^dim (y_i - b(y_{i-1}))^2,  y = 1 + Q (x - 1)
/// b(u) = (1 - bend) u + bend (2 u^2 - 1)
/// ```
///
/// The floor is a curve, along which `y_1` alone decides about `f`; with `bend = 1` the `i`-th coordinate is a Chebyshev
/// polynomial of it, of degree `2^(i-1)`. Nothing else is in the way: the minimum is the only stationary point, since the residuals' Jacobian is
/// triangular. `Q` turns blocks, drawn from `instance`. The customary start is the floor at `y_1 = -1`, where `f = 2`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Valley {
    /// The number of coordinates, `>= 2`.
    pub dim: usize,
    /// The curvature across the valley over that along `y_1`, `> 0`.
    pub kappa: f64,
    /// How far it bends, `>= 0`: 0 is a quadratic.
    pub bend: f64,
    /// How many coordinates are turned together, `>= 1`; `dim` or more turns all.
    pub block: usize,
    /// Which of the random frames.
    pub instance: u64,
    /// Where to start.
    pub start: Start,
    #[serde(skip)]
    rotation: OnceLock<Rotation>,
}

impl Default for Valley {
    fn default() -> Self {
        let (start, rotation) = (Start::default(), OnceLock::new());
        Valley { dim: 10, kappa: 100.0, bend: 0.5, block: 10, instance: 0, start, rotation }
    }
}

impl Valley {
    /// Drawn at first use.
    fn rotation(&self) -> &Rotation {
        self.rotation.get_or_init(|| {
            let mut rng = Streams::new("valley, instance", self.instance).rng(Stream::Noise);
            Rotation::draw(self.dim, self.block, &mut rng)
        })
    }

    /// Where the floor is, and its slope.
    fn floor<R: Real>(&self, u: R) -> (R, R) {
        let (straight, bend) = (R::of(1.0 - self.bend), R::of(self.bend));
        (straight * u + bend * (R::of(2.0) * u * u - R::ONE), straight + R::of(4.0) * bend * u)
    }
}

impl Function for Valley {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "valley",
        formula: "1/2 (y_1 - 1)^2 + kappa/2 sum_i (y_i - b(y_{i-1}))^2, b from a line to 2 u^2 - 1",
        source: "after Nesterov's Chebyshev-Rosenbrock function, Gurbuzbalaban & Overton 2012, Nonlinear Analysis 75",
        teaches: "curved valleys: curvature learnt at one place misleads at the next",
        hypers: &[
            Hyper::new("dim", Range::AtLeast(2), "number of coordinates"),
            Hyper::new("kappa", Range::Positive, "curvature across the valley"),
            Hyper::new("bend", Range::NonNegative, "how far it bends, from 0, a quadratic, to 1"),
            Hyper::new("block", Range::AtLeast(1), "how many coordinates are turned together; 1 turns none"),
            Hyper::new("instance", Range::AtLeast(0), "which of the random frames"),
            Start::HYPER,
        ],
        tags: &["synthetic", "nd", "valley"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-2.0, 2.0)], ..Facts::global(0.0, vec![vec![1.0; self.dim]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        let mut x: Vec<f64> = std::iter::successors(Some(-1.0), |&u| Some(self.floor(u).0)).take(self.dim).collect();
        x.iter_mut().for_each(|x| *x -= 1.0);
        self.rotation().undo(&mut x);
        x.iter_mut().for_each(|x| *x += 1.0);
        x
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        g.iter_mut().zip(x).for_each(|(y, &x)| *y = x - R::ONE);
        self.rotation().apply(g);
        // From here on `g` holds `y` ahead of `i`, and the gradient by it behind.
        g.iter_mut().for_each(|y| *y += R::ONE);
        let (half, kappa) = (R::of(0.5), R::of(self.kappa));
        let mut slope = g[0] - R::ONE;
        let mut f = half * slope * slope;
        for i in 0..x.len() - 1 {
            let (floor, lean) = self.floor(g[i]);
            let across = g[i + 1] - floor;
            g[i] = slope - kappa * across * lean;
            slope = kappa * across;
            f += half * slope * across;
        }
        g[x.len() - 1] = slope;
        self.rotation().undo(g);
        f
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_on_the_floor() {
        for (dim, bend) in [(2, 0.0), (10, 0.5), (5, 1.0)] {
            let valley = Valley { dim, bend, ..Valley::default() };
            let f = valley.value_and_gradient(&valley.customary_start(), &mut vec![0.0; dim]);
            assert!((f - 2.0).abs() < 1e-12, "{valley:?}: {f}");
        }
        // Nesterov's: at (-1, 1, 1, ...).
        let nesterov = Valley { bend: 1.0, block: 1, ..Valley::default() };
        assert_eq!(nesterov.customary_start()[..3], [-1.0, 1.0, 1.0]);
    }
}
