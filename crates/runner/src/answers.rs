//! What a trial answers to a method that asks for more than the gradient, and what that costs.

use downhill::{Oracle, Purpose, Real, Refused, differences};
use downhill_problems::{Batch, Problem, Rng, Sample, Scratch, Stream};
use std::time::Instant;

/// The last question on a step's own sample, and its answer.
pub(crate) struct Asked<R> {
    x: Vec<R>,
    g: Vec<R>,
    /// None before the first question of a step.
    loss: Option<R>,
}

impl<R: Real> Asked<R> {
    pub(crate) fn new(n: usize) -> Self {
        Asked { x: vec![R::ZERO; n], g: vec![R::ZERO; n], loss: None }
    }
    /// Another step begins.
    pub(crate) fn forget(&mut self) {
        self.loss = None;
    }
    /// Whether it was about this very point, bit for bit: -0 is another point than 0.
    pub(crate) fn is_about(&self, x: &[R]) -> bool {
        let bits = |x: &R| x.to_f64().to_bits();
        self.loss.is_some() && self.x.iter().map(bits).eq(x.iter().map(bits))
    }
    /// The gradient into `g`, and the loss.
    pub(crate) fn answer(&self, g: &mut [R]) -> Option<R> {
        g.copy_from_slice(&self.g);
        self.loss
    }
    fn put(&mut self, x: &[R], g: &[R], loss: R) {
        self.x.copy_from_slice(x);
        self.g.copy_from_slice(g);
        self.loss = Some(loss);
    }
}

/// The problem's answers to an optimizer that asks for more than the gradient, with their cost counted.
pub(crate) struct Answers<'a, R: Real> {
    pub(crate) problem: &'a dyn Problem<R>,
    pub(crate) sample: Sample<'a>,
    pub(crate) scratch: &'a mut Scratch<R>,
    pub(crate) asked: Option<&'a mut Asked<R>>,
    pub(crate) evaluations: &'a mut u64,
    pub(crate) examples: &'a mut u64,
    pub(crate) seconds: f64,
}

impl<R: Real> Answers<'_, R> {
    /// Asks the problem, counting the cost of one gradient over `batch`.
    fn ask<T>(
        &mut self,
        batch: Batch<'_>,
        question: impl FnOnce(&dyn Problem<R>, &Sample<'_>, &mut Scratch<R>) -> T,
    ) -> T {
        let clock = Instant::now();
        *self.evaluations += 1;
        *self.examples += rows(batch, self.problem.examples());
        let answer = question(self.problem, &Sample { batch, ..self.sample }, self.scratch);
        self.seconds += clock.elapsed().as_secs_f64();
        answer
    }
    fn eval(&mut self, batch: Batch<'_>, x: &[R], g: &mut [R]) -> R {
        self.ask(batch, |problem, sample, scratch| problem.eval(x, sample, g, scratch))
    }
    /// The draws of this step for that purpose, one sub-stream each.
    fn rng(&self, purpose: Purpose) -> Rng {
        self.sample.streams.at(Stream::Probe, self.sample.t * 4 + purpose as u64)
    }
}

impl<R: Real> Oracle<R> for Answers<'_, R> {
    fn again(&mut self, x: &[R], g: &mut [R]) -> Result<R, Refused> {
        let loss = self.eval(self.sample.batch, x, g);
        if let Some(asked) = &mut self.asked {
            asked.put(x, g, loss);
        }
        Ok(loss)
    }
    fn full(&mut self, x: &[R], g: &mut [R]) -> Result<R, Refused> {
        Ok(self.eval(Batch::All, x, g))
    }
    fn examples(&mut self) -> Result<usize, Refused> {
        match self.problem.examples() {
            0 => Err(Refused("single examples")),
            n => Ok(n),
        }
    }
    fn rows(&mut self) -> Result<&[u32], Refused> {
        match self.sample.batch {
            Batch::Rows(rows) => Ok(rows),
            Batch::All => Err(Refused("single examples: a step sees all of them")),
        }
    }
    fn summand(&mut self, i: usize, x: &[R], g: &mut [R]) -> Result<R, Refused> {
        if i >= self.problem.examples() {
            return Err(Refused("single examples"));
        }
        Ok(self.eval(Batch::Rows(&[i as u32]), x, g))
    }
    fn hessian_vector(&mut self, x: &[R], v: &[R], hv: &mut [R]) -> Result<(), Refused> {
        if !self.problem.facts().curved {
            return differences(self, x, v, hv);
        }
        let answer = self.ask(self.sample.batch, |p, sample, scratch| p.hessian_vector(x, v, sample, hv, scratch));
        answer.ok_or(Refused("products with the Hessian"))
    }
    fn model_labels(&mut self, x: &[R], g: &mut [R]) -> Result<R, Refused> {
        let mut rng = self.rng(Purpose::Labels);
        let answer = self.ask(self.sample.batch, |p, sample, scratch| p.model_labels(x, sample, &mut rng, g, scratch));
        answer.ok_or(Refused("labels drawn from a model"))
    }
    fn lower_bound(&mut self) -> Result<f64, Refused> {
        self.problem.facts().lower_bound.ok_or(Refused("a lower bound of the loss"))
    }
    fn noise(&mut self, purpose: Purpose, out: &mut [R]) -> Result<(), Refused> {
        use rand_distr::{Distribution, StandardNormal};
        let mut rng = self.rng(purpose);
        out.fill_with(|| R::of(StandardNormal.sample(&mut rng)));
        Ok(())
    }
}

/// The examples of a batch; 1 for a plain function, which has none.
pub(crate) fn rows(batch: Batch<'_>, examples: usize) -> u64 {
    match batch {
        Batch::All => examples.max(1) as u64,
        Batch::Rows(rows) => rows.len() as u64,
    }
}
