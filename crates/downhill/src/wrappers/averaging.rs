//! Averages of the parameters: read out, while the path goes on as it was.

use super::lookahead::between;
use crate::{Block, Hyper, Layout, Optimizer, Range, Real, Step, Visit, Wrapper, WrapperFacts};
use serde::{Deserialize, Serialize};

/// Reads out an exponential average of the parameters; the path itself is the inner method's.
///
/// ```text
/// a <- a + (1 - decay) / (1 - decay^n) (x - a)      after step n
/// ```
///
/// Polyak & Juditsky 1992, with the exponential weights of Tarvainen & Valpola 2017, arXiv:1703.01780. The factor
/// is the bias correction of Adam inside the mean, as optax's `ema` of the points: the start does not count, the
/// average of a constant is the constant, and a decay near 1 is the plain mean of all points. torch's `AveragedModel`
/// has no correction: it starts at the first point, which so weighs `1 / (1 - decay)` times as much as the others.
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
        convention: "optax: unbiased; torch's AveragedModel starts at the first point and keeps its weight",
        hypers: &[Hyper::new("decay", Range::Decay, "share of the average that a step keeps")],
        averages: true,
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Averaged::boxed(Self::FACTS.name, Weights::Exponential(self.decay), (1, 1), inner, layout)
    }
}

/// Stochastic weight averaging: reads out the plain mean of the points at steps `start`, `start + every`, ...
///
/// ```text
/// a <- a + (x - a) / n      with the n-th such point
/// ```
///
/// Izmailov et al. 2018, arXiv:1803.05407. As torch's `AveragedModel`. The paper takes one point an epoch from about
/// three quarters of the run on, at a high constant rate or at the low ends of a cyclic one: rates are the schedule's
/// matter. Before `start` the path itself is read out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Swa {
    /// The first step whose point counts, from 1.
    pub start: u64,
    /// Steps from one point to the next.
    #[serde(default = "one")]
    pub every: u64,
}

fn one() -> u64 {
    1
}

impl Wrapper for Swa {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "swa",
        source: "Izmailov et al. 2018, arXiv:1803.05407",
        formula: "readout a <- a + (x - a) / n at steps start, start + every, ...",
        convention: "torch's AveragedModel",
        hypers: &[
            Hyper::new("start", Range::AtLeast(1), "first step whose point counts"),
            Hyper::new("every", Range::AtLeast(1), "steps from one point to the next"),
        ],
        averages: true,
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Averaged::boxed(Self::FACTS.name, Weights::Equal, (self.start, self.every), inner, layout)
    }
}

/// Polyak-Ruppert averaging: reads out the plain mean of all points from step `start` on.
///
/// ```text
/// a <- a + (x - a) / n
/// ```
///
/// Polyak & Juditsky 1992; Ruppert 1988. With a rate that falls more slowly than `1 / t`, the mean converges as fast
/// as any method can. The paper counts all points; a late start leaves out the way from a bad one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolyakAverage {
    /// The first step whose point counts, from 1.
    pub start: u64,
}

impl Default for PolyakAverage {
    fn default() -> Self {
        PolyakAverage { start: 1 }
    }
}

impl Wrapper for PolyakAverage {
    const FACTS: WrapperFacts = WrapperFacts {
        name: "polyak-average",
        source: "Polyak & Juditsky 1992; Ruppert 1988",
        formula: "readout a <- a + (x - a) / n from step start on",
        convention: "the paper, all points alike; torch's asgd averages so from t0 on",
        hypers: &[Hyper::new("start", Range::AtLeast(1), "first step whose point counts")],
        averages: true,
        ..WrapperFacts::COMMON
    };
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Averaged::boxed(Self::FACTS.name, Weights::Equal, (self.start, 1), inner, layout)
    }
}

/// How points are weighed.
enum Weights {
    Equal,
    /// With this decay.
    Exponential(f64),
}

impl Weights {
    /// Of the n-th point, as a share of the average.
    fn share(&self, n: u64) -> f64 {
        match *self {
            Weights::Equal => 1.0 / n as f64,
            Weights::Exponential(decay) => (1.0 - decay) / (1.0 - libm::pow(decay, n as f64)),
        }
    }
}

struct Averaged<R: Real> {
    name: &'static str,
    weights: Weights,
    start: u64,
    every: u64,
    /// Points so far.
    n: u64,
    mean: Vec<R>,
    blocks: Vec<Block>,
    inner: Box<dyn Optimizer<R>>,
    /// Room for the inner method's readout.
    point: Vec<R>,
}

impl<R: Real> Averaged<R> {
    fn boxed(
        name: &'static str,
        weights: Weights,
        (start, every): (u64, u64),
        inner: Box<dyn Optimizer<R>>,
        layout: &Layout,
    ) -> Box<dyn Optimizer<R>> {
        let (zeros, blocks) = (vec![R::ZERO; layout.len()], layout.blocks().to_vec());
        Box::new(Averaged { name, weights, start, every, n: 0, mean: zeros.clone(), blocks, inner, point: zeros })
    }
}

impl<R: Real> Optimizer<R> for Averaged<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        self.inner.step(x, g, step);
        if step.t < self.start || !(step.t - self.start).is_multiple_of(self.every) {
            return;
        }
        self.n += 1;
        let share = self.weights.share(self.n);
        for (mean, &x) in self.mean.iter_mut().zip(self.inner.readout(x, &mut self.point)) {
            *mean = between(*mean, x, share);
        }
    }
    fn readout<'a>(&'a self, x: &'a [R], into: &'a mut [R]) -> &'a [R] {
        if self.n == 0 { self.inner.readout(x, into) } else { &self.mean }
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.within(self.name, |visit| {
            visit.count("n", &mut self.n);
            visit.by_block(&self.blocks, "mean", &mut self.mean);
        });
        visit.within("inner", |v| self.inner.visit(v));
    }
}
