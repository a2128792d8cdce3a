//! Cautious steps.

use crate::{Block, Claim, Hyper, Layout, Optimizer, Range, Real, Step, Visit, Wrapper, WrapperFacts};
use serde::{Deserialize, Serialize};

/// Drops the coordinates of a step that go against the gradient, and lengthens the rest for it.
///
/// ```text
/// u    = x_before - x_after                            the inner method's step
/// mask = [u g > 0]
/// u   <- u mask n / max(sum(mask) + xi, n / 1000)      each block of n coordinates
/// ```
///
/// Liang et al. 2024, arXiv:2411.16085. As the authors' code, which has no `xi`; it is 1 in the paper and in
/// pytorch_optimizer. The step is taken as seen from the parameters: one that is lost in their rounding does not agree,
/// and if the inner method decays the weights itself, as AdamW does, its decay is masked with the rest. The authors'
/// code does neither; put [`decay`](crate::Decay) around this instead of AdamW's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cautious {
    /// Added to the number of coordinates that agree.
    pub xi: f64,
}

impl Wrapper for Cautious {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "cautious",
        source: "Liang et al. 2024, arXiv:2411.16085",
        formula: "mask = [u g > 0]; u <- u mask n / max(sum(mask) + xi, n / 1000), each block for itself",
        convention: "authors: xi 0; 1 in the paper",
        hypers: &[Hyper::new("xi", Range::NonNegative, "added to the number of coordinates that agree")],
        breaks: &[Claim::Splittable, Claim::RotationEquivariant],
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let before = vec![R::ZERO; layout.len()];
        Box::new(Masked { xi: self.xi, blocks: layout.blocks().to_vec(), before, inner })
    }
}

struct Masked<R: Real> {
    xi: f64,
    blocks: Vec<Block>,
    /// The parameters before the inner step.
    before: Vec<R>,
    inner: Box<dyn Optimizer<R>>,
}

impl<R: Real> Optimizer<R> for Masked<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        self.before.copy_from_slice(x);
        self.inner.step(x, g, step);
        for block in &self.blocks {
            let range = block.range.clone();
            let (x, before, g) = (&mut x[range.clone()], &self.before[range.clone()], &g[range]);
            let n = block.len() as f64;
            let agreeing = x.iter().zip(before).zip(g).filter(|((x, before), g)| agree(**before - **x, **g)).count();
            let scale = R::of(n / (agreeing as f64 + self.xi).max(1e-3 * n));
            for ((x, &before), &g) in x.iter_mut().zip(before).zip(g) {
                let u = before - *x;
                // Times zero, so that a NaN stays.
                *x = before - u * if agree(u, g) { scale } else { R::ZERO };
            }
        }
    }
    fn readout<'a>(&'a self, x: &'a [R], into: &'a mut [R]) -> &'a [R] {
        self.inner.readout(x, into)
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        self.inner.visit(visit);
    }
}

/// `u g > 0`, also where the product is too small for a number.
fn agree<R: Real>(u: R, g: R) -> bool {
    (u > R::ZERO && g > R::ZERO) || (u < R::ZERO && g < R::ZERO)
}
