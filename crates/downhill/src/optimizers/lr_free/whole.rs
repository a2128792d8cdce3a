//! What a method needs that looks at all parameters at once: sums in a fixed order, and one length for a step.

use crate::isa::{Kernel, dispatch};
use crate::{Block, Layout, Real, Visit};
use std::ops::Range;

/// The parameters of a layout as one vector.
pub(super) struct Whole {
    pub(super) blocks: Vec<Block>,
    /// Neighbouring blocks of one parameter group as one, in name of the first: a sum over a run does not depend on
    /// where the run is split into blocks.
    pub(super) runs: Vec<Block>,
}

impl Whole {
    pub(super) fn new(layout: &Layout) -> Self {
        let mut runs: Vec<Block> = Vec::new();
        for block in layout.blocks() {
            match runs.last_mut() {
                Some(last) if last.group == block.group => last.range.end = block.range.end,
                _ => runs.push(block.clone()),
            }
        }
        Whole { blocks: layout.blocks().to_vec(), runs }
    }

    /// Visits vectors over all parameters block by block, under the names of the blocks.
    pub(super) fn visit<R: Real>(&self, vectors: &mut [(&str, &mut Vec<R>)], visit: &mut Visit<'_>) {
        for (name, values) in vectors {
            visit.by_block(&self.blocks, name, values);
        }
    }
}

/// How many terms are computed before they are summed.
pub(super) const CHUNK: usize = 64;

/// A pass over vectors that computes `K` terms for each index, to be summed. Mark `terms` `#[inline(always)]`.
pub(super) trait Pass<const K: usize> {
    /// The length of the vectors.
    fn len(&self) -> usize;
    /// The terms of the indices in `chunk`, from the front of each row.
    fn terms(&mut self, chunk: Range<usize>, terms: &mut [[f64; CHUNK]; K]);
}

/// The sums of a pass, in eight lanes over a fixed order, as [`crate::real::sum`]. Computing and summing are loops of
/// their own, so that both vectorise.
pub(super) fn sums<const K: usize>(pass: impl Pass<K>) -> [f64; K] {
    struct Sums<P, const K: usize>(P);
    impl<P: Pass<K>, const K: usize> Kernel for Sums<P, K> {
        type Output = [f64; K];
        #[inline(always)]
        fn run(mut self) -> [f64; K] {
            let (mut lanes, mut terms, n) = ([[0.0; 8]; K], [[0.0; CHUNK]; K], self.0.len());
            for start in (0..n).step_by(CHUNK) {
                let chunk = start..n.min(start + CHUNK);
                let len = chunk.len();
                self.0.terms(chunk, &mut terms);
                for (lanes, terms) in lanes.iter_mut().zip(&terms) {
                    let (eights, rest) = terms[..len].as_chunks::<8>();
                    for eight in eights {
                        for (lane, term) in lanes.iter_mut().zip(eight) {
                            *lane += term;
                        }
                    }
                    for (lane, term) in lanes.iter_mut().zip(rest) {
                        *lane += term;
                    }
                }
            }
            lanes.map(|lanes| lanes.iter().sum())
        }
    }
    dispatch(Sums(pass))
}

/// `|x - start|^2` and `|g|^2`.
pub(super) fn lengths<R: Real>(x: &[R], start: &[R], g: &[R]) -> [f64; 2] {
    struct Lengths<'a, R>(&'a [R], &'a [R], &'a [R]);
    impl<R: Real> Pass<2> for Lengths<'_, R> {
        fn len(&self) -> usize {
            self.0.len()
        }
        #[inline(always)]
        fn terms(&mut self, chunk: Range<usize>, [distances, gradients]: &mut [[f64; CHUNK]; 2]) {
            let (x, start, g) = (&self.0[chunk.clone()], &self.1[chunk.clone()], &self.2[chunk]);
            for (distance, (x, start)) in distances.iter_mut().zip(x.iter().zip(start)) {
                let d = x.to_f64() - start.to_f64();
                *distance = d * d;
            }
            for (gradient, g) in gradients.iter_mut().zip(g) {
                *gradient = g.to_f64() * g.to_f64();
            }
        }
    }
    sums(Lengths(x, start, g))
}

/// `x -= length u`, multiplied in `f64`: a long step along a short gradient passes no number that `f32` has not.
pub(super) fn walk<R: Real>(x: &mut [R], u: &[R], length: f64) {
    struct Walk<'a, R> {
        x: &'a mut [R],
        u: &'a [R],
        length: f64,
    }
    impl<R: Real> Kernel for Walk<'_, R> {
        type Output = ();
        #[inline(always)]
        fn run(self) {
            for (x, &u) in self.x.iter_mut().zip(self.u) {
                *x -= R::of(self.length * u.to_f64());
            }
        }
    }
    dispatch(Walk { x, u, length });
}
