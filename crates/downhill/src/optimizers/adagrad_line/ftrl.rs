//! Follow the regularised leader.

use crate::isa::{Kernel, dispatch};
use crate::{Block, Claim, Facts, Hyper, Layout, Method, Optimizer, Range, Real, Step, Visit};
use serde::{Deserialize, Serialize};

/// FTRL-Proximal: Adagrad whose L1 penalty makes coordinates exactly zero.
///
/// ```text
/// z <- z + lr g - (sqrt(n + g^2) - sqrt(n)) x
/// n <- n + g^2
/// x  = 0 if |z| <= lr l1,   else   -(z - sign(z) lr l1) / (beta + sqrt(n) + lr l2)
/// ```
///
/// McMahan et al. 2013, KDD, "Ad Click Prediction: a View from the Trenches", Algorithm 1. Its z is divided by the
/// rate; times the rate, as here, a schedule scales the steps and not the point. There x starts at 0. With
/// `keep_start`, `z` starts at `-beta x`, so that the weight of `beta` rests on another start, too; without, as in
/// `pytorch_optimizer`, it pulls the start to 0 in the first step. With `l1 = l2 = 0` this is Adagrad with an eps of
/// `beta`. The penalties are on the sum of all steps' losses, not on each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ftrl {
    /// Added to the root, in units of the gradient.
    pub beta: f64,
    /// Weight of `|x|_1`, in units of the gradient.
    pub l1: f64,
    /// Weight of `|x|^2 / 2`, in units of the gradient over the parameter.
    pub l2: f64,
    /// Let `beta` hold the parameters at their start in place of 0.
    pub keep_start: bool,
}

impl Default for Ftrl {
    fn default() -> Self {
        Ftrl { beta: 1.0, l1: 1e-4, l2: 1e-4, keep_start: true }
    }
}

impl Method for Ftrl {
    const FACTS: Facts = Facts {
        name: "ftrl",
        formula: "z <- z + lr g - (sqrt(n + g^2) - sqrt(n)) x; n <- n + g^2; x = 0 if |z| <= lr l1, else -(z - sign(z) lr l1) / (beta + sqrt(n) + lr l2)",
        source: "McMahan et al. 2013, KDD",
        preset: "paper",
        convention: "the paper with beta 1, for any start; z is times the learning rate",
        failure: "the rate only falls, as Adagrad's; without keep_start the start is lost at step 1",
        lr: 0.1,
        grid: (1e-2, 1.0),
        hypers: &[
            Hyper::new("beta", Range::NonNegative, "added to the root, in units of the gradient"),
            Hyper::new("l1", Range::NonNegative, "weight of |x|_1 beside the sum of losses"),
            Hyper::new("l2", Range::NonNegative, "weight of |x|^2 / 2 beside the sum of losses"),
            Hyper::new("keep_start", Range::Flag, "beta holds the parameters at their start in place of 0"),
        ],
        // The penalties know where 0 is, and l2 stands beside the rate.
        claims: &[
            Claim::SignEquivariant,
            Claim::Splittable,
            Claim::Separable,
            Claim::PermutationEquivariant,
            Claim::StillAtZeroRate,
            Claim::AllocationFree,
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let zeros = vec![R::ZERO; layout.len()];
        Box::new(Leader { config: self.clone(), blocks: layout.blocks().to_vec(), z: zeros.clone(), n: zeros })
    }
}

struct Leader<R> {
    config: Ftrl,
    blocks: Vec<Block>,
    z: Vec<R>,
    /// The sum of squares.
    n: Vec<R>,
}

impl<R: Real> Optimizer<R> for Leader<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let Ftrl { beta, l1, l2, keep_start } = self.config;
        if step.t == 1 && keep_start {
            let beta = R::of(beta);
            self.z.iter_mut().zip(&*x).for_each(|(z, &x)| *z = -beta * x);
        }
        for block in &self.blocks {
            let (range, lr) = (block.range.clone(), step.at(block).lr);
            let (x, g) = (&mut x[range.clone()], &g[range.clone()]);
            let (z, n) = (&mut self.z[range.clone()], &mut self.n[range]);
            let (beta, bound) = (R::of(beta + lr * l2), R::of(lr * l1));
            dispatch(Follow { x, g, z, n, lr: R::of(lr), beta, bound });
        }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.by_block(&self.blocks, "z", &mut self.z);
        visit.by_block(&self.blocks, "n", &mut self.n);
    }
}

struct Follow<'a, R> {
    x: &'a mut [R],
    g: &'a [R],
    z: &'a mut [R],
    n: &'a mut [R],
    lr: R,
    beta: R,
    bound: R,
}
impl<R: Real> Kernel for Follow<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (((x, &g), z), n) in self.x.iter_mut().zip(self.g).zip(self.z).zip(self.n) {
            let before = n.sqrt();
            *n += g * g;
            let root = n.sqrt();
            *z += self.lr * g - (root - before) * *x;
            let held = self.beta + root;
            let led = (z.sign() * self.bound - *z) / held;
            let led = if z.abs() <= self.bound { R::ZERO } else { led };
            // Nothing was learned, or nothing may move. The sum is for speed: "the old value" is a masked store.
            *x = if held == R::ZERO || self.lr == R::ZERO { *x + R::ZERO } else { led };
        }
    }
}
