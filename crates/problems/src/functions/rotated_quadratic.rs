//! The ill-conditioned quadratic, turned at random.

use super::forms::curvature;
use super::{Function, Start};
use crate::math::normal;
use crate::{Facts, FamilyFacts, Stream, Streams};
use downhill::{Hyper, Range, Real};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// The spectrum of [`Ellipsoid`](super::Ellipsoid) in a random frame: no learning rate for each coordinate can
/// repair it.
///
/// The frame is Haar distributed and a function of `dim` and `instance` alone: all trials meet the same one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RotatedQuadratic {
    /// The number of coordinates, `>= 2`.
    pub dim: usize,
    /// The ratio of the largest curvature to the smallest, `> 0`.
    pub kappa: f64,
    /// Which of the random frames.
    pub instance: u64,
    /// Where to start.
    pub start: Start,
    #[serde(skip)]
    frame: OnceLock<Vec<Vec<f64>>>,
}

impl Default for RotatedQuadratic {
    fn default() -> Self {
        RotatedQuadratic { dim: 10, kappa: 1e3, instance: 0, start: Start::default(), frame: OnceLock::new() }
    }
}

impl RotatedQuadratic {
    /// The rows of the rotation, made at first use.
    fn frame(&self) -> &[Vec<f64>] {
        self.frame.get_or_init(|| frame(self.dim, self.instance))
    }
}

/// `n` orthonormal vectors, Haar distributed: Gaussian ones, orthogonalised in their order.
fn frame(n: usize, instance: u64) -> Vec<Vec<f64>> {
    let mut rng = Streams::new("rotated-quadratic, frame", instance).rng(Stream::Noise);
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(n);
    for _ in 0..n {
        let mut row: Vec<f64> = (0..n).map(|_| normal(&mut rng)).collect();
        // Twice is enough (Giraud et al. 2005): the second pass removes what rounding left of the first.
        for earlier in rows.iter().chain(&rows) {
            let along = dot(earlier, &row);
            row.iter_mut().zip(earlier).for_each(|(x, e)| *x -= along * e);
        }
        let length = libm::sqrt(dot(&row, &row));
        row.iter_mut().for_each(|x| *x /= length);
        rows.push(row);
    }
    rows
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl Function for RotatedQuadratic {
    const FAMILY: FamilyFacts = FamilyFacts {
        name: "rotated-quadratic",
        formula: "1/2 sum_i kappa^((i-1)/(dim-1)) (q_i . x)^2, q orthonormal",
        source: "Hansen et al. 2009, BBOB functions; frame: Stewart 1980, SIAM J. Numer. Anal. 17(3)",
        teaches: "ill-conditioning between the axes: diagonal methods lose their advantage",
        hypers: &[
            Hyper::new("dim", Range::AtLeast(2), "number of coordinates"),
            Hyper::new("kappa", Range::Positive, "ratio of the largest curvature to the smallest"),
            Hyper::new("instance", Range::AtLeast(0), "which of the random frames"),
            Start::HYPER,
        ],
        tags: &["function", "nd", "convex", "quadratic", "ill-conditioned"],
    };
    fn known(&self) -> Facts {
        Facts { domain: vec![(-5.0, 5.0)], ..Facts::global(0.0, vec![vec![0.0; self.dim]]) }
    }
    fn start_knob(&self) -> Start {
        self.start
    }
    fn customary_start(&self) -> Vec<f64> {
        vec![1.0; self.dim]
    }
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let mut f = R::ZERO;
        g.fill(R::ZERO);
        for (i, row) in self.frame().iter().enumerate() {
            let mut along = R::ZERO;
            for (&x, &q) in x.iter().zip(row) {
                along += R::of(q) * x;
            }
            let slope = R::of(curvature(self.kappa, self.dim, i + 1)) * along;
            for (g, &q) in g.iter_mut().zip(row) {
                *g += slope * R::of(q);
            }
            f += R::of(0.5) * slope * along;
        }
        f
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_is_orthonormal_and_depends_on_the_instance() {
        let rows = frame(30, 1);
        for (i, a) in rows.iter().enumerate() {
            for (j, b) in rows.iter().enumerate() {
                assert!((dot(a, b) - f64::from(i == j)).abs() < 1e-14, "rows {i} and {j}: {}", dot(a, b));
            }
        }
        assert_eq!(rows, frame(30, 1));
        assert_ne!(rows, frame(30, 2));
    }
}
