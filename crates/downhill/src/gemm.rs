//! Matrix products: the one place that calls the foreign kernel.
//!
//! The kernel picks its instruction set when the program runs and fuses multiplication with addition, so the last
//! bits depend on the processor's kernel class, unlike those of every element-wise loop of this workspace. It also packs
//! large factors into memory that it allocates in each call.

use crate::Real;

/// Whether a factor enters as it is stored or transposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// As stored.
    N,
    /// Transposed.
    T,
}

/// What happens to the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Into {
    /// It replaces what was there.
    Replace,
    /// It is added to what was there.
    Add,
}

/// `c = op(a) op(b)` or `c += op(a) op(b)`, all row-major without gaps, on one thread.
///
/// `op(a)` is `[m, k]`, `op(b)` is `[k, n]` and `c` is `[m, n]`; a factor with [`Op::T`] is stored the other way
/// round.
///
/// # Panics
/// If a slice is not as long as its shape says.
pub fn gemm<R: Real>(into: Into, c: &mut [R], [m, n, k]: [usize; 3], (a, op_a): (&[R], Op), (b, op_b): (&[R], Op)) {
    assert!(fits(a, m, k) && fits(b, k, n) && fits(c, m, n), "a product of [{m}, {k}] and [{k}, {n}]");
    // (row stride, column stride) of `op(x)`, whose stored form is row-major.
    let strides = |op, rows: usize, columns: usize| match op {
        Op::N => (columns as isize, 1),
        Op::T => (1, rows as isize),
    };
    let (a_strides, b_strides, c_strides) = (strides(op_a, m, k), strides(op_b, k, n), strides(Op::N, m, n));
    // SAFETY: an `[r, s]` matrix with the strides above has its elements at offsets `0..r * s`, each once, which
    // `fits` has just compared with the slice's length. `c` is borrowed mutably, so it overlaps neither factor.
    unsafe { kernel(into, [m, n, k], (c.as_mut_ptr(), c_strides), (a.as_ptr(), a_strides), (b.as_ptr(), b_strides)) }
}

fn fits<R>(x: &[R], rows: usize, columns: usize) -> bool {
    rows.checked_mul(columns) == Some(x.len())
}

/// Row stride and column stride, in elements.
type Strides = (isize, isize);

/// # Safety
/// Each matrix must be valid at every offset that its shape and strides reach, and `c` must overlap no factor.
#[cfg(not(miri))]
unsafe fn kernel<R: Real>(
    into: Into,
    [m, n, k]: [usize; 3],
    (c, (c_row, c_column)): (*mut R, Strides),
    (a, (a_row, a_column)): (*const R, Strides),
    (b, (b_row, b_column)): (*const R, Strides),
) {
    // SAFETY: the caller's promise is the one that the kernel asks for.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            c,
            c_column,
            c_row,
            into == Into::Add,
            a,
            a_column,
            a_row,
            b,
            b_column,
            b_row,
            R::ONE, // times what was there
            R::ONE, // times the product
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// The same by three loops: Miri, which checks every offset, knows no AVX.
///
/// # Safety
/// As above.
#[cfg(miri)]
unsafe fn kernel<R: Real>(
    into: Into,
    [m, n, k]: [usize; 3],
    (c, (c_row, c_column)): (*mut R, Strides),
    (a, (a_row, a_column)): (*const R, Strides),
    (b, (b_row, b_column)): (*const R, Strides),
) {
    for (i, j) in (0..m as isize).flat_map(|i| (0..n as isize).map(move |j| (i, j))) {
        // SAFETY: `i < m`, `j < n` and `l < k`, for which the caller has promised validity.
        unsafe {
            let c = c.offset(i * c_row + j * c_column);
            let mut sum = if into == Into::Add { *c } else { R::ZERO };
            for l in 0..k as isize {
                sum += *a.offset(i * a_row + l * a_column) * *b.offset(l * b_row + j * b_column);
            }
            *c = sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small whole numbers: sums of their products are exact in any order.
    fn numbers<R: Real>(n: usize, salt: usize) -> Vec<R> {
        (0..n).map(|i| R::of(((i * 7 + i / 3 * 5 + salt) % 11) as f64 - 5.0)).collect()
    }

    fn agrees<R: Real>(shape: [usize; 3], op_a: Op, op_b: Op, into: Into) {
        let [m, n, k] = shape;
        let (a, b, start) = (numbers::<R>(m * k, 1), numbers::<R>(k * n, 2), numbers::<R>(m * n, 3));
        let mut c = start.clone();
        gemm(into, &mut c, shape, (&a, op_a), (&b, op_b));
        for i in 0..m {
            for j in 0..n {
                let mut sum = if into == Into::Add { start[i * n + j] } else { R::ZERO };
                for l in 0..k {
                    let x = if op_a == Op::N { a[i * k + l] } else { a[l * m + i] };
                    let y = if op_b == Op::N { b[l * n + j] } else { b[j * k + l] };
                    sum += x * y;
                }
                assert_eq!(c[i * n + j], sum, "{} {shape:?} {op_a:?} {op_b:?} {into:?} at {i}, {j}", R::NAME);
            }
        }
    }

    fn agrees_everywhere(sizes: &[usize]) {
        for &m in sizes {
            for &n in sizes {
                for &k in sizes {
                    for (op_a, op_b) in [(Op::N, Op::N), (Op::N, Op::T), (Op::T, Op::N), (Op::T, Op::T)] {
                        for into in [Into::Replace, Into::Add] {
                            agrees::<f32>([m, n, k], op_a, op_b, into);
                            agrees::<f64>([m, n, k], op_a, op_b, into);
                        }
                    }
                }
            }
        }
    }

    /// `cargo miri test -p downhill gemm_bounds`
    #[test]
    fn gemm_bounds() {
        agrees_everywhere(&[0, 1, 2, 5]);
    }

    #[test]
    #[cfg_attr(miri, ignore = "many products, nothing new about bounds")]
    fn gemm_equals_three_loops() {
        agrees_everywhere(&[1, 3, 10, 16, 17, 33, 65]);
        for shape in [[64, 10, 64], [10, 64, 64], [128, 100, 784], [257, 31, 129]] {
            for (op_a, op_b) in [(Op::N, Op::N), (Op::N, Op::T), (Op::T, Op::N)] {
                agrees::<f32>(shape, op_a, op_b, Into::Add);
                agrees::<f64>(shape, op_a, op_b, Into::Replace);
            }
        }
    }

    #[test]
    fn gemm_refuses_wrong_lengths() {
        for (a, b, c) in [(5, 12, 8), (6, 11, 8), (6, 12, 7)] {
            let wrong = move || {
                let mut c = vec![0.0f32; c];
                gemm(Into::Replace, &mut c, [2, 4, 3], (&vec![0.0; a], Op::N), (&vec![0.0; b], Op::N));
            };
            assert!(std::panic::catch_unwind(wrong).is_err(), "{a} {b} {c}");
        }
    }
}
