//! Steps that end with an exact zero.

use crate::{Block, Claim, Hyper, Layout, Optimizer, Range, Real, Step, Visit, Wrapper, WrapperFacts};
use serde::{Deserialize, Serialize};

/// The penalty `lambda |x|_1` as a step of its own, behind the method's: `x <- sign(x) max(|x| - lr lambda, 0)`.
///
/// Forward-backward splitting, Duchi & Singer 2009, JMLR 10 (FOBOS): what the gradient does not hold up becomes 0 and stays
/// there, where [`L1`](crate::L1), a subgradient, crosses it. A group's `decay` replaces `lambda`; all blocks are shrunk,
/// biases too.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxL1 {
    /// Per step and learning rate; a group's `decay` replaces it.
    pub lambda: f64,
}

impl Wrapper for ProxL1 {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "prox-l1",
        source: "Duchi & Singer 2009, JMLR 10",
        formula: "x <- sign(x) max(|x| - lr lambda, 0), after the step",
        convention: "the paper's, with the learning rate of the step",
        hypers: &[Hyper::new("lambda", Range::NonNegative, "weight of the penalty, per step and learning rate")],
        breaks: &[Claim::RotationEquivariant, Claim::TranslationInvariant, Claim::StillAtZeroGradient],
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Box::new(Shrunk { lambda: self.lambda, blocks: layout.blocks().to_vec(), inner })
    }
}

struct Shrunk<R> {
    lambda: f64,
    blocks: Vec<Block>,
    inner: Box<dyn Optimizer<R>>,
}

impl<R: Real> Optimizer<R> for Shrunk<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        self.inner.step(x, g, step);
        for block in &self.blocks {
            let at = step.at(block);
            let by = R::of(at.lr * at.decay.unwrap_or(self.lambda));
            x[block.range.clone()].iter_mut().for_each(|x| *x -= x.smaller(by).larger(-by));
        }
    }
    fn readout<'a>(&'a self, x: &'a [R], into: &'a mut [R]) -> &'a [R] {
        self.inner.readout(x, into)
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        self.inner.visit(visit);
    }
}
