//! Slopes of which the rare one decides.

use crate::math::uniform;
use crate::problem::{Facts, Info, Measures, Part, Problem, ProblemError, Sample, Scratch};
use crate::{Context, Family, FamilyFacts, Rng, Stream};
use downhill::{Hyper, Layout, Range, Real};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Linear losses on `[-1, 1]`, one in `period` with a large slope up and the others with a small one down: in sum they rise,
/// but who forgets the rare one before it comes again walks to the wrong end.
///
/// ```text
/// f_t(x) = s_t (x + 1),  s_t = large in step 1, 1 + period, 1 + 2 period, ..., else -small
/// ```
///
/// or, `random`, with `large` drawn for each step with probability `1 / period`. As `f_t` is what `x` costs above the best
/// point, -1, it is the regret of one step, and what is measured is its mean: `(large - (period - 1) small) / period (x + 1)`.
/// Nothing holds `x` in the interval: that is for the wrapper `project` with `limit = 1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reddi {
    /// The rare slope, `> (period - 1) small`.
    pub large: f64,
    /// The size of the others.
    pub small: f64,
    /// Steps from one rare slope to the next, in the mean if `random`.
    pub period: u64,
    /// Whether chance says when it comes.
    pub random: bool,
}

impl Default for Reddi {
    fn default() -> Self {
        Reddi { large: 1010.0, small: 10.0, period: 101, random: false }
    }
}

impl Family for Reddi {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "reddi",
        formula: "s (x + 1) on [-1, 1], s = large once in `period` steps, else -small",
        source: "Reddi, Kale & Kumar 2018, arXiv:1904.09237, theorem 1 and section 5",
        teaches: "a short memory of squares forgets the gradient that decides: Adam against AMSGrad",
        hypers: &[
            Hyper::new("large", Range::Positive, "the rare slope, above (period - 1) small"),
            Hyper::new("small", Range::Positive, "size of the others, which point the other way"),
            Hyper::new("period", Range::AtLeast(2), "steps from one rare slope to the next"),
            Hyper::new("random", Range::Flag, "whether chance says when it comes"),
        ],
        tags: &["synthetic", "1d", "convex", "noisy"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        if self.mean() <= 0.0 {
            let least = (self.period - 1) as f64 * self.small;
            return Err(ProblemError(format!(
                "`large` is {}, allowed is value > (period - 1) small = {least}, so that the sum rises",
                self.large
            )));
        }
        Ok(Arc::new(self.clone()))
    }
}

impl Reddi {
    fn mean(&self) -> f64 {
        (self.large - (self.period - 1) as f64 * self.small) / self.period as f64
    }
    fn slope(&self, sample: &Sample<'_>) -> f64 {
        let rare = match self.random {
            true => uniform(&mut sample.streams.at(Stream::Noise, sample.t)) * (self.period as f64) < 1.0,
            false => sample.t % self.period == 1,
        };
        if rare { self.large } else { -self.small }
    }
}

impl Info for Reddi {
    fn layout(&self) -> Layout {
        Layout::vector(1)
    }
    fn facts(&self) -> Facts {
        Facts {
            domain: vec![(-1.0, 1.0)],
            // Outside of the interval it goes on falling.
            lower_bound: None,
            noisy: true,
            ..Facts::global(0.0, vec![vec![-1.0]])
        }
    }
}

impl<R: Real> Problem<R> for Reddi {
    fn start(&self, _: &mut Rng, x: &mut [R]) {
        x[0] = R::ZERO;
    }
    fn eval(&self, x: &[R], sample: &Sample<'_>, g: &mut [R], _: &mut Scratch<R>) -> R {
        g[0] = R::of(self.slope(sample));
        g[0] * (x[0] + R::ONE)
    }
    fn measure(&self, x: &[R], _: Part, _: &mut Scratch<R>) -> Measures {
        let loss = self.mean() * (x[0].to_f64() + 1.0);
        Measures { objective: loss, loss, metric: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Batch, Streams};

    #[test]
    fn the_rare_slope_comes_as_often_as_it_should() {
        let streams = Streams::new("reddi", 0);
        let rare = |family: &Reddi, steps: u64| {
            let sample = |t| Sample { batch: Batch::All, t, streams: &streams };
            (1..=steps).filter(|&t| family.slope(&sample(t)) == family.large).collect::<Vec<_>>()
        };
        let family = Reddi { period: 3, large: 4.0, small: 1.0, ..Reddi::default() };
        assert_eq!(rare(&family, 9), [1, 4, 7]);
        let found = rare(&Reddi { random: true, ..Reddi::default() }, 100_000).len() as f64;
        assert!((found - 100_000.0 / 101.0).abs() < 4.0 * 31.0, "{found}");
    }

    #[test]
    fn slopes_that_fall_in_sum_are_refused() {
        let family = Reddi { large: 1000.0, ..Reddi::default() };
        let context = crate::World::default();
        let streams = Streams::new("reddi", 0);
        let error = family.build::<f64>(&context.context(&crate::SplitSpec::default(), &streams)).err();
        assert!(error.is_some_and(|e| e.0.contains("allowed is value > (period - 1) small = 1000")));
    }
}
