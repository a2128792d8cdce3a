//! What a method needs that looks at all parameters at once: sums in a fixed order, and one length for a step.

use crate::isa::{Kernel, dispatch};
use crate::{Block, Layout, Real, Visit};

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
        for block in &self.blocks {
            visit.within(&block.name, |v| {
                for (name, values) in &mut *vectors {
                    v.vector(name, &mut values[block.range.clone()]);
                }
            });
        }
    }
}

/// The sums of what `f` returns for each index below `n`, in eight lanes over a fixed order, as [`crate::real::sum`].
#[inline(always)]
pub(super) fn sums<const K: usize>(n: usize, mut f: impl FnMut(usize) -> [f64; K]) -> [f64; K] {
    let mut lanes = [[0.0; 8]; K];
    let mut add = |i: usize, lane: usize| {
        let terms = f(i);
        for k in 0..K {
            lanes[k][lane] += terms[k];
        }
    };
    for start in (0..n / 8).map(|chunk| 8 * chunk) {
        for lane in 0..8 {
            add(start + lane, lane);
        }
    }
    for i in n / 8 * 8..n {
        add(i, i % 8);
    }
    lanes.map(|lanes| lanes.iter().sum())
}

/// The squared distance of two points.
pub(super) fn distance2<R: Real>(a: &[R], b: &[R]) -> f64 {
    struct Distance2<'a, R>(&'a [R], &'a [R]);
    impl<R: Real> Kernel for Distance2<'_, R> {
        type Output = f64;
        #[inline(always)]
        fn run(self) -> f64 {
            let (a, b) = (self.0, &self.1[..self.0.len()]);
            let [sum] = sums(a.len(), |i| {
                let d = a[i].to_f64() - b[i].to_f64();
                [d * d]
            });
            sum
        }
    }
    dispatch(Distance2(a, b))
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
