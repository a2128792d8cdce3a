//! Clipping of gradients.

use crate::{Hyper, Layout, Optimizer, Range, Real, Step, Visit, Wrapper, WrapperFacts, real};
use serde::{Deserialize, Serialize};

/// Scales the whole gradient down to a largest Euclidean norm: `g <- g min(1, norm / |g|)`.
///
/// Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063. Over all blocks at once; burn's clipping is per tensor.
/// torch adds 1e-6 to `|g|`, this does not.
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
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Box::new(Clipped { limit: self.norm, inner, g: vec![R::ZERO; layout.len()] })
    }
}

struct Clipped<R: Real> {
    limit: f64,
    inner: Box<dyn Optimizer<R>>,
    g: Vec<R>,
}

impl<R: Real> Optimizer<R> for Clipped<R> {
    fn step(&mut self, x: &mut [R], g: &[R], at: &mut Step<'_, R>) {
        let norm = real::norm(g);
        if norm <= self.limit {
            return self.inner.step(x, g, at);
        }
        let scale = R::of(self.limit / norm);
        for (clipped, &g) in self.g.iter_mut().zip(g) {
            *clipped = g * scale;
        }
        self.inner.step(x, &self.g, at);
    }
    fn readout<'a>(&'a self, x: &'a [R], into: &'a mut [R]) -> &'a [R] {
        self.inner.readout(x, into)
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        self.inner.visit(visit);
    }
}
