//! What matrix methods share: products of a gradient with itself and with a factor on each side.

use crate::gemm::{Into, Op, gemm};
use crate::isa::{Kernel, dispatch};
use crate::{Block, Real};

/// The rows or the columns of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The rows: a factor from the left.
    Left,
    /// The columns: a factor from the right.
    Right,
}

/// The two sides of a block that are at most `max_dim` long, with their lengths. A vector has none.
pub(super) fn sides(block: &Block, max_dim: u64) -> Vec<(Side, usize)> {
    let lengths = block.matrix().map(|(rows, columns)| [(Side::Left, rows), (Side::Right, columns)]);
    lengths.into_iter().flatten().filter(|&(_, n)| n as u64 <= max_dim).collect()
}

/// `G G^T` for the left side, `G^T G` for the right.
pub(super) fn gram<R: Real>(side: Side, g: &[R], (rows, columns): (usize, usize), out: &mut [R]) {
    match side {
        Side::Left => gemm(Into::Replace, out, [rows, rows, columns], (g, Op::N), (g, Op::T)),
        Side::Right => gemm(Into::Replace, out, [columns, columns, rows], (g, Op::T), (g, Op::N)),
    }
}

/// `G <- op(F) G` from the left, `G <- G op(F)` from the right. `rest` is scratch of the length of `g`.
pub(super) fn multiply<R: Real>(
    side: Side,
    factor: (&[R], Op),
    g: &mut [R],
    (rows, columns): (usize, usize),
    rest: &mut [R],
) {
    match side {
        Side::Left => gemm(Into::Replace, rest, [rows, columns, rows], factor, (&*g, Op::N)),
        Side::Right => gemm(Into::Replace, rest, [rows, columns, columns], (&*g, Op::N), factor),
    }
    g.copy_from_slice(rest);
}

/// `y <- a y + b x`
pub(super) fn blend<R: Real>(y: &mut [R], a: f64, b: f64, x: &[R]) {
    struct Blend<'a, R>(&'a mut [R], R, R, &'a [R]);
    impl<R: Real> Kernel for Blend<'_, R> {
        type Output = ();
        #[inline(always)]
        fn run(self) {
            let Blend(y, a, b, x) = self;
            y.iter_mut().zip(x).for_each(|(y, &x)| *y = a * *y + b * x);
        }
    }
    dispatch(Blend(y, R::of(a), R::of(b), x));
}

/// `x <- s x`
pub(super) fn scale<R: Real>(x: &mut [R], s: f64) {
    struct Scale<'a, R>(&'a mut [R], f64);
    impl<R: Real> Kernel for Scale<'_, R> {
        type Output = ();
        #[inline(always)]
        fn run(self) {
            // In f64: 1 / |x| may be too small a number for f32 where the product is not.
            self.0.iter_mut().for_each(|x| *x = R::of(x.to_f64() * self.1));
        }
    }
    dispatch(Scale(x, s));
}
