//! From a config struct to a method of a registry.

use crate::{Backend, bridge::Bridged};
use burn::optim::DynOptimizer;
use downhill::{AnyMethod, Block, Entry, Facts, Layout, Optimizer, Refusal, SharedMethod, check};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::sync::Arc;

/// The config struct of an optimizer that burn steps, as [`Method`](downhill::Method) is of one that downhill steps.
///
/// Derive `Serialize` and `Deserialize` with `#[serde(default, deny_unknown_fields)]`; the defaults are burn's. Most are
/// [`Blockwise`], which is less to write.
pub trait Builtin: Default + Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What is known of it.
    const FACTS: Facts;
    /// The optimizer for parameters laid out so, before its first step.
    ///
    /// # Errors
    /// If burn cannot step such parameters.
    fn build(&self, backend: Backend, layout: &Layout) -> Result<Box<dyn Optimizer<f32>>, Refusal>;
}

/// A [`Builtin`] that steps one tensor at a time: whatever implements burn's `Optimizer`.
///
/// A user's own joins a registry in the same way:
///
/// ```
/// use burn::optim::{DynOptimizer, SgdConfig};
/// use downhill::{Block, Facts, Hyper, Range, Registry};
/// use downhill_burn::{Backend, Blockwise, entry, optimizers::Sgd};
/// use std::sync::Arc;
///
/// #[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
/// #[serde(default, deny_unknown_fields)]
/// struct Mine {
///     decay: f64,
/// }
/// impl Blockwise for Mine {
///     const FACTS: Facts = Facts {
///         name: "mine",
///         hypers: &[Hyper::new("decay", Range::NonNegative, "not used")],
///         ..Sgd::FACTS
///     };
///     fn optimizer(&self, _: &Block) -> Arc<dyn DynOptimizer> {
///         Arc::new(SgdConfig::new().build()) // anything that implements burn's `Optimizer`
///     }
///     fn decay_mut(&mut self, _: &Block) -> &mut f64 {
///         &mut self.decay
///     }
/// }
/// let registry = Registry::builtin().with(entry::<Mine>(Backend::Flex));
/// assert!(registry.configure(&serde_json::json!({ "name": "mine", "decay": -1.0 })).is_err());
/// ```
pub trait Blockwise: Default + Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What is known of it.
    const FACTS: Facts;
    /// burn's optimizer of this block, with these hyperparameters.
    fn optimizer(&self, block: &Block) -> Arc<dyn DynOptimizer>;
    /// The weight decay of this block, which a parameter group may replace.
    fn decay_mut(&mut self, block: &Block) -> &mut f64;
}

impl<C: Blockwise> Builtin for C {
    const FACTS: Facts = <C as Blockwise>::FACTS;

    fn build(&self, backend: Backend, layout: &Layout) -> Result<Box<dyn Optimizer<f32>>, Refusal> {
        let bridged = Bridged::new(<C as Blockwise>::FACTS.name, backend.device()?, layout, |block| {
            let mut config = self.clone();
            if let Some(decay) = block.group.decay {
                *config.decay_mut(block) = decay;
            }
            config.optimizer(block)
        })?;
        Ok(Box::new(bridged))
    }
}

/// The entry of a [`Builtin`], computed on `backend` where a table does not say `backend = "..."` itself.
///
/// The backend is part of the canonical text: backends round differently, so that records of one are not records of
/// the other.
pub fn entry<C: Builtin>(backend: Backend) -> Entry {
    Entry::new(C::FACTS, move |mut fields| {
        let named = fields.as_object_mut().and_then(|fields| fields.remove("backend"));
        let backend = named.map_or(Ok(backend), |named| named.as_str().unwrap_or("").parse::<Backend>());
        let backend = backend.map_err(|e| e.to_string())?;
        let config = serde_json::from_value::<C>(fields).map_err(|e| e.to_string())?;
        Ok(Arc::new(OnBurn { config, backend }) as SharedMethod)
    })
    .within("burn's own")
}

/// A configured [`Builtin`] with the backend that computes it.
#[derive(Clone, Debug)]
pub struct OnBurn<C> {
    /// The hyperparameters.
    pub config: C,
    /// Where burn computes.
    pub backend: Backend,
}

impl<C: Builtin> AnyMethod for OnBurn<C> {
    fn hypers(&self) -> Value {
        let mut hypers = serde_json::to_value(&self.config).unwrap_or_default();
        if let Some(fields) = hypers.as_object_mut() {
            fields.insert("backend".into(), self.backend.name().into());
        }
        hypers
    }

    fn build32(&self, layout: &Layout) -> Result<Box<dyn Optimizer<f32>>, Refusal> {
        // burn keeps hyperparameters in f32, where 1e-50 is 0 and 0.99999999 is 1.
        check(&format!("{} computes in f32", C::FACTS.name), C::FACTS.hypers, &rounded(self.hypers()))
            .map_err(|e| Refusal(e.0))?;
        self.config.build(self.backend, layout)
    }

    fn build64(&self, _: &Layout) -> Result<Box<dyn Optimizer<f64>>, Refusal> {
        Err(Refusal(format!("{} computes in f32; set precision = \"f32\"", C::FACTS.name)))
    }
}

/// The numbers as burn will hold them.
fn rounded(hypers: Value) -> Value {
    match hypers {
        Value::Number(x) if x.is_f64() => match x.as_f64().map(|x| x as f32) {
            Some(x) if x.is_finite() => f64::from(x).into(),
            _ => "infinite".into(),
        },
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, rounded(value))).collect(),
        other => other,
    }
}
