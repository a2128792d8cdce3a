//! What is known of a method or a wrapper, as data: conventions, needs, claims.

use crate::Hyper;
use serde_json::{Map, Value};

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
    /// Whether the point to evaluate and to keep is an average, and not where the last step ended.
    pub averages: bool,
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
        averages: false,
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
    /// Each block walks as a plain vector would alone, exactly: other blocks, its shape and its role do not matter.
    Separable,
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
        Claim::Separable,
        Claim::PermutationEquivariant,
        Claim::LinearInLr,
        Claim::TranslationInvariant,
        Claim::StillAtZeroGradient,
        Claim::StillAtZeroRate,
        Claim::AllocationFree,
    ];

    /// What a decay breaks: it looks at the parameters, and moves them without a gradient.
    pub const BROKEN_BY_DECAY: &[Claim] = &[Claim::TranslationInvariant, Claim::StillAtZeroGradient];

    /// All laws.
    pub const ALL: [Claim; 11] = [
        Claim::SignEquivariant,
        Claim::Splittable,
        Claim::Separable,
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
    /// Whether the inner method sees another gradient than the problem's. What the method asks for itself stays the
    /// problem's, so that such a wrapper cannot go around a method that compares the two.
    pub rewrites: bool,
    /// As [`Facts::averages`].
    pub averages: bool,
    /// Laws that the inner method may obey and the wrapped one does not; `tests/laws` shows that the others survive.
    pub breaks: &'static [Claim],
}

impl WrapperFacts {
    /// What most wrappers have in common: the gradient suffices, all laws survive.
    pub const COMMON: WrapperFacts = WrapperFacts {
        name: "",
        source: "",
        formula: "",
        convention: "",
        hypers: &[],
        needs: &[],
        rewrites: false,
        averages: false,
        breaks: &[],
    };
}
