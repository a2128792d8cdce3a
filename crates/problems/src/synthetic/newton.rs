//! The minimum of a smooth, strictly convex function.

/// Newton's method. `at` adds gradient and Hessian (row by row) at a point to zeros. `None` if the Hessian is not positive
/// definite, or the gradient is not below 1e-11 after 15 steps: from a start that is near, that is because there is no
/// minimum, as for classes that can be separated.
pub(super) fn minimum(mut x: Vec<f64>, at: impl Fn(&[f64], &mut [f64], &mut [f64])) -> Option<Vec<f64>> {
    let n = x.len();
    let (mut g, mut h) = (vec![0.0; n], vec![0.0; n * n]);
    for _ in 0..15 {
        g.fill(0.0);
        h.fill(0.0);
        at(&x, &mut g, &mut h);
        if g.iter().map(|g| g * g).sum::<f64>() < 1e-22 {
            return Some(x);
        }
        solve(&mut h, &mut g)?;
        x.iter_mut().zip(&g).for_each(|(x, step)| *x -= step);
    }
    None
}

/// `b` becomes `h^-1 b`, by the factor of Cholesky, which takes the place of the lower half of `h`.
fn solve(h: &mut [f64], b: &mut [f64]) -> Option<()> {
    let n = b.len();
    for i in 0..n {
        for j in 0..=i {
            let product: f64 = (0..j).map(|k| h[i * n + k] * h[j * n + k]).sum();
            let left = h[i * n + j] - product;
            if i == j && (left.is_nan() || left <= 0.0) {
                return None;
            }
            h[i * n + j] = if i == j { libm::sqrt(left) } else { left / h[j * n + j] };
        }
    }
    for i in 0..n {
        let known: f64 = (0..i).map(|k| h[i * n + k] * b[k]).sum();
        b[i] = (b[i] - known) / h[i * n + i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| h[k * n + i] * b[k]).sum();
        b[i] = (b[i] - known) / h[i * n + i];
    }
    Some(())
}
