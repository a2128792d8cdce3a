//! Sums of squares: residuals, their Jacobian row by row, and what follows from both.

use crate::{Facts, ProblemError};
use downhill::Real;
use std::sync::OnceLock;

/// A function that is a sum of squares, `f = sum_i r_i^2`, given by its residuals as the collection gives them.
///
/// ```
/// use downhill::Real;
/// use downhill_problems::functions::mgh::Residuals;
///
/// struct Rosenbrock;
/// impl Residuals for Rosenbrock {
///     fn count(&self) -> usize {
///         2
///     }
///     fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>) {
///         let (r, row) = match i {
///             1 => (R::of(10.0) * (x[1] - x[0] * x[0]), [R::of(-20.0) * x[0], R::of(10.0)]),
///             _ => (R::ONE - x[0], [-R::ONE, R::ZERO]),
///         };
///         (r, row.into_iter().enumerate())
///     }
/// }
///
/// let mut g = [0.0; 2];
/// assert_eq!(Rosenbrock.squares(&[-1.0, 2.0], &mut g), 104.0);
/// assert_eq!(g, [396.0, 200.0]);
/// ```
pub trait Residuals {
    /// The number of residuals, `m`.
    fn count(&self) -> usize;
    /// Residual `i`, from 1 to `m`, and its row of the Jacobian: coordinates, from 0, with slopes. Those left out are
    /// 0, those of a coordinate that is named twice add up.
    fn residual<R: Real>(&self, i: usize, x: &[R]) -> (R, impl Iterator<Item = (usize, R)>);
    /// The sum of the squares at `x`; `g` receives its gradient, `2 J^T r`.
    fn squares<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
        let mut f = R::ZERO;
        g.fill(R::ZERO);
        for i in 1..=self.count() {
            let (r, row) = self.residual(i, x);
            f += r * r;
            for (j, slope) in row {
                g[j] += R::of(2.0) * r * slope;
            }
        }
        f
    }
}

/// Whether there are as many residuals as coordinates at least.
pub(super) fn enough(dim: usize, residuals: usize) -> Result<(), ProblemError> {
    let error = || format!("`residuals` is {residuals}, allowed are {dim} and more, as `dim` is {dim}");
    if residuals >= dim { Ok(()) } else { Err(ProblemError(error())) }
}

/// All that is known where no minimum is: squares are not negative.
pub(super) fn unknown() -> Facts {
    Facts { lower_bound: Some(0.0), ..Facts::default() }
}

/// Where as many residuals as coordinates vanish together, searched for once.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Root(OnceLock<Option<Vec<f64>>>);

impl Root {
    /// What is known of a system if it has a root in `domain` that Newton's method finds from `start`; if not, little.
    pub(super) fn facts(&self, system: &impl Residuals, start: Vec<f64>, domain: (f64, f64)) -> Facts {
        match self.0.get_or_init(|| newton(system, start)) {
            Some(root) => Facts { domain: vec![domain], ..Facts::global(0.0, vec![root.clone()]) },
            None => unknown(),
        }
    }
}

/// Newton's method from `x`, each step halved until the residuals fall; the end is where they do not, a root if they
/// are 0 up to rounding.
fn newton(system: &impl Residuals, mut x: Vec<f64>) -> Option<Vec<f64>> {
    let n = x.len();
    let mut g = vec![0.0; n];
    let mut least = system.squares(&x, &mut g);
    loop {
        // Rows of the Jacobian, each with its residual at the end.
        let mut rows = vec![vec![0.0; n + 1]; n];
        for (i, row) in rows.iter_mut().enumerate() {
            let (r, slopes) = system.residual(i + 1, &x);
            slopes.for_each(|(j, slope)| row[j] += slope);
            row[n] = r;
        }
        let step = solve(rows);
        let mut shares = (0..20).map(|k| libm::ldexp(1.0, -k));
        let next = shares.find_map(|share| {
            let moved: Vec<f64> = x.iter().zip(&step).map(|(x, s)| x - share * s).collect();
            let squares = system.squares(&moved, &mut g);
            (squares < least).then_some((squares, moved))
        });
        match next {
            Some(found) => (least, x) = found,
            None => return (least < 1e-20).then_some(x),
        }
    }
}

/// The solution of `n` linear equations, the right side the last column: elimination with row pivots.
fn solve(mut rows: Vec<Vec<f64>>) -> Vec<f64> {
    let n = rows.len();
    for k in 0..n {
        let pivot = (k..n).fold(k, |best, i| if rows[i][k].abs() > rows[best][k].abs() { i } else { best });
        rows.swap(k, pivot);
        let (above, below) = rows.split_at_mut(k + 1);
        for row in below {
            let share = row[k] / above[k][k];
            row.iter_mut().zip(&above[k]).for_each(|(x, p)| *x -= share * p);
        }
    }
    let mut x = vec![0.0; n];
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| rows[k][j] * x[j]).sum();
        x[k] = (rows[k][n] - known) / rows[k][k];
    }
    x
}
