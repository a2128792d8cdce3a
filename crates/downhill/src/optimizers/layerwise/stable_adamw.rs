//! StableAdamW.

use crate::isa::{Kernel, dispatch};
use crate::optimizers::adam_line::unbias;
use crate::{At, Block, Claim, Driver, Facts, Hyper, Layout, Method, Optimizer, Range, Real, Rule, Visit};
use serde::{Deserialize, Serialize};

/// StableAdamW: AdamW that takes shorter steps in a block whose gradients have outgrown their running scale.
///
/// ```text
/// m, v as in Adam, ^ = over 1 - beta^t
/// rms = sqrt(mean(g^2 / max(v^, eps^2)))                  of each block
/// u   = (m^ / (sqrt(v^) + eps) + decay x) / max(1, rms)
/// ```
///
/// Wortsman et al. 2023, arXiv:2304.13013, Algorithm 2: AdamW with Adafactor's clipping of updates; the decay shrinks
/// with the rate, as in pytorch_optimizer. The authors' own code decays by the whole rate: `decay` 0 here, and the
/// wrapper `decay` around it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StableAdamW {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, and the least root inside the clipping, in units of the gradient.
    pub eps: f64,
    /// Weight decay, per step and clipped learning rate.
    pub decay: f64,
}

impl Default for StableAdamW {
    fn default() -> Self {
        StableAdamW { beta1: 0.9, beta2: 0.99, eps: 1e-8, decay: 1e-2 }
    }
}

impl Method for StableAdamW {
    const FACTS: Facts = Facts {
        name: "stable-adamw",
        formula: "x <- x - lr / max(1, rms) (Adam's direction + decay x), rms = sqrt(mean(g^2 / max(v^, eps^2))), block by block",
        source: "Wortsman et al. 2023, arXiv:2304.13013",
        convention: "paper: the decay shrinks with the rate; the authors' code decays by the whole rate",
        preset: "paper",
        failure: "one spike in a large block is averaged away",
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::Positive, "added to the root, in units of the gradient"),
            Hyper::new("decay", Range::NonNegative, "weight decay, per step and clipped learning rate"),
        ],
        claims: &[
            Claim::Separable,
            Claim::SignEquivariant,
            Claim::PermutationEquivariant,
            Claim::LinearInLr,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(self.clone(), layout)
    }
}

impl<R: Real> Rule<R> for StableAdamW {
    /// `m` and `v`
    type State = [Vec<R>; 2];
    fn init(&self, block: &Block) -> [Vec<R>; 2] {
        [vec![R::ZERO; block.len()], vec![R::ZERO; block.len()]]
    }
    fn direct(&self, at: &At, [m, v]: &mut [Vec<R>; 2], x: &[R], u: &mut [R]) {
        let (unbias1, unbias2) = (R::of(unbias(self.beta1, at.t)), R::of(unbias(self.beta2, at.t)));
        let floor = R::of(self.eps * self.eps);
        let total = dispatch(Outgrown { a2: R::of(1.0 - self.beta2), unbias2, floor, v, g: u });
        let rms = (total / u.len() as f64).sqrt();
        dispatch(Shortened {
            a1: R::of(1.0 - self.beta1),
            unbias1,
            unbias2,
            eps: R::of(self.eps),
            decay: R::of(at.decay.unwrap_or(self.decay)),
            shrink: R::of(1.0 / Real::larger(rms, 1.0)),
            m,
            v,
            x,
            u,
        });
    }
    fn visit(&self, [m, v]: &mut [Vec<R>; 2], visit: &mut Visit<'_>) {
        visit.vector("m", m);
        visit.vector("v", v);
    }
}

/// Updates `v` and returns the sum of `g^2 / max(v^, eps^2)`, in eight lanes, as [`real::sum`](crate::real::sum) does.
struct Outgrown<'a, R> {
    a2: R,
    unbias2: R,
    floor: R,
    v: &'a mut [R],
    g: &'a [R],
}
impl<R: Real> Kernel for Outgrown<'_, R> {
    type Output = f64;
    #[inline(always)]
    fn run(self) -> f64 {
        let Outgrown { a2, unbias2, floor, v, g } = self;
        let one = |v: &mut R, g: R| {
            *v += a2 * (g * g - *v);
            (g * g / (*v * unbias2).larger(floor)).to_f64()
        };
        let mut lanes = [0.0; 8];
        let ((vs, v_rest), (gs, g_rest)) = (v.as_chunks_mut::<8>(), g.as_chunks::<8>());
        for (v, g) in vs.iter_mut().zip(gs) {
            for i in 0..8 {
                lanes[i] += one(&mut v[i], g[i]);
            }
        }
        for ((lane, v), &g) in lanes.iter_mut().zip(v_rest).zip(g_rest) {
            *lane += one(v, g);
        }
        lanes.iter().sum()
    }
}

/// `u <- (m^ / (sqrt(v^) + eps) + decay x) shrink`
struct Shortened<'a, R> {
    a1: R,
    unbias1: R,
    unbias2: R,
    eps: R,
    decay: R,
    shrink: R,
    m: &'a mut [R],
    v: &'a [R],
    x: &'a [R],
    u: &'a mut [R],
}
impl<R: Real> Kernel for Shortened<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (((m, &v), &x), u) in self.m.iter_mut().zip(self.v).zip(self.x).zip(self.u) {
            *m += self.a1 * (*u - *m);
            let adam = *m * self.unbias1 / ((v * self.unbias2).sqrt() + self.eps);
            *u = (adam + self.decay * x) * self.shrink;
        }
    }
}
