//! What line searches share: inner products, the groups' metric, trial points.

use crate::isa::{Kernel, dispatch};
use crate::{Layout, Real, Step};
use std::ops::Range;

/// The inner product, accumulated in `f64` in eight lanes over a fixed order.
pub(super) fn dot<R: Real>(a: &[R], b: &[R]) -> f64 {
    struct Dot<'a, R>(&'a [R], &'a [R]);
    impl<R: Real> Kernel for Dot<'_, R> {
        type Output = f64;
        #[inline(always)]
        fn run(self) -> f64 {
            let mut lanes = [0.0; 8];
            let (a, a_rest) = self.0.as_chunks::<8>();
            let (b, b_rest) = self.1.as_chunks::<8>();
            for (a, b) in a.iter().zip(b) {
                for i in 0..8 {
                    lanes[i] += a[i].to_f64() * b[i].to_f64();
                }
            }
            for (lane, (a, b)) in lanes.iter_mut().zip(a_rest.iter().zip(b_rest)) {
                *lane += a.to_f64() * b.to_f64();
            }
            lanes.iter().sum()
        }
    }
    dispatch(Dot(a, b))
}

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

/// The `lr_scale` of parameter groups, as a metric: gradient descent in it goes along `-S g`, with `S` diagonal.
pub(super) struct Metric {
    /// Empty if all are 1.
    scales: Vec<(Range<usize>, f64)>,
}

impl Metric {
    pub(super) fn new(layout: &Layout) -> Self {
        let scales: Vec<_> = layout.blocks().iter().map(|b| (b.range.clone(), b.group.lr_scale)).collect();
        Metric { scales: if scales.iter().all(|s| s.1 == 1.0) { Vec::new() } else { scales } }
    }
    /// `a S b`, of two gradients.
    pub(super) fn inner<R: Real>(&self, a: &[R], b: &[R]) -> f64 {
        if self.scales.is_empty() {
            return dot(a, b);
        }
        self.scales.iter().map(|(range, scale)| scale * dot(&a[range.clone()], &b[range.clone()])).sum()
    }
    /// `u <- S u`.
    pub(super) fn scale<R: Real>(&self, u: &mut [R]) {
        for (range, scale) in &self.scales {
            u[range.clone()].iter_mut().for_each(|u| *u *= R::of(*scale));
        }
    }
    /// `into = -S g`.
    pub(super) fn downhill<R: Real>(&self, g: &[R], into: &mut [R]) {
        into.iter_mut().zip(g).for_each(|(into, &g)| *into = -g);
        self.scale(into);
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
    /// Backtracks from `t` until the value is at most `bound + c t slope`, at most `tries` times. Returns how far to
    /// go: 0 if nothing lower than the start was found.
    ///
    /// The bound is rounded to the precision of the values: a decrease below it is not asked for.
    #[allow(clippy::too_many_arguments, reason = "a line, and the numbers of one search")]
    pub(super) fn backtrack(
        &mut self,
        step: &mut Step<'_, R>,
        x: &[R],
        d: &[R],
        mut t: f64,
        slope: f64,
        bound: f64,
        rule: Backtracking,
    ) -> f64 {
        let start = step.loss.to_f64();
        for k in 1..=rule.tries {
            let f = self.value(step, x, d, t);
            if f <= R::of(bound + rule.c * t * slope).to_f64() || (k == rule.tries && f < start) {
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
    pub(super) c: f64,
    pub(super) shrink: f64,
    pub(super) tries: u64,
}
