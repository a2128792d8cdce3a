//! A problem that trials were run on, built again to be looked at.

use crate::lab::Lab;
use crate::rows::TrialRow;
use crate::trial::Trial;
use downhill::Layout;
use downhill_problems::{Batch, Facts, Info, Part, Problem, Sample, Scratch, Streams};
use std::sync::Arc;

/// A problem that trials were run on, built again to be looked at. No trial is run.
pub struct Landscape {
    /// What is known of it.
    pub facts: Facts,
    /// The number of its parameters.
    pub dimension: usize,
    /// Their blocks.
    pub layout: Layout,
    problem: Either,
}

/// In double precision, for what has it.
enum Either {
    Double(Arc<dyn Problem<f64>>),
    Single(Arc<dyn Problem<f32>>),
}

/// A place where the ground is flat and rises around.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    /// Where.
    pub at: Vec<f64>,
    /// How deep.
    pub value: f64,
    /// Whether none is deeper.
    pub global: bool,
}

impl Landscape {
    /// The problem of that trial; none if it can no longer be built, as when the user's data are gone.
    pub fn of(row: &TrialRow, lab: &Lab) -> Option<Self> {
        Landscape::of_trial(&row.spec.parse().ok()?, lab)
    }

    /// The problem of that trial; none if it cannot be built.
    pub fn of_trial(trial: &Trial, lab: &Lab) -> Option<Self> {
        let family = lab.families.configure(&trial.problem).ok()?;
        let streams = Streams::new(family.stream_key(), trial.seed).with_fixed(&trial.fixed);
        let context = lab.world.context(&trial.split, &streams);
        let double = family.build::<f64>(&context).map(Either::Double);
        let problem = double.or_else(|_| family.build::<f32>(&context).map(Either::Single)).ok()?;
        let info: &dyn Info = match &problem {
            Either::Double(problem) => &**problem,
            Either::Single(problem) => &**problem,
        };
        let (facts, layout) = (info.facts(), info.layout());
        Some(Landscape { facts, dimension: layout.len(), layout, problem })
    }

    /// The loss at a point.
    pub fn value(&self, x: &[f64]) -> f64 {
        match &self.problem {
            Either::Double(problem) => problem.measure(x, Part::Train, &mut Scratch::new()).loss,
            Either::Single(problem) => problem.measure(&narrow(x), Part::Train, &mut Scratch::new()).loss,
        }
    }

    /// The exact gradient at a point.
    pub fn gradient(&self, x: &[f64]) -> Vec<f64> {
        let sample = Sample { batch: Batch::All, t: 1, streams: &Streams::new("", 0) };
        match &self.problem {
            Either::Double(problem) => {
                let mut g = vec![0.0; x.len()];
                problem.eval(x, &sample, &mut g, &mut Scratch::new());
                g
            }
            Either::Single(problem) => {
                let mut g = vec![0.0; x.len()];
                problem.eval(&narrow(x), &sample, &mut g, &mut Scratch::new());
                g.into_iter().map(f64::from).collect()
            }
        }
    }

    /// What a small change of each coordinate does to the loss: central differences, at a point.
    pub fn partials(&self, x: &[f64]) -> Vec<f64> {
        // The step that balances truncation (h^2) and rounding (eps / h).
        let h = libm::cbrt(f64::EPSILON);
        let moved = |i: usize, by: f64| {
            let mut x = x.to_vec();
            x[i] += by;
            self.value(&x)
        };
        let partial = |(i, x): (usize, &f64)| {
            let h = h * x.abs().max(1.0);
            (moved(i, h) - moved(i, -h)) / (2.0 * h)
        };
        x.iter().enumerate().map(partial).collect()
    }

    /// The known minima, the deepest first.
    pub fn minima(&self) -> Vec<Minimum> {
        let Some(value) = self.facts.minimum else { return Vec::new() };
        let global = self.facts.minimisers.iter().map(|at| Minimum { at: at.clone(), value, global: true });
        let traps = self.facts.traps.iter().map(|(at, value)| Minimum { at: at.clone(), value: *value, global: false });
        let mut minima: Vec<Minimum> = global.chain(traps).collect();
        minima.sort_by(|a, b| a.value.total_cmp(&b.value));
        minima
    }
}

fn narrow(x: &[f64]) -> Vec<f32> {
    x.iter().map(|&x| x as f32).collect()
}
