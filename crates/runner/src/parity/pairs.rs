//! Which of burn's optimizers and which of ours are the same rule, and with which hyperparameters.

use downhill::Given::{Count, Number, Word};
use downhill::{Given, Registry};
use serde_json::{Map, Value};
use std::fmt;

/// Hyperparameters that differ from the defaults, as in a [`downhill::Preset`].
type Fields = &'static [(&'static str, Given)];

/// One of burn's optimizers and its counterpart here.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// burn's, by name.
    pub burn: &'static str,
    /// Ours, by name.
    pub ours: &'static str,
    /// burn's hyperparameters and ours that make the two one rule, with burn's defaults; none if nothing here does what
    /// burn does by default.
    at_burns: Option<(Fields, Fields)>,
    /// The same, with our defaults.
    at_ours: (Fields, Fields),
    pub(super) decay: Decay,
    /// What no hyperparameter makes equal, in a sentence; empty if they are one rule at both defaults.
    pub apart: &'static str,
}

/// How decay enters one of burn's steps: through the gradient, not at all or differently by block; or as an operation of
/// its own, by a factor near 1 whose last digits are the decay's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decay {
    Inside,
    /// `x (1 - lr decay)` before the step.
    Before,
    /// `x / (1 + lr decay)` after it.
    After,
}

/// With whose defaults a pair is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defaults {
    /// burn's.
    Burns,
    /// Ours.
    Ours,
}

impl Defaults {
    /// Both.
    pub const ALL: [Defaults; 2] = [Defaults::Burns, Defaults::Ours];
}

impl fmt::Display for Defaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Defaults::Burns => "burn",
            Defaults::Ours => "downhill",
        })
    }
}

/// The two tables of a comparison, as a study would have them.
#[derive(Clone, Debug, PartialEq)]
pub struct Tables {
    /// burn's.
    pub burn: Value,
    /// Ours.
    pub ours: Value,
}

impl Pair {
    /// The two tables with those defaults, if there are two.
    pub fn tables(&self, defaults: Defaults) -> Option<Tables> {
        let (burn, ours) = match defaults {
            Defaults::Burns => self.at_burns?,
            Defaults::Ours => self.at_ours,
        };
        Some(Tables { burn: table(self.burn, burn), ours: table(self.ours, ours) })
    }

    /// burn's usual learning rate.
    ///
    /// # Panics
    /// If the registry does not have burn's optimizer.
    pub fn lr(&self, registry: &Registry) -> f64 {
        registry.find(self.burn).expect("a pair names an optimizer of burn that is registered").facts.lr
    }
}

/// Every pair with both defaults.
pub fn comparisons() -> impl Iterator<Item = (&'static Pair, Defaults, Tables)> {
    let both = |pair: &'static Pair| Defaults::ALL.into_iter().map(move |defaults| (pair, defaults));
    PAIRS.iter().flat_map(both).filter_map(|(pair, defaults)| Some((pair, defaults, pair.tables(defaults)?)))
}

fn table(name: &str, fields: Fields) -> Value {
    let mut table = Map::from_iter([("name".to_owned(), Value::from(name))]);
    table.extend(fields.iter().map(|&(name, given)| (name.to_owned(), given.into())));
    Value::Object(table)
}

/// The preset of ours that has burn's defaults.
const PRESET: Fields = &[("preset", Word("burn"))];

/// Every built-in of burn; momentum, which burn's SGD lacks by default, is a pair of its own.
pub const PAIRS: &[Pair] = &[
    Pair {
        burn: "burn/sgd",
        ours: "sgd",
        at_burns: Some((&[], &[])),
        at_ours: (&[], &[]),
        decay: Decay::Inside,
        apart: "",
    },
    Pair {
        burn: "burn/sgd",
        ours: "heavy-ball",
        at_burns: Some((&[("momentum", Number(0.9))], PRESET)),
        at_ours: (&[("momentum", Number(0.9)), ("dampening", Number(0.0))], &[]),
        decay: Decay::Inside,
        apart: "",
    },
    Pair {
        burn: "burn/adagrad",
        ours: "adagrad",
        at_burns: Some((&[], PRESET)),
        at_ours: (&[("eps", Number(1e-10))], &[]),
        decay: Decay::Inside,
        apart: "",
    },
    Pair {
        burn: "burn/rmsprop",
        ours: "rmsprop",
        at_burns: Some((&[], PRESET)),
        at_ours: (&[("eps", Number(1e-8)), ("momentum", Number(0.0))], &[]),
        decay: Decay::Inside,
        apart: "",
    },
    Pair {
        burn: "burn/adam",
        ours: "adam",
        at_burns: Some((&[], PRESET)),
        at_ours: (&[("eps", Number(1e-8))], &[]),
        decay: Decay::Inside,
        apart: "",
    },
    Pair {
        burn: "burn/amsgrad",
        ours: "amsgrad",
        at_burns: Some((&[], &[("eps", Number(1e-5))])),
        at_ours: (&[("eps", Number(1e-8))], &[]),
        decay: Decay::Inside,
        apart: "",
    },
    Pair {
        burn: "burn/adamw",
        ours: "adamw",
        at_burns: Some((&[], PRESET)),
        at_ours: (&[("eps", Number(1e-8)), ("decay", Number(1e-2))], &[]),
        decay: Decay::Before,
        apart: "",
    },
    Pair {
        burn: "burn/adafactor",
        ours: "adafactor",
        at_burns: Some((&[], PRESET)),
        at_ours: (&[], &[]),
        decay: Decay::Before,
        apart: "At our defaults adafactor takes eps1 as a floor under the scale; burn adds it to the squares and has no floor.",
    },
    Pair {
        burn: "burn/lamb",
        ours: "lamb",
        at_burns: Some((&[], &[("decay", Number(0.0))])),
        at_ours: (&[("decay", Number(0.01))], &[]),
        decay: Decay::Inside,
        apart: "",
    },
    Pair {
        burn: "burn/adan",
        ours: "adan",
        at_burns: Some((&[], &[("decay", Number(0.0))])),
        at_ours: (&[("decay", Number(0.02))], &[]),
        decay: Decay::After,
        apart: "",
    },
    Pair {
        burn: "burn/lion",
        ours: "lion",
        at_burns: Some((&[], &[])),
        at_ours: (&[], &[]),
        decay: Decay::Before,
        apart: "",
    },
    Pair {
        burn: "burn/muon",
        ours: "muon",
        at_burns: Some((
            &[],
            &[
                ("decay", Number(0.0)),
                // Ours is a floor under the norm of a mean of gradients, burn's under that of a sum.
                ("eps", Number(5e-9)),
                ("adamw_eps", Number(1e-5)),
                ("adamw_decay", Number(1e-4)),
            ],
        )),
        at_ours: (
            &[
                ("decay", Number(0.1)),
                ("eps", Number(2e-6)),
                ("adamw_eps", Number(1e-8)),
                ("adamw_decay", Number(1e-2)),
            ],
            &[],
        ),
        decay: Decay::Inside,
        apart: "",
    },
    Pair {
        burn: "burn/lbfgs",
        ours: "l-bfgs",
        at_burns: None,
        // One iteration a step; 25 trials of the search, after the evaluation where a step starts.
        at_ours: (
            &[
                ("line_search", Word("strong-wolfe")),
                ("max_iter", Count(1)),
                ("max_eval", Count(26)),
                ("tolerance_grad", Number(0.0)),
                ("tolerance_change", Number(0.0)),
            ],
            &[],
        ),
        decay: Decay::Inside,
        apart: "burn's lbfgs takes 20 iterations a step without a search by default, which nothing here does.",
    },
];
