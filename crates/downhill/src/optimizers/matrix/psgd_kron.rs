//! PSGD with a Kronecker product.

use super::products::{Side, blend, gram, multiply, scale};
use crate::gemm::{Into, Op, gemm};
use crate::rule::descend;
use crate::{Block, Claim, Facts, Hyper, Layout, Method, Optimizer, Purpose, Range, Real, Step, Visit, real};
use serde::{Deserialize, Serialize};

/// PSGD Kron: learns the inverse root of the gradient's covariance, as a Kronecker product of triangular matrices.
///
/// ```text
/// m <- momentum m + (1 - momentum) G,   M = m / (1 - momentum^t)
/// M <- M + damping mean|M| V,   V normal noise           (and what follows, when Q learns)
/// A  = Q_L M Q_R^T,   B = Q_L^-T V Q_R^-1
/// Q_L <- Q_L - precond_lr triu(A A^T - B B^T) Q_L / |A A^T + B B^T|       Q_R likewise, with A^T A and B^T B
/// U  = Q_L^T Q_L M Q_R^T Q_R,   shortened to a root mean square of 1.1
/// W <- W - lr U
/// ```
///
/// Li 2015, arXiv:1512.04202; the fit on a Lie group: Pooladzandi & Li 2024, arXiv:2402.04553. As kron_torch 0.3.3: the
/// norm is a lower bound of the spectral one, and Q learns in every step for `flat` steps, then ever more rarely, down
/// to a share of `min_probability` (a count, not a draw). It balances the sizes of Q_L and Q_R in one of a hundred
/// updates at random; here it is every `balance`-th. It solves for B in `f32`; here it is done in the precision of the
/// parameters. pytorch_optimizer's Kron has no damping.
///
/// A side of length 1 or above `max_dim`, and a vector, has a diagonal Q. More than two dimensions are flattened to
/// rows and columns. The last bits depend on the processor, as those of every matrix product here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PsgdKron {
    /// Share of the mean of gradients that is kept, `[0, 1)`.
    pub momentum: f64,
    /// Step size of Q, relative to Q.
    pub precond_lr: f64,
    /// Q's factors before the first step: this times the identity, to the power of 1 over their number.
    pub precond_init: f64,
    /// Noise in the gradient that Q learns from, in units of its mean absolute value: keeps Q from growing without
    /// end where gradients are 0.
    pub damping: f64,
    /// The least share of steps in which Q learns.
    pub min_probability: f64,
    /// Speed at which that share falls, per step.
    pub probability_decay: f64,
    /// Steps before it begins to fall.
    pub flat: u64,
    /// Updates of Q from one balance of its factors to the next.
    pub balance: u64,
    /// The longest side that gets a triangular matrix.
    pub max_dim: u64,
}

impl Default for PsgdKron {
    fn default() -> Self {
        PsgdKron {
            momentum: 0.9,
            precond_lr: 0.1,
            precond_init: 1.0,
            // The root of f32's precision.
            damping: 3.452_669_830_012_439e-4,
            min_probability: 0.03,
            probability_decay: 1e-3,
            flat: 500,
            balance: 100,
            max_dim: 8192,
        }
    }
}

impl Method for PsgdKron {
    const FACTS: Facts = Facts {
        name: "psgd-kron",
        formula: "Q_L, Q_R fitted so that Q^T Q G has unit covariance; W <- W - lr Q_L^T Q_L M Q_R^T Q_R, M the mean of gradients",
        source: "Li 2015, arXiv:1512.04202; Pooladzandi & Li 2024, arXiv:2402.04553",
        convention: "authors: kron_torch, but balanced every 100 updates instead of at random",
        preset: "authors",
        failure: "needs noise, and time to fit Q from a start of the wrong size",
        lr: 3e-4,
        grid: (1e-4, 1e-1),
        hypers: &[
            Hyper::new("momentum", Range::Decay, "share of the mean of gradients that is kept"),
            Hyper::new("precond_lr", Range::Positive, "step size of Q, relative to Q"),
            Hyper::new("precond_init", Range::Positive, "Q before the first step, times the identity"),
            Hyper::new("damping", Range::NonNegative, "noise in the gradient that Q learns from, relative to its mean"),
            Hyper::new("min_probability", Range::Positive, "least share of steps in which Q learns"),
            Hyper::new("probability_decay", Range::NonNegative, "speed at which that share falls, per step"),
            Hyper::new("flat", Range::AtLeast(0), "steps before it begins to fall"),
            Hyper::new("balance", Range::AtLeast(1), "updates of Q from one balance of its factors to the next"),
            Hyper::new("max_dim", Range::AtLeast(0), "longest side that gets a triangular matrix"),
        ],
        claims: &[Claim::LinearInLr, Claim::TranslationInvariant, Claim::StillAtZeroGradient, Claim::StillAtZeroRate],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let blocks = layout.blocks().iter().map(|b| (b.clone(), Whitening::new(b, self))).collect();
        Box::new(Kron { config: self.clone(), blocks, noise: vec![R::ZERO; layout.len()], waited: 0, updates: 0 })
    }
}

struct Kron<R> {
    config: PsgdKron,
    blocks: Vec<(Block, Whitening<R>)>,
    noise: Vec<R>,
    /// Steps since the last update of Q.
    waited: u64,
    /// Updates of Q.
    updates: u64,
}

impl<R: Real> Optimizer<R> for Kron<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let PsgdKron { momentum, min_probability, probability_decay, flat, balance, .. } = self.config;
        let fallen = libm::exp(-probability_decay * ((step.t - 1) as f64 - flat as f64));
        self.waited += 1;
        let learn = self.waited as f64 >= 1.0 / fallen.clamp(min_probability.min(1.0), 1.0);
        if learn {
            (self.waited, self.updates) = (0, self.updates + 1);
            step.noise(Purpose::Probe, &mut self.noise);
        }
        let unbias = 1.0 / (1.0 - libm::pow(momentum, step.t as f64));
        for (block, whitening) in &mut self.blocks {
            let range = block.range.clone();
            let (x, g, noise) = (&mut x[range.clone()], &g[range.clone()], &mut self.noise[range]);
            blend(&mut whitening.m, momentum, 1.0 - momentum, g);
            whitening.mean.copy_from_slice(&whitening.m);
            scale(&mut whitening.mean, unbias);
            if learn {
                if self.updates.is_multiple_of(balance) {
                    whitening.balance();
                }
                whitening.learn(noise, &self.config);
            }
            whitening.whiten();
            let u = &mut whitening.mean;
            let size = real::norm(u) / (u.len() as f64).sqrt();
            scale(u, (1.1 / (size + 1e-12)).smaller(1.0));
            descend(x, u, R::of(step.at(block).lr));
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.count("waited", &mut self.waited);
        visit.count("updates", &mut self.updates);
        for (block, Whitening { m, factors, .. }) in &mut self.blocks {
            visit.within(&block.name, |v| {
                v.vector("m", m);
                factors.iter_mut().for_each(|f| v.vector(if f.side == Side::Left { "Q_L" } else { "Q_R" }, &mut f.q));
            });
        }
    }
}

/// The memory of one block.
struct Whitening<R> {
    shape: (usize, usize),
    m: Vec<R>,
    factors: Vec<Factor<R>>,
    /// Scratch.
    mean: Vec<R>,
    a: Vec<R>,
    rest: Vec<R>,
}

/// One side of a matrix, or a vector.
struct Factor<R> {
    side: Side,
    n: usize,
    /// Upper triangular `[n, n]`, or a diagonal.
    q: Vec<R>,
    triangular: bool,
    /// Scratch as long as `q`: `A A^T - B B^T` and `A A^T + B B^T`.
    less: Vec<R>,
    plus: Vec<R>,
    row: [Vec<R>; 2],
}

impl<R: Real> Whitening<R> {
    fn new(block: &Block, config: &PsgdKron) -> Self {
        let (shape, lengths) = match block.matrix() {
            Some((rows, columns)) => ((rows, columns), vec![(Side::Left, rows), (Side::Right, columns)]),
            None => ((block.len(), 1), vec![(Side::Left, block.len())]),
        };
        let start = R::of(match lengths.len() {
            1 => config.precond_init,
            _ => config.precond_init.sqrt(),
        });
        let matrix = block.matrix().is_some();
        let factor = |(side, n): (Side, usize)| {
            let triangular = matrix && n > 1 && n as u64 <= config.max_dim;
            let mut q = if triangular { vec![R::ZERO; n * n] } else { vec![start; n] };
            if triangular {
                q.iter_mut().step_by(n + 1).for_each(|q| *q = start);
            }
            let (zeros, row) = (vec![R::ZERO; q.len()], vec![R::ZERO; n]);
            Factor { side, n, q, triangular, less: zeros.clone(), plus: zeros, row: [row.clone(), row] }
        };
        let zeros = vec![R::ZERO; block.len()];
        let factors = lengths.into_iter().map(factor).collect();
        Whitening { shape, m: zeros.clone(), factors, mean: zeros.clone(), a: zeros.clone(), rest: zeros }
    }

    /// Gives the factors the same largest element, and leaves their product.
    fn balance(&mut self) {
        let [left, right] = &mut self.factors[..] else { return };
        let (l, r) = (left.largest(), right.largest());
        let mean = (l * r).sqrt();
        scale(&mut left.q, mean / l);
        scale(&mut right.q, mean / r);
    }

    /// A step of Q on its group; `v` is noise and is used up.
    fn learn(&mut self, v: &mut [R], &PsgdKron { precond_lr, damping, .. }: &PsgdKron) {
        let Whitening { shape, factors, mean, a, rest, .. } = self;
        let size = real::sum(mean, f64::abs) / mean.len() as f64;
        blend(mean, 1.0, damping * size, v);
        a.copy_from_slice(mean);
        for factor in factors.iter() {
            factor.transform(if factor.side == Side::Left { Op::N } else { Op::T }, a, *shape, rest);
            factor.solve(v, *shape);
        }
        for factor in factors.iter_mut() {
            factor.compare(a, v, *shape);
            factor.update(precond_lr);
        }
    }

    /// `mean <- Q_L^T Q_L mean Q_R^T Q_R`
    fn whiten(&mut self) {
        let Whitening { shape, factors, mean, rest, .. } = self;
        for factor in factors {
            let (first, second) = if factor.side == Side::Left { (Op::N, Op::T) } else { (Op::T, Op::N) };
            factor.transform(first, mean, *shape, rest);
            factor.transform(second, mean, *shape, rest);
        }
    }
}

impl<R: Real> Factor<R> {
    fn largest(&self) -> f64 {
        self.q.iter().fold(R::ZERO, |m, q| m.larger(q.abs())).to_f64()
    }

    /// `G <- op(Q) G`, or `G <- G op(Q)` on the right.
    fn transform(&self, op: Op, g: &mut [R], (rows, columns): (usize, usize), rest: &mut [R]) {
        if self.triangular {
            multiply(self.side, (&self.q, op), g, (rows, columns), rest);
        } else {
            self.each(g, columns, |g, q| *g *= q);
        }
    }

    /// `f` on every element and the diagonal's element of its row or column.
    fn each(&self, g: &mut [R], columns: usize, f: impl Fn(&mut R, R)) {
        for (row, line) in g.chunks_exact_mut(columns).enumerate() {
            match self.side {
                Side::Left => line.iter_mut().for_each(|g| f(g, self.q[row])),
                Side::Right => line.iter_mut().zip(&self.q).for_each(|(g, &q)| f(g, q)),
            }
        }
    }

    /// `V <- Q^-T V`, or `V <- V Q^-1` on the right, row by row.
    fn solve(&self, v: &mut [R], (_, columns): (usize, usize)) {
        let n = self.n;
        if !self.triangular {
            return self.each(v, columns, |v, q| *v = *v / q);
        }
        match self.side {
            Side::Left => {
                for i in 0..n {
                    let (done, rest) = v.split_at_mut((i + 1) * columns);
                    let line = &mut done[i * columns..];
                    line.iter_mut().for_each(|v| *v = *v / self.q[i * n + i]);
                    for (below, &q) in rest.chunks_exact_mut(columns).zip(&self.q[i * n + i + 1..(i + 1) * n]) {
                        below.iter_mut().zip(&*line).for_each(|(b, &v)| *b -= q * v);
                    }
                }
            }
            Side::Right => {
                for line in v.chunks_exact_mut(columns) {
                    for i in 0..n {
                        line[i] = line[i] / self.q[i * n + i];
                        let (done, rest) = line.split_at_mut(i + 1);
                        let q = &self.q[i * n + i + 1..(i + 1) * n];
                        rest.iter_mut().zip(q).for_each(|(r, &q)| *r -= q * done[i]);
                    }
                }
            }
        }
    }

    /// `less = A A^T - B B^T` and `plus = A A^T + B B^T`, or with `A^T A` and `B^T B`; only diagonals of a diagonal Q.
    fn compare(&mut self, a: &[R], b: &[R], shape: (usize, usize)) {
        if self.triangular {
            gram(self.side, a, shape, &mut self.less);
            gram(self.side, b, shape, &mut self.plus);
        } else {
            for (sums, x) in [(&mut self.less, a), (&mut self.plus, b)] {
                sums.fill(R::ZERO);
                for (row, line) in x.chunks_exact(shape.1).enumerate() {
                    match self.side {
                        Side::Left => line.iter().for_each(|&x| sums[row] += x * x),
                        Side::Right => sums.iter_mut().zip(line).for_each(|(s, &x)| *s += x * x),
                    }
                }
            }
        }
        for (less, plus) in self.less.iter_mut().zip(&mut self.plus) {
            (*less, *plus) = (*less - *plus, *less + *plus);
        }
    }

    /// `Q <- Q - lr triu(less) Q / |plus|`
    fn update(&mut self, lr: f64) {
        /// The smallest normal bfloat16.
        const TINY: f64 = 1.175_494_350_822_287_5e-38;
        let n = self.n;
        let largest = self.plus.iter().fold(R::ZERO, |m, p| m.larger(p.abs())).to_f64();
        if !self.triangular {
            let rate = R::of(lr / (largest + TINY));
            self.q.iter_mut().zip(&self.less).for_each(|(q, &less)| *q -= rate * less * *q);
            return;
        }
        let norm = if largest > 0.0 && largest.is_finite() { largest * self.least_norm(largest) } else { largest };
        for (i, line) in self.less.chunks_exact_mut(n).enumerate() {
            line[..i].fill(R::ZERO);
        }
        scale(&mut self.less, lr / (norm + TINY));
        gemm(Into::Replace, &mut self.plus, [n, n, n], (&self.less, Op::N), (&self.q, Op::N));
        blend(&mut self.q, 1.0, -1.0, &self.plus);
    }

    /// A lower bound of the spectral norm of `plus / largest`: `|P x| / |x|` with `x = P p`, `p` its longest row.
    fn least_norm(&mut self, largest: f64) -> f64 {
        let (n, [x, y]) = (self.n, &mut self.row);
        scale(&mut self.plus, 1.0 / largest);
        let lengths = self.plus.chunks_exact(n).map(real::norm);
        let (_, longest) = self
            .plus
            .chunks_exact(n)
            .zip(lengths)
            .fold((-1.0, &[][..]), |best, (row, length)| if length > best.0 { (length, row) } else { best });
        gemm(Into::Replace, x, [n, 1, n], (&self.plus, Op::N), (longest, Op::N));
        let length = real::norm(x);
        scale(x, 1.0 / length.larger(f64::MIN_POSITIVE));
        gemm(Into::Replace, y, [n, 1, n], (&self.plus, Op::N), (&*x, Op::N));
        real::norm(y)
    }
}
