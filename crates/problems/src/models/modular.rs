//! Addition of remainders.

use super::goal::Goal;
use super::layers::{Affine, Body, Embedding, Last, Places, Shape, Units};
use super::transformer::divides;
use super::{Activation, Init, Loss, Mlp, Model, Network};
use crate::data::{Csr, Labels, Matrix, Portion, Splits};
use crate::problem::{Problem, ProblemError};
use crate::sampling::below;
use crate::{Context, Family, FamilyFacts, Stream, Streams};
use downhill::{Hyper, Range, Real, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// `a + b mod p` as a class, learned from a share of all pairs: what is not seen can be known, but only by those who find
/// the rule.
///
/// All `p^2` pairs come in an order drawn from `instance`: the first for training, half of the others for validation, half
/// for test. With AdamW's decay at 1 all that is seen is known after 100 steps, and what is not seen after 1000 ("grokking");
/// without decay it never is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Modular {
    /// `p`, `>= 2`.
    pub modulus: usize,
    /// The share of pairs for training, above 0 and below 1.
    pub share: f64,
    /// What the numbers go through.
    pub model: Reasoner,
    /// Numbers that a vector of a remainder has, `>= 1`; without effect on one-hot inputs.
    pub width: usize,
    /// Units of the hidden layer, `>= 1`; without effect on attention, which has four times the width.
    pub units: usize,
    /// What these units do.
    pub activation: Activation,
    /// Attentions side by side, which divide the width, `>= 1`.
    pub heads: usize,
    /// How weights and vectors start.
    pub init: Init,
    /// Which of the random orders.
    pub instance: u64,
}

/// What the two numbers of a sum go through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reasoner {
    /// A hidden layer on `2 p` inputs, of which two are 1 (Gromov 2023, arXiv:2301.02679).
    OneHot,
    /// The same on two vectors side by side, one table for both.
    #[default]
    Embedding,
    /// A block of a transformer on `a`, `b` and a sign for equality, at which it is asked (Power et al. 2022; Nanda et al.
    /// 2023).
    Attention,
}

impl Default for Modular {
    fn default() -> Self {
        let (model, init) = (Reasoner::Embedding, Init::He);
        Modular {
            modulus: 23,
            share: 0.7,
            model,
            width: 16,
            units: 64,
            activation: Activation::Gelu,
            heads: 2,
            init,
            instance: 0,
        }
    }
}

impl Family for Modular {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "modular",
        formula: "mean cross-entropy of (a + b mod p), over a share of all pairs",
        source: "Power et al. 2022, arXiv:2201.02177; Nanda et al. 2023, arXiv:2301.05217",
        teaches: "memory first, the rule much later, if at all: what decays, and how large steps are, decides",
        hypers: &[
            Hyper::new("modulus", Range::AtLeast(2), "p"),
            Hyper::new("share", Range::Positive, "share of pairs for training, below 1"),
            Hyper::new("model", Range::OneOf(&["one-hot", "embedding", "attention"]), "what the numbers go through"),
            Hyper::new("width", Range::AtLeast(1), "numbers in a vector of a remainder"),
            Hyper::new("units", Range::AtLeast(1), "units of the hidden layer"),
            Hyper::new("activation", Range::OneOf(&["relu", "leaky", "tanh", "gelu"]), "what hidden units do"),
            Hyper::new("heads", Range::AtLeast(1), "attentions side by side, which divide the width"),
            Hyper::new("instance", Range::AtLeast(0), "which of the random orders"),
        ],
        tags: &["synthetic", "non-convex", "network", "classification", "grokking"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        self.init.check()?;
        let splits = Arc::new(self.draw()?);
        let &Modular { modulus, width, units, activation, heads, init, .. } = self;
        if self.model == Reasoner::OneHot {
            return Ok(Arc::new(Mlp { hidden: vec![units], activation, init, ..Mlp::default() }.network(splits)?));
        }
        let shape = Shape { units: width, places: splits.width };
        let mut body = match self.model {
            Reasoner::Attention => {
                divides(heads, width)?;
                let mut body = Body::new(Embedding::new(modulus + 1, shape, init));
                body.push(Places::new(shape, init));
                body.push_block(heads, init);
                body.push(Last::new(shape, 1));
                body
            }
            _ => {
                let mut body = Body::new(Embedding::new(modulus, shape, init));
                body.flatten();
                body.push(Affine::new(body.shape(), units, Role::Hidden, Some(init)));
                body.push(Units::new(body.shape(), activation));
                body
            }
        };
        body.push(Affine::new(body.shape(), modulus, Role::Head, Some(init)));
        Ok(Arc::new(Network::new(splits, body, Goal::of(Loss::CrossEntropy))))
    }
}

/// A million pairs.
const MOST: usize = 1000;

impl Modular {
    fn draw<R: Real>(&self) -> Result<Splits<R>, ProblemError> {
        let p = self.modulus;
        if p > MOST {
            return Err(ProblemError(format!("`modulus` is {p}, allowed is 2 to {MOST}: the data are all pairs")));
        }
        let mut rng = Streams::new("modular, data", self.instance).rng(Stream::Noise);
        let mut pairs: Vec<usize> = (0..p * p).collect();
        for i in (1..pairs.len()).rev() {
            pairs.swap(i, below(&mut rng, i + 1) as usize);
        }
        let train = (self.share * pairs.len() as f64).round() as usize;
        if self.share >= 1.0 || train == 0 || pairs.len() - train < 2 {
            let text = format!("`share` is {}, which makes {train} of {} pairs", self.share, pairs.len());
            return Err(ProblemError(format!("{text}: allowed is 0 < value < 1, with a pair or more for each part")));
        }
        let (train, others) = pairs.split_at(train);
        let (validation, test) = others.split_at(others.len() / 2);
        let (train, validation, test) = (self.portion(train), self.portion(validation), self.portion(test));
        let width = match self.model {
            Reasoner::OneHot => 2 * p,
            Reasoner::Embedding => 2,
            Reasoner::Attention => 3,
        };
        Ok(Splits { train, validation, test, width, classes: p })
    }

    fn portion<R: Real>(&self, pairs: &[usize]) -> Portion<R> {
        let p = self.modulus;
        let symbols = |more: &[usize]| {
            let row = |pair: &usize| [pair / p, pair % p].into_iter().chain(more.iter().copied()).collect::<Vec<_>>();
            Matrix::Dense(pairs.iter().flat_map(row).map(|symbol| R::of(symbol as f64)).collect())
        };
        let x = match self.model {
            Reasoner::OneHot => Matrix::Sparse(Csr {
                starts: (0..=pairs.len()).map(|row| 2 * row).collect(),
                columns: pairs.iter().flat_map(|pair| [(pair / p) as u32, (p + pair % p) as u32]).collect(),
                values: vec![R::ONE; 2 * pairs.len()],
                width: 2 * p,
            }),
            Reasoner::Embedding => symbols(&[]),
            Reasoner::Attention => symbols(&[p]),
        };
        Portion { x, y: Labels::Classes(pairs.iter().map(|pair| ((pair / p + pair % p) % p) as u32).collect()) }
    }
}
