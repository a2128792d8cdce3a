//! AdaHessian.

use super::Probe;
use crate::isa::{Kernel, dispatch};
use crate::optimizers::adam_line::unbias;
use crate::{Block, Claim, Facts, Hyper, Layout, Method, Need, Optimizer, Range, Real, Step, Visit};
use serde::{Deserialize, Serialize};

/// AdaHessian: Adam with the Hessian's diagonal in place of the gradient in the scale.
///
/// ```text
/// d  = |H z|,  z random signs;  the mean over each kernel of a convolution
/// m <- m + (1 - beta1) (g - m)
/// v <- v + (1 - beta2) (d^2 - v)
/// u  = m / (1 - beta1^t)  /  (sqrt(v / (1 - beta2^t))^power + eps)
/// ```
///
/// Yao et al. 2021, arXiv:2006.00719. As the authors' code: absolute values before the mean, and means only where a
/// weight has more than two dimensions, over all but the first two (`spatial`). pytorch_optimizer takes no mean, and has
/// another `eps`: 1e-16.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdaHessian {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squared curvatures, `[0, 1)`.
    pub beta2: f64,
    /// Added to the scale, in units of the curvature.
    pub eps: f64,
    /// How much of the curvature counts: 1 is Newton's step, 0 is momentum.
    pub power: f64,
    /// Take the mean over each kernel of a convolution.
    pub spatial: bool,
}

impl Default for AdaHessian {
    fn default() -> Self {
        AdaHessian { beta1: 0.9, beta2: 0.999, eps: 1e-4, power: 1.0, spatial: true }
    }
}

impl Method for AdaHessian {
    const FACTS: Facts = Facts {
        name: "adahessian",
        formula: "m as in Adam; v <- v + (1 - beta2) ((H z)^2 - v); x <- x - lr m^ / (sqrt(v^)^power + eps)",
        source: "Yao et al. 2021, arXiv:2006.00719",
        convention: "authors: |H z| averaged over kernels of convolutions, eps 1e-4",
        preset: "authors",
        failure: "a noisy diagonal; each step costs a product with the Hessian",
        lr: 0.15,
        grid: (1e-2, 1.0),
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squared curvatures"),
            Hyper::new("eps", Range::Positive, "added to the scale, in units of the curvature"),
            Hyper::new("power", Range::NonNegative, "1: Newton's step, 0: momentum"),
            Hyper::new("spatial", Range::Flag, "take the mean over each kernel of a convolution"),
        ],
        needs: &[Need::HessianVector],
        // A permutation or rotation does not turn the random direction with it.
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::LinearInLr,
            Claim::TranslationInvariant,
            Claim::StillAtZeroGradient,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let zeros = || vec![R::ZERO; layout.len()];
        let (probe, blocks) = (Probe::new(layout.len(), true), layout.blocks().to_vec());
        Box::new(Newton { hypers: self.clone(), probe, blocks, m: zeros(), v: zeros() })
    }
}

struct Newton<R> {
    hypers: AdaHessian,
    probe: Probe<R>,
    blocks: Vec<Block>,
    m: Vec<R>,
    v: Vec<R>,
}

impl<R: Real> Optimizer<R> for Newton<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        self.probe.ask(x, step);
        let AdaHessian { beta1, beta2, eps, power, spatial } = self.hypers;
        for block in &self.blocks {
            let range = block.range.clone();
            let d = &mut self.probe.hz[range.clone()];
            d.iter_mut().for_each(|d| *d = d.abs());
            if spatial && block.shape.len() > 2 {
                even_out(d, block.shape[2..].iter().product());
            }
            dispatch(Move {
                a1: R::of(1.0 - beta1),
                a2: R::of(1.0 - beta2),
                unbias1: R::of(unbias(beta1, step.t)),
                unbias2: R::of(unbias(beta2, step.t)),
                eps: R::of(eps),
                power,
                lr: R::of(step.at(block).lr),
                d,
                m: &mut self.m[range.clone()],
                v: &mut self.v[range.clone()],
                x: &mut x[range.clone()],
                g: &g[range],
            });
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.by_block(&self.blocks, "m", &mut self.m);
        visit.by_block(&self.blocks, "v", &mut self.v);
    }
}

/// Replaces each run of `size` numbers by their mean.
fn even_out<R: Real>(d: &mut [R], size: usize) {
    for kernel in d.chunks_mut(size.max(1)) {
        let sum: f64 = kernel.iter().map(|d| d.to_f64()).sum();
        kernel.fill(R::of(sum / size as f64));
    }
}

struct Move<'a, R> {
    a1: R,
    a2: R,
    unbias1: R,
    unbias2: R,
    eps: R,
    power: f64,
    lr: R,
    d: &'a [R],
    m: &'a mut [R],
    v: &'a mut [R],
    x: &'a mut [R],
    g: &'a [R],
}
impl<R: Real> Kernel for Move<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let n = self.x.len();
        let (d, m, v, g) = (&self.d[..n], &mut self.m[..n], &mut self.v[..n], &self.g[..n]);
        for i in 0..n {
            m[i] += self.a1 * (g[i] - m[i]);
            v[i] += self.a2 * (d[i] * d[i] - v[i]);
            let root = (v[i] * self.unbias2).sqrt();
            let scale = if self.power == 1.0 { root } else { R::of(libm::pow(root.to_f64(), self.power)) };
            self.x[i] -= self.lr * (m[i] * self.unbias1 / (scale + self.eps));
        }
    }
}
