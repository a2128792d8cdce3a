//! MoMo-Adam.

use super::momo::{CLAIMS, Model};
use super::whole::{CHUNK, Pass, Whole, sums};
use crate::isa::{Kernel, dispatch};
use crate::{Claim, Facts, Hyper, Layout, Method, Need, Optimizer, Range, Real, Step, Visit};
use serde::{Deserialize, Serialize};
use std::ops;

/// MoMo-Adam: [`Momo`](crate::Momo) in the scale of Adam's root mean square.
///
/// ```text
/// m, F, c: means of g, f, <g, x> with beta1, from 0;  v: mean of g^2 with beta2, from 0
/// D = sqrt(v / (1 - beta2^t)) + eps,  rho = 1 - beta1^t,  q = 1 + lr decay
/// s = min(lr / rho, max(q (F - rho f* - c) + <m, x>, 0) / <m, m / D>)
/// x <- (x - s m / D) / q
/// ```
///
/// Schaipp, Ohana, Eickenberg, Defazio & Gower 2024, arXiv:2305.07583, Algorithm 3, and the authors' package
/// `momo-opt`. At its longest step, the learning rate, it is Adam. optax does not divide `s m / D` by `q`: another path
/// with decay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MomoAdam {
    /// Decay of the means of gradient, loss and `<g, x>`, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient, `> 0`.
    pub eps: f64,
    /// Weight decay, per step and learning rate, as a proximal step.
    pub decay: f64,
}

impl Default for MomoAdam {
    fn default() -> Self {
        MomoAdam { beta1: 0.9, beta2: 0.999, eps: 1e-8, decay: 0.0 }
    }
}

impl Method for MomoAdam {
    const FACTS: Facts = Facts {
        name: "momo-adam",
        formula: "m, F, c: means of g, f, <g, x>; D = sqrt(v^) + eps; x <- x - min(lr / rho, max(F - rho f* - c + <m, x>, 0) / <m, m / D>) m / D, rho = 1 - beta1^t",
        source: "Schaipp et al. 2024, arXiv:2305.07583",
        convention: "the authors' package momo-opt; optax decays the step differently",
        preset: "authors",
        failure: "with a bound far below the lowest loss it is Adam at its longest step",
        lr: 1e-2,
        grid: (1e-4, 10.0),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the means of gradient and loss"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::Positive, "added to the root, in units of the gradient"),
            Hyper::new("decay", Range::NonNegative, "weight decay, per step and learning rate")
                .breaking(Claim::BROKEN_BY_DECAY),
        ],
        needs: &[Need::Loss, Need::LowerBound],
        claims: CLAIMS,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let model = Model::default();
        let [m, v] = std::array::from_fn(|_| vec![R::ZERO; layout.len()]);
        Box::new(Modelled { method: self.clone(), whole: Whole::new(layout), model, m, v })
    }
}

struct Modelled<R> {
    method: MomoAdam,
    whole: Whole,
    model: Model,
    m: Vec<R>,
    v: Vec<R>,
}

impl<R: Real> Optimizer<R> for Modelled<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let &MomoAdam { beta1, beta2, eps, decay, .. } = &self.method;
        let [rho, rest] = [beta1, beta2].map(|beta| 1.0 - libm::pow(beta, step.t as f64));
        let (unbias, eps) = (R::of(1.0 / rest), R::of(eps));
        let (of_m, of_v) = ([beta1, 1.0 - beta1].map(R::of), [beta2, 1.0 - beta2].map(R::of));
        let products = sums(Gather { m: &mut self.m, v: &mut self.v, x, g, of_m, of_v, unbias, eps });
        let length = self.model.length([beta1, rho, 1.0 + step.lr * decay], products, step);
        for run in &self.whole.runs {
            let (range, at) = (run.range.clone(), step.at(run));
            let (m, v, x) = (&self.m[range.clone()], &self.v[range.clone()], &mut x[range]);
            let keep = R::of(1.0 / (1.0 + at.lr * at.decay.unwrap_or(decay)));
            dispatch(Descend { x, m, v, keep, length: R::of(length.smaller(at.lr / rho)), unbias, eps });
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        self.model.visit(visit);
        self.whole.visit(&mut [("m", &mut self.m), ("v", &mut self.v)], visit);
    }
}

/// The two means, and the products.
struct Gather<'a, R> {
    m: &'a mut [R],
    v: &'a mut [R],
    x: &'a [R],
    g: &'a [R],
    of_m: [R; 2],
    of_v: [R; 2],
    unbias: R,
    eps: R,
}

impl<R: Real> Pass<3> for Gather<'_, R> {
    fn len(&self) -> usize {
        self.g.len()
    }
    #[inline(always)]
    fn terms(&mut self, chunk: ops::Range<usize>, [gx, mx, mm]: &mut [[f64; CHUNK]; 3]) {
        let (x, g) = (&self.x[chunk.clone()], &self.g[chunk.clone()]);
        let (m, v) = (&mut self.m[chunk.clone()], &mut self.v[chunk]);
        let products = gx.iter_mut().zip(mx).zip(mm);
        for ((((m, v), &x), &g), ((gx, mx), mm)) in m.iter_mut().zip(v).zip(x).zip(g).zip(products) {
            *m = self.of_m[0] * *m + self.of_m[1] * g;
            *v = self.of_v[0] * *v + self.of_v[1] * (g * g);
            let scaled = *m / ((*v * self.unbias).sqrt() + self.eps);
            let (m, x) = (m.to_f64(), x.to_f64());
            (*gx, *mx, *mm) = (g.to_f64() * x, m * x, m * scaled.to_f64());
        }
    }
}

/// `x <- keep (x - length m / (sqrt(v unbias) + eps))`.
struct Descend<'a, R> {
    x: &'a mut [R],
    m: &'a [R],
    v: &'a [R],
    keep: R,
    length: R,
    unbias: R,
    eps: R,
}

impl<R: Real> Kernel for Descend<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for ((x, &m), &v) in self.x.iter_mut().zip(self.m).zip(self.v) {
            *x = self.keep * (*x - self.length * m / ((v * self.unbias).sqrt() + self.eps));
        }
    }
}
