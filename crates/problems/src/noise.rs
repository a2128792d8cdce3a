//! Noise on gradients, of any law, put on any problem.

use crate::math::{normal, uniform};
use crate::problem::{Facts, Info, Measures, Part, Problem, ProblemError, Sample, Scratch};
use crate::rng::{Rng, Stream};
use downhill::{Layout, Real};
use serde::{Deserialize, Serialize};
use std::f64::consts::{PI, TAU};
use std::sync::Arc;

/// Noise that each step draws anew and [`measure`](Problem::measure) does not see.
///
/// ```text
/// f_t(x) = s f(x) + z.x,  s = exp(jitter u - jitter^2 / 2), u ~ N(0, 1),  z = scale C w, w_i independent, of `law`
/// ```
///
/// The gradient of `f_t` is that of `f` on average, and belongs to its value. In a study:
/// `gradient_noise = { scale = 0.1, law = "student", index = 1.5 }`, on any problem.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GradientNoise {
    /// Multiplies the draws, in units of the gradient, `>= 0`.
    pub scale: f64,
    /// How the draws of a coordinate are distributed.
    pub law: Law,
    /// The exponent of the law's tail, `> 1`, so that there is a mean: `P(|w| > r)` falls like `r^-index`. With 2 or less
    /// there is no variance. Without effect on [`Law::Gaussian`].
    pub index: f64,
    /// Which coordinates it hits.
    pub covariance: Covariance,
    /// The standard deviation of the logarithm of a factor on loss, gradient and curvature, `>= 0`.
    pub jitter: f64,
}

impl Default for GradientNoise {
    fn default() -> Self {
        GradientNoise { scale: 0.0, law: Law::Gaussian, index: 1.5, covariance: Covariance::Isotropic, jitter: 0.0 }
    }
}

/// A distribution, symmetric about 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Law {
    /// N(0, 1).
    #[default]
    Gaussian,
    /// Student's t with `index` degrees of freedom.
    Student,
    /// Alpha-stable with `alpha = index`, up to 2 where it is N(0, 2): noise of networks on mini-batches (Simsekli, Sagun
    /// & Gurbuzbalaban 2019, arXiv:1901.06053).
    Stable,
    /// `P(|w| > r) = (1 + r)^-index`, Pareto's second kind.
    Pareto,
}

/// Which coordinates noise hits: the matrix `C`, with `C C'` the covariance up to a factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Covariance {
    /// All alike: `C` is the identity.
    #[default]
    Isotropic,
    /// Those of much curvature more: `C C'` is the Hessian, of problems that know its [root](Problem::root_hessian). So
    /// is the noise of a model's log-likelihood near its minimum.
    Hessian,
}

impl Law {
    fn draw(self, index: f64, rng: &mut Rng) -> f64 {
        match self {
            Law::Gaussian => normal(rng),
            // Bailey 1994, Mathematics of Computation 62: Box and Muller's method with another radius.
            Law::Student => {
                let (u, angle) = (1.0 - uniform(rng), TAU * uniform(rng));
                libm::sqrt(index * (libm::pow(u, -2.0 / index) - 1.0)) * libm::cos(angle)
            }
            // Chambers, Mallows & Stuck 1976, JASA 71.
            Law::Stable => {
                let (v, w) = (PI * (uniform(rng) - 0.5), -libm::log(1.0 - uniform(rng)));
                // The exponential is 0 once in 2^53 draws, and v never quite half a turn.
                let (w, cos) = (w.max(f64::MIN_POSITIVE), libm::cos(v));
                let lean = libm::pow(libm::cos((1.0 - index) * v) / w, (1.0 - index) / index);
                libm::sin(index * v) / libm::pow(cos, 1.0 / index) * lean
            }
            Law::Pareto => {
                let u = 2.0 * uniform(rng) - 1.0;
                let r = libm::pow(1.0 - u.abs(), -1.0 / index) - 1.0;
                if u < 0.0 { -r } else { r }
            }
        }
    }
}

impl GradientNoise {
    pub(crate) fn check(&self, context: &str) -> Result<(), ProblemError> {
        let error = |field: &str, value: f64, allowed: &str| {
            Err(ProblemError(format!("{context}: `gradient_noise.{field}` is {value}, allowed is {allowed}")))
        };
        for (name, value) in [("scale", self.scale), ("jitter", self.jitter)] {
            if !(value >= 0.0 && value.is_finite()) {
                return error(name, value, "value >= 0");
            }
        }
        match self.law {
            Law::Stable if !(self.index > 1.0 && self.index <= 2.0) => error("index", self.index, "1 < value <= 2"),
            _ if !(self.index > 1.0 && self.index.is_finite()) => error("index", self.index, "value > 1"),
            _ => Ok(()),
        }
    }
}

/// A problem with noise on its gradients.
pub struct Noisy<R: Real> {
    inner: Arc<dyn Problem<R>>,
    noise: GradientNoise,
}

impl<R: Real> Noisy<R> {
    /// Around `inner`.
    ///
    /// # Errors
    /// If noise of the Hessian's covariance is asked for, and the problem does not know a root of its Hessian.
    pub fn new(inner: Arc<dyn Problem<R>>, noise: GradientNoise) -> Result<Self, ProblemError> {
        if noise.covariance == Covariance::Hessian {
            let mut z = vec![R::ZERO; inner.layout().len()];
            inner.root_hessian(&mut z).ok_or_else(|| {
                let text = "`gradient_noise.covariance` is \"hessian\", but this problem knows no root of its Hessian: \
                            allowed is \"isotropic\", or a `quadratic`";
                ProblemError(text.into())
            })?;
        }
        Ok(Noisy { inner, noise })
    }

    /// The generator of a step, and the factor that it draws first.
    fn draw(&self, sample: &Sample<'_>) -> (Rng, R) {
        // Apart from the draws of a problem that has noise of its own: these are at the steps themselves.
        let mut rng = sample.streams.at(Stream::Noise, sample.t | 1 << 63);
        let jitter = self.noise.jitter;
        let factor = if jitter > 0.0 { libm::exp(jitter * normal(&mut rng) - 0.5 * jitter * jitter) } else { 1.0 };
        (rng, R::of(factor))
    }
}

impl<R: Real> Info for Noisy<R> {
    fn layout(&self) -> Layout {
        self.inner.layout()
    }
    fn examples(&self) -> usize {
        self.inner.examples()
    }
    fn facts(&self) -> Facts {
        let (facts, GradientNoise { scale, jitter, .. }) = (self.inner.facts(), self.noise);
        // A loss that is tilted has no lower bound; a factor keeps 0.
        let lower_bound = facts.lower_bound.filter(|&bound| scale == 0.0 && (bound == 0.0 || jitter == 0.0));
        Facts { lower_bound, noisy: facts.noisy || scale > 0.0 || jitter > 0.0, ..facts }
    }
}

impl<R: Real> Problem<R> for Noisy<R> {
    fn start(&self, rng: &mut Rng, x: &mut [R]) {
        self.inner.start(rng, x);
    }
    fn eval(&self, x: &[R], sample: &Sample<'_>, g: &mut [R], scratch: &mut Scratch<R>) -> R {
        let (mut rng, factor) = self.draw(sample);
        let mut f = factor * self.inner.eval(x, sample, g, scratch);
        g.iter_mut().for_each(|g| *g *= factor);
        let GradientNoise { scale, law, index, covariance, .. } = self.noise;
        if scale > 0.0 {
            let z = scratch.take(x.len());
            z.fill_with(|| R::of(scale * law.draw(index, &mut rng)));
            if covariance == Covariance::Hessian {
                self.inner.root_hessian(z);
            }
            f += R::of(downhill::real::dot(z, x));
            g.iter_mut().zip(&*z).for_each(|(g, &z)| *g += z);
        }
        f
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
        let (_, factor) = self.draw(sample);
        hv.iter_mut().for_each(|hv| *hv *= factor);
        Some(())
    }
    fn root_hessian(&self, z: &mut [R]) -> Option<()> {
        self.inner.root_hessian(z)
    }
    fn model_labels(
        &self,
        x: &[R],
        sample: &Sample<'_>,
        rng: &mut Rng,
        g: &mut [R],
        scratch: &mut Scratch<R>,
    ) -> Option<R> {
        self.inner.model_labels(x, sample, rng, g, scratch)
    }
    fn measure(&self, x: &[R], part: Part, scratch: &mut Scratch<R>) -> Measures {
        self.inner.measure(x, part, scratch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Streams;

    /// The share of draws beyond `r`, against the law's own: within five standard errors.
    fn beyond(law: Law, index: f64, r: f64, expected: f64) {
        let (mut rng, n) = (Streams::new("noise", 0).rng(Stream::Noise), 200_000);
        let signed: [f64; 2] = (0..n).map(|_| law.draw(index, &mut rng)).fold([0.0; 2], |[low, high], w| {
            assert!(w.is_finite());
            [low + f64::from(u8::from(w < -r)), high + f64::from(u8::from(w > r))]
        });
        for count in signed {
            let (share, p) = (count / f64::from(n), 0.5 * expected);
            let error = (p * (1.0 - p) / f64::from(n)).sqrt();
            assert!((share - p).abs() <= 5.0 * error, "{law:?} {index} beyond {r}: {share}, not {p} +- {error}");
        }
    }

    #[test]
    fn draws_have_the_tails_of_their_law() {
        // From scipy 1.17.1: 2 norm.sf(r), 2 t.sf(r, index), 2 levy_stable.sf(r, index, 0), lomax.sf(r, index).
        for (law, index, tails) in [
            (Law::Gaussian, 1.5, [0.617075, 0.0455003, 0.0]),
            (Law::Student, 1.5, [0.680567, 0.224188, 0.0236594]),
            (Law::Student, 3.0, [0.651448, 0.139326, 0.0021284]),
            (Law::Stable, 1.5, [0.721192, 0.21008, 0.0132796]),
            (Law::Stable, 2.0, [0.723674, 0.157299, 0.0]),
            (Law::Pareto, 1.5, [0.544331, 0.19245, 0.0274101]),
            (Law::Pareto, 3.0, [0.296296, 0.037037, 0.000751315]),
        ] {
            [0.5, 2.0, 10.0].into_iter().zip(tails).for_each(|(r, p)| beyond(law, index, r, p));
        }
    }
}
