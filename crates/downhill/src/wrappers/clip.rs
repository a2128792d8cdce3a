//! Clipping of gradients: by coordinate, by block, over all blocks.

use crate::{
    At, Before, Block, Cell, Claim, Fused, Hyper, Layout, Optimizer, Pointwise, Range, Real, Rule, Slots, Step, Visit,
    Wrapper, WrapperFacts, real,
};
use serde::{Deserialize, Serialize};

/// Keeps each coordinate of the gradient within a value: `g <- max(-limit, min(limit, g))`. NaN stays NaN.
///
/// As torch's `clip_grad_value_`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipValue {
    /// The largest absolute value, in units of the gradient.
    pub limit: f64,
}

impl<R: Real> Pointwise<R> for ClipValue {
    type Memory = Slots<0>;
    type Clock = ();
    type Coef = R;
    fn coef(&self, _: &(), _: &At) -> R {
        R::of(self.limit)
    }
    #[inline(always)]
    fn update(limit: R, _: Cell<'_, Slots<0>, R>, _: R, g: R) -> R {
        g.smaller(limit).larger(-limit)
    }
}

impl Wrapper for ClipValue {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "clip-value",
        rewrites: true,
        source: "torch's clip_grad_value_",
        formula: "g <- max(-limit, min(limit, g))",
        convention: "torch",
        hypers: &[Hyper::new("limit", Range::Positive, "largest absolute value of a coordinate")],
        breaks: &[Claim::RotationEquivariant, Claim::ScaleInvariant],
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Before::boxed(Fused(*self), inner, layout)
    }
}

/// Scales the gradient of each block down to a largest Euclidean norm: `g <- g min(1, norm / |g|)`.
///
/// As burn's clipping by norm, which is per tensor; torch's is over all of them ([`ClipGlobal`]).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipNorm {
    /// The largest norm of a block, in units of the gradient.
    pub norm: f64,
}

impl<R: Real> Rule<R> for ClipNorm {
    type State = ();
    fn init(&self, _: &Block) {}
    fn direct(&self, _: &At, _: &mut (), _: &[R], u: &mut [R]) {
        clip(u, self.norm);
    }
    fn visit(&self, _: &mut (), _: &mut Visit<'_>) {}
}

impl Wrapper for ClipNorm {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "clip-norm",
        rewrites: true,
        source: "Pascanu et al. 2013, arXiv:1211.5063",
        formula: "g <- g min(1, norm / |g|), each block for itself",
        convention: "burn: each block for itself",
        hypers: &[Hyper::new("norm", Range::Positive, "largest norm of a block's gradient")],
        breaks: &[Claim::Splittable, Claim::ScaleInvariant],
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Before::boxed(*self, inner, layout)
    }
}

/// Scales the whole gradient down to a largest Euclidean norm: `g <- g min(1, norm / |g|)`.
///
/// Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063. Over all blocks at once; burn's clipping is per tensor
/// ([`ClipNorm`]). torch adds 1e-6 to `|g|`, this does not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipGlobal {
    /// The largest norm, in units of the gradient.
    pub norm: f64,
}

impl Wrapper for ClipGlobal {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "clip-global",
        rewrites: true,
        source: "Pascanu et al. 2013, arXiv:1211.5063",
        formula: "g <- g min(1, norm / |g|), over all blocks",
        convention: "optax; torch adds 1e-6 to the norm",
        hypers: &[Hyper::new("norm", Range::Positive, "largest norm of the gradient")],
        breaks: &[Claim::Separable, Claim::ScaleInvariant],
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Box::new(Clipped { norm: self.norm, inner, g: vec![R::ZERO; layout.len()] })
    }
}

struct Clipped<R: Real> {
    norm: f64,
    inner: Box<dyn Optimizer<R>>,
    g: Vec<R>,
}

impl<R: Real> Optimizer<R> for Clipped<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        self.g.copy_from_slice(g);
        clip(&mut self.g, self.norm);
        self.inner.step(x, &self.g, step);
    }
    fn readout<'a>(&'a self, x: &'a [R], into: &'a mut [R]) -> &'a [R] {
        self.inner.readout(x, into)
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        self.inner.visit(visit);
    }
}

/// Adaptive gradient clipping: the gradient of each unit is at most a fraction of the unit's own weights.
///
/// ```text
/// g_i <- g_i min(1, clipping max(|x_i|, eps) / |g_i|)      for the rows i of each matrix; a vector is one unit
/// ```
///
/// Brock et al. 2021, arXiv:2102.06171. As the authors' code, optax (with `axis = 1`: its own default takes the first
/// dimension for the inputs) and pytorch_optimizer; the 1e-6 below which those two do not divide is not here. The
/// paper leaves the last layer out: so far no parameter group can.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClipAdaptive {
    /// The largest norm of a unit's gradient, as a fraction of its weights' norm.
    pub clipping: f64,
    /// The least norm that weights count for, so that zeros may move.
    pub eps: f64,
}

impl Default for ClipAdaptive {
    fn default() -> Self {
        ClipAdaptive { clipping: 0.01, eps: 1e-3 }
    }
}

impl<R: Real> Rule<R> for ClipAdaptive {
    /// The length of a unit.
    type State = usize;
    fn init(&self, block: &Block) -> usize {
        block.matrix().map_or(block.len(), |(_, columns)| columns).max(1)
    }
    fn direct(&self, _: &At, unit: &mut usize, x: &[R], u: &mut [R]) {
        for (u, x) in u.chunks_exact_mut(*unit).zip(x.chunks_exact(*unit)) {
            clip(u, self.clipping * real::norm(x).larger(self.eps));
        }
    }
    fn visit(&self, _: &mut usize, _: &mut Visit<'_>) {}
}

impl Wrapper for ClipAdaptive {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "clip-adaptive",
        rewrites: true,
        source: "Brock et al. 2021, arXiv:2102.06171",
        formula: "g_i <- g_i min(1, clipping max(|x_i|, eps) / |g_i|), each row for itself",
        convention: "authors: rows are outputs; optax's default has them as inputs",
        hypers: &[
            Hyper::new("clipping", Range::Positive, "largest norm of a gradient, as a fraction of the weights' norm"),
            Hyper::new("eps", Range::NonNegative, "least norm that weights count for"),
        ],
        breaks: &[Claim::Separable, Claim::Splittable, Claim::ScaleInvariant, Claim::TranslationInvariant],
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Before::boxed(*self, inner, layout)
    }
}

/// `g <- g min(1, limit / |g|)`; a NaN anywhere makes all of it NaN.
fn clip<R: Real>(g: &mut [R], limit: f64) {
    let norm = real::norm(g);
    if norm > limit || norm.is_nan() {
        let scale = R::of(limit / norm);
        g.iter_mut().for_each(|g| *g *= scale);
    }
}
