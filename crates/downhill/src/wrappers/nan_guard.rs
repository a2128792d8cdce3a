//! What to do about gradients that are no numbers.

use crate::{Hyper, Layout, Optimizer, Range, Real, Step, Visit, Wrapper, WrapperFacts};
use serde::{Deserialize, Serialize};

/// What to do about a gradient with a NaN or an infinity in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NanPolicy {
    /// As if the step had not been: parameters, state and the inner method's step count stay.
    #[default]
    Skip,
    /// Nothing moves from then on.
    Stop,
}

/// Keeps NaN and infinite gradients from the inner method. Without it they reach their parameters and stay.
///
/// ```text
/// skip:   if all of g is finite:                   inner step, the n-th of those taken
/// stop:   if all of g is finite, and was so far:   inner step
/// ```
///
/// As optax's `apply_if_finite`, which after some skips in a row gives up and lets the next one pass; this does not.
/// The rate is that of the outer step: the schedule goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NanGuard {
    /// `skip` or `stop`.
    pub policy: NanPolicy,
}

impl Wrapper for NanGuard {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "nan-guard",
        source: "optax's apply_if_finite",
        formula: "no step where the gradient is not finite (skip), or from there on (stop)",
        convention: "optax, without its limit on skips in a row",
        hypers: &[Hyper::new("policy", Range::OneOf(&["skip", "stop"]), "pass over that step, or end there")],
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, _: &Layout) -> Box<dyn Optimizer<R>> {
        Box::new(Guarded { policy: self.policy, taken: 0, stopped: 0, inner })
    }
}

struct Guarded<R: Real> {
    policy: NanPolicy,
    /// Steps that the inner method has seen.
    taken: u64,
    /// 1 after a stop.
    stopped: u64,
    inner: Box<dyn Optimizer<R>>,
}

impl<R: Real> Optimizer<R> for Guarded<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let finite = g.iter().all(|g| g.is_finite());
        if !finite && self.policy == NanPolicy::Stop {
            self.stopped = 1;
        }
        if finite && self.stopped == 0 {
            self.taken += 1;
            let (t, lr, loss) = (self.taken, step.lr, step.loss);
            self.inner.step(x, g, &mut Step { t, lr, loss, oracle: &mut *step.oracle });
        }
    }
    fn readout<'a>(&'a self, x: &'a [R], into: &'a mut [R]) -> &'a [R] {
        self.inner.readout(x, into)
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.within("nan-guard", |visit| {
            visit.count("taken", &mut self.taken);
            visit.count("stopped", &mut self.stopped);
        });
        visit.within("inner", |v| self.inner.visit(v));
    }
}
