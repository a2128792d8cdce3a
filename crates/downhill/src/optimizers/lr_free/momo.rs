//! MoMo.

use super::whole::{CHUNK, Pass, Whole, sums};
use crate::isa::{Kernel, dispatch};
use crate::{Claim, Facts, Hyper, Layout, Method, Need, Optimizer, Range, Real, Step, Visit};
use serde::{Deserialize, Serialize};
use std::ops;

/// MoMo: momentum whose step goes to where a model of the loss, the mean of past tangents, meets its lower bound.
///
/// ```text
/// d <- beta d + (1 - beta) g,  F <- beta F + (1 - beta) f,  c <- beta c + (1 - beta) <g, x>
/// q = 1 + lr decay
/// s = min(lr / rho, max(q (F - rho f* - c) + <d, x>, 0) / |d|^2)
/// x <- (x - s d) / q
/// ```
///
/// Schaipp, Ohana, Eickenberg, Defazio & Gower 2024, arXiv:2305.07583, Algorithm 1, and the authors' package
/// `momo-opt`. The means begin with the first value and `rho = 1`, or, with bias correction, at 0 and
/// `rho = 1 - beta^t`. The learning rate is the longest step. optax does not divide `s d` by `q`: another path with decay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Momo {
    /// Decay of the means, `[0, 1)`.
    pub beta: f64,
    /// Weight decay, per step and learning rate, as a proximal step.
    pub decay: f64,
    /// Begin the means at 0 and correct for it.
    pub bias_correction: bool,
}

impl Default for Momo {
    fn default() -> Self {
        Momo { beta: 0.9, decay: 0.0, bias_correction: false }
    }
}

/// The laws of both methods.
pub(super) const CLAIMS: &[Claim] = &[
    Claim::SignEquivariant,
    Claim::Splittable,
    Claim::PermutationEquivariant,
    Claim::TranslationInvariant,
    Claim::StillAtZeroGradient,
    Claim::StillAtZeroRate,
    Claim::AllocationFree,
];

impl Method for Momo {
    const FACTS: Facts = Facts {
        name: "momo",
        formula: "d, F, c: means of g, f, <g, x>; x <- x - min(lr, max(F - f* - c + <d, x>, 0) / |d|^2) d",
        source: "Schaipp et al. 2024, arXiv:2305.07583",
        convention: "the authors' package momo-opt; optax decays the step differently",
        preset: "authors",
        failure: "with a bound far below the lowest loss it is momentum at its longest step",
        lr: 1.0,
        grid: (1e-2, 10.0),
        hypers: &[
            Hyper::new("beta", Range::Decay, "decay of the means"),
            Hyper::new("decay", Range::NonNegative, "weight decay, per step and learning rate")
                .breaking(Claim::BROKEN_BY_DECAY),
            Hyper::new("bias_correction", Range::Flag, "begin the means at 0 and correct for it"),
        ],
        needs: &[Need::Loss, Need::LowerBound],
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::PermutationEquivariant,
            Claim::RotationEquivariant,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let (model, d) = (Model::default(), vec![R::ZERO; layout.len()]);
        Box::new(Modelled { method: self.clone(), whole: Whole::new(layout), model, d })
    }
}

/// The mean of past tangents, all but their slope.
#[derive(Default)]
pub(super) struct Model {
    /// The mean of losses.
    loss: f64,
    /// The mean of `<g, x>`.
    along: f64,
}

/// What the model needs of the vectors: `<g, x>`, `<d, x>`, and `|d|^2` in the method's norm.
pub(super) type Products = [f64; 3];

impl Model {
    /// Takes in a tangent, with a share `beta` of the means left; then the length at which the model meets the bound.
    /// `rho` is the sum of all weights in the means, `q` is `1 + lr decay`.
    pub(super) fn length<R: Real>(
        &mut self,
        [beta, rho, q]: [f64; 3],
        products: Products,
        step: &mut Step<'_, R>,
    ) -> f64 {
        let [gx, dx, dd] = products;
        self.loss = beta * self.loss + (1.0 - beta) * step.loss.to_f64();
        self.along = beta * self.along + (1.0 - beta) * gx;
        if dd == 0.0 {
            return 0.0;
        }
        (q * (self.loss - rho * step.lower_bound() - self.along) + dx).larger(0.0) / dd
    }
    pub(super) fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.scalar("loss", &mut self.loss);
        visit.scalar("along", &mut self.along);
    }
}

struct Modelled<R> {
    method: Momo,
    whole: Whole,
    model: Model,
    d: Vec<R>,
}

impl<R: Real> Optimizer<R> for Modelled<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let &Momo { beta, decay, bias_correction, .. } = &self.method;
        let rho = if bias_correction { 1.0 - libm::pow(beta, step.t as f64) } else { 1.0 };
        let beta = if step.t == 1 && !bias_correction { 0.0 } else { beta };
        let mix = [beta, 1.0 - beta].map(R::of);
        let products = sums(Gather { d: &mut self.d, x, g, mix });
        let length = self.model.length([beta, rho, 1.0 + step.lr * decay], products, step);
        for run in &self.whole.runs {
            let (range, at) = (run.range.clone(), step.at(run));
            let keep = R::of(1.0 / (1.0 + at.lr * at.decay.unwrap_or(decay)));
            dispatch(Descend {
                x: &mut x[range.clone()],
                d: &self.d[range],
                keep,
                length: length.smaller(at.lr / rho),
            });
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        self.model.visit(visit);
        self.whole.visit(&mut [("d", &mut self.d)], visit);
    }
}

/// `d <- mix0 d + mix1 g`, and the products.
struct Gather<'a, R> {
    d: &'a mut [R],
    x: &'a [R],
    g: &'a [R],
    mix: [R; 2],
}

impl<R: Real> Pass<3> for Gather<'_, R> {
    fn len(&self) -> usize {
        self.g.len()
    }
    #[inline(always)]
    fn terms(&mut self, chunk: ops::Range<usize>, [gx, dx, dd]: &mut [[f64; CHUNK]; 3]) {
        let (d, x, g) = (&mut self.d[chunk.clone()], &self.x[chunk.clone()], &self.g[chunk]);
        let products = gx.iter_mut().zip(dx).zip(dd);
        for (((d, &x), &g), ((gx, dx), dd)) in d.iter_mut().zip(x).zip(g).zip(products) {
            *d = self.mix[0] * *d + self.mix[1] * g;
            let (d, x) = (d.to_f64(), x.to_f64());
            (*gx, *dx, *dd) = (g.to_f64() * x, d * x, d * d);
        }
    }
}

/// `x <- keep (x - length d)`.
struct Descend<'a, R> {
    x: &'a mut [R],
    d: &'a [R],
    keep: R,
    length: f64,
}

impl<R: Real> Kernel for Descend<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (x, &d) in self.x.iter_mut().zip(self.d) {
            *x = self.keep * (*x - R::of(self.length * d.to_f64()));
        }
    }
}
