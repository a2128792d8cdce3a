//! Shampoo.

use super::products::{Side, blend, gram, multiply, scale, sides};
use crate::gemm::{Into, Op, gemm};
use crate::{
    Adagrad, At, Block, Claim, Driver, Facts, Fused, Hyper, Layout, Method, Momentum, Optimizer, Plain, Range, Real,
    Rule, Then, Visit, linalg, real,
};
use serde::{Deserialize, Serialize};

/// Shampoo: Adagrad with a whole matrix for the rows of the gradient and one for its columns.
///
/// ```text
/// L <- beta2 L + w G G^T,   R <- beta2 R + w G^T G        w: 1 - beta2, or 1 if beta2 is 1
/// P  = (L + eps I)^(-1/4) G (R + eps I)^(-1/4)            roots renewed every `every` steps
/// U  = P, or, grafted,  P |D| / |P|                       D: what `graft` names would do
/// W <- W - lr M,   M <- momentum M + U
/// ```
///
/// Gupta, Koren & Singer 2018, arXiv:1802.09568, where beta2 is 1 and nothing is grafted; stale roots, averages and
/// grafting: Anil et al. 2020, arXiv:2002.09018. The paper starts L and R at `eps I`, which is the same for a sum; in
/// an average the start is forgotten, so `eps` stays outside here. Roots are exact, by eigenvectors in `f64`.
///
/// A side longer than `max_dim` is left alone, and the other then has the power -1/2. Vectors follow what `graft` names,
/// Adagrad without one, where the paper has a whole matrix for them, too. More than two dimensions are flattened to
/// rows and columns. The last bits depend on the processor, as those of every matrix product here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shampoo {
    /// Share of the statistics that is kept, above 0 and at most 1: 1 sums them up.
    pub beta2: f64,
    /// Added to the statistics' eigenvalues, in units of the gradient squared.
    pub eps: f64,
    /// Share of the last direction that is kept, `[0, 1)`.
    pub momentum: f64,
    /// Steps between two computations of the roots; the first is at step 1.
    pub every: u64,
    /// The longest side that gets a matrix.
    pub max_dim: u64,
    /// The method that says how long a step is.
    pub graft: ShampooGraft,
}

/// The method that says how long a step of [`Shampoo`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShampooGraft {
    /// Shampoo itself.
    None,
    /// As long as the gradient.
    Sgd,
    /// As long as the step of [`Adagrad`].
    Adagrad,
}

impl Default for Shampoo {
    fn default() -> Self {
        Shampoo { beta2: 1.0, eps: 1e-4, momentum: 0.0, every: 1, max_dim: 1024, graft: ShampooGraft::None }
    }
}

impl Method for Shampoo {
    const FACTS: Facts = Facts {
        name: "shampoo",
        formula: "L <- L + G G^T; R <- R + G^T G; W <- W - lr (L + eps I)^(-1/4) G (R + eps I)^(-1/4)",
        source: "Gupta, Koren & Singer 2018, arXiv:1802.09568; Anil et al. 2020, arXiv:2002.09018",
        convention: "paper: sums, exact roots in every step, no grafting; vectors by Adagrad",
        preset: "paper",
        failure: "roots of ill-conditioned statistics; old ones with a large `every`; the rate only falls",
        lr: 1e-1,
        grid: (1e-3, 1.0),
        hypers: &[
            Hyper::new("beta2", Range::Positive, "share of the statistics that is kept, at most 1: 1 sums them up"),
            Hyper::new("eps", Range::Positive, "added to the eigenvalues, in units of the gradient squared"),
            Hyper::new("momentum", Range::Decay, "share of the last direction that is kept"),
            Hyper::new("every", Range::AtLeast(1), "steps between two computations of the roots"),
            Hyper::new("max_dim", Range::AtLeast(0), "longest side that gets a matrix"),
            Hyper::new("graft", Range::OneOf(&["none", "sgd", "adagrad"]), "the method that says how long a step is"),
        ],
        claims: &[
            Claim::SignEquivariant,
            // Of vectors: Adagrad.
            Claim::Splittable,
            // Of rows and of columns.
            Claim::PermutationEquivariant,
            Claim::LinearInLr,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        match self.graft {
            ShampooGraft::Sgd => self.grafted(Fused(Plain), layout),
            ShampooGraft::None | ShampooGraft::Adagrad => self.grafted(Fused(Adagrad::default()), layout),
        }
    }
}

impl Shampoo {
    fn grafted<R: Real>(&self, graft: impl Rule<R>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let roots = Roots { config: self.clone(), graft };
        if self.momentum == 0.0 {
            return Driver::boxed(roots, layout);
        }
        let momentum = Momentum { mu: self.momentum, dampening: 0.0, nesterov: false };
        Driver::boxed(Then(roots, Fused(momentum)), layout)
    }
}

struct Roots<G> {
    config: Shampoo,
    graft: G,
}

/// The memory of one block.
struct Statistics<R, G> {
    shape: (usize, usize),
    factors: Vec<Factor<R>>,
    graft: Option<G>,
    /// Scratch.
    direction: Vec<R>,
    rest: Vec<R>,
}

/// One side of a matrix.
struct Factor<R> {
    side: Side,
    statistic: Vec<R>,
    root: Vec<R>,
    gram: Vec<R>,
    /// Eigenvectors, the same scaled, and their product.
    wide: [Vec<f64>; 3],
    values: [Vec<f64>; 2],
}

impl<R: Real> Factor<R> {
    fn new((side, n): (Side, usize)) -> Self {
        let (square, wide) = (vec![R::ZERO; n * n], vec![0.0; n * n]);
        let (statistic, root, gram) = (square.clone(), square.clone(), square);
        let values = [vec![0.0; n], vec![0.0; n]];
        Factor { side, statistic, root, gram, wide: [wide.clone(), wide.clone(), wide], values }
    }

    /// `root = (statistic + eps I)^(-1 / (2 k))`, `k` the number of sides.
    fn renew(&mut self, eps: f64, k: usize) {
        let ([vectors, scaled, root], [values, rest]) = (&mut self.wide, &mut self.values);
        let n = values.len();
        vectors.iter_mut().zip(&self.statistic).for_each(|(v, s)| *v = s.to_f64());
        linalg::symmetric_eigen(vectors, values, rest);
        for ((scaled, vector), value) in scaled.chunks_exact_mut(n).zip(vectors.chunks_exact(n)).zip(values) {
            // Rounding may have left an eigenvalue of 0 below 0.
            let half = (value.larger(0.0) + eps).sqrt();
            let power = 1.0 / if k == 1 { half } else { half.sqrt() };
            scaled.iter_mut().zip(vector).for_each(|(s, v)| *s = power * v);
        }
        gemm(Into::Replace, root, [n, n, n], (vectors, Op::T), (scaled, Op::N));
        self.root.iter_mut().zip(root).for_each(|(r, &mut wide)| *r = R::of(wide));
    }
}

impl<R: Real, G: Rule<R>> Rule<R> for Roots<G> {
    type State = Statistics<R, G::State>;
    fn init(&self, block: &Block) -> Self::State {
        let factors: Vec<_> = sides(block, self.config.max_dim).into_iter().map(Factor::new).collect();
        let grafted = factors.is_empty() || self.config.graft != ShampooGraft::None;
        Statistics {
            shape: block.matrix().unwrap_or((block.len(), 1)),
            graft: grafted.then(|| self.graft.init(block)),
            direction: vec![R::ZERO; block.len()],
            rest: vec![R::ZERO; block.len()],
            factors,
        }
    }
    fn direct(&self, at: &At, state: &mut Self::State, x: &[R], u: &mut [R]) {
        let Shampoo { beta2, eps, every, .. } = self.config;
        let Statistics { shape, factors, graft, direction, rest } = state;
        let k = factors.len();
        direction.copy_from_slice(u);
        for factor in factors {
            gram(factor.side, u, *shape, &mut factor.gram);
            blend(&mut factor.statistic, beta2, if beta2 == 1.0 { 1.0 } else { 1.0 - beta2 }, &factor.gram);
            if (at.t - 1).is_multiple_of(every) {
                factor.renew(eps, k);
            }
            multiply(factor.side, (&factor.root, Op::N), direction, *shape, rest);
        }
        if let Some(graft) = graft {
            self.graft.direct(at, graft, x, u);
            if k == 0 {
                return;
            }
            let length = real::norm(direction) + 1e-16;
            scale(direction, real::norm(u) / length);
        }
        u.copy_from_slice(direction);
    }
    fn visit(&self, state: &mut Self::State, visit: &mut Visit<'_>) {
        for factor in &mut state.factors {
            let (statistic, root) = if factor.side == Side::Left { ("L", "L_root") } else { ("R", "R_root") };
            visit.vector(statistic, &mut factor.statistic);
            visit.vector(root, &mut factor.root);
        }
        if let Some(graft) = &mut state.graft {
            visit.within("graft", |v| self.graft.visit(graft, v));
        }
    }
}
