//! Sharpness-aware minimization, plain and adaptive.

use crate::{
    Block, Claim, Hyper, Layout, Need, Optimizer, Range, Real, Role, Step, Visit, Wrapper, WrapperFacts, real,
};
use serde::{Deserialize, Serialize};

/// SAM: the inner method gets the gradient from where the loss is worst nearby.
///
/// ```text
/// e = rho g / |g|                       over all blocks
/// x <- inner step from x with the gradient at x + e, on the same sample
/// ```
///
/// Foret et al. 2021, arXiv:2010.01412. As the authors' code and optax: nothing is added to `|g|` (pytorch_optimizer
/// adds 1e-12), and a gradient of zero stays where it is. The parameters are never moved there and back: `x + e` is a
/// point of its own, since `x + e - e` is not always `x`. Two gradients a step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sam {
    /// How far to look, in units of the parameters.
    pub rho: f64,
}

impl Default for Sam {
    fn default() -> Self {
        Sam { rho: 0.05 }
    }
}

impl Wrapper for Sam {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "sam",
        source: "Foret et al. 2021, arXiv:2010.01412",
        formula: "g <- gradient at x + rho g / |g|",
        convention: "authors: nothing added to the norm; pytorch_optimizer adds 1e-12",
        hypers: &[Hyper::new("rho", Range::NonNegative, "how far to look, in units of the parameters")],
        needs: &[Need::Again],
        breaks: &[Claim::Separable],
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Uphill::boxed(self.rho, None, inner, layout)
    }
}

/// ASAM: sharpness-aware minimization in units of each parameter, so that rescaled weights look as far.
///
/// ```text
/// T = |x| + eta, and 1 for biases
/// e = rho T^2 g / |T g|                 over all blocks
/// x <- inner step from x with the gradient at x + e, on the same sample
/// ```
///
/// Kwon et al. 2021, arXiv:2102.11600. As the authors' code, which leaves biases unscaled (here: blocks of role
/// [`Bias`](Role::Bias)). pytorch_optimizer has `T = |x|` everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asam {
    /// How far to look, as a multiple of the parameters.
    pub rho: f64,
    /// Added to the parameters' sizes, in their units.
    pub eta: f64,
}

impl Default for Asam {
    fn default() -> Self {
        Asam { rho: 0.5, eta: 0.01 }
    }
}

impl Wrapper for Asam {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "asam",
        source: "Kwon et al. 2021, arXiv:2102.11600",
        formula: "g <- gradient at x + rho T^2 g / |T g|, T = |x| + eta, 1 for biases",
        convention: "authors: eta 0.01, biases unscaled; pytorch_optimizer has T = |x| everywhere",
        hypers: &[
            Hyper::new("rho", Range::NonNegative, "how far to look, as a multiple of the parameters"),
            Hyper::new("eta", Range::NonNegative, "added to the parameters' sizes"),
        ],
        needs: &[Need::Again],
        rewrites: false,
        averages: false,
        breaks: &[Claim::Separable, Claim::RotationEquivariant, Claim::TranslationInvariant],
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Uphill::boxed(self.rho, Some(self.eta), inner, layout)
    }
}

struct Uphill<R: Real> {
    rho: f64,
    /// Of ASAM.
    eta: Option<f64>,
    blocks: Vec<Block>,
    inner: Box<dyn Optimizer<R>>,
    /// `x + e`.
    point: Vec<R>,
    /// `T g`, then the gradient at the point.
    g: Vec<R>,
}

impl<R: Real> Uphill<R> {
    fn boxed(rho: f64, eta: Option<f64>, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let zeros = vec![R::ZERO; layout.len()];
        Box::new(Uphill { rho, eta, blocks: layout.blocks().to_vec(), inner, point: zeros.clone(), g: zeros })
    }
    /// `u <- T u`.
    fn scale(eta: Option<f64>, blocks: &[Block], x: &[R], u: &mut [R]) {
        let Some(eta) = eta.map(R::of) else { return };
        for block in blocks.iter().filter(|b| b.role != Role::Bias) {
            let range = block.range.clone();
            u[range.clone()].iter_mut().zip(&x[range]).for_each(|(u, x)| *u *= x.abs() + eta);
        }
    }
}

impl<R: Real> Optimizer<R> for Uphill<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        self.g.copy_from_slice(g);
        Self::scale(self.eta, &self.blocks, x, &mut self.g);
        let norm = real::norm(&self.g);
        // A NaN goes on.
        let scale = if norm == 0.0 { 0.0 } else { self.rho / norm };
        // In f64: the scale of a tiny gradient is no number of f32, the product is.
        self.point.iter_mut().zip(&self.g).for_each(|(e, g)| *e = R::of(scale * g.to_f64()));
        Self::scale(self.eta, &self.blocks, x, &mut self.point);
        self.point.iter_mut().zip(&*x).for_each(|(point, &x)| *point = x + *point);
        let loss = step.again(&self.point, &mut self.g);
        self.inner.step(x, &self.g, &mut Step { t: step.t, lr: step.lr, loss, oracle: &mut *step.oracle });
    }
    fn readout<'a>(&'a self, x: &'a [R], into: &'a mut [R]) -> &'a [R] {
        self.inner.readout(x, into)
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        self.inner.visit(visit);
    }
}
