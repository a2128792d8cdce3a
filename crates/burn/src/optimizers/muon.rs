//! burn's Muon, and burn's AdamW beside it.

use super::{AdamW, BURN, EPS, weight_decay};
use crate::Blockwise;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{self as b, AdjustLrFn, DynOptimizer, LearningRate, MuonConfig, MuonState};
use burn::tensor::{Device, Tensor};
use downhill::{Block, Claim, Facts, Hyper, Need, Range};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// burn's Muon for the weights between hidden layers, burn's AdamW for every other block.
///
/// ```text
/// m <- momentum m + (1 - dampening) g        (m <- g at the first step)
/// U  = m            or, nesterov,   U = g + momentum m
/// X  = U / max(|U|, eps)
/// X <- (a I + b A + c A^2) X   with   A = X X^T,   ns_steps times
/// W <- (1 - lr decay) W - lr s X       s: sqrt(max(1, rows / columns)), or as `scale` says
/// ```
///
/// As torch, but that decay is 0 (torch 0.1). The rows are the first dimension: outputs, unless the block is kept with
/// its inputs first as burn's `Linear` is; then rows and columns are exchanged here as they are in a burn program, and
/// `s` of the scale `original` is that of the transposed matrix.
///
/// burn's Muon takes matrices only. Here blocks of more dimensions are flattened to rows and columns, as downhill's
/// `muon` does; in burn such a parameter is given to another optimizer or panics.
///
/// AdamW steps with `adamw_lr` times the learning rate, which is what a group with a learning rate of its own is in
/// burn. Its other fields are those of `burn/adamw`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Muon {
    /// Share of the last direction that is kept, `[0, 1)`.
    pub momentum: f64,
    /// Share of the gradient that is left out of the buffer, `[0, 1)`.
    pub dampening: f64,
    /// Look ahead along the momentum.
    pub nesterov: bool,
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
    /// Weight decay of hidden matrices beside the step, multiplied by the learning rate, not by `s`.
    pub decay: f64,
    /// AdamW's learning rate on the other blocks, in units of Muon's.
    pub adamw_lr: f64,
    /// AdamW's decay of the mean of gradients, `[0, 1)`.
    pub adamw_beta1: f64,
    /// AdamW's decay of the mean of squares, `[0, 1)`.
    pub adamw_beta2: f64,
    /// Added to AdamW's root, in units of the gradient.
    pub adamw_eps: f64,
    /// AdamW divides by the largest mean of squares so far.
    pub adamw_amsgrad: bool,
    /// AdamW decays only where the decay agrees with the step.
    pub adamw_cautious: bool,
    /// AdamW's weight decay beside the step, multiplied by its learning rate.
    pub adamw_decay: f64,
}

/// The factor by which [`Muon`]'s step depends on a matrix's shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MuonScale {
    /// `sqrt(max(1, rows / columns))`: Jordan's.
    Original,
    /// `0.2 sqrt(max(rows, columns))`: as long as AdamW's usual step (Liu et al. 2025, arXiv:2502.16982).
    MatchRmsAdamw,
}

impl Default for Muon {
    fn default() -> Self {
        let AdamW { beta1, beta2, eps, amsgrad, cautious, decay } = AdamW::default();
        Muon {
            momentum: 0.95,
            dampening: 0.0,
            nesterov: true,
            a: 3.4445,
            b: -4.775,
            c: 2.0315,
            ns_steps: 5,
            eps: 1e-7,
            scale: MuonScale::Original,
            decay: 0.0,
            adamw_lr: 1.0,
            adamw_beta1: beta1,
            adamw_beta2: beta2,
            adamw_eps: eps,
            adamw_amsgrad: amsgrad,
            adamw_cautious: cautious,
            adamw_decay: decay,
        }
    }
}

impl Muon {
    /// burn's config for hidden matrices.
    pub fn config(&self) -> MuonConfig {
        let Muon { momentum, dampening, nesterov, .. } = *self;
        MuonConfig::new()
            .with_momentum(MomentumConfig { momentum, dampening, nesterov })
            .with_ns_coefficients((self.a as f32, self.b as f32, self.c as f32))
            .with_ns_steps(self.ns_steps as usize)
            .with_epsilon(self.eps as f32)
            .with_adjust_lr_fn(match self.scale {
                MuonScale::Original => AdjustLrFn::Original,
                MuonScale::MatchRmsAdamw => AdjustLrFn::MatchRmsAdamW,
            })
            .with_weight_decay(weight_decay(self.decay))
    }

    /// The optimizer of the other blocks.
    pub fn companion(&self) -> AdamW {
        AdamW {
            beta1: self.adamw_beta1,
            beta2: self.adamw_beta2,
            eps: self.adamw_eps,
            amsgrad: self.adamw_amsgrad,
            cautious: self.adamw_cautious,
            decay: self.adamw_decay,
        }
    }
}

impl Blockwise for Muon {
    const FACTS: Facts = Facts {
        name: "burn/muon",
        formula: "m <- momentum m + (1 - dampening) g; X <- U / |U|, 5 times X <- (a I + b A + c A^2) X with A = X X^T; W <- (1 - lr decay) W - lr s X; AdamW elsewhere",
        source: "burn 0.22.1, burn::optim::Muon and AdamW (Jordan et al. 2024, kellerjordan.github.io/posts/muon)",
        convention: "torch, but decay 0 (torch 0.1); AdamW as burn has it: eps 1e-5, decay 1e-4",
        failure: "as downhill's of the same name; a tensor is allocated for every operation",
        grid: (1e-4, 1e-1),
        hypers: &[
            Hyper::new("momentum", Range::Decay, "share of the last direction that is kept"),
            Hyper::new("dampening", Range::Decay, "share of the gradient left out of the buffer"),
            Hyper::new("nesterov", Range::Flag, "look ahead along the momentum"),
            Hyper::new("a", Range::Finite, "coefficient of X"),
            Hyper::new("b", Range::Finite, "coefficient of A X"),
            Hyper::new("c", Range::Finite, "coefficient of A^2 X"),
            Hyper::new("ns_steps", Range::AtLeast(1), "steps of Newton and Schulz"),
            Hyper::new("eps", Range::Positive, "least norm to divide by, in units of the gradient"),
            Hyper::new("scale", Range::OneOf(&["original", "match-rms-adamw"]), "how the step depends on the shape"),
            Hyper::new("decay", Range::NonNegative, "weight decay of hidden matrices, multiplied by the learning rate"),
            Hyper::new("adamw_lr", Range::NonNegative, "AdamW's learning rate, in units of Muon's"),
            Hyper::new("adamw_beta1", Range::Decay, "AdamW's decay of the mean of gradients"),
            Hyper::new("adamw_beta2", Range::Decay, "AdamW's decay of the mean of squares"),
            Hyper::new("adamw_eps", Range::NonNegative, EPS),
            Hyper::new("adamw_amsgrad", Range::Flag, "AdamW divides by the largest mean of squares so far"),
            Hyper::new("adamw_cautious", Range::Flag, "AdamW decays only where the decay agrees with the step"),
            Hyper::new("adamw_decay", Range::NonNegative, "AdamW's weight decay, multiplied by its learning rate"),
        ],
        needs: &[Need::Matrices],
        claims: &[
            Claim::SignEquivariant,
            // Of rows and of columns.
            Claim::PermutationEquivariant,
            Claim::LinearInLr,
            Claim::StillAtZeroRate,
        ],
        ..BURN
    };
    fn optimizer(&self, block: &Block) -> Arc<dyn DynOptimizer> {
        if block.is_hidden_matrix() {
            Arc::new(Flattened(self.config().build()))
        } else {
            Arc::new(Scaled { inner: self.companion().config().build(), lr: self.adamw_lr })
        }
    }
    fn decay_mut(&mut self, block: &Block) -> &mut f64 {
        if block.is_hidden_matrix() { &mut self.decay } else { &mut self.adamw_decay }
    }
}

/// burn's Muon on tensors of two dimensions and more, each seen as a matrix.
#[derive(Clone)]
struct Flattened(b::Muon);

impl b::Optimizer for Flattened {
    type State<const D: usize> = MuonState<2>;

    fn step<const D: usize>(
        &self,
        lr: LearningRate,
        x: Tensor<D>,
        g: Tensor<D>,
        state: Option<MuonState<2>>,
    ) -> (Tensor<D>, Option<MuonState<2>>) {
        let shape = x.dims();
        let matrix = [shape[0], shape[1..].iter().product()];
        let (x, state) = self.0.step(lr, x.reshape(matrix), g.reshape(matrix), state);
        (x.reshape(shape), state)
    }
    fn to_device<const D: usize>(state: MuonState<2>, device: &Device) -> MuonState<2> {
        b::Muon::to_device(state, device)
    }
}

/// An optimizer of burn at a multiple of the learning rate.
#[derive(Clone)]
struct Scaled<O> {
    inner: O,
    lr: f64,
}

impl<O: b::Optimizer> b::Optimizer for Scaled<O> {
    type State<const D: usize> = O::State<D>;

    fn step<const D: usize>(
        &self,
        lr: LearningRate,
        x: Tensor<D>,
        g: Tensor<D>,
        state: Option<O::State<D>>,
    ) -> (Tensor<D>, Option<O::State<D>>) {
        self.inner.step(self.lr * lr, x, g, state)
    }
    fn to_device<const D: usize>(state: O::State<D>, device: &Device) -> O::State<D> {
        O::to_device(state, device)
    }
}
