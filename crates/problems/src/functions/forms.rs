//! Forms that many functions share.

use downhill::Real;

/// `f = sum_i term(i, x_i)`, where `term` gives value and slope. Counts from 1, as the formulas do.
pub(crate) fn separable<R: Real>(x: &[R], g: &mut [R], mut term: impl FnMut(usize, R) -> (R, R)) -> R {
    let mut f = R::ZERO;
    for (i, (&x, g)) in x.iter().zip(g).enumerate() {
        let (value, slope) = term(i + 1, x);
        f += value;
        *g = slope;
    }
    f
}

/// `f = sum_k r_k^2` of residuals and their gradients.
pub(crate) fn squares<R: Real, const N: usize>(residuals: &[(R, [R; N])], g: &mut [R]) -> R {
    let mut f = R::ZERO;
    g.fill(R::ZERO);
    for (r, slopes) in residuals {
        f += *r * *r;
        for (g, &slope) in g.iter_mut().zip(slopes) {
            *g += R::of(2.0) * *r * slope;
        }
    }
    f
}

/// The `i`-th of `n` curvatures from 1 to `kappa` in even ratios.
pub(crate) fn curvature(kappa: f64, n: usize, i: usize) -> f64 {
    libm::pow(kappa, (i - 1) as f64 / (n - 1) as f64)
}

/// `minimiser` with one coordinate replaced, for each coordinate: the nearest traps of a separable function.
pub(crate) fn replaced(minimiser: &[f64], by: f64, value: f64) -> Vec<(Vec<f64>, f64)> {
    let trap = |i| (minimiser.iter().enumerate().map(|(j, &x)| if i == j { by } else { x }).collect(), value);
    (0..minimiser.len()).map(trap).collect()
}
