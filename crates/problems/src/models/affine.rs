//! The affine map of a layer, forward and backward, on dense and sparse rows.

use super::rows::Input;
use crate::data::Csr;
use crate::gemm::{Into, Op, gemm};
use downhill::Real;

/// `out = input w^T + b`, with `w` `[outputs, inputs]`, `b` `[outputs]` and `out` `[rows, outputs]`.
pub(crate) fn forward<R: Real>(input: &Input<'_, R>, w: &[R], b: &[R], out: &mut [R]) {
    for row in out.chunks_exact_mut(b.len()) {
        row.copy_from_slice(b);
    }
    match input {
        Input::Dense(x) => {
            let (rows, outputs) = (out.len() / b.len(), b.len());
            gemm(Into::Add, out, [rows, outputs, w.len() / outputs], (x, Op::N), (w, Op::T));
        }
        Input::Sparse(x, rows) => {
            for (out, row) in out.chunks_exact_mut(b.len()).zip(rows.iter()) {
                let (columns, values) = entries(x, row);
                for (out, w) in out.iter_mut().zip(w.chunks_exact(x.width)) {
                    for (&column, &value) in columns.iter().zip(values) {
                        *out += w[column as usize] * value;
                    }
                }
            }
        }
    }
}

/// The gradient by `w`, `delta^T input`, and by `b`, the column sums of `delta`, which is the gradient by
/// [`forward`]'s `out`.
pub(crate) fn gradient<R: Real>(into: Into, input: &Input<'_, R>, delta: &[R], g_w: &mut [R], g_b: &mut [R]) {
    if into == Into::Replace {
        g_b.fill(R::ZERO);
    }
    for delta in delta.chunks_exact(g_b.len()) {
        for (g, &delta) in g_b.iter_mut().zip(delta) {
            *g += delta;
        }
    }
    match input {
        Input::Dense(x) => {
            let (rows, outputs) = (delta.len() / g_b.len(), g_b.len());
            gemm(into, g_w, [outputs, g_w.len() / outputs, rows], (delta, Op::T), (x, Op::N));
        }
        Input::Sparse(x, rows) => {
            if into == Into::Replace {
                g_w.fill(R::ZERO);
            }
            for (delta, row) in delta.chunks_exact(g_b.len()).zip(rows.iter()) {
                let (columns, values) = entries(x, row);
                for (&delta, g_w) in delta.iter().zip(g_w.chunks_exact_mut(x.width)) {
                    for (&column, &value) in columns.iter().zip(values) {
                        g_w[column as usize] += delta * value;
                    }
                }
            }
        }
    }
}

/// The gradient by a hidden `input`: `delta w`.
pub(crate) fn pull_back<R: Real>(delta: &[R], w: &[R], outputs: usize, input: &mut [R]) {
    gemm(Into::Replace, input, [delta.len() / outputs, w.len() / outputs, outputs], (delta, Op::N), (w, Op::N));
}

fn entries<R>(x: &Csr<R>, row: usize) -> (&[u32], &[R]) {
    let range = x.starts[row]..x.starts[row + 1];
    (&x.columns[range.clone()], &x.values[range])
}
