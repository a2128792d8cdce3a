//! A method: the config struct of one optimizer. A wrapper: that of something around any optimizer.

use crate::{Facts, Layout, Optimizer, Real, Schedule, Step, Stepper, Visit, WrapperFacts};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// The config struct of one optimizer. Its serde fields are its hyperparameters, `Default` holds their defaults:
/// the same struct is the Rust API, the TOML table, the sweep axes and the row of the documentation.
///
/// Derive `Serialize` and `Deserialize` with `#[serde(default, deny_unknown_fields)]`.
pub trait Method: Default + Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What is known of the method.
    const FACTS: Facts;
    /// The optimizer for parameters laid out so, before its first step.
    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>>;

    /// The defaults of another convention, one of [`Facts::presets`].
    ///
    /// ```
    /// use downhill::{Adam, Method};
    /// let burn = Adam::preset("burn").expect("burn has its own eps");
    /// assert_eq!(burn, Adam { eps: 1e-5, ..Adam::default() });
    /// assert!(Adam::preset("mine").is_none());
    /// ```
    fn preset(name: &str) -> Option<Self> {
        let preset = Self::FACTS.presets.iter().find(|p| p.name == name)?;
        serde_json::from_value(Value::Object(preset.fields())).ok()
    }

    /// As short as torch: owns the step count, the learning rate and its schedule.
    ///
    /// ```
    /// use downhill::{Adam, Layout, Method};
    /// let mut x = [3.0, -2.0f64];
    /// let mut opt = Adam::default().stepper(&Layout::vector(2), 0.1);
    /// for _ in 0..500 {
    ///     let g = [2.0 * x[0], 20.0 * x[1]];
    ///     opt.step(&mut x, &g);
    /// }
    /// assert!(x[0].abs() < 1e-6 && x[1].abs() < 1e-6);
    /// ```
    fn stepper<R: Real>(&self, layout: &Layout, lr: f64) -> Stepper<R> {
        Stepper::new(Named::boxed(self, layout), lr, Schedule::default())
    }
}

/// Why a method cannot be built for a layout or a precision, in words for the user.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal(pub String);
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for Refusal {}

/// The object-safe face of a configured method: what a registry hands out.
pub trait AnyMethod: Send + Sync {
    /// Its hyperparameters, all of them, defaults resolved.
    fn hypers(&self) -> Value;
    /// The optimizer in single precision.
    fn build32(&self, layout: &Layout) -> Result<Box<dyn Optimizer<f32>>, Refusal>;
    /// The optimizer in double precision.
    fn build64(&self, layout: &Layout) -> Result<Box<dyn Optimizer<f64>>, Refusal>;
}

impl<M: Method> AnyMethod for M {
    fn hypers(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
    fn build32(&self, layout: &Layout) -> Result<Box<dyn Optimizer<f32>>, Refusal> {
        Ok(Named::boxed(self, layout))
    }
    fn build64(&self, layout: &Layout) -> Result<Box<dyn Optimizer<f64>>, Refusal> {
        Ok(Named::boxed(self, layout))
    }
}

/// Keeps the state under the method's name: Adam and RAdam remember the same quantities, and yet a state of the one
/// is no state of the other.
struct Named<R> {
    name: &'static str,
    inner: Box<dyn Optimizer<R>>,
}

impl<R: Real> Named<R> {
    fn boxed<M: Method>(method: &M, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Box::new(Named { name: M::FACTS.name, inner: method.build(layout) })
    }
}

impl<R: Real> Optimizer<R> for Named<R> {
    fn step(&mut self, x: &mut [R], g: &[R], at: &mut Step<'_, R>) {
        self.inner.step(x, g, at);
    }
    fn readout<'a>(&'a self, x: &'a [R], into: &'a mut [R]) -> &'a [R] {
        self.inner.readout(x, into)
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.within(self.name, |v| self.inner.visit(v));
    }
}

/// Something around any optimizer: clipping, decay, averaging. The config struct, as [`Method`] is.
pub trait Wrapper: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What is known of it. Learning rate and grid are the inner method's and not used.
    const FACTS: WrapperFacts;
    /// The wrapped optimizer.
    fn wrap<R: Real>(&self, inner: Box<dyn Optimizer<R>>, layout: &Layout) -> Box<dyn Optimizer<R>>;
}

/// The object-safe face of a configured wrapper.
pub trait AnyWrapper: Send + Sync {
    /// Its hyperparameters.
    fn hypers(&self) -> Value;
    /// Around an optimizer in single precision.
    fn wrap32(&self, inner: Box<dyn Optimizer<f32>>, layout: &Layout) -> Box<dyn Optimizer<f32>>;
    /// Around an optimizer in double precision.
    fn wrap64(&self, inner: Box<dyn Optimizer<f64>>, layout: &Layout) -> Box<dyn Optimizer<f64>>;
}

impl<W: Wrapper> AnyWrapper for W {
    fn hypers(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
    fn wrap32(&self, inner: Box<dyn Optimizer<f32>>, layout: &Layout) -> Box<dyn Optimizer<f32>> {
        self.wrap(inner, layout)
    }
    fn wrap64(&self, inner: Box<dyn Optimizer<f64>>, layout: &Layout) -> Box<dyn Optimizer<f64>> {
        self.wrap(inner, layout)
    }
}

/// Shared, object-safe, configured.
pub type SharedMethod = Arc<dyn AnyMethod>;
/// Shared, object-safe, configured.
pub type SharedWrapper = Arc<dyn AnyWrapper>;
