//! A method: the config struct of one optimizer, with its facts.

use crate::{Layout, Optimizer, Real, Schedule, Span, Step, Stepper, Visit};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
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

/// What is known of a method, as data.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// The name in studies: lower case, words joined by `-`.
    pub name: &'static str,
    /// What a step does, in a line or two.
    pub formula: &'static str,
    /// Where it was published: authors, year, arXiv id or venue.
    pub source: &'static str,
    /// Whose convention the formulas and defaults follow, and where others of the same name differ.
    pub convention: &'static str,
    /// That convention in one word: the preset that is the default.
    pub preset: &'static str,
    /// Other conventions, by name.
    pub presets: &'static [Preset],
    /// How it is known to fail.
    pub failure: &'static str,
    /// The default learning rate.
    pub lr: f64,
    /// The lowest and highest learning rate worth a try, for a grid.
    pub grid: (f64, f64),
    /// The hyperparameters in the order of the struct's fields.
    pub hypers: &'static [Hyper],
    /// What it needs from a problem beyond the gradient.
    pub needs: &'static [Need],
    /// The laws that it obeys; `tests/laws` holds it to them, and shows that the others fail.
    pub claims: &'static [Claim],
}

impl Facts {
    /// What most methods have in common: torch's convention, no other, gradients suffice.
    pub const COMMON: Facts = Facts {
        name: "",
        formula: "",
        source: "",
        convention: "",
        preset: "torch",
        presets: &[],
        failure: "",
        lr: 1e-3,
        grid: (1e-5, 1e-1),
        hypers: &[],
        needs: &[],
        claims: Claim::ODD_POINTWISE,
    };
}

/// The defaults of one convention: `paper`, `torch`, `optax`, `tf1`, `burn` or `authors` (their code, where it differs
/// from their paper).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preset {
    /// Whose.
    pub name: &'static str,
    /// The default learning rate, if it has another.
    pub lr: Option<f64>,
    /// The hyperparameters that differ from the struct's `Default`.
    pub fields: &'static [(&'static str, Given)],
}

impl Preset {
    /// A preset with the usual learning rate.
    pub const fn new(name: &'static str, fields: &'static [(&'static str, Given)]) -> Self {
        Preset { name, lr: None, fields }
    }
    /// The fields as a table.
    pub fn fields(&self) -> Map<String, Value> {
        self.fields.iter().map(|&(name, given)| (name.to_owned(), given.into())).collect()
    }
}

/// The value of a hyperparameter in a [`Preset`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Given {
    /// A number.
    Number(f64),
    /// A whole number.
    Count(u64),
    /// A switch.
    Flag(bool),
    /// One of some words.
    Word(&'static str),
}

impl From<Given> for Value {
    fn from(given: Given) -> Value {
        match given {
            Given::Number(x) => x.into(),
            Given::Count(n) => n.into(),
            Given::Flag(b) => b.into(),
            Given::Word(w) => w.into(),
        }
    }
}

/// One hyperparameter.
#[derive(Clone, Copy, Debug)]
pub struct Hyper {
    /// The field.
    pub name: &'static str,
    /// The values allowed.
    pub range: Range,
    /// What it does, in a few words, with its unit.
    pub doc: &'static str,
}

impl Hyper {
    /// A row of [`Facts::hypers`].
    pub const fn new(name: &'static str, range: Range, doc: &'static str) -> Self {
        Hyper { name, range, doc }
    }
}

/// The values that a hyperparameter may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// `[0, 1)`: a decay rate.
    Decay,
    /// A list of decay rates, at least one.
    Decays,
    /// `> 0`.
    Positive,
    /// `>= 0`.
    NonNegative,
    /// Any finite number.
    Finite,
    /// A whole number of at least this.
    AtLeast(u64),
    /// `true` or `false`.
    Flag,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A [`Span`]: some steps, or a share of the horizon.
    Span,
    /// A list of spans.
    Spans,
}

impl Range {
    /// Whether `value` lies in it. `null` (an absent option) always does.
    pub fn contains(self, value: &Value) -> bool {
        let number = |ok: fn(f64) -> bool| value.as_f64().is_some_and(|x| x.is_finite() && ok(x));
        match self {
            _ if value.is_null() => true,
            Range::Decay => number(|x| (0.0..1.0).contains(&x)),
            Range::Decays => {
                value.as_array().is_some_and(|l| !l.is_empty() && l.iter().all(|x| Range::Decay.contains(x)))
            }
            Range::Positive => number(|x| x > 0.0),
            Range::NonNegative => number(|x| x >= 0.0),
            Range::Finite => number(|_| true),
            Range::AtLeast(low) => value.as_u64().is_some_and(|x| x >= low),
            Range::Flag => value.is_boolean(),
            Range::OneOf(words) => value.as_str().is_some_and(|x| words.contains(&x)),
            Range::Span => Span::deserialize(value).is_ok_and(Span::in_range),
            Range::Spans => value.as_array().is_some_and(|list| list.iter().all(|x| Range::Span.contains(x))),
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Range::Decay => write!(f, "0 <= value < 1"),
            Range::Decays => write!(f, "a list, each {}", Range::Decay),
            Range::Positive => write!(f, "value > 0"),
            Range::NonNegative => write!(f, "value >= 0"),
            Range::Finite => write!(f, "any finite number"),
            Range::AtLeast(low) => write!(f, "a whole number >= {low}"),
            Range::Flag => write!(f, "true or false"),
            Range::OneOf(words) => write!(f, "one of `{}`", words.join("`, `")),
            Range::Span => write!(f, "a whole number of steps >= 1, or a share of the horizon, 0 < share <= 1"),
            Range::Spans => write!(f, "a list, each {}", Range::Span),
        }
    }
}

/// What a method asks of a problem beyond the gradient of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The value of the loss.
    Loss,
    /// A value that the loss cannot go below.
    LowerBound,
    /// Loss and gradient at further points on the same sample.
    Again,
    /// Now and then the gradient over all examples.
    Full,
    /// Which examples a gradient is of, and gradients of single ones.
    Summands,
    /// Gradients without sampling noise: all examples in every step, nothing drawn.
    FullBatch,
    /// Products with the Hessian.
    HessianVector,
    /// The gradient for labels drawn from the model's own predictions.
    ModelLabels,
    /// A block of two dimensions between hidden layers.
    Matrices,
}

impl Need {
    /// In a word or two, for tables.
    pub fn name(self) -> &'static str {
        match self {
            Need::Loss => "loss",
            Need::LowerBound => "lower bound",
            Need::Again => "further points",
            Need::Full => "full gradients",
            Need::Summands => "single examples",
            Need::FullBatch => "full batch",
            Need::HessianVector => "Hessian products",
            Need::ModelLabels => "model's labels",
            Need::Matrices => "matrices",
        }
    }
    /// In words: "it needs ...".
    pub fn text(self) -> &'static str {
        match self {
            Need::Loss => "the value of the loss",
            Need::LowerBound => "a lower bound of the loss",
            Need::Again => "loss and gradient at further points on the same sample",
            Need::Full => "now and then the gradient over all examples",
            Need::Summands => "gradients of single examples",
            Need::FullBatch => "gradients without noise, over all examples in every step",
            Need::HessianVector => "products with the Hessian",
            Need::ModelLabels => "gradients for labels drawn from the model's predictions",
            Need::Matrices => "a block of two dimensions between hidden layers",
        }
    }
}

/// A law that a method may obey. Exact means bit for bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Mirrored start and gradients give the mirrored path, exactly.
    SignEquivariant,
    /// One block of n walks as n blocks of 1, exactly.
    Splittable,
    /// Permuted coordinates within a block give the permuted path, up to the rounding of sums.
    PermutationEquivariant,
    /// Rotated coordinates give the rotated path, up to rounding.
    RotationEquivariant,
    /// Gradients (and losses) times a power of two give the same path, exactly.
    ScaleInvariant,
    /// The first step from the origin doubles with the learning rate, exactly.
    LinearInLr,
    /// The direction does not depend on the parameters, only on the gradients.
    TranslationInvariant,
    /// Zero gradients leave the parameters as they are, exactly.
    StillAtZeroGradient,
    /// A learning rate of zero leaves the parameters as they are, exactly, while the state goes on.
    StillAtZeroRate,
    /// Nothing is allocated in a step.
    AllocationFree,
}

impl Claim {
    /// What holds of an odd formula that looks at one coordinate's gradients and at nothing else.
    pub const ODD_POINTWISE: &[Claim] = &[
        Claim::SignEquivariant,
        Claim::Splittable,
        Claim::PermutationEquivariant,
        Claim::LinearInLr,
        Claim::TranslationInvariant,
        Claim::StillAtZeroGradient,
        Claim::StillAtZeroRate,
        Claim::AllocationFree,
    ];

    /// All laws.
    pub const ALL: [Claim; 10] = [
        Claim::SignEquivariant,
        Claim::Splittable,
        Claim::PermutationEquivariant,
        Claim::RotationEquivariant,
        Claim::ScaleInvariant,
        Claim::LinearInLr,
        Claim::TranslationInvariant,
        Claim::StillAtZeroGradient,
        Claim::StillAtZeroRate,
        Claim::AllocationFree,
    ];
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

/// What is known of a wrapper.
#[derive(Clone, Copy, Debug)]
pub struct WrapperFacts {
    /// The name in studies.
    pub name: &'static str,
    /// Where it was published.
    pub source: &'static str,
    /// What it does to a step, as a formula.
    pub formula: &'static str,
    /// Whose convention the formula and the defaults follow, and where others of the same name differ.
    pub convention: &'static str,
    /// Its hyperparameters.
    pub hypers: &'static [Hyper],
    /// What it needs from a problem beyond the gradient.
    pub needs: &'static [Need],
    /// Laws that the inner method may obey and the wrapped one does not; `tests/laws` shows that the others survive.
    pub breaks: &'static [Claim],
}

impl WrapperFacts {
    /// What most wrappers have in common: the gradient suffices, all laws survive.
    pub const COMMON: WrapperFacts =
        WrapperFacts { name: "", source: "", formula: "", convention: "", hypers: &[], needs: &[], breaks: &[] };
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
