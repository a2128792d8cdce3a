//! Muon.

use super::products::{Side, blend, gram, scale};
use crate::gemm::{Into, Op, gemm};
use crate::{
    Adam, At, Block, Cell, Chain, Claim, Decay, Driver, Facts, Fused, Given, Hyper, Layout, Method, Momentum, Need,
    Optimizer, Pointwise, Preset, Range, Real, Rule, Slots, Split, Then, Visit, real,
};
use serde::{Deserialize, Serialize};

/// Muon: momentum whose singular values are all brought near 1, for the weights between hidden layers.
///
/// ```text
/// m <- momentum m + g
/// U  = m            or, nesterov,   U = g + momentum m
/// X  = U / max(|U|, eps / (1 - momentum))
/// X <- (a I + b A + c A^2) X   with   A = X X^T,   ns_steps times
/// W <- W - lr (s X + decay W)      s: sqrt(max(1, rows / columns)), or as `scale` says
/// ```
///
/// Jordan et al. 2024, kellerjordan.github.io/posts/muon; the scale `match-rms-adamw`: Liu et al. 2025,
/// arXiv:2502.16982. As torch, whose mean `m <- m + (1 - momentum) (g - m)` is this one times `1 - momentum`: hence
/// the `eps`. Jordan's code and optax add their eps to the norm; optax counts dimensions as (in, out) and corrects
/// the bias of Nesterov's two terms each by itself, which turns the first directions. All three round the iteration to
/// bfloat16 or can; here it is computed in the precision of the parameters. With five steps of the default
/// coefficients a singular value between 0.01 and 1 of the normalised matrix lands in [0.68, 1.14], not at 1.
///
/// Blocks that are not hidden matrices (embeddings, heads, gains, biases) follow AdamW at `adamw_lr` times the
/// learning rate. More than two dimensions are flattened to rows and columns. The last bits depend on the processor,
/// as those of every matrix product here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Muon {
    /// Share of the last direction that is kept, `[0, 1)`.
    pub momentum: f64,
    /// Look ahead along the momentum.
    pub nesterov: bool,
    /// Weight decay of hidden matrices, per step and learning rate, not scaled by `s`.
    pub decay: f64,
    /// Of X, in a step of Newton and Schulz.
    pub a: f64,
    /// Of `A X`.
    pub b: f64,
    /// Of `A^2 X`.
    pub c: f64,
    /// Steps of Newton and Schulz.
    pub ns_steps: u64,
    /// The least norm to divide by, in units of the gradient.
    pub eps: f64,
    /// How the step depends on the shape.
    pub scale: MuonScale,
    /// AdamW's learning rate on the other blocks, in units of Muon's.
    pub adamw_lr: f64,
    /// AdamW's decay of the mean of gradients, `[0, 1)`.
    pub adamw_beta1: f64,
    /// AdamW's decay of the mean of squares, `[0, 1)`.
    pub adamw_beta2: f64,
    /// Added to AdamW's root, in units of the gradient.
    pub adamw_eps: f64,
    /// AdamW's weight decay, per step and learning rate.
    pub adamw_decay: f64,
}

/// The factor by which [`Muon`]'s step depends on a matrix's shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MuonScale {
    /// `sqrt(max(1, rows / columns))`: Jordan's.
    Original,
    /// `0.2 sqrt(max(rows, columns))`: as long as AdamW's usual step, so that its rates and decays carry over.
    MatchRmsAdamw,
    /// `sqrt(rows / columns)`: a unit of the spectral norm between root mean squares (Bernstein 2025).
    Spectral,
    /// 1.
    None,
}

impl Default for Muon {
    fn default() -> Self {
        Muon {
            momentum: 0.95,
            nesterov: true,
            decay: 0.1,
            a: 3.4445,
            b: -4.775,
            c: 2.0315,
            ns_steps: 5,
            eps: 1e-7,
            scale: MuonScale::Original,
            adamw_lr: 1.0,
            adamw_beta1: 0.9,
            adamw_beta2: 0.999,
            adamw_eps: 1e-8,
            adamw_decay: 1e-2,
        }
    }
}

impl Method for Muon {
    const FACTS: Facts = Facts {
        name: "muon",
        formula: "m <- momentum m + g; X <- U / |U|, 5 times X <- (a I + b A + c A^2) X with A = X X^T; W <- W - lr (s X + decay W); AdamW elsewhere",
        source: "Jordan et al. 2024; Liu et al. 2025, arXiv:2502.16982",
        convention: "torch: eps a lower bound of the norm, decay not scaled by the shape; in full precision, not bfloat16",
        presets: &[Preset {
            name: "authors",
            lr: Some(2e-2),
            fields: &[
                ("decay", Given::Number(0.0)),
                ("adamw_lr", Given::Number(0.015)),
                ("adamw_beta2", Given::Number(0.95)),
                ("adamw_eps", Given::Number(1e-10)),
                ("adamw_decay", Given::Number(0.0)),
            ],
        }],
        failure: "steps of one size however small the gradient; wrong for embeddings, heads and vectors",
        grid: (1e-4, 1e-1),
        hypers: &[
            Hyper::new("momentum", Range::Decay, "share of the last direction that is kept"),
            Hyper::new("nesterov", Range::Flag, "look ahead along the momentum"),
            Hyper::new("decay", Range::NonNegative, "weight decay of hidden matrices, per step and learning rate"),
            Hyper::new("a", Range::Finite, "coefficient of X"),
            Hyper::new("b", Range::Finite, "coefficient of A X"),
            Hyper::new("c", Range::Finite, "coefficient of A^2 X"),
            Hyper::new("ns_steps", Range::AtLeast(1), "steps of Newton and Schulz"),
            Hyper::new("eps", Range::Positive, "least norm to divide by, in units of the gradient"),
            Hyper::new(
                "scale",
                Range::OneOf(&["original", "match-rms-adamw", "spectral", "none"]),
                "how the step depends on the shape",
            ),
            Hyper::new("adamw_lr", Range::NonNegative, "AdamW's learning rate, in units of Muon's"),
            Hyper::new("adamw_beta1", Range::Decay, "AdamW's decay of the mean of gradients"),
            Hyper::new("adamw_beta2", Range::Decay, "AdamW's decay of the mean of squares"),
            Hyper::new("adamw_eps", Range::NonNegative, "added to AdamW's root, in units of the gradient"),
            Hyper::new("adamw_decay", Range::NonNegative, "AdamW's weight decay, per step and learning rate"),
        ],
        needs: &[Need::Matrices],
        claims: &[
            Claim::SignEquivariant,
            // Of rows and of columns.
            Claim::PermutationEquivariant,
            Claim::LinearInLr,
            Claim::StillAtZeroRate,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let momentum = Momentum { mu: self.momentum, dampening: 0.0, nesterov: self.nesterov };
        let orthogonal = Orthogonal(self.clone());
        let adam = Adam { beta1: self.adamw_beta1, beta2: self.adamw_beta2, eps: self.adamw_eps, ..Adam::default() };
        let adamw = Chain(adam, Decay { lambda: self.adamw_decay });
        let split = Split {
            when: Block::is_hidden_matrix,
            this: Then(Then(Fused(momentum), orthogonal), Fused(Decay { lambda: self.decay })),
            other: Fused(Chain(adamw, Times(self.adamw_lr))),
        };
        Driver::boxed(split, layout)
    }
}

/// The direction of a matrix with its singular values near 1, times the factor of its shape.
#[derive(Clone, Debug)]
struct Orthogonal(Muon);

/// Scratch of one matrix.
struct Room<R> {
    shape: (usize, usize),
    /// Outputs and inputs.
    fans: (usize, usize),
    /// The side on which the Gram matrix is the smaller one.
    side: Side,
    gram: Vec<R>,
    polynomial: Vec<R>,
    next: Vec<R>,
}

impl<R: Real> Rule<R> for Orthogonal {
    type State = Room<R>;
    fn init(&self, block: &Block) -> Room<R> {
        let (rows, columns) = block.matrix().unwrap_or((1, block.len()));
        let (side, n) = if rows > columns { (Side::Right, columns) } else { (Side::Left, rows) };
        let square = vec![R::ZERO; n * n];
        Room {
            shape: (rows, columns),
            fans: block.fans().unwrap_or((rows, columns)),
            side,
            gram: square.clone(),
            polynomial: square,
            next: vec![R::ZERO; block.len()],
        }
    }
    fn direct(&self, _: &At, room: &mut Room<R>, _: &[R], u: &mut [R]) {
        let Muon { momentum, ns_steps, eps, .. } = self.0;
        scale(u, 1.0 / real::norm(u).larger(eps / (1.0 - momentum)));
        for _ in 0..ns_steps {
            self.newton_schulz(room, u);
        }
        let (outputs, inputs) = (room.fans.0 as f64, room.fans.1 as f64);
        scale(
            u,
            match self.0.scale {
                MuonScale::Original => (outputs / inputs).max(1.0).sqrt(),
                MuonScale::MatchRmsAdamw => 0.2 * outputs.max(inputs).sqrt(),
                MuonScale::Spectral => (outputs / inputs).sqrt(),
                MuonScale::None => 1.0,
            },
        );
    }
    fn visit(&self, _: &mut Room<R>, _: &mut Visit<'_>) {}
}

impl Orthogonal {
    /// `X <- (a I + b A + c A^2) X`, or from the right with `A = X^T X` where that is smaller: the same in exact numbers.
    fn newton_schulz<R: Real>(
        &self,
        Room { shape, side, gram: a, polynomial: p, next, .. }: &mut Room<R>,
        x: &mut [R],
    ) {
        let (rows, columns) = *shape;
        let n = rows.min(columns);
        gram(*side, x, *shape, a);
        gemm(Into::Replace, p, [n, n, n], (a, Op::N), (a, Op::N));
        blend(p, self.0.c, self.0.b, a);
        let diagonal = R::of(self.0.a);
        p.iter_mut().step_by(n + 1).for_each(|p| *p += diagonal);
        match side {
            Side::Left => gemm(Into::Replace, next, [rows, columns, n], (p, Op::N), (&*x, Op::N)),
            Side::Right => gemm(Into::Replace, next, [rows, columns, n], (&*x, Op::N), (p, Op::N)),
        }
        x.copy_from_slice(next);
    }
}

/// `u <- factor u`
#[derive(Clone, Copy, Debug)]
struct Times(f64);

impl<R: Real> Pointwise<R> for Times {
    type Memory = Slots<0>;
    type Clock = ();
    type Coef = R;
    fn coef(&self, _: &(), _: &At) -> R {
        R::of(self.0)
    }
    #[inline(always)]
    fn update(factor: R, _: Cell<'_, Slots<0>, R>, _: R, u: R) -> R {
        factor * u
    }
}
