//! A target that moves.

use crate::math::normal;
use crate::problem::{Facts, Info, Measures, Metric, Part, Problem, ProblemError, Sample, Scratch};
use crate::{Context, Family, FamilyFacts, Rng, Stream};
use downhill::{Hyper, Layout, Range, Real};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where the target ends; it begins, as `x` does, at 0.
const TARGET: f64 = 10.0;

/// A noisy parabola whose minimum jumps away: who lets the learning rate vanish cannot follow.
///
/// ```text
/// f_t(x) = (x - c_t)^2 / 2 + z x,  z ~ N(0, 1) drawn for step t,  c_t = 0 up to step `jump`, 10 after it
/// ```
///
/// [`measure`](Problem::measure) knows no step. It answers from the end: the loss is `(x - 10)^2 / 2` without noise,
/// and the metric is the distance `|x - 10|` to the last target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Drift {
    /// The last step before the jump.
    pub jump: u64,
}

impl Default for Drift {
    fn default() -> Self {
        Drift { jump: 10_000 }
    }
}

impl Family for Drift {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "drift",
        formula: "(x - c)^2 / 2, gradient noise of variance 1, c = 0 up to step `jump`, then 10",
        source: "this project",
        teaches: "a learning rate that has vanished cannot follow: Adagrad against RMSprop",
        hypers: &[Hyper::new("jump", Range::AtLeast(0), "last step before the jump")],
        tags: &["synthetic", "1d", "convex", "quadratic", "noisy", "moving"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        Ok(Arc::new(self.clone()))
    }
}

impl Info for Drift {
    fn layout(&self) -> Layout {
        Layout::vector(1)
    }
    fn facts(&self) -> Facts {
        Facts {
            domain: vec![(-5.0, 15.0)],
            // The loss of one step has no lower bound: it is tilted.
            lower_bound: None,
            metric: Some(Metric { name: "distance", higher_is_better: false }),
            noisy: true,
            ..Facts::global(0.0, vec![vec![TARGET]])
        }
    }
}

impl<R: Real> Problem<R> for Drift {
    fn start(&self, _: &mut Rng, x: &mut [R]) {
        x[0] = R::ZERO;
    }
    fn eval(&self, x: &[R], sample: &Sample<'_>, g: &mut [R], _: &mut Scratch<R>) -> R {
        let target = if sample.t > self.jump { TARGET } else { 0.0 };
        let noise = R::of(normal(&mut sample.streams.at(Stream::Noise, sample.t)));
        let d = x[0] - R::of(target);
        g[0] = d + noise;
        R::of(0.5) * d * d + noise * x[0]
    }
    fn measure(&self, x: &[R], _: Part, _: &mut Scratch<R>) -> Measures {
        let distance = (x[0].to_f64() - TARGET).abs();
        let loss = 0.5 * distance * distance;
        Measures { objective: loss, loss, metric: Some(distance) }
    }
}
