//! The affine map of a layer, forward and backward, on dense and sparse rows.

use super::rows::Input;
use crate::data::Csr;
use downhill::Real;
use downhill::gemm::{Into, Op, gemm};

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

fn entries<R: Real>(x: &Csr<R>, row: usize) -> impl Iterator<Item = (usize, R)> {
    let range = x.starts[row]..x.starts[row + 1];
    x.columns[range.clone()].iter().map(|&c| c as usize).zip(x.values[range].iter().copied())
}
