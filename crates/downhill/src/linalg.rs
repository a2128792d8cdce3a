//! Eigenvectors of a symmetric matrix and orthonormal bases, always in `f64`.
//!
//! Householder's and the implicit QL algorithm as in EISPACK's `tred2` and `tql2` (Bowdler, Martin, Reinsch & Wilkinson
//! 1968), with the vectors as rows so that every inner loop is contiguous. Sums have a fixed order: the same bits on
//! every machine. Nothing is allocated, and no input makes it loop forever.
//!
//! Not nalgebra, whose `num-rational` turns on a feature of a crate below burn: whoever builds `downhill` would build
//! half of burn again. It would also allocate in every call.

// Several slices of one length walk together, from changing starts: an index says so more plainly than zips.
#![allow(clippy::needless_range_loop)]

use crate::isa::{Kernel, dispatch};

/// Turns the rows of a symmetric `a` into its orthonormal eigenvectors, with their values, in no particular order.
///
/// `rest` is scratch of the values' length. Anything infinite or NaN in `a` makes everything NaN.
pub(crate) fn symmetric_eigen(a: &mut [f64], values: &mut [f64], rest: &mut [f64]) {
    struct Both<'a>(&'a mut [f64], &'a mut [f64], &'a mut [f64]);
    impl Kernel for Both<'_> {
        type Output = ();
        #[inline(always)]
        fn run(self) {
            tridiagonalise(self.0, self.1, self.2);
            diagonalise(self.0, self.1, self.2);
        }
    }
    let n = values.len();
    assert!(a.len() == n * n && rest.len() == n, "a matrix of {n} rows");
    match largest(a) {
        // Smaller than any normal number, too: squares would be nothing but rounding.
        Some(size) if size < f64::MIN_POSITIVE => {
            values.fill(0.0);
            identity(a, n);
        }
        Some(size) => {
            a.iter_mut().for_each(|a| *a /= size);
            dispatch(Both(a, values, rest));
            values.iter_mut().for_each(|v| *v *= size);
        }
        None => {
            values.fill(f64::NAN);
            a.fill(f64::NAN);
        }
    }
}

/// Fills `q` with rows that are orthonormal, the first `k` of which span the first `k` rows of `a`, for every `k`: the
/// factor Q of the QR decomposition, transposed. Destroys `a`; NaN or infinity in it make `q` NaN.
pub(crate) fn orthonormal(a: &mut [f64], q: &mut [f64], n: usize) {
    struct Qr<'a>(&'a mut [f64], &'a mut [f64], usize);
    impl Kernel for Qr<'_> {
        type Output = ();
        #[inline(always)]
        fn run(self) {
            householder(self.0, self.1, self.2);
        }
    }
    assert!(a.len() == n * n && q.len() == n * n, "a matrix of {n} rows");
    identity(q, n);
    match largest(a) {
        Some(size) if size < f64::MIN_POSITIVE => {}
        Some(size) => {
            a.iter_mut().for_each(|a| *a /= size);
            dispatch(Qr(a, q, n));
        }
        None => q.fill(f64::NAN),
    }
}

/// The largest absolute value, unless one is infinite or NaN.
fn largest(a: &[f64]) -> Option<f64> {
    a.iter().all(|a| a.is_finite()).then(|| a.iter().fold(0.0, |m: f64, a| m.max(a.abs())))
}

fn identity(a: &mut [f64], n: usize) {
    a.fill(0.0);
    a.iter_mut().step_by(n + 1).for_each(|a| *a = 1.0);
}

/// In eight lanes, as [`real::sum`](crate::real::sum).
#[inline(always)]
pub(crate) fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<8>(), y.as_chunks::<8>());
    for (x, y) in x.iter().zip(y) {
        for i in 0..8 {
            lanes[i] += x[i] * y[i];
        }
    }
    for (lane, (x, y)) in lanes.iter_mut().zip(x_rest.iter().zip(y_rest)) {
        *lane += x * y;
    }
    lanes.iter().sum()
}

/// `y += s x`
#[inline(always)]
fn axpy(y: &mut [f64], s: f64, x: &[f64]) {
    y.iter_mut().zip(x).for_each(|(y, x)| *y += s * x);
}

/// The root of a sum of squares, of numbers that are near 1 by scaling.
#[inline(always)]
fn hypot(a: f64, b: f64) -> f64 {
    libm::hypot(a, b)
}

/// `tred2`: leaves the diagonal in `d`, what is below it in `e[1..]`, and the rows of the transformation in `w`.
#[inline(always)]
fn tridiagonalise(w: &mut [f64], d: &mut [f64], e: &mut [f64]) {
    let n = d.len();
    for j in 0..n {
        d[j] = w[j * n + n - 1];
    }
    for i in (1..n).rev() {
        let scale: f64 = d[..i].iter().map(|d| d.abs()).sum();
        let mut h = 0.0;
        if scale == 0.0 {
            e[i] = d[i - 1];
            for j in 0..i {
                d[j] = w[j * n + i - 1];
                w[j * n + i] = 0.0;
                w[i * n + j] = 0.0;
            }
        } else {
            d[..i].iter_mut().for_each(|d| *d /= scale);
            h = dot(&d[..i], &d[..i]);
            let f = d[i - 1];
            let g = if f > 0.0 { -h.sqrt() } else { h.sqrt() };
            e[i] = scale * g;
            h -= f * g;
            d[i - 1] = f - g;
            e[..i].fill(0.0);
            for j in 0..i {
                let f = d[j];
                w[i * n + j] = f;
                let row = &w[j * n..j * n + i];
                e[j] += row[j] * f + dot(&row[j + 1..], &d[j + 1..i]);
                axpy(&mut e[j + 1..i], f, &row[j + 1..]);
            }
            e[..i].iter_mut().for_each(|e| *e /= h);
            let half = dot(&e[..i], &d[..i]) / (h + h);
            axpy(&mut e[..i], -half, &d[..i]);
            for j in 0..i {
                let (f, g) = (d[j], e[j]);
                for k in j..i {
                    w[j * n + k] -= f * e[k] + g * d[k];
                }
                d[j] = w[j * n + i - 1];
                w[j * n + i] = 0.0;
            }
        }
        d[i] = h;
    }
    for i in 0..n - 1 {
        w[i * n + n - 1] = w[i * n + i];
        w[i * n + i] = 1.0;
        let (done, next) = w.split_at_mut((i + 1) * n);
        let next = &mut next[..=i];
        let h = d[i + 1];
        if h != 0.0 {
            d[..=i].iter_mut().zip(&*next).for_each(|(d, w)| *d = w / h);
            for row in done.chunks_exact_mut(n) {
                let g = dot(next, &row[..=i]);
                axpy(&mut row[..=i], -g, &d[..=i]);
            }
        }
        next.fill(0.0);
    }
    for j in 0..n {
        d[j] = w[j * n + n - 1];
        w[j * n + n - 1] = 0.0;
    }
    w[n * n - 1] = 1.0;
    e[0] = 0.0;
}

/// `tql2`: turns the tridiagonal matrix into its values, and the rows of `w` with it.
#[inline(always)]
fn diagonalise(w: &mut [f64], d: &mut [f64], e: &mut [f64]) {
    let n = d.len();
    e.copy_within(1.., 0);
    e[n - 1] = 0.0;
    let (mut shift, mut size) = (0.0, 0.0f64);
    for l in 0..n {
        size = size.max(d[l].abs() + e[l].abs());
        let small = f64::EPSILON * size;
        let m = (l..n).find(|&m| e[m].abs() <= small).unwrap_or(n - 1);
        // One or two rounds are usual; 60 are a safe end.
        for _ in 0..60 {
            if m == l || e[l].abs() <= small {
                break;
            }
            let g = d[l];
            let mut p = (d[l + 1] - g) / (2.0 * e[l]);
            let r = if p < 0.0 { -hypot(p, 1.0) } else { hypot(p, 1.0) };
            d[l] = e[l] / (p + r);
            d[l + 1] = e[l] * (p + r);
            let (d1, h) = (d[l + 1], g - d[l]);
            d[l + 2..].iter_mut().for_each(|d| *d -= h);
            shift += h;
            p = d[m];
            let (mut c, mut c2, mut c3, mut s, mut s2) = (1.0, 1.0, 1.0, 0.0, 0.0);
            let e1 = e[l + 1];
            for i in (l..m).rev() {
                (c3, c2, s2) = (c2, c, s);
                let (g, h) = (c * e[i], c * p);
                let r = hypot(p, e[i]);
                e[i + 1] = s * r;
                (s, c) = (e[i] / r, p / r);
                p = c * d[i] - s * g;
                d[i + 1] = h + s * (c * g + s * d[i]);
                let (low, high) = w[i * n..(i + 2) * n].split_at_mut(n);
                for (low, high) in low.iter_mut().zip(high) {
                    (*low, *high) = (c * *low - s * *high, s * *low + c * *high);
                }
            }
            p = -s * s2 * c3 * e1 * e[l] / d1;
            e[l] = s * p;
            d[l] = c * p;
        }
        d[l] += shift;
        e[l] = 0.0;
    }
}

#[inline(always)]
fn householder(a: &mut [f64], q: &mut [f64], n: usize) {
    for k in 0..n {
        let (done, rest) = a.split_at_mut((k + 1) * n);
        let v = &mut done[k * n + k..];
        let norm = dot(v, v).sqrt();
        v[0] += if v[0] < 0.0 { -norm } else { norm };
        let length = dot(v, v).sqrt();
        if length == 0.0 {
            continue; // Nothing left to reflect; `v` is zero and does nothing below.
        }
        v.iter_mut().for_each(|v| *v /= length);
        for row in rest.chunks_exact_mut(n) {
            let t = -2.0 * dot(v, &row[k..]);
            axpy(&mut row[k..], t, v);
        }
    }
    for k in (0..n).rev() {
        let v = &a[k * n + k..(k + 1) * n];
        for row in q[k * n..].chunks_exact_mut(n) {
            let t = -2.0 * dot(v, &row[k..]);
            axpy(&mut row[k..], t, v);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(n: usize) -> Vec<f64> {
        (0..n).map(|i| libm::sin((i * i) as f64 + 1.0)).collect()
    }

    /// `x y^T` of matrices stored by rows.
    fn outer(x: &[f64], y: &[f64], n: usize) -> Vec<f64> {
        x.chunks_exact(n).flat_map(|x| y.chunks_exact(n).map(move |y| dot(x, y))).collect()
    }

    fn is_identity(a: &[f64], n: usize) -> bool {
        a.iter().enumerate().all(|(i, a)| (a - f64::from(i % (n + 1) == 0)).abs() < 1e-13)
    }

    #[test]
    fn eigenvectors_solve_their_equation() {
        for n in [1, 2, 3, 4, 7, 8, 9, 33, 100] {
            let factor = numbers(n * n);
            let low = outer(&factor[..n * n], &factor, n);
            let mut single = vec![0.0; n * n];
            single[n * n - 1] = 3.0;
            let graded: Vec<f64> =
                (0..n * n).map(|i| low[i] * libm::pow(10.0, -((i / n + i % n) as f64) / n as f64 * 8.0)).collect();
            for a in [low.clone(), graded, single, vec![0.0; n * n], vec![1.0; n * n]] {
                for size in [1.0, 1e-300, 1e300] {
                    let scaled: Vec<f64> = a.iter().map(|a| a * size / (1.0 + n as f64)).collect();
                    let (mut w, mut values) = (scaled.clone(), vec![0.0; n]);
                    symmetric_eigen(&mut w, &mut values, &mut vec![0.0; n]);
                    assert!(is_identity(&outer(&w, &w, n), n), "{n}, {size}: not orthonormal");
                    let most = scaled.iter().fold(0.0, |m: f64, a| m.max(a.abs())) * n as f64;
                    for (v, value) in w.chunks_exact(n).zip(&values) {
                        for (row, v_i) in scaled.chunks_exact(n).zip(v) {
                            assert!((dot(row, v) - value * v_i).abs() <= 1e-14 * most, "{n}, {size}: {value}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn an_orthonormal_basis_spans_the_rows() {
        for n in [1, 2, 3, 8, 9, 40] {
            let full = numbers(n * n);
            let mut low = full.clone();
            low[n..].fill(0.0); // of rank 1
            for a in [full, low, vec![0.0; n * n], numbers(n * n).iter().map(|a| a * 1e-200).collect()] {
                let (mut work, mut q) = (a.clone(), vec![0.0; n * n]);
                orthonormal(&mut work, &mut q, n);
                assert!(is_identity(&outer(&q, &q, n), n), "{n}");
                // `a` in the basis is lower triangular.
                let most = a.iter().fold(0.0, |m: f64, a| m.max(a.abs())) * n as f64;
                let triangle = outer(&a, &q, n);
                assert!((0..n * n).all(|i| i % n <= i / n || triangle[i].abs() <= 1e-14 * most), "{n}: {triangle:?}");
            }
        }
    }

    #[test]
    fn nan_and_infinity_make_everything_nan() {
        for bad in [f64::NAN, f64::INFINITY] {
            let (mut a, mut values, mut q) = (numbers(9), vec![0.0; 3], vec![0.0; 9]);
            a[4] = bad;
            orthonormal(&mut a.clone(), &mut q, 3);
            symmetric_eigen(&mut a, &mut values, &mut [0.0; 3]);
            assert!(a.iter().chain(&values).chain(&q).all(|x| x.is_nan()));
        }
    }
}
