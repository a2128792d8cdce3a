//! Regularisation as a part of the objective: a penalty on large weights.

use crate::problem::{Facts, Info, Measures, Part, Problem, ProblemError, Sample, Scratch};
use crate::rng::Rng;
use downhill::{Layout, Real, Role};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// `l1 |w|_1 + l2/2 |w|^2` over all parameters but biases.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Penalty {
    /// Coefficient of the sum of absolute values, `>= 0`.
    pub l1: f64,
    /// Coefficient of half the sum of squares, `>= 0`.
    pub l2: f64,
}

impl Penalty {
    pub(crate) fn check(&self, context: &str) -> Result<(), ProblemError> {
        for (name, value) in [("l1", self.l1), ("l2", self.l2)] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(ProblemError(format!("{context}: `penalty.{name}` is {value}, allowed is value >= 0")));
            }
        }
        Ok(())
    }
}

/// A problem with a penalty added to its objective; the data loss is reported apart.
pub struct Penalised<R: Real> {
    inner: Arc<dyn Problem<R>>,
    penalty: Penalty,
    weights: Vec<Range<usize>>,
}

impl<R: Real> Penalised<R> {
    /// Around `inner`.
    pub fn new(inner: Arc<dyn Problem<R>>, penalty: Penalty) -> Self {
        let layout = inner.layout();
        let weights = layout.blocks().iter().filter(|b| b.role != Role::Bias).map(|b| b.range.clone()).collect();
        Penalised { inner, penalty, weights }
    }

    /// Adds the penalty to a loss and its gradient.
    fn penalise(&self, x: &[R], loss: R, g: &mut [R]) -> R {
        let (l1, l2) = (R::of(self.penalty.l1), R::of(self.penalty.l2));
        for w in &self.weights {
            for (g, &x) in g[w.clone()].iter_mut().zip(&x[w.clone()]) {
                *g += l1 * x.sign() + l2 * x;
            }
        }
        loss + R::of(self.value(x))
    }

    fn value(&self, x: &[R]) -> f64 {
        let Penalty { l1, l2 } = self.penalty;
        self.weights.iter().map(|w| downhill::real::sum(&x[w.clone()], |x| l1 * x.abs() + 0.5 * l2 * x * x)).sum()
    }
}

impl<R: Real> Info for Penalised<R> {
    fn layout(&self) -> Layout {
        self.inner.layout()
    }
    fn examples(&self) -> usize {
        self.inner.examples()
    }
    fn facts(&self) -> Facts {
        // The penalty moves the minimum; it cannot lower the bound.
        Facts { minimum: None, minimisers: vec![], traps: vec![], ..self.inner.facts() }
    }
}

impl<R: Real> Problem<R> for Penalised<R> {
    fn start(&self, rng: &mut Rng, x: &mut [R]) {
        self.inner.start(rng, x);
    }
    fn eval(&self, x: &[R], sample: &Sample<'_>, g: &mut [R], scratch: &mut Scratch<R>) -> R {
        let loss = self.inner.eval(x, sample, g, scratch);
        self.penalise(x, loss, g)
    }
    fn hessian_vector(
        &self,
        x: &[R],
        v: &[R],
        sample: &Sample<'_>,
        hv: &mut [R],
        scratch: &mut Scratch<R>,
    ) -> Option<()> {
        self.inner.hessian_vector(x, v, sample, hv, scratch)?;
        let l2 = R::of(self.penalty.l2);
        for w in &self.weights {
            hv[w.clone()].iter_mut().zip(&v[w.clone()]).for_each(|(hv, &v)| *hv += l2 * v);
        }
        Some(())
    }
    fn model_labels(
        &self,
        x: &[R],
        sample: &Sample<'_>,
        rng: &mut Rng,
        g: &mut [R],
        scratch: &mut Scratch<R>,
    ) -> Option<R> {
        let loss = self.inner.model_labels(x, sample, rng, g, scratch)?;
        Some(self.penalise(x, loss, g))
    }
    fn measure(&self, x: &[R], part: Part, scratch: &mut Scratch<R>) -> Measures {
        let measures = self.inner.measure(x, part, scratch);
        Measures { objective: measures.objective + self.value(x), ..measures }
    }
}
