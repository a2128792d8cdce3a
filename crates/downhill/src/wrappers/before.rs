//! A rule on the gradient in front of any optimizer.

use crate::{Driver, Layout, Optimizer, Real, Rule, Step, Visit};

/// Runs `rule` on the gradient, then `inner` on what it made of it. The caller's gradient stays as it is.
///
/// In front of a pointwise rule, [`Chain`](crate::Chain) does the same in one pass and [`Then`](crate::Then) in two;
/// this one goes around optimizers of every level.
pub struct Before<R: Real, U: Rule<R>> {
    rule: Driver<R, U>,
    inner: Box<dyn Optimizer<R>>,
    g: Vec<R>,
}

impl<R: Real, U: Rule<R>> Before<R, U> {
    /// `rule` before `inner`, boxed as an optimizer.
    pub fn boxed(rule: U, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Box::new(Before { rule: Driver::new(rule, layout), inner, g: vec![R::ZERO; layout.len()] })
    }
}

impl<R: Real, U: Rule<R>> Optimizer<R> for Before<R, U> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        self.g.copy_from_slice(g);
        self.rule.direct(x, &mut self.g, step);
        self.inner.step(x, &self.g, step);
    }
    fn readout<'a>(&'a self, x: &'a [R], into: &'a mut [R]) -> &'a [R] {
        self.inner.readout(x, into)
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.within("before", |v| self.rule.visit(v));
        visit.within("inner", |v| self.inner.visit(v));
    }
}
