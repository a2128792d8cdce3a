//! Mechanic.

use crate::{Block, Claim, Hyper, Layout, Optimizer, Range, Real, Step, Visit, Wrapper, WrapperFacts, real};
use serde::{Deserialize, Serialize};

/// Mechanic: learns how far to go along the sum of the inner method's steps.
///
/// ```text
/// x = x0 - S D                                 S = sum(s), D the sum of the inner steps, taken at x with rate lr
/// h = <g + s_decay S |g| / (|x| + eps) x, D S / (S + eps)>
/// each beta:   r <- beta r + clamp(h, -m, m) s
///              m <- max(beta m, |h| + eps)
///              v <- beta^2 v + h^2
///              s <- (s_init / number of betas  m + max(0, r)) / (sqrt(v) + eps)
/// ```
///
/// Cutkosky, Defazio & Mehta 2023, arXiv:2306.00144. As the authors' code in optax, `mechanize`, which clips `h`,
/// unlike the paper and their PyTorch code (there `s` starts at 0, `m` at 1e-6, and `s_init` is 1e-8). optax finds D
/// again from the parameters, as `(x0 - x) / (S + eps)`. Here D itself is remembered and x0 is not, in the same
/// memory: in single precision a small S would round D away, and what others do to the parameters (a decay around
/// this) stays.
///
/// The learning rate becomes a factor of the learned one: 1, times any schedule; 0.1 to 10 are worth a try. Inner
/// methods that normalise the whole step (LARS, LAMB) do not suit it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mechanic {
    /// Weight decay in what `s` learns from, relative to the gradient.
    pub s_decay: f64,
    /// Decays of the accumulators, `[0, 1)` each; every one has its `s`.
    pub betas: Vec<f64>,
    /// The scale before the first step, and the share of wealth that is never lost.
    pub s_init: f64,
    /// Added to roots and norms.
    pub eps: f64,
}

impl Default for Mechanic {
    fn default() -> Self {
        Mechanic { s_decay: 1e-2, betas: vec![0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999], s_init: 1e-6, eps: 1e-8 }
    }
}

impl Wrapper for Mechanic {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "mechanic",
        source: "Cutkosky, Defazio & Mehta 2023, arXiv:2306.00144",
        formula: "x = x0 - sum(s) (sum of inner steps), with s from their inner products with the gradients",
        convention: "authors' code in optax: h is clipped, unlike the paper",
        hypers: &[
            Hyper::new("s_decay", Range::NonNegative, "weight decay in what s learns from, relative to the gradient"),
            Hyper::new("betas", Range::Decays, "decays of the accumulators, an s for each"),
            Hyper::new("s_init", Range::Positive, "the scale before the first step"),
            Hyper::new("eps", Range::Positive, "added to roots and norms"),
        ],
        breaks: &[Claim::Separable, Claim::ScaleInvariant, Claim::TranslationInvariant],
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let (zeros, blocks) = (vec![R::ZERO; layout.len()], layout.blocks().to_vec());
        let tuners = self.betas.iter().map(|&beta| Tuner { beta, r: 0.0, m: 0.0, v: 0.0, s: self.s_init }).collect();
        Box::new(Tuned { config: self.clone(), tuners, sum: zeros.clone(), blocks, inner, point: zeros })
    }
}

/// What learns one `s`.
struct Tuner {
    beta: f64,
    r: f64,
    m: f64,
    v: f64,
    s: f64,
}

struct Tuned<R: Real> {
    config: Mechanic,
    tuners: Vec<Tuner>,
    /// Of the inner steps: D.
    sum: Vec<R>,
    blocks: Vec<Block>,
    inner: Box<dyn Optimizer<R>>,
    /// Where the inner step ends.
    point: Vec<R>,
}

impl<R: Real> Tuned<R> {
    fn scale(&self) -> f64 {
        self.tuners.iter().map(|t| t.s).sum()
    }
    /// Advances all `s` with the inner product `h`.
    fn learn(&mut self, h: f64) {
        let Mechanic { s_init, eps, .. } = self.config;
        let share = s_init / self.tuners.len() as f64;
        for Tuner { beta, r, m, v, s } in &mut self.tuners {
            // Comparisons would lose a NaN.
            *r = *beta * *r + Real::larger(Real::smaller(h, *m), -*m) * *s;
            *m = Real::larger(*beta * *m, h.abs() + eps);
            *v = *beta * *beta * *v + h * h;
            *s = (share * *m + Real::larger(*r, 0.0)) / (v.sqrt() + eps);
        }
    }
}

impl<R: Real> Optimizer<R> for Tuned<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let Mechanic { s_decay, eps, .. } = self.config;
        let before = self.scale();
        self.point.copy_from_slice(x);
        self.inner.step(&mut self.point, g, step);
        let decay = s_decay * before * real::norm(g) / (real::norm(x) + eps);
        let mut h = 0.0;
        for ((&x, &g), &d) in x.iter().zip(g).zip(&self.sum) {
            h += (g.to_f64() + decay * x.to_f64()) * d.to_f64();
        }
        self.learn(h * (before / (before + eps)));
        let after = self.scale();
        let (before, kept, after) = (R::of(before), R::of(before / (before + eps)), R::of(after));
        for ((x, sum), &point) in x.iter_mut().zip(&mut self.sum).zip(&self.point) {
            let next = kept * *sum + (*x - point);
            *x += before * *sum - after * next;
            *sum = next;
        }
    }
    fn readout<'a>(&'a self, x: &'a [R], into: &'a mut [R]) -> &'a [R] {
        self.inner.readout(x, into)
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.within("mechanic", |visit| {
            visit.by_block(&self.blocks, "sum", &mut self.sum);
            for (i, Tuner { r, m, v, s, .. }) in self.tuners.iter_mut().enumerate() {
                visit.within(&i.to_string(), |visit| {
                    [("r", r), ("m", m), ("v", v), ("s", s)].into_iter().for_each(|(name, x)| visit.scalar(name, x));
                });
            }
        });
        visit.within("inner", |v| self.inner.visit(v));
    }
}
