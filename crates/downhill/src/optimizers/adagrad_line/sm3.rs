//! SM3.

use super::Root;
use crate::isa::{Kernel, dispatch};
use crate::{
    At, Block, Claim, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Preset, Qhm, Range, Real, Rule,
    Then, Visit,
};
use serde::{Deserialize, Serialize};

/// SM3: Adagrad in sublinear memory. Each row, column, ... of a block keeps one bound on its sums of squares.
///
/// ```text
/// v_ij  = min(row_i, column_j) + g_ij^2
/// u_ij  = g_ij / sqrt(v_ij + eps)
/// row_i <- max over j of v_ij;   column_j <- max over i of v_ij
/// m <- momentum m + (1 - momentum) u
/// x <- x - lr m
/// ```
///
/// Anil et al. 2019, arXiv:1901.11150, Algorithm SM3-II, with one bound for each index of each axis. As optax;
/// the authors' code has an eps of 1e-30. On vectors it is Adagrad.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sm3 {
    /// Decay of the mean of directions, `[0, 1)`.
    pub momentum: f64,
    /// Added inside the root, in units of the gradient squared.
    pub eps: f64,
}

impl Default for Sm3 {
    fn default() -> Self {
        Sm3 { momentum: 0.9, eps: 1e-8 }
    }
}

impl Method for Sm3 {
    const FACTS: Facts = Facts {
        name: "sm3",
        formula: "v_ij = min(row_i, column_j) + g_ij^2; x <- x - lr mean of g / sqrt(v + eps); row_i <- max_j v_ij, column_j <- max_i v_ij",
        source: "Anil et al. 2019, arXiv:1901.11150",
        preset: "optax",
        convention: "optax: SM3-II, momentum as a mean, eps inside the root",
        presets: &[Preset::new("authors", &[("eps", Given::Number(1e-30))])],
        failure: "the rate only falls; the bounds are loose where a row holds many scales",
        lr: 0.1,
        grid: (1e-2, 1.0),
        hypers: &[
            Hyper::new("momentum", Range::Decay, "decay of the mean of directions"),
            Hyper::new("eps", Range::NonNegative, "added inside the root, in units of the gradient squared"),
        ],
        // Splittable as a vector, permutable by rows and columns: a block's shape counts.
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::PermutationEquivariant,
            Claim::LinearInLr,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let cover = Cover { eps: self.eps };
        if self.momentum == 0.0 {
            return Driver::boxed(cover, layout);
        }
        Driver::boxed(Then(cover, Fused(Qhm { beta: self.momentum, nu: 1.0 })), layout)
    }
}

/// The gradient over the roots of its bounds.
struct Cover {
    eps: f64,
}

/// One bound for each index of each axis.
struct Bounds<R> {
    now: Vec<Vec<R>>,
    /// Those that this step finds.
    next: Vec<Vec<R>>,
}

impl<R: Real> Rule<R> for Cover {
    type State = Bounds<R>;
    fn init(&self, block: &Block) -> Bounds<R> {
        let scalar = [1];
        let shape = if block.shape.is_empty() { &scalar[..] } else { &block.shape };
        let now: Vec<_> = shape.iter().map(|&n| vec![R::ZERO; n]).collect();
        Bounds { next: now.clone(), now }
    }
    fn direct(&self, _: &At, bounds: &mut Bounds<R>, _: &[R], u: &mut [R]) {
        let Bounds { now, next } = bounds;
        next.iter_mut().for_each(|axis| axis.fill(R::ZERO));
        let columns = now.last().map_or(0, Vec::len).max(1);
        for (row, u) in u.chunks_mut(columns).enumerate() {
            let axes = now.len() - 1;
            let low = indices(row, &now[..axes]).fold(R::of(f64::INFINITY), |low, (k, i)| low.smaller(now[k][i]));
            let root = Root::new(self.eps, true);
            let high = dispatch(Line { u, low, now: &now[axes], next: &mut next[axes], root });
            for (k, i) in indices(row, &now[..axes]) {
                next[k][i] = next[k][i].larger(high);
            }
        }
        std::mem::swap(now, next);
    }
    fn visit(&self, bounds: &mut Bounds<R>, visit: &mut Visit<'_>) {
        for (k, axis) in bounds.now.iter_mut().enumerate() {
            visit.vector(&format!("axis{k}"), axis);
        }
    }
}

/// Where the `row`th line lies on each axis but the last.
fn indices<R>(mut row: usize, axes: &[Vec<R>]) -> impl Iterator<Item = (usize, usize)> {
    axes.iter().enumerate().rev().map(move |(k, axis)| {
        let i = row % axis.len();
        row /= axis.len();
        (k, i)
    })
}

const LANES: usize = 16;

/// One line along the last axis; returns its largest sum.
struct Line<'a, R> {
    u: &'a mut [R],
    low: R,
    now: &'a [R],
    next: &'a mut [R],
    root: Root<R>,
}
impl<R: Real> Kernel for Line<'_, R> {
    type Output = R;
    #[inline(always)]
    fn run(self) -> R {
        let Line { low, root, .. } = self;
        let bound = |u: &mut R, now: R, next: &mut R, high: &mut R| {
            let v = now.smaller(low) + *u * *u;
            *u = *u / root.of(v);
            *next = next.larger(v);
            *high = high.larger(v);
        };
        // In lanes, since a single largest number would be found one by one.
        let mut high = [R::ZERO; LANES];
        let (u, u_rest) = self.u.as_chunks_mut::<LANES>();
        let (now, now_rest) = self.now.as_chunks::<LANES>();
        let (next, next_rest) = self.next.as_chunks_mut::<LANES>();
        for ((u, now), next) in u.iter_mut().zip(now).zip(next) {
            for i in 0..LANES {
                bound(&mut u[i], now[i], &mut next[i], &mut high[i]);
            }
        }
        for (i, ((u, &now), next)) in u_rest.iter_mut().zip(now_rest).zip(next_rest).enumerate() {
            bound(u, now, next, &mut high[i]);
        }
        high.into_iter().fold(R::ZERO, R::larger)
    }
}
