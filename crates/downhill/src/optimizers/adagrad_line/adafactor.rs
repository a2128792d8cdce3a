//! Adafactor.

use crate::isa::{Kernel, dispatch};
use crate::{
    At, Block, Claim, Driver, Either, Facts, Given, Hyper, Layout, Method, Optimizer, Preset, Range, Real, Rule, Visit,
    real,
};
use serde::{Deserialize, Serialize};

/// Adafactor: a running scale of which matrices keep only the row and column means, with steps in proportion to the
/// parameters.
///
/// ```text
/// row <- row + t^-decay_rate (row means of g^2 - row),   column likewise;   vectors: v likewise
/// v    = row column / mean of row
/// u    = g / sqrt(v),   divided by max(1, RMS(u) / clip)
/// x   <- x - min(lr, 1 / sqrt(t)) max(eps2, RMS(x)) u
/// ```
///
/// Shazeer & Stern 2018, arXiv:1804.04235, Algorithms 4 and 5, without momentum. As torch: `eps1` is a floor under
/// the mean of row and under `sqrt(v)`; torch takes the parameters' precision for it, here that of `f32`. The paper,
/// burn and optax add it, 1e-30, to `g^2`. optax has no `1 / sqrt(t)`, and factors only where both dimensions are 128 or more. Of more
/// than two dimensions the last two are factored, as in torch; optax takes the two largest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adafactor {
    /// A step's share in the means is `t^-decay_rate`.
    pub decay_rate: f64,
    /// Floor under the scale, in units of the gradient; added, in units of its square.
    pub eps1: f64,
    /// Add `eps1` to the squares in place of a floor.
    pub eps_added: bool,
    /// Floor under the root mean square of the parameters, in their units.
    pub eps2: f64,
    /// The largest root mean square of a direction.
    pub clip: f64,
    /// Let the learning rate be `1 / sqrt(t)` at most.
    pub relative_step: bool,
    /// Factor where both dimensions are at least this.
    pub factor_from: u64,
}

impl Default for Adafactor {
    fn default() -> Self {
        Adafactor {
            decay_rate: 0.8,
            eps1: f64::from(f32::EPSILON),
            eps_added: false,
            eps2: 1e-3,
            clip: 1.0,
            relative_step: true,
            factor_from: 1,
        }
    }
}

const EPS_ADDED: &[(&str, Given)] = &[("eps1", Given::Number(1e-30)), ("eps_added", Given::Flag(true))];

impl Method for Adafactor {
    const FACTS: Facts = Facts {
        name: "adafactor",
        formula: "v = row column / mean row, of running means of g^2; u = g / sqrt(v), clipped to RMS 1; x <- x - min(lr, 1 / sqrt(t)) max(eps2, RMS(x)) u",
        source: "Shazeer & Stern 2018, arXiv:1804.04235",
        convention: "torch in f32: eps1 a floor, not added to g^2; no momentum",
        presets: &[
            Preset::new("paper", EPS_ADDED),
            Preset::new("burn", EPS_ADDED),
            Preset::new(
                "optax",
                &[
                    ("eps1", Given::Number(1e-30)),
                    ("eps_added", Given::Flag(true)),
                    ("relative_step", Given::Flag(false)),
                    ("factor_from", Given::Count(128)),
                ],
            ),
        ],
        failure: "no momentum against noise; parameters near 0 grow by eps2 a step at most; the clipping hides divergence",
        lr: 1e-2,
        grid: (1e-3, 1.0),
        hypers: &[
            Hyper::new("decay_rate", Range::NonNegative, "a step's share in the means is t^-decay_rate"),
            Hyper::new("eps1", Range::Positive, "floor under the scale, in units of the gradient"),
            Hyper::new("eps_added", Range::Flag, "add eps1 to the squares in place of a floor"),
            Hyper::new("eps2", Range::NonNegative, "floor under the parameters' root mean square"),
            Hyper::new("clip", Range::Positive, "largest root mean square of a direction"),
            Hyper::new("relative_step", Range::Flag, "the learning rate is 1 / sqrt(t) at most"),
            Hyper::new("factor_from", Range::AtLeast(1), "factor where both dimensions are at least this"),
        ],
        // Permuted rows and columns: a block's shape counts.
        claims: &[
            Claim::SignEquivariant,
            Claim::PermutationEquivariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(self.clone(), layout)
    }
}

impl<R: Real> Rule<R> for Adafactor {
    type State = Either<Factors<R>, Vec<R>>;
    fn init(&self, block: &Block) -> Self::State {
        match block.shape[..] {
            [.., rows, columns] if rows.min(columns) as u64 >= self.factor_from => {
                let (row, column) = (vec![R::ZERO; block.len() / columns], vec![R::ZERO; block.len() / rows]);
                Either::This(Factors { row, column, sums: vec![0.0; columns], rows })
            }
            _ => Either::Other(vec![R::ZERO; block.len()]),
        }
    }
    fn direct(&self, at: &At, state: &mut Self::State, x: &[R], u: &mut [R]) {
        let share = R::of(libm::pow(at.t as f64, -self.decay_rate));
        let (floor, added) = if self.eps_added { (0.0, self.eps1) } else { (self.eps1, 0.0) };
        match state {
            Either::This(factors) => factors.scale(u, share, floor, added),
            Either::Other(v) => dispatch(Scale { u, v, share, floor: R::of(floor), added: R::of(added) }),
        }
        let rms = |x: &[R]| real::norm(x) / (x.len() as f64).sqrt();
        let slowed = if self.relative_step { (1.0 / (at.lr * (at.t as f64).sqrt())).min(1.0) } else { 1.0 };
        let scale = R::of(slowed * rms(x).larger(self.eps2) / (rms(u) / self.clip).larger(1.0));
        u.iter_mut().for_each(|u| *u *= scale);
    }
    fn visit(&self, state: &mut Self::State, visit: &mut Visit<'_>) {
        match state {
            Either::This(factors) => {
                visit.vector("row", &mut factors.row);
                visit.vector("column", &mut factors.column);
            }
            Either::Other(v) => visit.vector("v", v),
        }
    }
}

/// The means of squares of matrices that lie one behind the other.
pub struct Factors<R> {
    /// Of each row of each matrix.
    row: Vec<R>,
    /// Of each column of each matrix.
    column: Vec<R>,
    /// The squares in each column.
    sums: Vec<f64>,
    rows: usize,
}

impl<R: Real> Factors<R> {
    /// Takes the gradient `u` into the means, and divides it by the root of their product.
    fn scale(&mut self, u: &mut [R], share: R, floor: f64, added: f64) {
        let (rows, columns) = (self.rows, self.sums.len());
        let matrices = u.chunks_mut(rows * columns).zip(self.row.chunks_mut(rows)).zip(self.column.chunks_mut(columns));
        for ((u, row), column) in matrices {
            self.sums.fill(0.0);
            for (u, row) in u.chunks(columns).zip(&mut *row) {
                let mean = dispatch(Squares { u, sums: &mut self.sums }) / columns as f64 + added;
                *row += share * (R::of(mean) - *row);
            }
            for (sum, column) in self.sums.iter().zip(&mut *column) {
                *column += share * (R::of(sum / rows as f64 + added) - *column);
            }
            let mean = (real::sum(row, |r| r) / rows as f64).larger(floor);
            for (u, &row) in u.chunks_mut(columns).zip(&*row) {
                // A root each: their product could be too small for a number.
                let row = R::of((row.to_f64() / mean).sqrt());
                dispatch(Divide { u, column, row, floor: R::of(floor) });
            }
        }
    }
}

/// Adds a row's squares to the columns' sums; returns their sum.
struct Squares<'a, R> {
    u: &'a [R],
    sums: &'a mut [f64],
}
impl<R: Real> Kernel for Squares<'_, R> {
    type Output = f64;
    #[inline(always)]
    fn run(self) -> f64 {
        for (sum, u) in self.sums.iter_mut().zip(self.u) {
            *sum += u.to_f64() * u.to_f64();
        }
        real::sum(self.u, |u| u * u)
    }
}

struct Divide<'a, R> {
    u: &'a mut [R],
    column: &'a [R],
    row: R,
    floor: R,
}
impl<R: Real> Kernel for Divide<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (u, column) in self.u.iter_mut().zip(self.column) {
            *u = *u / (self.row * column.sqrt()).larger(self.floor);
        }
    }
}

struct Scale<'a, R> {
    u: &'a mut [R],
    v: &'a mut [R],
    share: R,
    floor: R,
    added: R,
}
impl<R: Real> Kernel for Scale<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (u, v) in self.u.iter_mut().zip(self.v) {
            *v += self.share * (*u * *u + self.added - *v);
            *u = *u / v.sqrt().larger(self.floor);
        }
    }
}
