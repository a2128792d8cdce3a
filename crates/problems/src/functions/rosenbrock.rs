//! Rosenbrock's valley.

use crate::problem::{Facts, Info, Measures, Part, Problem, ProblemError, Sample, Scratch};
use crate::{Context, Family, FamilyFacts, Rng};
use downhill::{Layout, Real};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The narrow curved valley.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rosenbrock {}

impl Family for Rosenbrock {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "rosenbrock",
        formula: "100 (y - x^2)^2 + (1 - x)^2",
        source: "Rosenbrock 1960",
        teaches: "a narrow curved valley",
        hypers: &[],
        tags: &["function", "2d"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        Ok(Arc::new(self.clone()))
    }
}

impl Info for Rosenbrock {
    fn layout(&self) -> Layout {
        Layout::vector(2)
    }
    fn facts(&self) -> Facts {
        Facts {
            minimum: Some(0.0),
            minimisers: vec![vec![1.0, 1.0]],
            domain: Some((-2.048, 2.048)),
            lower_bound: Some(0.0),
            ..Facts::default()
        }
    }
}

impl<R: Real> Problem<R> for Rosenbrock {
    fn start(&self, _: &mut Rng, x: &mut [R]) {
        x.copy_from_slice(&[R::of(-1.2), R::of(1.0)]);
    }
    fn eval(&self, x: &[R], _: &Sample<'_>, g: &mut [R], _: &mut Scratch<R>) -> R {
        let (a, b) = (x[1] - x[0] * x[0], R::ONE - x[0]);
        g[0] = -R::of(400.0) * x[0] * a - R::of(2.0) * b;
        g[1] = R::of(200.0) * a;
        R::of(100.0) * a * a + b * b
    }
    fn measure(&self, x: &[R], _: Part, _: &mut Scratch<R>) -> Measures {
        let (a, b) = (x[1] - x[0] * x[0], R::ONE - x[0]);
        let loss = (R::of(100.0) * a * a + b * b).to_f64();
        Measures { objective: loss, loss, metric: None }
    }
}
