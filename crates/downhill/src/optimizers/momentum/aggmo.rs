//! Aggregated momentum.

use crate::isa::{Kernel, dispatch};
use crate::rule::descend;
use crate::{At, Block, Driver, Facts, Hyper, Layout, Method, Optimizer, Range, Real, Rule, Visit};
use serde::{Deserialize, Serialize};

/// AggMo: the mean of several momenta, slow ones that go far and fast ones that damp their swings.
///
/// ```text
/// b_k <- beta_k b_k + g
/// u    = mean of b_k
/// ```
///
/// Lucas et al. 2019, arXiv:1804.00325. As the authors' code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AggMo {
    /// The share that each momentum keeps, each `[0, 1)`.
    pub betas: Vec<f64>,
}

impl Default for AggMo {
    fn default() -> Self {
        AggMo { betas: vec![0.0, 0.9, 0.99] }
    }
}

impl Method for AggMo {
    const FACTS: Facts = Facts {
        name: "aggmo",
        formula: "b_k <- beta_k b_k + g; x <- x - lr mean of b_k",
        source: "Lucas et al. 2019, arXiv:1804.00325",
        preset: "authors",
        convention: "the authors' code: the mean over the momenta, not their sum",
        failure: "as momentum; a vector of state for each beta",
        hypers: &[Hyper::new("betas", Range::Decays, "share that each momentum keeps")],
        claims: super::LINEAR,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(self.clone(), layout)
    }
}

/// How many scalars go through all momenta before the next: they and their momenta stay in the first-level cache.
const PART: usize = 512;

impl<R: Real> Rule<R> for AggMo {
    type State = Vec<Vec<R>>;
    fn init(&self, block: &Block) -> Self::State {
        vec![vec![R::ZERO; block.len()]; self.betas.len()]
    }
    fn direct(&self, _: &At, b: &mut Self::State, _: &[R], u: &mut [R]) {
        let mut g = [R::ZERO; PART];
        for (part, u) in u.chunks_mut(PART).enumerate() {
            let g = &mut g[..u.len()];
            g.copy_from_slice(u);
            dispatch(Mean { betas: &self.betas, b, start: part * PART, g, u });
        }
    }
    fn apply(&self, at: &At, b: &mut Self::State, x: &mut [R], g: &[R], u: &mut [R]) {
        for (part, (x, g)) in x.chunks_mut(PART).zip(g.chunks(PART)).enumerate() {
            let u = &mut u[..x.len()];
            dispatch(Mean { betas: &self.betas, b, start: part * PART, g, u });
            descend(x, u, R::of(at.lr));
        }
    }
    fn visit(&self, b: &mut Self::State, visit: &mut Visit<'_>) {
        for (k, b) in b.iter_mut().enumerate() {
            visit.vector(&format!("b{k}"), b);
        }
    }
}

/// Of one part, which begins at `start` in each momentum.
struct Mean<'a, R> {
    betas: &'a [f64],
    b: &'a mut [Vec<R>],
    start: usize,
    g: &'a [R],
    u: &'a mut [R],
}
impl<R: Real> Kernel for Mean<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let share = R::of(1.0 / self.betas.len() as f64);
        let average = |b: &mut [Vec<R>], start: usize, g: &[R], u: &mut [R]| {
            u.fill(R::ZERO);
            for (&beta, b) in self.betas.iter().zip(b) {
                let beta = R::of(beta);
                for ((b, u), &g) in b[start..start + g.len()].iter_mut().zip(u.iter_mut()).zip(g) {
                    *b = beta * *b + g;
                    *u += share * *b;
                }
            }
        };
        // So few that gradient and sum stay in registers.
        let (g, g_rest) = self.g.as_chunks::<32>();
        let (u, u_rest) = self.u.as_chunks_mut::<32>();
        for (i, (g, u)) in g.iter().zip(&mut *u).enumerate() {
            let mut sum = [R::ZERO; 32];
            average(self.b, self.start + 32 * i, g, &mut sum);
            *u = sum;
        }
        average(self.b, self.start + 32 * u.len(), g_rest, u_rest);
    }
}
