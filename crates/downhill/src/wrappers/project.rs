//! Projection of the parameters.

use crate::{Claim, Hyper, Layout, Optimizer, Range, Real, Step, Visit, Wrapper, WrapperFacts};
use serde::{Deserialize, Serialize};

/// Keeps the parameters in a box around the origin: after each step `x <- max(-limit, min(limit, x))`. NaN stays NaN.
///
/// Zinkevich 2003, ICML, whose projection is Euclidean. In a box it is also the one in the norm that Adam's line scales
/// with, `sqrt(v)`, as Reddi, Kale & Kumar 2018 (arXiv:1904.09237) have it: each coordinate for itself. Only parameters
/// are kept there, the method's memory is not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// The largest absolute value of a parameter.
    pub limit: f64,
}

impl Wrapper for Project {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "project",
        source: "Zinkevich 2003, ICML",
        formula: "x <- max(-limit, min(limit, x)), after the step",
        convention: "the paper's, on a box",
        hypers: &[Hyper::new("limit", Range::Positive, "largest absolute value of a parameter")],
        breaks: &[
            Claim::RotationEquivariant,
            Claim::LinearInLr,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
        ],
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, _: &Layout) -> Box<dyn Optimizer<R>> {
        Box::new(Projected { limit: R::of(self.limit), inner })
    }
}

struct Projected<R> {
    limit: R,
    inner: Box<dyn Optimizer<R>>,
}

impl<R: Real> Optimizer<R> for Projected<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        self.inner.step(x, g, step);
        x.iter_mut().for_each(|x| *x = x.smaller(self.limit).larger(-self.limit));
    }
    fn readout<'a>(&'a self, x: &'a [R], into: &'a mut [R]) -> &'a [R] {
        self.inner.readout(x, into)
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        self.inner.visit(visit);
    }
}
