//! What line searches share: inner products, the groups' metric, trial points.

use crate::isa::{Kernel, dispatch};
use crate::real::dot;
use crate::{Block, Layout, Real, Step, Visit};

/// `x += t * d`.
pub(super) fn advance<R: Real>(x: &mut [R], t: f64, d: &[R]) {
    struct Advance<'a, R>(&'a mut [R], R, &'a [R]);
    impl<R: Real> Kernel for Advance<'_, R> {
        type Output = ();
        #[inline(always)]
        fn run(self) {
            for (x, &d) in self.0.iter_mut().zip(self.2) {
                *x += self.1 * d;
            }
        }
    }
    dispatch(Advance(x, R::of(t), d));
}

/// `into = a - b`.
pub(super) fn subtract<R: Real>(a: &[R], b: &[R], into: &mut [R]) {
    into.iter_mut().zip(a.iter().zip(b)).for_each(|(into, (&a, &b))| *into = a - b);
}

/// Whether a slope is one to search along. Along a slope that is not a number nothing is searched: NaN goes on into the
/// parameters.
pub(super) fn descends(slope: f64) -> bool {
    slope < 0.0 && slope.is_finite()
}

/// The `lr_scale` of parameter groups, as a metric: gradient descent in it goes along `-S g`, with `S` diagonal.
pub(super) struct Metric {
    blocks: Vec<Block>,
    /// All are 1.
    plain: bool,
}

impl Metric {
    pub(super) fn new(layout: &Layout) -> Self {
        let blocks = layout.blocks().to_vec();
        Metric { plain: blocks.iter().all(|b| b.group.lr_scale == 1.0), blocks }
    }
    /// `a S b`, of two gradients.
    pub(super) fn inner<R: Real>(&self, a: &[R], b: &[R]) -> f64 {
        if self.plain {
            return dot(a, b);
        }
        let of = |block: &Block| block.group.lr_scale * dot(&a[block.range.clone()], &b[block.range.clone()]);
        self.blocks.iter().map(of).sum()
    }
    /// `u <- S u`.
    pub(super) fn scale<R: Real>(&self, u: &mut [R]) {
        if !self.plain {
            for block in &self.blocks {
                let scale = R::of(block.group.lr_scale);
                u[block.range.clone()].iter_mut().for_each(|u| *u *= scale);
            }
        }
    }
    /// `into = -S g`.
    pub(super) fn downhill<R: Real>(&self, g: &[R], into: &mut [R]) {
        into.iter_mut().zip(g).for_each(|(into, &g)| *into = -g);
        self.scale(into);
    }
    /// Visits a vector block by block.
    pub(super) fn visit<R: Real>(&self, visit: &mut Visit<'_>, name: &str, values: &mut [R]) {
        visit.by_block(&self.blocks, name, values);
    }
}

/// A point on a line: how far along, the value there, and its derivative along the line.
#[derive(Clone, Copy)]
pub(super) struct Point {
    pub(super) t: f64,
    pub(super) f: f64,
    pub(super) slope: f64,
}

/// Room for trial points.
pub(super) struct Trial<R> {
    x: Vec<R>,
    pub(super) g: Vec<R>,
}

impl<R: Real> Trial<R> {
    pub(super) fn new(n: usize) -> Self {
        Trial { x: vec![R::ZERO; n], g: vec![R::ZERO; n] }
    }
    /// The value at `x + t d`.
    pub(super) fn value(&mut self, step: &mut Step<'_, R>, x: &[R], d: &[R], t: f64) -> f64 {
        self.x.copy_from_slice(x);
        advance(&mut self.x, t, d);
        step.again(&self.x, &mut self.g).to_f64()
    }
    /// The point at `x + t d`.
    pub(super) fn point(&mut self, step: &mut Step<'_, R>, x: &[R], d: &[R], t: f64) -> Point {
        let f = self.value(step, x, d, t);
        Point { t, f, slope: dot(&self.g, d) }
    }
    /// Backtracks from `t` until the value is at most `goal(t)`, at most `tries` times. Returns how far to go: 0 if
    /// nothing lower than the start was found.
    ///
    /// The goal is rounded to the precision of the values: a decrease below it is not asked for.
    pub(super) fn backtrack(
        &mut self,
        step: &mut Step<'_, R>,
        x: &[R],
        d: &[R],
        mut t: f64,
        goal: impl Fn(f64) -> f64,
        rule: Backtracking,
    ) -> f64 {
        let start = step.loss.to_f64();
        for k in 1..=rule.tries {
            let f = self.value(step, x, d, t);
            if f <= R::of(goal(t)).to_f64() || (k == rule.tries && f < start) {
                return t;
            }
            t *= rule.shrink;
        }
        0.0
    }
}

/// The numbers of a backtracking search.
#[derive(Clone, Copy)]
pub(super) struct Backtracking {
    pub(super) shrink: f64,
    pub(super) tries: u64,
}
