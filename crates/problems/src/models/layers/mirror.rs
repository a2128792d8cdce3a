//! A layer that is its own inverse, nearly.

use super::super::init::Init;
use super::super::rows::Input;
use super::affine;
use super::{Buffers, First, Layer, Parameter, Sequence, Shape};
use crate::rng::Rng;
use downhill::gemm::{Into, Op, gemm};
use downhill::{Real, Role};

/// `w^T f(w x + b) + c`: there and back by the same weights, tied, with other layers between.
pub(crate) struct Mirror<R> {
    inputs: usize,
    /// `f`, on so many units and back to as many.
    inner: Sequence<R>,
    init: Init,
}

/// The parameters, or their gradient.
struct Blocks<T> {
    w: T,
    b: T,
    c: T,
    inner: T,
}

impl<R: Real> Mirror<R> {
    /// Around `inner`, which ends in as many units as it begins with.
    pub(crate) fn new(inputs: usize, inner: Sequence<R>, init: Init) -> Self {
        Mirror { inputs, inner, init }
    }
    /// `[outputs, inputs]`.
    fn fans(&self) -> [usize; 2] {
        [self.inner.shape().units, self.inputs]
    }
    fn split<'a>(&self, x: &'a [R]) -> Blocks<&'a [R]> {
        let [units, inputs] = self.fans();
        let (w, rest) = x.split_at(units * inputs);
        let (b, rest) = rest.split_at(units);
        let (c, inner) = rest.split_at(inputs);
        Blocks { w, b, c, inner }
    }
    fn split_mut<'a>(&self, x: &'a mut [R]) -> Blocks<&'a mut [R]> {
        let [units, inputs] = self.fans();
        let (w, rest) = x.split_at_mut(units * inputs);
        let (b, rest) = rest.split_at_mut(units);
        let (c, inner) = rest.split_at_mut(inputs);
        Blocks { w, b, c, inner }
    }
}

impl<R: Real> Layer<R> for Mirror<R> {
    fn parameters(&self) -> Vec<Parameter> {
        let fans = self.fans();
        let start = First::Drawn(self.init, fans);
        let w = Parameter { stem: "w", shape: fans.to_vec(), role: Role::Hidden, start };
        let bias = |stem, n| Parameter { stem, shape: vec![n], role: Role::Bias, start: First::Constant(0.0) };
        let [units, inputs] = fans;
        [w, bias("b", units), bias("c", inputs)].into_iter().chain(self.inner.parameters()).collect()
    }
    fn output(&self) -> Option<Shape> {
        Some(Shape::flat(self.inputs))
    }
    /// The arena of what is between.
    fn kept(&self) -> usize {
        self.inner.arena()
    }
    fn forward(&self, x: &[R], at: Buffers<'_, R>, masks: &mut Option<Rng>) {
        let (x, n) = (self.split(x), at.examples);
        affine::forward(&Input::Hidden(at.input), x.w, x.b, self.inner.input(n, at.kept));
        self.inner.forward(x.inner, n, at.kept, masks);
        for (out, &c) in at.output.chunks_exact_mut(n).zip(x.c) {
            out.fill(c);
        }
        let [units, inputs] = self.fans();
        gemm(Into::Add, at.output, [inputs, n, units], (x.w, Op::T), (self.inner.output(n, at.kept), Op::N));
    }
    fn backward(&self, into: Into, x: &[R], at: Buffers<'_, R>, g: &mut [R]) {
        let (x, g, n, [units, inputs]) = (self.split(x), self.split_mut(g), at.examples, self.fans());
        for (g, delta) in g.c.iter_mut().zip(at.output.chunks_exact(n)) {
            let sum = R::of(downhill::real::sum(delta, |d| d));
            *g = if into == Into::Add { *g + sum } else { sum };
        }
        let back = self.inner.output(n, at.kept);
        gemm(into, g.w, [units, inputs, n], (back, Op::N), (at.output, Op::T));
        gemm(Into::Replace, back, [units, n, inputs], (x.w, Op::N), (at.output, Op::N));
        self.inner.backward(into, x.inner, n, at.kept, g.inner, true);
        if into == Into::Replace {
            g.b.fill(R::ZERO);
        }
        let there = self.inner.input(n, at.kept);
        affine::gradient(Into::Add, &Input::Hidden(at.input), there, g.w, g.b);
        if at.wanted {
            affine::pull_back(there, x.w, self.fans(), at.input);
        }
    }
}
