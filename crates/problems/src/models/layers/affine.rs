//! The affine map of a layer, forward and backward, on dense and sparse rows.

use super::super::init::Init;
use super::super::rows::Input;
use super::{Buffers, First, Layer, Parameter, Reader, Shape};
use crate::data::Csr;
use crate::rng::Rng;
use downhill::gemm::{Into, Op, gemm};
use downhill::{Real, Role};

/// `out = w x + b` for each example `x`, with `w` `[outputs, inputs]`, `b` `[outputs]` and `out`
/// `[outputs, examples]`.
pub(crate) fn forward<R: Real>(input: &Input<'_, R>, w: &[R], b: &[R], out: &mut [R]) {
    let (outputs, examples) = (b.len(), out.len() / b.len());
    for (out, &b) in out.chunks_exact_mut(examples).zip(b) {
        out.fill(b);
    }
    let shape = [outputs, examples, w.len() / outputs];
    match *input {
        Input::Dense(x) => gemm(Into::Add, out, shape, (w, Op::N), (x, Op::T)),
        Input::Hidden(x) => gemm(Into::Add, out, shape, (w, Op::N), (x, Op::N)),
        Input::Sparse(x, rows) => {
            for (out, w) in out.chunks_exact_mut(examples).zip(w.chunks_exact(x.width)) {
                for (out, row) in out.iter_mut().zip(rows.iter()) {
                    for (column, value) in entries(x, row) {
                        *out += w[column] * value;
                    }
                }
            }
        }
    }
}

/// The gradient by `w`, `delta x^T`, and by `b`, the row sums of `delta`, which is the gradient by [`forward`]'s `out`.
pub(crate) fn gradient<R: Real>(into: Into, input: &Input<'_, R>, delta: &[R], g_w: &mut [R], g_b: &mut [R]) {
    let (outputs, examples) = (g_b.len(), delta.len() / g_b.len());
    if into == Into::Replace {
        g_b.fill(R::ZERO);
    }
    for (g, delta) in g_b.iter_mut().zip(delta.chunks_exact(examples)) {
        *g += R::of(downhill::real::sum(delta, |d| d));
    }
    let shape = [outputs, g_w.len() / outputs, examples];
    match *input {
        Input::Dense(x) => gemm(into, g_w, shape, (delta, Op::N), (x, Op::N)),
        Input::Hidden(x) => gemm(into, g_w, shape, (delta, Op::N), (x, Op::T)),
        Input::Sparse(x, rows) => {
            if into == Into::Replace {
                g_w.fill(R::ZERO);
            }
            for (g_w, delta) in g_w.chunks_exact_mut(x.width).zip(delta.chunks_exact(examples)) {
                for (&delta, row) in delta.iter().zip(rows.iter()) {
                    for (column, value) in entries(x, row) {
                        g_w[column] += delta * value;
                    }
                }
            }
        }
    }
}

/// The gradient by a hidden input, `[inputs, examples]`: `w^T delta`.
pub(crate) fn pull_back<R: Real>(delta: &[R], w: &[R], [outputs, inputs]: [usize; 2], input: &mut [R]) {
    gemm(Into::Replace, input, [inputs, delta.len() / outputs, outputs], (w, Op::T), (delta, Op::N));
}

/// The columns and values of a row.
pub(super) fn entries<R: Real>(x: &Csr<R>, row: usize) -> impl Iterator<Item = (usize, R)> {
    let range = x.starts[row]..x.starts[row + 1];
    x.columns[range.clone()].iter().map(|&c| c as usize).zip(x.values[range].iter().copied())
}

/// `w x + b` at each place.
pub(crate) struct Affine {
    input: Shape,
    outputs: usize,
    role: Role,
    init: Option<Init>,
    offset: f64,
}

impl Affine {
    /// To so many outputs at each place, with weights of that role. They start as drawn, or at 0 without `init`.
    pub(crate) fn new(input: Shape, outputs: usize, role: Role, init: Option<Init>) -> Self {
        Affine { input, outputs, role, init, offset: 0.0 }
    }
    /// The same with offsets that start at this value, not at 0.
    pub(crate) fn with_offset(self, offset: f64) -> Self {
        Affine { offset, ..self }
    }
    /// What it takes.
    pub(super) fn input(&self) -> Shape {
        self.input
    }
    /// `[outputs, inputs]`.
    fn fans(&self) -> [usize; 2] {
        [self.outputs, self.input.units]
    }
    fn blocks(&self) -> Vec<Parameter> {
        let start = self.init.map_or(First::Constant(0.0), |init| First::Drawn(init, self.fans()));
        let w = Parameter { stem: "w", shape: self.fans().to_vec(), role: self.role, start };
        let start = First::Constant(self.offset);
        vec![w, Parameter { stem: "b", shape: vec![self.outputs], role: Role::Bias, start }]
    }
    /// Where the offsets begin.
    fn middle(&self) -> usize {
        self.outputs * self.input.units
    }
}

impl<R: Real> Layer<R> for Affine {
    fn parameters(&self) -> Vec<Parameter> {
        self.blocks()
    }
    fn output(&self) -> Option<Shape> {
        Some(Shape { units: self.outputs, ..self.input })
    }
    fn forward(&self, x: &[R], at: Buffers<'_, R>, _: &mut Option<Rng>) {
        let (w, b) = x.split_at(self.middle());
        forward(&Input::Hidden(at.input), w, b, at.output);
    }
    fn backward(&self, into: Into, x: &[R], at: Buffers<'_, R>, g: &mut [R]) {
        let (g_w, g_b) = g.split_at_mut(self.middle());
        gradient(into, &Input::Hidden(at.input), at.output, g_w, g_b);
        if at.wanted {
            pull_back(at.output, &x[..self.middle()], self.fans(), at.input);
        }
    }
}

impl<R: Real> Reader<R> for Affine {
    fn parameters(&self) -> Vec<Parameter> {
        self.blocks()
    }
    fn shape(&self) -> Shape {
        Shape { units: self.outputs, ..self.input }
    }
    fn read(&self, x: &[R], input: &Input<'_, R>, out: &mut [R]) {
        let (w, b) = x.split_at(self.middle());
        forward(input, w, b, out);
    }
    fn gradient(&self, into: Into, input: &Input<'_, R>, delta: &[R], g: &mut [R]) {
        let (g_w, g_b) = g.split_at_mut(self.middle());
        gradient(into, input, delta, g_w, g_b);
    }
}
