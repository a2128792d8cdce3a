//! Families of problems, by name: the table of a study becomes a problem.

use crate::data::{Corruption, DataSpec};
use crate::noise::{GradientNoise, Noisy};
use crate::penalty::{Penalised, Penalty};
use crate::problem::{Problem, ProblemError};
use crate::world::Context;
use crate::{deepobs, functions, models, synthetic};
use downhill::{Hyper, Range, Real, check, unknown};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The config struct of one family of problems; its serde fields are its knobs. As [`downhill::Method`] is for
/// optimizers.
pub trait Family: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What is known of the family.
    const FACTS: FamilyFacts;
    /// The data set that an instance needs, if any.
    fn data(&self) -> Option<&DataSpec> {
        None
    }
    /// The problem, with its data loaded and split.
    ///
    /// # Errors
    /// If data and family do not fit (a regression on class labels), or a knob contradicts another.
    fn build<R: Real>(&self, context: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError>;
}

/// What is known of a family, as data.
#[derive(Clone, Copy, Debug)]
pub struct FamilyFacts {
    /// The name in studies.
    pub name: &'static str,
    /// The loss as a formula.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// What it teaches, in a few words.
    pub teaches: &'static str,
    /// The knobs in the order of the struct's fields.
    pub hypers: &'static [Hyper],
    /// Words to select by: `function`, `data`, `convex`, `noisy`, `2d`, ...
    pub tags: &'static [&'static str],
}

impl FamilyFacts {
    /// Nothing said but the name, which is for the rest of the struct: `FamilyFacts { name: "mine", ..COMMON }`.
    pub const COMMON: FamilyFacts =
        FamilyFacts { name: "", formula: "", source: "", teaches: "", hypers: &[], tags: &["data"] };
}

/// The object-safe face of a configured family: what a parser of a [`FamilyEntry`] returns. As
/// [`downhill::AnyMethod`] is for optimizers.
pub trait AnyFamily: Send + Sync {
    /// Its knobs, all of them, defaults resolved.
    fn hypers(&self) -> Value;
    /// The data set that an instance needs, if any.
    fn data(&self) -> Option<&DataSpec>;
    /// The problem in single precision.
    ///
    /// # Errors
    /// If data and family do not fit, or it has no single precision.
    fn build32(&self, context: &Context<'_>) -> Result<Arc<dyn Problem<f32>>, ProblemError>;
    /// The problem in double precision.
    ///
    /// # Errors
    /// If data and family do not fit, or it has no double precision.
    fn build64(&self, context: &Context<'_>) -> Result<Arc<dyn Problem<f64>>, ProblemError>;
}

/// A configured family, shared.
pub type SharedFamily = Arc<dyn AnyFamily>;

impl<F: Family> AnyFamily for F {
    fn hypers(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
    fn data(&self) -> Option<&DataSpec> {
        Family::data(self)
    }
    fn build32(&self, context: &Context<'_>) -> Result<Arc<dyn Problem<f32>>, ProblemError> {
        self.build(context)
    }
    fn build64(&self, context: &Context<'_>) -> Result<Arc<dyn Problem<f64>>, ProblemError> {
        self.build(context)
    }
}

type Parse = Arc<dyn Fn(Value) -> Result<SharedFamily, String> + Send + Sync>;

/// One family of a list.
#[derive(Clone)]
pub struct FamilyEntry {
    /// What is known of it.
    pub facts: FamilyFacts,
    parse: Parse,
}

impl FamilyEntry {
    /// The entry of a [`Family`].
    pub fn of<F: Family>() -> Self {
        FamilyEntry::new(F::FACTS, |v| {
            serde_json::from_value::<F>(v).map(|f| Arc::new(f) as SharedFamily).map_err(|e| e.to_string())
        })
    }
    /// An entry with its own parser from a table of knobs; absent ones take their defaults.
    pub fn new(
        facts: FamilyFacts,
        parse: impl Fn(Value) -> Result<SharedFamily, String> + Send + Sync + 'static,
    ) -> Self {
        FamilyEntry { facts, parse: Arc::new(parse) }
    }
}

/// Families by name; another crate adds its own with [`with`](Families::with).
#[derive(Clone, Default)]
pub struct Families(Vec<FamilyEntry>);

impl Families {
    /// Everything in this crate.
    pub fn builtin() -> Self {
        Families([functions::all(), synthetic::all(), deepobs::all(), models::all()].concat())
    }
    /// With one more family.
    pub fn with(mut self, entry: FamilyEntry) -> Self {
        self.0.push(entry);
        self
    }
    /// All families.
    pub fn entries(&self) -> &[FamilyEntry] {
        &self.0
    }

    /// Reads a table such as `{ name = "mlp", data = "digits", hidden = [64], penalty = { l2 = 1e-3 } }`. Beside its
    /// knobs every problem takes a [`Penalty`] as `penalty` and a [`GradientNoise`] as `gradient_noise`, and one with data a
    /// [`Corruption`] as `corruption`.
    ///
    /// # Errors
    /// An unknown name or field with the choices; a value out of its range with the range.
    pub fn configure(&self, table: &Value) -> Result<Configured, ProblemError> {
        let error = |text: String| ProblemError(text);
        let mut fields =
            table.as_object().cloned().ok_or_else(|| error("a problem is a table with a `name`".into()))?;
        let name = match fields.remove("name") {
            Some(Value::String(name)) => name,
            _ => return Err(error("problem: `name` is missing or not a string".into())),
        };
        let entry = self.0.iter().find(|e| e.facts.name == name);
        let entry = entry.ok_or_else(|| error(unknown("problem", &name, self.0.iter().map(|e| e.facts.name)).0))?;
        let context = format!("problem `{name}`");
        let penalty: Penalty = wrapper(&mut fields, "penalty", &context)?;
        penalty.check(&context)?;
        let noise: GradientNoise = wrapper(&mut fields, "gradient_noise", &context)?;
        noise.check(&context)?;
        let corruption: Corruption = wrapper(&mut fields, "corruption", &context)?;
        corruption.check(&context)?;
        let family = (entry.parse)(Value::Object(fields)).map_err(|e| error(format!("{context}: {e}")))?;
        check(&context, entry.facts.hypers, &family.hypers()).map_err(|e| error(e.0))?;
        check_sizes(&context, entry.facts.hypers, &family.hypers())?;
        if corruption != Corruption::default() && family.data().is_none() {
            return Err(error(format!("{context}: `corruption` is about a data set, but this problem takes none")));
        }
        Ok(Configured { facts: entry.facts, family, penalty, noise, corruption })
    }
}

/// The most that a size of a problem may be.
const MOST_SIZE: u64 = 1 << 24;
/// The most layers: each is a thing of its own, whatever its size.
const MOST_LAYERS: u64 = 1 << 10;
/// The most that two sizes of a problem may be together: a matrix of them has so many entries.
const MOST_ENTRIES: u64 = 1 << 26;

/// Whole numbers are sizes, but for those that may be zero: memory that nobody has is not asked for.
fn check_sizes(context: &str, hypers: &[Hyper], fields: &Value) -> Result<(), ProblemError> {
    let mut sizes: Vec<(&str, u64)> = Vec::new();
    for (key, value) in fields.as_object().into_iter().flatten() {
        if !hypers.iter().any(|h| h.name == key && h.range == Range::AtLeast(0)) {
            let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            sizes.extend(list.iter().filter_map(Value::as_u64).map(|size| (key.as_str(), size)));
        }
    }
    if let Some((_, layers)) = sizes.iter().find(|&&(key, size)| key == "layers" && size > MOST_LAYERS) {
        return Err(ProblemError(format!("{context}: `layers` is {layers}, allowed are at most {MOST_LAYERS}")));
    }
    sizes.sort_by_key(|&(_, size)| std::cmp::Reverse(size));
    match sizes[..] {
        [(key, size), ..] if size > MOST_SIZE => {
            Err(ProblemError(format!("{context}: `{key}` is {size}, allowed are at most {MOST_SIZE}")))
        }
        [(a, m), (b, n), ..] if m * n > MOST_ENTRIES => Err(ProblemError(format!(
            "{context}: `{a}` is {m} and `{b}` is {n}, allowed is a product of at most {MOST_ENTRIES}"
        ))),
        _ => Ok(()),
    }
}

/// What goes around a problem, from the field of that name; none is its default.
fn wrapper<T: Default + DeserializeOwned>(
    fields: &mut Map<String, Value>,
    name: &str,
    context: &str,
) -> Result<T, ProblemError> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(T::default()),
        Some(v) => serde_json::from_value(v).map_err(|e| ProblemError(format!("{context}, `{name}`: {e}"))),
    }
}

/// A family with its knobs, penalty, noise and corruption.
#[derive(Clone)]
pub struct Configured {
    /// What is known of the family.
    pub facts: FamilyFacts,
    family: SharedFamily,
    penalty: Penalty,
    noise: GradientNoise,
    corruption: Corruption,
}

impl Configured {
    /// The data set that it needs, if any.
    pub fn data(&self) -> Option<&DataSpec> {
        self.family.data()
    }

    /// All knobs with defaults resolved, keys sorted.
    pub fn canonical(&self) -> Value {
        let mut out = Map::new();
        out.insert("name".into(), self.facts.name.into());
        if let Value::Object(hypers) = self.family.hypers() {
            out.extend(hypers);
        }
        if self.penalty != Penalty::default() {
            out.insert("penalty".into(), serde_json::to_value(&self.penalty).unwrap_or_default());
        }
        if self.noise != GradientNoise::default() {
            out.insert("gradient_noise".into(), serde_json::to_value(self.noise).unwrap_or_default());
        }
        if self.corruption != Corruption::default() {
            out.insert("corruption".into(), serde_json::to_value(self.corruption).unwrap_or_default());
        }
        Value::Object(out)
    }

    /// The name that keys the random streams: family and data. Penalty, noise, corruption, loss, dropout and batch size are
    /// not in it, so that studies of those compare like with like.
    pub fn stream_key(&self) -> String {
        match self.data() {
            Some(data) => format!("{} {}", self.facts.name, data.name()),
            None => self.facts.name.to_owned(),
        }
    }

    /// The problem in one precision.
    ///
    /// # Errors
    /// If data and family do not fit, or there are more than 67,108,864 parameters.
    pub fn build<R: Precision>(&self, context: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        let mut problem = R::build_family(&*self.family, &context.corrupted(self.corruption))?;
        let parameters = problem.layout().len() as u64;
        if parameters > MOST_ENTRIES {
            let name = self.facts.name;
            let text = format!("problem `{name}` has {parameters} parameters, allowed are at most {MOST_ENTRIES}");
            return Err(ProblemError(text));
        }
        if self.noise != GradientNoise::default() {
            problem = Arc::new(Noisy::new(problem, self.noise)?);
        }
        Ok(if self.penalty == Penalty::default() {
            problem
        } else {
            Arc::new(Penalised::new(problem, self.penalty.clone()))
        })
    }
}

/// The two scalars, as a choice at run time.
pub trait Precision: Real {
    #[doc(hidden)]
    fn build_family(family: &dyn AnyFamily, context: &Context<'_>) -> Result<Arc<dyn Problem<Self>>, ProblemError>;
}
impl Precision for f32 {
    fn build_family(family: &dyn AnyFamily, context: &Context<'_>) -> Result<Arc<dyn Problem<f32>>, ProblemError> {
        family.build32(context)
    }
}
impl Precision for f64 {
    fn build_family(family: &dyn AnyFamily, context: &Context<'_>) -> Result<Arc<dyn Problem<f64>>, ProblemError> {
        family.build64(context)
    }
}
