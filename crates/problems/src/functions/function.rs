//! What a plain function has to say, and the adapter that makes a family and a problem of it.

use crate::math::uniform;
use crate::problem::{Facts, Info, Measures, Part, Problem, ProblemError, Sample, Scratch};
use crate::{Context, Family, FamilyFacts, Rng};
use downhill::{Hyper, Layout, Range, Real};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::sync::Arc;

/// A function of a few numbers, without data and noise: formula, exact gradient, facts. Its serde fields are its
/// knobs, as of any [`Family`]; one of them is [`Start`].
///
/// Whoever implements it has a [`Family`] and a [`Problem`]:
///
/// ```
/// use downhill_problems::functions::{Function, Start};
/// use downhill::Real;
/// use downhill_problems::{Facts, Families, FamilyEntry, FamilyFacts, Info};
///
/// #[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
/// #[serde(default, deny_unknown_fields)]
/// struct Parabola {
///     start: Start,
/// }
///
/// impl Function for Parabola {
///     const FAMILY: FamilyFacts = FamilyFacts {
///         name: "parabola",
///         formula: "(x - 3)^2",
///         source: "Menaechmus",
///         teaches: "how to add a function",
///         hypers: &[Start::HYPER],
///         tags: &["function", "1d", "convex"],
///     };
///     fn known(&self) -> Facts {
///         Facts { domain: vec![(-10.0, 10.0)], ..Facts::global(0.0, vec![vec![3.0]]) }
///     }
///     fn start_knob(&self) -> Start {
///         self.start
///     }
///     fn customary_start(&self) -> Vec<f64> {
///         vec![0.0]
///     }
///     fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R {
///         let d = x[0] - R::of(3.0);
///         g[0] = R::of(2.0) * d;
///         d * d
///     }
/// }
///
/// let mut g = [0.0];
/// assert_eq!((Parabola::default().value_and_gradient(&[1.0], &mut g), g), (4.0, [-4.0]));
/// assert_eq!(Parabola::default().layout().len(), 1);
///
/// let families = Families::builtin().with(FamilyEntry::of::<Parabola>());
/// let error = families.configure(&serde_json::json!({ "name": "parabola", "stat": "random" })).err().unwrap();
/// assert!(error.0.contains("unknown field `stat`, expected `start`"), "{error}");
/// ```
pub trait Function: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What is known of the family.
    const FAMILY: FamilyFacts;
    /// What is known of this instance; the domain at least.
    fn known(&self) -> Facts;
    /// The knob `start`.
    fn start_knob(&self) -> Start;
    /// The point from which others start; its length is the dimension.
    fn customary_start(&self) -> Vec<f64>;
    /// Whether the knobs fit each other.
    ///
    /// # Errors
    /// Which do not, and what is allowed. By default all do.
    fn check(&self) -> Result<(), ProblemError> {
        Ok(())
    }
    /// The value at `x`; `g` receives the gradient.
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R]) -> R;
}

/// Where a trial on a [`Function`] starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// From the customary point of the literature.
    #[default]
    Customary,
    /// From a point uniform in the domain, drawn from the stream `start`.
    Random,
}

impl Start {
    /// The knob's row in [`FamilyFacts::hypers`].
    pub const HYPER: Hyper =
        Hyper::new("start", Range::OneOf(&["customary", "random"]), "the customary point, or uniform in the domain");
}

impl<F: Function> Family for F {
    const FACTS: FamilyFacts = F::FAMILY;
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        self.check()?;
        Ok(Arc::new(self.clone()))
    }
}

impl<F: Function> Info for F {
    fn layout(&self) -> Layout {
        Layout::vector(self.customary_start().len())
    }
    fn facts(&self) -> Facts {
        Facts { curved: is_quadratic::<F>(), ..self.known() }
    }
}

fn is_quadratic<F: Function>() -> bool {
    F::FAMILY.tags.contains(&"quadratic")
}

impl<F: Function, R: Real> Problem<R> for F {
    fn start(&self, rng: &mut Rng, x: &mut [R]) {
        let mut start = self.customary_start();
        if self.start_knob() == Start::Random {
            let known = self.known();
            for (i, x) in start.iter_mut().enumerate() {
                // Drawn for every coordinate, so that the next one's does not depend on the domain.
                let u = uniform(rng);
                *x = known.interval(i).map_or(*x, |(low, high)| low + (high - low) * u);
            }
        }
        for (x, start) in x.iter_mut().zip(start) {
            *x = R::of(start);
        }
    }
    fn eval(&self, x: &[R], _: &Sample<'_>, g: &mut [R], _: &mut Scratch<R>) -> R {
        self.value_and_gradient(x, g)
    }
    /// Of a quadratic, whose gradient is affine: `H v = g(v) - g(0)`, whatever `x`.
    fn hessian_vector(&self, _: &[R], v: &[R], _: &Sample<'_>, hv: &mut [R], scratch: &mut Scratch<R>) -> Option<()> {
        is_quadratic::<F>().then(|| {
            let (origin, g) = scratch.take(2 * v.len()).split_at_mut(v.len());
            origin.fill(R::ZERO);
            self.value_and_gradient(origin, g);
            self.value_and_gradient(v, hv);
            hv.iter_mut().zip(g).for_each(|(hv, g)| *hv -= *g);
        })
    }
    fn measure(&self, x: &[R], _: Part, scratch: &mut Scratch<R>) -> Measures {
        let loss = self.value_and_gradient(x, scratch.take(x.len())).to_f64();
        Measures { objective: loss, loss, metric: None }
    }
}
