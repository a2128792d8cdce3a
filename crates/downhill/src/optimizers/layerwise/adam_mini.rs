//! Adam-mini.

use crate::isa::{Kernel, dispatch};
use crate::optimizers::adam_line::unbias;
use crate::{At, Block, Claim, Driver, Facts, Hyper, Layout, Method, Optimizer, Range, Real, Role, Rule, Visit, real};
use serde::{Deserialize, Serialize};

/// Adam-mini: Adam with one scale for each neuron instead of one for each parameter.
///
/// ```text
/// m <- m + (1 - beta1) (g - m)
/// v <- v + (1 - beta2) (mean(g^2) - v)        over a row of a matrix, an offset, a whole vector
/// u  = m / (1 - beta1^t)  /  (sqrt(v / (1 - beta2^t)) + eps)
/// ```
///
/// Zhang et al. 2025, arXiv:2406.16793. As the authors' release 1.1.1: one scale for each row of a matrix (a neuron of
/// a layer, a token of an embedding or a head), for each offset, and for each other vector. There, queries and keys
/// of attention have one for each head, which a shape does not tell; matrices of names that it does not know, and
/// pytorch_optimizer's all but embeddings, have one alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdamMini {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
}

impl Default for AdamMini {
    fn default() -> Self {
        AdamMini { beta1: 0.9, beta2: 0.999, eps: 1e-8 }
    }
}

impl Method for AdamMini {
    const FACTS: Facts = Facts {
        name: "adam-mini",
        formula: "m as in Adam; v <- v + (1 - beta2) (mean(g^2) - v) over rows; x <- x - lr m^ / (sqrt(v^) + eps)",
        source: "Zhang et al. 2025, arXiv:2406.16793",
        convention: "authors (1.1.1): one v a row of a matrix, an offset, another vector; no blocks for heads",
        preset: "authors",
        failure: "rows whose parameters need different scales; other partitions of embeddings diverge",
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
        ],
        // Not splittable: a vector has one scale.
        claims: &[
            Claim::SignEquivariant,
            Claim::PermutationEquivariant,
            Claim::RotationEquivariant,
            Claim::LinearInLr,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(self.clone(), layout)
    }
}

/// The memory of a block.
pub struct Mini<R> {
    m: Vec<R>,
    /// One a row.
    v: Vec<R>,
    /// The length of a row.
    width: usize,
}

impl<R: Real> Rule<R> for AdamMini {
    type State = Mini<R>;
    fn init(&self, block: &Block) -> Mini<R> {
        let width = match block.matrix() {
            Some((_, columns)) => columns,
            None if block.role == Role::Bias => 1,
            None => block.len(),
        };
        let width = width.max(1);
        Mini { m: vec![R::ZERO; block.len()], v: vec![R::ZERO; block.len() / width], width }
    }
    fn direct(&self, at: &At, state: &mut Mini<R>, _: &[R], u: &mut [R]) {
        let Mini { m, v, width } = state;
        dispatch(Rows {
            a1: R::of(1.0 - self.beta1),
            a2: R::of(1.0 - self.beta2),
            unbias1: R::of(unbias(self.beta1, at.t)),
            unbias2: R::of(unbias(self.beta2, at.t)),
            eps: R::of(self.eps),
            width: *width,
            m,
            v,
            u,
        });
    }
    fn visit(&self, state: &mut Mini<R>, visit: &mut Visit<'_>) {
        visit.vector("m", &mut state.m);
        visit.vector("v", &mut state.v);
    }
}

struct Rows<'a, R> {
    a1: R,
    a2: R,
    unbias1: R,
    unbias2: R,
    eps: R,
    width: usize,
    m: &'a mut [R],
    v: &'a mut [R],
    u: &'a mut [R],
}
impl<R: Real> Kernel for Rows<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let rows = self.m.chunks_exact_mut(self.width).zip(self.u.chunks_exact_mut(self.width));
        for ((m, u), v) in rows.zip(self.v) {
            let mean = real::sum(u, |g| g * g) / self.width as f64;
            *v += self.a2 * (R::of(mean) - *v);
            let root = (*v * self.unbias2).sqrt() + self.eps;
            for (m, u) in m.iter_mut().zip(u) {
                *m += self.a1 * (*u - *m);
                *u = *m * self.unbias1 / root;
            }
        }
    }
}
