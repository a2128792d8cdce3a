//! Clipping of gradients: by coordinate, by block, over all blocks.

use crate::{
    At, Before, Block, Cell, Fused, Hyper, Layout, Optimizer, Pointwise, Range, Real, Rule, Slots, Step, Visit,
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
        source: "torch's clip_grad_value_",
        formula: "g <- max(-limit, min(limit, g))",
        hypers: &[Hyper::new("limit", Range::Positive, "largest absolute value of a coordinate")],
        needs: &[],
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
        source: "Pascanu et al. 2013, arXiv:1211.5063",
        formula: "g <- g min(1, norm / |g|), each block for itself",
        hypers: &[Hyper::new("norm", Range::Positive, "largest norm of a block's gradient")],
        needs: &[],
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
        source: "Pascanu et al. 2013, arXiv:1211.5063",
        formula: "g <- g min(1, norm / |g|), over all blocks",
        hypers: &[Hyper::new("norm", Range::Positive, "largest norm of the gradient")],
        needs: &[],
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

/// `g <- g min(1, limit / |g|)`; a NaN anywhere makes all of it NaN.
fn clip<R: Real>(g: &mut [R], limit: f64) {
    let norm = real::norm(g);
    if norm > limit || norm.is_nan() {
        let scale = R::of(limit / norm);
        g.iter_mut().for_each(|g| *g *= scale);
    }
}
