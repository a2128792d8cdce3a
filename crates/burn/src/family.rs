//! Families of problems made of burn modules.

use crate::{Backend, Draws, Examples, Loss, Start, problem::ModuleProblem};
use burn::module::Module;
use burn::tensor::Device;
use downhill::{Block, Role};
use downhill_problems::{AnyFamily, Context, DataSpec, FamilyEntry, FamilyFacts, Problem, ProblemError, SharedFamily};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::sync::Arc;

/// The config struct of a family of problems, each a burn module with a loss on a data set; its serde fields are its
/// knobs. As [`Family`](downhill_problems::Family) is for problems with gradients of their own.
///
/// The module's trainable parameters are the problem's, in the order of its fields ([`layout`](crate::layout)). It must
/// be a function of its parameters and its examples: nothing drawn but through [`Draws`], and nothing remembered from
/// one evaluation to the next, as the running statistics of a `BatchNorm` are. That is tried out when a problem is
/// built, and a module that breaks it is refused.
///
/// ```
/// use downhill_burn::burn::{self, module::Module, nn, tensor::{Device, activation::relu}};
/// use downhill_burn::{Backend, BurnFamily, DataShape, Draws, Examples, Loss, family};
/// use downhill_problems::{DataSpec, Families, FamilyFacts, ProblemError, SplitSpec, Streams, World};
///
/// #[derive(Module, Debug)]
/// struct Net {
///     hidden: nn::Linear,
///     head: nn::Linear,
/// }
/// #[derive(Clone, serde::Serialize, serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Mine {
///     data: DataSpec,
///     units: usize,
/// }
/// impl BurnFamily for Mine {
///     const FACTS: FamilyFacts = FamilyFacts { name: "mine", ..FamilyFacts::COMMON };
///     type Module = Net;
///     fn data(&self) -> &DataSpec {
///         &self.data
///     }
///     fn module(&self, data: DataShape, device: &Device) -> Result<Net, ProblemError> {
///         let linear = |from, to| nn::LinearConfig::new(from, to).init(device);
///         Ok(Net { hidden: linear(data.features, self.units), head: linear(self.units, data.outputs()) })
///     }
///     fn loss(&self, net: &Net, batch: Examples, draws: &mut Draws) -> Loss {
///         let hidden = draws.dropout(relu(net.hidden.forward(batch.x)), 0.1);
///         Loss::of(net.head.forward(hidden), batch.y)
///     }
/// }
/// let families = Families::builtin().with(family::<Mine>(Backend::Flex));
/// let mine = families.configure(&serde_json::json!({ "name": "mine", "data": "iris", "units": 8 }))?;
/// let (world, split, streams) = (World::new(), SplitSpec::default(), Streams::new(mine.stream_key(), 0));
/// let problem = mine.build::<f32>(&world.context(&split, &streams))?;
/// assert_eq!(problem.layout().len(), 4 * 8 + 8 + 8 * 3 + 3);
/// assert!(problem.facts().noisy && problem.facts().metric.is_some());
/// # Ok::<(), ProblemError>(())
/// ```
pub trait BurnFamily: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What is known of the family.
    const FACTS: FamilyFacts;
    /// What is trained.
    type Module: Module + 'static;

    /// The data set that an instance needs; dense.
    fn data(&self) -> &DataSpec;

    /// The module for data of that shape, on that device; a pure function of its arguments. Its values do not matter,
    /// since [`start`](Self::start) draws others before any is read.
    ///
    /// # Errors
    /// If data and knobs do not fit.
    fn module(&self, data: DataShape, device: &Device) -> Result<Self::Module, ProblemError>;

    /// The mean loss of these examples, of which there is at least one.
    fn loss(&self, module: &Self::Module, examples: Examples, draws: &mut Draws) -> Loss;

    /// The role of the block of that name, where the guess of [`layout`](crate::layout) is wrong.
    fn role(&self, _name: &str, guess: Role) -> Role {
        guess
    }

    /// How a block starts, where the guess, burn's own default, is not wanted.
    fn start(&self, _block: &Block, guess: Start) -> Start {
        guess
    }
}

/// What a module must know of its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataShape {
    /// Numbers an example; of a text, symbols.
    pub features: usize,
    /// Classes; of a text, different symbols; 0 if numbers are predicted.
    pub classes: usize,
    /// Whether all features are numbers of symbols: whole, and below `classes`.
    pub text: bool,
}

impl DataShape {
    /// The outputs that [`Loss::of`] expects: one a class, or one number.
    pub fn outputs(self) -> usize {
        self.classes.max(1)
    }

    /// The side of square grey images.
    ///
    /// # Errors
    /// If the features are no square of a multiple of `multiple`.
    pub fn side(self, multiple: usize) -> Result<usize, ProblemError> {
        let side = self.features.isqrt();
        if side * side == self.features && side.is_multiple_of(multiple) {
            return Ok(side);
        }
        let (n, of) =
            (self.features, if multiple == 1 { String::new() } else { format!(", a multiple of {multiple}") });
        Err(ProblemError(format!("the data has {n} features, which are no square image with a whole side{of}")))
    }

    /// The number of symbols, of a text.
    ///
    /// # Errors
    /// If the data is no text.
    pub fn symbols(self) -> Result<usize, ProblemError> {
        if self.text {
            return Ok(self.classes);
        }
        Err(ProblemError("a language model needs a text, such as `coriolanus` or { text = \"path\" }".into()))
    }
}

/// The entry of a [`BurnFamily`], computed on `backend` where a table does not say `backend = "..."` itself.
///
/// The backend is part of the canonical text: backends round differently, so that records of one are not records of
/// the other.
pub fn family<F: BurnFamily>(backend: Backend) -> FamilyEntry {
    FamilyEntry::new(F::FACTS, move |mut fields| {
        let named = fields.as_object_mut().and_then(|fields| fields.remove("backend"));
        let backend = named.map_or(Ok(backend), |named| named.as_str().unwrap_or("").parse::<Backend>());
        let backend = backend.map_err(|e| e.to_string())?;
        let family = serde_json::from_value::<F>(fields).map_err(|e| e.to_string())?;
        Ok(Arc::new(OfModules { family, backend }) as SharedFamily)
    })
}

/// A configured family with the backend that computes it.
struct OfModules<F> {
    family: F,
    backend: Backend,
}

impl<F: BurnFamily> AnyFamily for OfModules<F> {
    fn hypers(&self) -> Value {
        let mut knobs = serde_json::to_value(&self.family).unwrap_or_default();
        if let Some(fields) = knobs.as_object_mut() {
            fields.insert("backend".into(), self.backend.name().into());
        }
        knobs
    }
    fn data(&self) -> Option<&DataSpec> {
        Some(self.family.data())
    }
    fn build32(&self, context: &Context<'_>) -> Result<Arc<dyn Problem<f32>>, ProblemError> {
        let splits = context.splits(self.family.data())?;
        let device = self.backend.device().map_err(|e| ProblemError(e.0))?;
        ModuleProblem::new(self.family.clone(), splits, device)
            .map(|problem| Arc::new(problem) as Arc<dyn Problem<f32>>)
            .map_err(|e| ProblemError(format!("problem `{}`: {}", F::FACTS.name, e.0)))
    }
    fn build64(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<f64>>, ProblemError> {
        Err(ProblemError(format!("problem `{}` computes in f32; set precision = \"f32\"", F::FACTS.name)))
    }
}
