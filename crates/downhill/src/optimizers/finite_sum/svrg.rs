//! SVRG.

use crate::{Block, Facts, Hyper, Layout, Method, Need, Optimizer, Range, Real, Step, Visit};
use serde::{Deserialize, Serialize};

/// Stochastic gradients whose noise is measured at an anchor, where the full gradient is known, and taken out.
///
/// ```text
/// every `inner` steps:   a <- x,  mu <- full gradient at a
/// u = g_B(x) - g_B(a) + mu                  both on the step's own batch B
/// x <- x - lr u
/// ```
///
/// Johnson & Zhang 2013, NeurIPS: option I, the anchor is the last point. They take `inner` of two passes for convex
/// losses and five for others. Memory: two vectors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Svrg {
    /// Steps between anchors; 0 for two passes over the examples.
    pub inner: u64,
}

impl Method for Svrg {
    const FACTS: Facts = Facts {
        name: "svrg",
        formula: "every inner steps a <- x, mu <- full gradient at a; x <- x - lr (g_B(x) - g_B(a) + mu)",
        source: "Johnson & Zhang 2013, NeurIPS",
        convention: "the paper's option I: the next anchor is the last point",
        preset: "paper",
        failure: "far from the anchor the correction adds noise: of no use for networks with augmentation or dropout",
        lr: 1e-2,
        grid: (1e-4, 1.0),
        hypers: &[Hyper::new("inner", Range::AtLeast(0), "steps between anchors; 0: two passes")],
        needs: &[Need::Again, Need::Full],
        claims: super::LINEAR,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let zeros = vec![R::ZERO; layout.len()];
        Box::new(Anchored {
            inner: self.inner,
            blocks: layout.blocks().to_vec(),
            left: 0,
            anchor: zeros.clone(),
            mu: zeros.clone(),
            u: zeros,
        })
    }
}

struct Anchored<R> {
    inner: u64,
    blocks: Vec<Block>,
    /// Steps until the next anchor.
    left: u64,
    anchor: Vec<R>,
    /// The full gradient there.
    mu: Vec<R>,
    u: Vec<R>,
}

/// The steps of two passes; 2 where there are no examples: each step sees all there is.
fn two_passes<R: Real>(step: &mut Step<'_, R>) -> u64 {
    let batch = step.oracle.rows().map_or(0, <[u32]>::len);
    match step.oracle.examples() {
        Ok(examples) if batch > 0 => (2 * examples).div_ceil(batch) as u64,
        _ => 2,
    }
}

impl<R: Real> Optimizer<R> for Anchored<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        if self.left == 0 {
            self.left = if self.inner == 0 { two_passes(step) } else { self.inner };
            self.anchor.copy_from_slice(x);
            step.full(x, &mut self.mu);
        }
        // At the anchor, too: a wrapper may have changed `g`, and the penalty of `l2` must not get lost there.
        step.again(&self.anchor, &mut self.u);
        self.u.iter_mut().zip(g.iter().zip(&self.mu)).for_each(|(u, (&g, &mu))| *u = g - *u + mu);
        self.left -= 1;
        super::descend(&self.blocks, x, &self.u, step);
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.count("left", &mut self.left);
        visit.by_block(&self.blocks, "anchor", &mut self.anchor);
        visit.by_block(&self.blocks, "mu", &mut self.mu);
    }
}
