//! SOAP.

use super::products::{Side, blend, gram, multiply, sides};
use crate::gemm::{Into, Op, gemm};
use crate::isa::{Kernel, dispatch};
use crate::{At, Block, Claim, Driver, Facts, Hyper, Layout, Method, Optimizer, Range, Real, Rule, Visit, linalg};
use serde::{Deserialize, Serialize};

/// SOAP: Adam in the eigenvectors of Shampoo's statistics.
///
/// ```text
/// m <- m + (1 - beta1) (G - m)
/// v <- v + (1 - beta2) ((Q_L^T G Q_R)^2 - v)
/// U  = Q_L ( Q_L^T m Q_R / (sqrt(v) + eps) ) Q_R^T  sqrt(1 - beta2^k) / (1 - beta1^k),   k = t - 1
/// W <- (1 - lr decay) (W - lr U)
/// L <- L + (1 - beta2) (G G^T - L),   R <- R + (1 - beta2) (G^T G - R)
/// every `every` steps:   Q_L = QR(L Q_L),  columns in the order of falling q^T L q, v with them;  Q_R likewise
/// ```
///
/// Vyas et al. 2024, arXiv:2409.11321. As the authors' code: the first step moves nothing and only finds the first
/// eigenvectors; `eps` is added before the bias correction; the decay comes after the step. They round the QR
/// decomposition to `f32`; here it is in `f64`.
///
/// A side longer than `max_dim` keeps its coordinates; vectors follow Adam from the second step on. More than two
/// dimensions are flattened to rows and columns, where the authors have a matrix for each. The last bits depend on the
/// processor, as those of every matrix product here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Soap {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares and of both statistics, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// Weight decay, per step and learning rate.
    pub decay: f64,
    /// Steps between two turns of the eigenvectors.
    pub every: u64,
    /// The longest side that is turned.
    pub max_dim: u64,
}

impl Default for Soap {
    fn default() -> Self {
        Soap { beta1: 0.95, beta2: 0.95, eps: 1e-8, decay: 1e-2, every: 10, max_dim: 10000 }
    }
}

impl Method for Soap {
    const FACTS: Facts = Facts {
        name: "soap",
        formula: "Adam on Q_L^T G Q_R, with m kept in W's coordinates and Q_L, Q_R the eigenvectors of averages of G G^T and G^T G",
        source: "Vyas et al. 2024, arXiv:2409.11321",
        convention: "authors: first step only initialises, eps before the bias correction, decay after the step",
        preset: "authors",
        failure: "a QR decomposition of every side, costly for long ones; old eigenvectors with a large `every`",
        lr: 3e-3,
        grid: (1e-4, 1e-1),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares and of the statistics"),
            Hyper::new("eps", Range::Positive, "added to the root, in units of the gradient"),
            Hyper::new("decay", Range::NonNegative, "weight decay, per step and learning rate"),
            Hyper::new("every", Range::AtLeast(1), "steps between two turns of the eigenvectors"),
            Hyper::new("max_dim", Range::AtLeast(0), "longest side that is turned"),
        ],
        claims: &[
            Claim::SignEquivariant,
            // Of vectors: Adam.
            Claim::Splittable,
            // Of rows and of columns.
            Claim::PermutationEquivariant,
            // The first step moves nothing.
            Claim::LinearInLr,
            Claim::StillAtZeroRate,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Rotated(self.clone()), layout)
    }
}

#[derive(Clone, Debug)]
struct Rotated(Soap);

/// The memory of one block.
struct Moments<R> {
    shape: (usize, usize),
    m: Vec<R>,
    v: Vec<R>,
    bases: Vec<Basis<R>>,
    /// Scratch.
    turned: Vec<R>,
    rest: Vec<R>,
}

/// One side of a matrix.
struct Basis<R> {
    side: Side,
    statistic: Vec<R>,
    /// Eigenvectors as rows: `Q^T`.
    q: Vec<R>,
    gram: Vec<R>,
    wide: [Vec<f64>; 3],
    values: [Vec<f64>; 2],
    order: Vec<usize>,
}

impl<R: Real> Basis<R> {
    fn new((side, n): (Side, usize)) -> Self {
        let (square, wide) = (vec![R::ZERO; n * n], vec![0.0; n * n]);
        let (statistic, q, gram) = (square.clone(), square.clone(), square);
        let (wide, values) = ([wide.clone(), wide.clone(), wide], [vec![0.0; n], vec![0.0; n]]);
        Basis { side, statistic, q, gram, wide, values, order: (0..n).collect() }
    }

    /// Into the eigenvectors' coordinates, `Q_L^T G` or `G Q_R`.
    fn turn(&self, g: &mut [R], shape: (usize, usize), rest: &mut [R]) {
        let op = if self.side == Side::Left { Op::N } else { Op::T };
        multiply(self.side, (&self.q, op), g, shape, rest);
    }
    /// Back again.
    fn turn_back(&self, g: &mut [R], shape: (usize, usize), rest: &mut [R]) {
        let op = if self.side == Side::Left { Op::T } else { Op::N };
        multiply(self.side, (&self.q, op), g, shape, rest);
    }

    fn learn(&mut self, g: &[R], shape: (usize, usize), beta: f64) {
        gram(self.side, g, shape, &mut self.gram);
        blend(&mut self.statistic, beta, 1.0 - beta, &self.gram);
    }

    /// The first eigenvectors, of falling value.
    fn find(&mut self) {
        let ([vectors, ..], [values, rest]) = (&mut self.wide, &mut self.values);
        let n = values.len();
        widen(vectors, &self.statistic);
        linalg::symmetric_eigen(vectors, values, rest);
        falling(&mut self.order, values);
        for (q, &from) in self.q.chunks_exact_mut(n).zip(&self.order) {
            narrow(q, &vectors[from * n..][..n]);
        }
    }

    /// A step of the power method on all vectors, ordered by their Rayleigh quotients, which `v` follows.
    fn refine(&mut self, v: &mut [R], (rows, columns): (usize, usize), rest: &mut [R]) {
        let ([statistic, q, product], [values, _]) = (&mut self.wide, &mut self.values);
        let n = values.len();
        widen(statistic, &self.statistic);
        widen(q, &self.q);
        gemm(Into::Replace, product, [n, n, n], (q, Op::N), (statistic, Op::N));
        for ((value, q), product) in values.iter_mut().zip(q.chunks_exact(n)).zip(product.chunks_exact(n)) {
            *value = linalg::dot(q, product);
        }
        falling(&mut self.order, values);
        for (to, &from) in statistic.chunks_exact_mut(n).zip(&self.order) {
            to.copy_from_slice(&product[from * n..][..n]);
        }
        linalg::orthonormal(statistic, q, n);
        narrow(&mut self.q, q);
        rest.copy_from_slice(v);
        match self.side {
            Side::Left => {
                for (to, &from) in v.chunks_exact_mut(columns).zip(&self.order) {
                    to.copy_from_slice(&rest[from * columns..][..columns]);
                }
            }
            Side::Right => {
                for (to, from) in v.chunks_exact_mut(columns).zip(rest.chunks_exact(columns)).take(rows) {
                    to.iter_mut().zip(&self.order).for_each(|(to, &j)| *to = from[j]);
                }
            }
        }
    }
}

fn widen<R: Real>(wide: &mut [f64], x: &[R]) {
    wide.iter_mut().zip(x).for_each(|(wide, x)| *wide = x.to_f64());
}
fn narrow<R: Real>(x: &mut [R], wide: &[f64]) {
    x.iter_mut().zip(wide).for_each(|(x, &wide)| *x = R::of(wide));
}

/// The order of falling values; equal ones stay in theirs.
fn falling(order: &mut [usize], values: &[f64]) {
    order.sort_unstable_by(|&i, &j| values[j].total_cmp(&values[i]).then(i.cmp(&j)));
}

impl<R: Real> Rule<R> for Rotated {
    type State = Moments<R>;
    fn init(&self, block: &Block) -> Moments<R> {
        let zeros = vec![R::ZERO; block.len()];
        Moments {
            shape: block.matrix().unwrap_or((block.len(), 1)),
            bases: sides(block, self.0.max_dim).into_iter().map(Basis::new).collect(),
            m: zeros.clone(),
            v: zeros.clone(),
            turned: zeros.clone(),
            rest: zeros,
        }
    }
    fn direct(&self, at: &At, state: &mut Moments<R>, x: &[R], u: &mut [R]) {
        let Soap { beta1, beta2, eps, every, .. } = self.0;
        let Moments { shape, m, v, bases, turned, rest } = state;
        if at.t == 1 {
            for basis in bases {
                basis.learn(u, *shape, beta2);
                basis.find();
            }
            u.iter_mut().for_each(|u| *u *= R::ZERO); // and not a fill: a NaN stays
            return;
        }
        let k = at.t - 1;
        turned.copy_from_slice(u);
        bases.iter().for_each(|basis| basis.turn(turned, *shape, rest));
        blend(m, beta1, 1.0 - beta1, u);
        dispatch(Squares { v, g: turned, share: R::of(1.0 - beta2) });
        turned.copy_from_slice(m);
        bases.iter().for_each(|basis| basis.turn(turned, *shape, rest));
        let power = |beta: f64| 1.0 - libm::pow(beta, k as f64);
        dispatch(Ratio { m: turned, v, unbias: R::of(power(beta2).sqrt() / power(beta1)), eps: R::of(eps) });
        bases.iter().for_each(|basis| basis.turn_back(turned, *shape, rest));
        for basis in bases.iter_mut() {
            basis.learn(u, *shape, beta2);
            if k.is_multiple_of(every) {
                basis.refine(v, *shape, rest);
            }
        }
        let decay = R::of(at.decay.unwrap_or(self.0.decay));
        dispatch(DecayAfter { u, direction: turned, x, lr: R::of(at.lr), decay });
    }
    fn visit(&self, state: &mut Moments<R>, visit: &mut Visit<'_>) {
        visit.vector("m", &mut state.m);
        visit.vector("v", &mut state.v);
        for basis in &mut state.bases {
            let (statistic, q) = if basis.side == Side::Left { ("L", "Q_L") } else { ("R", "Q_R") };
            visit.vector(statistic, &mut basis.statistic);
            visit.vector(q, &mut basis.q);
        }
    }
}

/// `v <- v + share (g^2 - v)`
struct Squares<'a, R> {
    v: &'a mut [R],
    g: &'a [R],
    share: R,
}
impl<R: Real> Kernel for Squares<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        self.v.iter_mut().zip(self.g).for_each(|(v, &g)| *v += self.share * (g * g - *v));
    }
}

/// `m <- unbias m / (sqrt(v) + eps)`
struct Ratio<'a, R> {
    m: &'a mut [R],
    v: &'a [R],
    unbias: R,
    eps: R,
}
impl<R: Real> Kernel for Ratio<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        self.m.iter_mut().zip(self.v).for_each(|(m, &v)| *m = self.unbias * *m / (v.sqrt() + self.eps));
    }
}

/// `u` such that `x - lr u = (1 - lr decay) (x - lr direction)`.
struct DecayAfter<'a, R> {
    u: &'a mut [R],
    direction: &'a [R],
    x: &'a [R],
    lr: R,
    decay: R,
}
impl<R: Real> Kernel for DecayAfter<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for ((u, &direction), &x) in self.u.iter_mut().zip(self.direction).zip(self.x) {
            *u = direction + self.decay * (x - self.lr * direction);
        }
    }
}
