//! Schedule-free averaging around a pointwise direction.

use crate::isa::{Kernel, dispatch};
use crate::{Block, Clock, Layout, Memory, Optimizer, Pointwise, Real, Step, Visit};

/// Gradients at `y`, between the point `z` that takes the steps and the average `x` that is read out.
///
/// ```text
/// z <- z - lr u
/// x <- x + c (z - x)
/// y  = (1 - beta) z + beta x
/// ```
///
/// with `u` the rule's direction at `y`. The parameters are `y`; `z` is remembered, and `x` follows from the two.
pub(super) struct ScheduleFree<R: Real, P: Pointwise<R>> {
    rule: P,
    weights: Weights,
    blocks: Vec<Held<R, P>>,
}

/// How the average weighs the points: by `t^r max(lr)^lr_power`.
#[derive(Clone, Copy)]
pub(super) struct Weights {
    /// The share of the average in `y`.
    pub(super) beta: f64,
    pub(super) r: f64,
    pub(super) lr_power: f64,
}

struct Held<R: Real, P: Pointwise<R>> {
    block: Block,
    clock: P::Clock,
    memory: <P::Memory as Memory<R>>::Vecs,
    z: Vec<R>,
    lr_max: f64,
    weight_sum: f64,
}

impl<R: Real, P: Pointwise<R>> ScheduleFree<R, P> {
    pub(super) fn boxed(rule: P, weights: Weights, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let hold = |block: &Block| Held {
            block: block.clone(),
            clock: rule.clock(),
            memory: P::Memory::new(block.len(), &mut rule.slots().into_iter()),
            z: vec![R::ZERO; block.len()],
            lr_max: 0.0,
            weight_sum: 0.0,
        };
        let blocks = layout.blocks().iter().map(hold).collect();
        Box::new(ScheduleFree { rule, weights, blocks })
    }
}

impl<R: Real, P: Pointwise<R>> Optimizer<R> for ScheduleFree<R, P> {
    fn step(&mut self, y: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let Weights { beta, r, lr_power } = self.weights;
        for Held { block, clock, memory, z, lr_max, weight_sum } in &mut self.blocks {
            let (range, at) = (block.range.clone(), step.at(block));
            let y = &mut y[range.clone()];
            if at.t == 1 {
                z.copy_from_slice(y);
            }
            *lr_max = lr_max.larger(at.lr);
            let weight = libm::pow(at.t as f64, r) * libm::pow(*lr_max, lr_power);
            *weight_sum += weight;
            let c = if *weight_sum == 0.0 { 0.0 } else { weight / *weight_sum };
            self.rule.tick(clock, &at);
            dispatch(Take::<P, R> {
                of_rule: self.rule.coef(clock, &at),
                memory: P::Memory::lanes(memory, z.len()),
                y,
                z,
                g: &g[range],
                c: R::of(c),
                of_y: R::of(at.lr * (1.0 - beta * (1.0 - c))),
                of_z: R::of(at.lr),
            });
        }
    }
    fn readout<'a>(&'a self, y: &'a [R], into: &'a mut [R]) -> &'a [R] {
        // Without a share of the average there is none to find in y.
        let begun = self.blocks.iter().any(|held| held.weight_sum != 0.0);
        if self.weights.beta == 0.0 || !begun {
            return y;
        }
        let back = R::of(1.0 - 1.0 / self.weights.beta);
        for Held { block, z, .. } in &self.blocks {
            let range = block.range.clone();
            let points = y[range.clone()].iter().zip(z);
            into[range].iter_mut().zip(points).for_each(|(x, (&y, &z))| *x = y + back * (z - y));
        }
        into
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        for held in &mut self.blocks {
            visit.within(&held.block.name, |v| {
                v.scalar("lr_max", &mut held.lr_max);
                v.scalar("weight_sum", &mut held.weight_sum);
                v.vector("z", &mut held.z);
                held.clock.visit("clock", v);
                P::Memory::visit(&mut held.memory, &mut self.rule.slots().into_iter(), v);
            });
        }
    }
}

/// `y <- y + c (z - y) - of_y u`, `z <- z - of_z u`.
struct Take<'a, P: Pointwise<R>, R: Real> {
    of_rule: P::Coef,
    memory: <P::Memory as Memory<R>>::Lanes<'a>,
    y: &'a mut [R],
    z: &'a mut [R],
    g: &'a [R],
    c: R,
    of_y: R,
    of_z: R,
}

impl<P: Pointwise<R>, R: Real> Kernel for Take<'_, P, R> {
    type Output = ();
    #[inline(always)]
    fn run(mut self) {
        let n = self.y.len();
        let (y, z, g) = (self.y, &mut self.z[..n], &self.g[..n]);
        for i in 0..n {
            let u = P::update(self.of_rule, P::Memory::cell(&mut self.memory, i), y[i], g[i]);
            y[i] = y[i] + self.c * (z[i] - y[i]) - self.of_y * u;
            z[i] -= self.of_z * u;
        }
    }
}
