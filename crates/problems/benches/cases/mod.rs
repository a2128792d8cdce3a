//! The training steps that are timed: by `benches/step.rs` alone, by `examples/peer.rs` against JAX and torch.
//!
//! A step: gather the batch, forward, backward, Adam's update; `f32`, relu, mean cross-entropy.

use downhill::{Adam, Layout, Method, Stepper};
use downhill_problems::data::{Labels, Matrix, Portion, Splits};
use downhill_problems::models::{Mlp, Model, Network, Softmax};
use downhill_problems::{Batch, Info, Problem, Sample, Sampler, Sampling, Scratch, Stream, Streams};
use rand::RngExt as _;
use std::sync::Arc;

/// One of the timed steps.
pub(crate) struct Case {
    /// As `scripts/peers/cases.py` calls it.
    pub(crate) name: &'static str,
    /// Features, hidden layers, classes.
    pub(crate) widths: &'static [usize],
    /// Examples a step.
    pub(crate) batch: usize,
    /// Training examples.
    pub(crate) rows: usize,
}

/// All of them.
pub(crate) const CASES: [Case; 5] = [
    Case { name: "softmax-64-10-b64", widths: &[64, 10], batch: 64, rows: 1797 },
    Case { name: "mlp-64-32-10-b64", widths: &[64, 32, 10], batch: 64, rows: 1797 },
    Case { name: "mlp-784-100-10-b64", widths: &[784, 100, 10], batch: 64, rows: 6000 },
    Case { name: "mlp-784-100-10-b128", widths: &[784, 100, 10], batch: 128, rows: 6000 },
    Case { name: "mlp-784-1000-500-100-10-b128", widths: &[784, 1000, 500, 100, 10], batch: 128, rows: 6000 },
];

impl Case {
    /// The model on random data: features in [0, 1), labels that have nothing to do with them.
    pub(crate) fn network(&self) -> Network<f32> {
        let &[width, ref hidden @ .., classes] = self.widths else { panic!("a model has features and classes") };
        let mut rng = Streams::new(self.name, 0).rng(Stream::Noise);
        let mut portion = |n: usize| Portion {
            x: Matrix::Dense((0..n * width).map(|_| rng.random::<f32>()).collect()),
            y: Labels::Classes((0..n).map(|_| rng.random_range(0..classes as u32)).collect()),
        };
        // No incomplete batch, as with the peers.
        let train = portion(self.rows / self.batch * self.batch);
        let splits = Arc::new(Splits { train, validation: portion(1), test: portion(1), width, classes });
        let built = match hidden {
            [] => Softmax::default().network(splits),
            _ => Mlp { hidden: hidden.to_vec(), ..Mlp::default() }.network(splits),
        };
        built.unwrap_or_else(|e| panic!("{}: {e}", self.name))
    }
}

/// A training run, step by step.
pub(crate) struct Training<'a> {
    network: &'a Network<f32>,
    streams: Streams,
    /// The shuffled rows of each step, known before the clock starts.
    batches: Vec<Vec<u32>>,
    adam: Stepper<f32>,
    x: Vec<f32>,
    g: Vec<f32>,
    scratch: Scratch<f32>,
}

impl<'a> Training<'a> {
    /// From a fresh start, with batches for so many steps.
    pub(crate) fn new(case: &Case, network: &'a Network<f32>, steps: u64) -> Self {
        let streams = Streams::new(case.name, 1);
        let sampling = Sampling { batch: case.batch, ..Sampling::default() };
        let mut sampler = Sampler::new(sampling, network.examples(), &streams).unwrap_or_else(|e| panic!("{e}"));
        let rows = |batch: Batch<'_>| match batch {
            Batch::Rows(rows) => rows.to_vec(),
            Batch::All => panic!("shuffled batches are lists"),
        };
        let batches = (1..=steps).map(|t| rows(sampler.batch(t))).collect();
        let layout: Layout = network.layout();
        let mut x = vec![0.0; layout.len()];
        network.start(&mut streams.rng(Stream::Start), &mut x);
        let (adam, g) = (Adam::default().stepper(&layout, 1e-3), x.clone());
        Training { network, streams, batches, adam, x, g, scratch: Scratch::new() }
    }

    /// Step `t`, from 1; after the last batch it goes round. Returns the loss before it.
    pub(crate) fn step(&mut self, t: u64) -> f32 {
        let rows = &self.batches[(t as usize - 1) % self.batches.len()];
        let sample = Sample { batch: Batch::Rows(rows), t, streams: &self.streams };
        let loss = self.network.eval(&self.x, &sample, &mut self.g, &mut self.scratch);
        self.adam.step(&mut self.x, &self.g);
        loss
    }
}
