//! Losses of a model's outputs, each with its slope.

use super::leaders::{LANES, Leaders};
use super::rows::Each;
use crate::activation::exp;
use crate::data::Labels;
use crate::math::uniform;
use crate::problem::ProblemError;
use crate::rng::Rng;
use downhill::Real;
use downhill::isa::{Kernel, dispatch};
use serde::{Deserialize, Serialize};

/// A loss of one example, as a function of the model's outputs `f` and the example's target `y`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// `1/2 (y - f)^2`.
    Squared,
    /// `r^2/2` for `r = |y - f|` up to `delta`, `delta (r - delta/2)` beyond (Huber 1964).
    Huber,
    /// `|y - f|`; its slope at 0 is 0.
    Absolute,
    /// `log(sum_j e^(f_j)) - f_y`, one output a class.
    CrossEntropy,
    /// `sum_j log(1 + e^(-s_j f_j))`; signs as for [`Loss::Hinge`].
    Logistic,
    /// `sum_j max(0, 1 - s_j f_j)`: one class against the rest, `s_j` is 1 for the example's own and -1 for the
    /// others. Two classes have one output, positive for the second.
    Hinge,
    /// `sum_j max(0, 1 - s_j f_j)^2`, as [`Loss::Hinge`].
    SquaredHinge,
}

/// The targets of some rows.
pub(crate) struct Targets<'a, R> {
    pub(crate) y: &'a Labels<R>,
    pub(crate) rows: Each<'a>,
}

impl Loss {
    /// The number of outputs for so many classes, 0 standing for a number.
    ///
    /// # Errors
    /// If the loss does not fit: a regression on classes, classification of numbers.
    pub(crate) fn outputs(self, classes: usize) -> Result<usize, ProblemError> {
        let error = |text: &str| Err(ProblemError(text.into()));
        match (self, classes) {
            (Loss::Squared | Loss::Huber | Loss::Absolute, 0) => Ok(1),
            (Loss::Squared | Loss::Huber | Loss::Absolute, _) => {
                error("the losses squared, huber and absolute need numbers as targets, but the data has classes")
            }
            (_, 0) => error("this loss needs classes, but the targets are numbers: use squared, huber or absolute"),
            (_, 1) => error("the data has one class only"),
            (Loss::CrossEntropy, n) => Ok(n),
            (_, 2) => Ok(1),
            (_, n) => Ok(n),
        }
    }

    /// The sum of the losses of these rows. `f`, their outputs, `[outputs, examples]`, becomes its gradient by `f`,
    /// times `scale`. `delta` is Huber's.
    pub(crate) fn slope<R: Real>(self, f: &mut [R], targets: &Targets<'_, R>, delta: f64, scale: f64) -> f64 {
        let rows = targets.rows;
        match targets.y {
            Labels::Numbers(y) => {
                let y = rows.iter().map(|i| y[i]);
                match self {
                    Loss::Huber => residuals(f, y, scale, |r| huber(r, R::of(delta))),
                    Loss::Absolute => residuals(f, y, scale, |r| (r.abs(), r.sign())),
                    _ => residuals(f, y, scale, |r| (R::of(0.5) * r * r, r)),
                }
            }
            Labels::Classes(y) => match self {
                Loss::Logistic => margins(f, y, rows, scale, logistic),
                Loss::Hinge => margins(f, y, rows, scale, hinge),
                Loss::SquaredHinge => margins(f, y, rows, scale, squared_hinge),
                _ if rows.are_many() => dispatch(CrossEntropy::<_, true> { f, y, rows, scale }),
                _ => dispatch(CrossEntropy::<_, false> { f, y, rows, scale }),
            },
        }
    }
}

impl Loss {
    /// Whether so many outputs say how probable each class is; one class against the rest does not.
    pub(crate) fn is_likelihood(self, outputs: usize) -> bool {
        self == Loss::CrossEntropy || self == Loss::Logistic && outputs == 1
    }

    /// A class for each example, drawn from the probabilities that the outputs `f` stand for.
    pub(crate) fn draw<R: Real>(self, f: &[R], examples: usize, rng: &mut Rng) -> Vec<u32> {
        let outputs = f.len() / examples;
        let one = |i: usize| {
            let u = uniform(rng);
            if outputs == 1 {
                return u32::from(u * (1.0 + exp(-f[i].to_f64())) < 1.0);
            }
            let at = |j: usize| f[j * examples + i].to_f64();
            let largest = (0..outputs).map(at).fold(f64::NEG_INFINITY, f64::max);
            let total: f64 = (0..outputs).map(|j| exp(at(j) - largest)).sum();
            let mut left = u * total;
            (0..outputs)
                .find(|&j| {
                    left -= exp(at(j) - largest);
                    left < 0.0
                })
                .unwrap_or(outputs - 1) as u32
        };
        (0..examples).map(one).collect()
    }

    /// The second derivative by the outputs, times `along`, times `scale`, into `along`; `f` holds the outputs and is
    /// spoilt. A kink counts as flat.
    pub(crate) fn curve<R: Real>(self, f: &mut [R], along: &mut [R], targets: &Targets<'_, R>, delta: f64, scale: f64) {
        if self == Loss::CrossEntropy {
            return softmax_curve(f, along, targets.rows.len(), scale);
        }
        let rows = targets.rows;
        let curvature = |j: usize, f: R, i: usize| -> f64 {
            match targets.y {
                Labels::Numbers(y) => match self {
                    Loss::Huber => f64::from((f - y[i]).abs() <= R::of(delta)),
                    Loss::Absolute => 0.0,
                    _ => 1.0,
                },
                Labels::Classes(y) => {
                    let m = f.to_f64() * if y[i] as usize == j { 1.0 } else { -1.0 };
                    match self {
                        Loss::Logistic => {
                            let small = exp(-m.abs());
                            small / ((1.0 + small) * (1.0 + small))
                        }
                        Loss::SquaredHinge if m < 1.0 => 2.0,
                        _ => 0.0,
                    }
                }
            }
        };
        let first = usize::from(f.len() == rows.len());
        let outputs = f.chunks_exact(rows.len()).zip(along.chunks_exact_mut(rows.len()));
        for (j, (f, along)) in (first..).zip(outputs) {
            for ((&f, along), i) in f.iter().zip(along).zip(rows.iter()) {
                *along *= R::of(curvature(j, f, i) * scale);
            }
        }
    }
}

/// `scale (diag(p) - p p^T) along` for each example, where `p` are the probabilities of its outputs `f`.
fn softmax_curve<R: Real>(f: &mut [R], along: &mut [R], examples: usize, scale: f64) {
    let outputs = f.len() / examples;
    for i in 0..examples {
        let at = |j: usize| j * examples + i;
        let largest = (0..outputs).map(|j| f[at(j)].to_f64()).fold(f64::NEG_INFINITY, f64::max);
        let (mut total, mut mean) = (0.0, 0.0);
        for j in 0..outputs {
            let e = exp(f[at(j)].to_f64() - largest);
            f[at(j)] = R::of(e);
            total += e;
            mean += e * along[at(j)].to_f64();
        }
        mean /= total;
        for j in 0..outputs {
            let p = f[at(j)].to_f64() / total;
            along[at(j)] = R::of(scale * p * (along[at(j)].to_f64() - mean));
        }
    }
}

/// Losses of the residual `r = f - y`: `point` gives value and slope.
fn residuals<R: Real>(f: &mut [R], y: impl Iterator<Item = R>, scale: f64, point: impl Fn(R) -> (R, R)) -> f64 {
    let mut total = 0.0;
    for (f, y) in f.iter_mut().zip(y) {
        let (value, slope) = point(*f - y);
        total += value.to_f64();
        *f = slope * R::of(scale);
    }
    total
}

fn huber<R: Real>(r: R, delta: R) -> (R, R) {
    let half = R::of(0.5);
    if r.abs() > delta { (delta * (r.abs() - half * delta), delta * r.sign()) } else { (half * r * r, r) }
}

/// Losses of the margin `m = s f`: `point` gives value and slope.
fn margins<R: Real>(f: &mut [R], y: &[u32], rows: Each<'_>, scale: f64, point: impl Fn(f64) -> (f64, f64)) -> f64 {
    // With one output, the second class is the positive one.
    let first = if f.len() == rows.len() { 1 } else { 0 };
    let mut total = 0.0;
    for (j, f) in (first..).zip(f.chunks_exact_mut(rows.len())) {
        for (f, i) in f.iter_mut().zip(rows.iter()) {
            let sign = if y[i] == j { 1.0 } else { -1.0 };
            let (value, slope) = point(sign * f.to_f64());
            total += value;
            *f = R::of(sign * slope * scale);
        }
    }
    total
}

/// `log(1 + e^-m)` and `-1 / (1 + e^m)`, neither of which overflows.
fn logistic(m: f64) -> (f64, f64) {
    let small = exp(-m.abs());
    let value = libm::log1p(small) + if m < 0.0 { -m } else { 0.0 };
    (value, if m < 0.0 { -1.0 } else { -small } / (1.0 + small))
}

fn hinge(m: f64) -> (f64, f64) {
    // `m >= 1` and not `m < 1`: a NaN must stay one.
    if m >= 1.0 { (0.0, 0.0) } else { (1.0 - m, -1.0) }
}

fn squared_hinge(m: f64) -> (f64, f64) {
    let (h, _) = hinge(m);
    (h * h, -2.0 * h)
}

/// Cross-entropy in blocks of examples that fill vector registers.
struct CrossEntropy<'a, R, const MANY: bool> {
    f: &'a mut [R],
    y: &'a [u32],
    rows: Each<'a>,
    scale: f64,
}

impl<R: Real, const MANY: bool> Kernel for CrossEntropy<'_, R, MANY> {
    type Output = f64;
    #[inline(always)]
    fn run(mut self) -> f64 {
        let (blocks, mut total) = (self.rows.len() / LANES, 0.0);
        for block in 0..blocks {
            total += self.block::<LANES>(block * LANES);
        }
        for at in blocks * LANES..self.rows.len() {
            total += self.block::<1>(at);
        }
        total
    }
}

impl<R: Real, const MANY: bool> CrossEntropy<'_, R, MANY> {
    /// With the largest output subtracted, no exponential exceeds 1, and their sum is not below 1.
    #[inline(always)]
    fn block<const N: usize>(&mut self, at: usize) -> f64 {
        let (examples, scale) = (self.rows.len(), self.scale);
        let own: [usize; N] =
            std::array::from_fn(|i| self.y[self.rows.number::<MANY>(at + i)] as usize * examples + at + i);
        let Leaders { largest, .. } = Leaders::<R, N>::of(self.f, examples, at);
        let mut own_f = 0.0;
        for i in 0..N {
            own_f += (self.f[own[i]] - largest[i]).to_f64();
        }
        let mut sum = [0.0; N];
        for f in self.f.chunks_exact_mut(examples) {
            let f = &mut f[at..at + N];
            for i in 0..N {
                let e = exp((f[i] - largest[i]).to_f64());
                f[i] = R::of(e);
                sum[i] += e;
            }
        }
        let share = sum.map(|sum| R::of(scale / sum));
        for f in self.f.chunks_exact_mut(examples) {
            let f = &mut f[at..at + N];
            for i in 0..N {
                f[i] *= share[i];
            }
        }
        for own in own {
            self.f[own] -= R::of(scale);
        }
        // The sum of the logarithms; the product is at most (2^32)^16 = 2^512.
        libm::log(sum.iter().product()) - own_f
    }
}
