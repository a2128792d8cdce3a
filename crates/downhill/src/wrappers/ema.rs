//! Averaging of the parameters.

use crate::{Hyper, Layout, Optimizer, Range, Real, Step, Visit, Wrapper, WrapperFacts};
use serde::{Deserialize, Serialize};

/// Reads out an exponential average of the parameters; the path itself is the inner method's.
///
/// ```text
/// a <- a + (1 - decay) / (1 - decay^n) (x - a)      after step n
/// ```
///
/// Polyak & Juditsky 1992, with the exponential weights of Tarvainen & Valpola 2017, arXiv:1703.01780. The factor
/// is the bias correction of Adam inside the mean: the start does not count, the average of a constant is the
/// constant, and a decay near 1 is the plain mean of all points. torch's `AveragedModel` starts at the first point
/// without correction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ema {
    /// Share of the average that a step keeps, `[0, 1)`.
    pub decay: f64,
}

impl Wrapper for Ema {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "ema",
        source: "Polyak & Juditsky 1992; Tarvainen & Valpola 2017, arXiv:1703.01780",
        formula: "readout a <- a + (1 - decay) / (1 - decay^n) (x - a)",
        hypers: &[Hyper::new("decay", Range::Decay, "share of the average that a step keeps")],
        needs: &[],
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        let zeros = vec![R::ZERO; layout.len()];
        Box::new(Averaged { decay: self.decay, n: 0, mean: zeros.clone(), inner, point: zeros })
    }
}

struct Averaged<R: Real> {
    decay: f64,
    n: u64,
    mean: Vec<R>,
    inner: Box<dyn Optimizer<R>>,
    /// Room for the inner method's readout.
    point: Vec<R>,
}

impl<R: Real> Optimizer<R> for Averaged<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        self.inner.step(x, g, step);
        self.n += 1;
        let share = R::of((1.0 - self.decay) / (1.0 - libm::pow(self.decay, self.n as f64)));
        for (mean, &x) in self.mean.iter_mut().zip(self.inner.readout(x, &mut self.point)) {
            *mean += share * (x - *mean);
        }
    }
    fn readout<'a>(&'a self, x: &'a [R], _: &'a mut [R]) -> &'a [R] {
        if self.n == 0 { x } else { &self.mean }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.count("n", &mut self.n);
        visit.vector("mean", &mut self.mean);
        visit.within("inner", |v| self.inner.visit(v));
    }
}
