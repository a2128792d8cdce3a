//! The problems under test, and points to test them at.

use downhill::Real;
use downhill_problems::{
    Batch, Configured, Families, FamilyFacts, Precision, Problem, Rng, Sample, Scratch, SplitSpec, Stream, Streams,
    World,
};
use rand::RngExt as _;
use rand_distr::{Distribution, StandardNormal};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// Beside the defaults of every family: other knobs, the smallest and odd dimensions among them.
fn variants() -> Vec<Value> {
    vec![
        json!({ "name": "sphere", "dim": 1 }),
        json!({ "name": "sum-squares", "dim": 3 }),
        json!({ "name": "ellipsoid", "dim": 2, "kappa": 1e6 }),
        json!({ "name": "rotated-quadratic", "dim": 17, "kappa": 1e6, "instance": 3 }),
        json!({ "name": "ravine", "kappa": 1e4 }),
        json!({ "name": "trid", "dim": 2 }),
        json!({ "name": "trid", "dim": 11 }),
        json!({ "name": "noisy-quadratic", "dim": 3, "noise": 0.1 }),
        json!({ "name": "noisy-quadratic", "dim": 3, "noise": 0.0 }),
        json!({ "name": "chained-rosenbrock", "dim": 2 }),
        json!({ "name": "chained-rosenbrock", "dim": 25 }),
        json!({ "name": "powell-singular", "groups": 3 }),
        json!({ "name": "dixon-price", "dim": 2 }),
        json!({ "name": "dixon-price", "dim": 7 }),
        json!({ "name": "zakharov", "dim": 1 }),
        json!({ "name": "zakharov", "dim": 9 }),
        json!({ "name": "hager", "dim": 1 }),
        json!({ "name": "rastrigin", "dim": 1 }),
        json!({ "name": "rastrigin", "dim": 5 }),
        json!({ "name": "ackley", "dim": 1 }),
        json!({ "name": "ackley", "dim": 5 }),
        json!({ "name": "griewank", "dim": 1 }),
        json!({ "name": "griewank", "dim": 6 }),
        json!({ "name": "levy", "dim": 1 }),
        json!({ "name": "levy", "dim": 5 }),
        json!({ "name": "styblinski-tang", "dim": 1 }),
        json!({ "name": "styblinski-tang", "dim": 5 }),
        json!({ "name": "quadratic", "dim": 2, "spectrum": "linear", "kappa": 1.0, "block": 1 }),
        json!({ "name": "quadratic", "dim": 33, "spectrum": "deep", "kappa": 1e6, "instance": 2 }),
        json!({ "name": "quadratic", "dim": 21, "spectrum": "power-law", "block": 8 }),
        json!({ "name": "quadratic", "dim": 5, "spectrum": "deep", "outliers": 10 }),
        json!({ "name": "quadratic", "dim": 20, "spectrum": "spiked", "outliers": 1,
                "gradient_noise": { "scale": 0.1, "covariance": "hessian" } }),
        json!({ "name": "quadratic", "gradient_noise": { "jitter": 1.0 } }),
        json!({ "name": "rosenbrock", "gradient_noise": { "scale": 2.0, "law": "student", "index": 1.2 } }),
        json!({ "name": "noisy-quadratic", "gradient_noise": { "scale": 0.5, "law": "stable", "jitter": 0.5 } }),
        json!({ "name": "rastrigin", "gradient_noise": { "scale": 1.0, "law": "pareto", "index": 3.0 } }),
        json!({ "name": "logistic", "gradient_noise": { "scale": 0.1, "jitter": 0.1 }, "penalty": { "l2": 0.1 } }),
        json!({ "name": "valley", "dim": 2, "bend": 1.0, "kappa": 1e4, "block": 1 }),
        json!({ "name": "valley", "dim": 15, "bend": 0.0, "block": 4, "instance": 1 }),
        json!({ "name": "saddles", "modes": 1, "depth": 2, "block": 1 }),
        json!({ "name": "saddles", "modes": 4, "depth": 5, "kappa": 1.0 }),
        json!({ "name": "finite-sum", "loss": "squared", "dim": 30, "examples": 20, "noise": 0.0 }),
        json!({ "name": "finite-sum", "loss": "squared", "dim": 30, "examples": 20, "noise": 0.5 }),
        json!({ "name": "finite-sum", "loss": "logistic", "dim": 5, "examples": 101, "noise": 1.0, "block": 1 }),
        json!({ "name": "finite-sum", "loss": "logistic", "dim": 3, "examples": 40, "noise": 0.0 }),
        json!({ "name": "finite-sum", "loss": "cauchy", "dim": 7, "examples": 50, "noise": 0.0, "kappa": 1.0 }),
        json!({ "name": "finite-sum", "loss": "cauchy", "noise": 0.3 }),
        json!({ "name": "finite-sum", "loss": "phase", "dim": 6, "examples": 60, "noise": 0.0, "instance": 4 }),
        json!({ "name": "finite-sum", "loss": "phase", "noise": 0.1 }),
        json!({ "name": "bag", "words": 30, "dim": 3, "length": 1, "examples": 101, "exponent": 0.0, "instance": 1 }),
        json!({ "name": "lasso", "dim": 30, "examples": 20, "price": 0.3, "support": 100, "instance": 1 }),
        json!({ "name": "schwefel", "dim": 1 }),
        json!({ "name": "schwefel", "dim": 6 }),
        json!({ "name": "schwefel-1-2", "dim": 1 }),
        json!({ "name": "schwefel-2-22", "dim": 1 }),
        json!({ "name": "schwefel-2-22", "dim": 5 }),
        json!({ "name": "different-powers", "dim": 1 }),
        json!({ "name": "shekel", "holes": 5 }),
        json!({ "name": "shekel", "holes": 7 }),
        json!({ "name": "michalewicz", "dim": 1 }),
        json!({ "name": "michalewicz", "dim": 10 }),
        json!({ "name": "salomon", "dim": 1 }),
        json!({ "name": "salomon", "dim": 6 }),
        json!({ "name": "alpine-1", "dim": 5 }),
        json!({ "name": "qing", "dim": 1 }),
        json!({ "name": "qing", "dim": 6 }),
        json!({ "name": "jennrich-sampson", "residuals": 7 }),
        json!({ "name": "gulf", "residuals": 100 }),
        json!({ "name": "box-3d", "residuals": 3 }),
        json!({ "name": "brown-dennis", "residuals": 4 }),
        json!({ "name": "watson", "dim": 2 }),
        json!({ "name": "watson", "dim": 9 }),
        json!({ "name": "watson", "dim": 12 }),
        json!({ "name": "extended-rosenbrock", "pairs": 1 }),
        json!({ "name": "penalty-1", "dim": 1 }),
        json!({ "name": "penalty-1", "dim": 10 }),
        json!({ "name": "penalty-2", "dim": 3 }),
        json!({ "name": "penalty-2", "dim": 10 }),
        json!({ "name": "variably-dimensioned", "dim": 1 }),
        json!({ "name": "trigonometric", "dim": 1 }),
        json!({ "name": "brown-almost-linear", "dim": 2 }),
        json!({ "name": "brown-almost-linear", "dim": 5 }),
        json!({ "name": "discrete-boundary-value", "dim": 1 }),
        json!({ "name": "discrete-boundary-value", "dim": 17 }),
        json!({ "name": "discrete-integral-equation", "dim": 1 }),
        json!({ "name": "discrete-integral-equation", "dim": 17 }),
        json!({ "name": "broyden-tridiagonal", "dim": 1 }),
        json!({ "name": "broyden-tridiagonal", "dim": 17 }),
        json!({ "name": "broyden-banded", "dim": 1 }),
        json!({ "name": "broyden-banded", "dim": 17 }),
        json!({ "name": "linear-full-rank", "dim": 3, "residuals": 3 }),
        json!({ "name": "linear-rank-1", "dim": 1, "residuals": 2 }),
        json!({ "name": "linear-rank-1-zero", "dim": 3, "residuals": 3 }),
        json!({ "name": "chebyquad", "dim": 1, "residuals": 1 }),
        json!({ "name": "chebyquad", "dim": 2, "residuals": 2 }),
        json!({ "name": "chebyquad", "dim": 3, "residuals": 3 }),
        json!({ "name": "chebyquad", "dim": 4, "residuals": 4 }),
        json!({ "name": "chebyquad", "dim": 5, "residuals": 5 }),
        json!({ "name": "chebyquad", "dim": 6, "residuals": 6 }),
        json!({ "name": "chebyquad", "dim": 7, "residuals": 7 }),
        json!({ "name": "chebyquad", "dim": 9, "residuals": 9 }),
        json!({ "name": "chebyquad", "dim": 10, "residuals": 10 }),
        json!({ "name": "chebyquad", "dim": 4 }),
        json!({ "name": "drift", "jump": 0 }),
        json!({ "name": "reddi", "large": 4.0, "small": 1.0, "period": 3 }),
        json!({ "name": "zipf", "dim": 40, "examples": 101, "instance": 2 }),
        json!({ "name": "wilson", "examples": 9, "share": 0.7, "instance": 1 }),
        json!({ "name": "mlp", "hidden": [20, 10], "norm": "layer", "activation": "tanh" }),
        json!({ "name": "mlp", "data": "diabetes", "loss": "squared", "hidden": [7], "norm": "layer", "dropout": 0.2 }),
        json!({ "name": "softmax", "data": "wine", "corruption": { "label_noise": 0.3, "imbalance": 5.0, "decades": 1.0 } }),
        json!({ "name": "linear", "corruption": { "label_noise": 0.5, "decades": 2.0 } }),
        json!({ "name": "factorisation", "rows": 9, "columns": 20, "rank": 4, "planted": 2, "known": 0.5, "instance": 1 }),
        json!({ "name": "factorisation", "rank": 1, "planted": 2, "noise": 0.3 }),
        json!({ "name": "autoencoder", "tied": true, "loss": "bernoulli", "activation": "gelu" }),
        json!({ "name": "autoencoder", "data": "wine", "hidden": [2], "tied": true }),
        json!({ "name": "autoencoder", "data": "iris", "hidden": [3], "activation": "relu", "init": "he" }),
        json!({ "name": "modular", "modulus": 7, "model": "one-hot", "units": 9, "instance": 2 }),
        json!({ "name": "modular", "modulus": 11, "model": "attention", "width": 6, "heads": 3, "init": { "std": 0.3 } }),
        json!({ "name": "adding", "length": 5, "cell": "plain", "width": 3, "examples": 101, "instance": 1 }),
        json!({ "name": "copying", "symbols": 2, "length": 1, "delay": 1, "width": 2, "examples": 50 }),
        json!({ "name": "copying", "cell": "plain", "examples": 70 }),
        json!({ "name": "recurrent", "data": { "text": "coriolanus", "context": 7, "symbols": 1500 }, "cell": "plain", "width": 5, "layers": 2 }),
        json!({ "name": "transformer", "data": { "text": "coriolanus", "context": 12, "symbols": 2500 }, "width": 6, "heads": 3, "layers": 2,
                "init": { "std": 0.2 } }),
        json!({ "name": "conv", "channels": [3], "kernel": 4, "stride": 2, "pool": 1, "activation": "tanh" }),
        json!({ "name": "conv", "channels": [2, 3], "kernel": 2, "padding": "valid", "hidden": [], "bias": 0.05,
                "init": { "truncated": 0.05 }, "activation": "gelu" }),
        json!({ "name": "conv", "activation": "leaky", "init": "glorot" }),
        json!({ "name": "vae", "filters": 2, "code": 1, "width": 3, "dropout": 0.0 }),
    ]
}

/// The data sets, read once.
static WORLD: LazyLock<World> = LazyLock::new(World::new);

/// A configured problem.
pub(crate) struct Case {
    /// Its table, to name it in messages.
    pub(crate) table: Value,
    /// What is known of its family.
    pub(crate) family: FamilyFacts,
    configured: Configured,
}

/// Every registered family with its defaults, and the variants.
pub(crate) fn cases() -> Vec<Case> {
    let families = Families::builtin();
    let defaults = families.entries().iter().map(|entry| json!({ "name": entry.facts.name }));
    defaults.chain(variants()).map(|table| case(&families, table)).collect()
}

/// All that start at random if told to, told to.
pub(crate) fn at_random() -> Vec<Case> {
    let told = |mut case: Case| {
        case.family.hypers.iter().any(|h| h.name == "start").then(|| {
            case.table["start"] = "random".into();
            self::case(&Families::builtin(), case.table)
        })
    };
    cases().into_iter().filter_map(told).collect()
}

pub(crate) fn case(families: &Families, table: Value) -> Case {
    let configured = families.configure(&table).unwrap_or_else(|e| panic!("{table}: {e}"));
    Case { table, family: configured.facts, configured }
}

impl Case {
    pub(crate) fn has(&self, tag: &str) -> bool {
        self.family.tags.contains(&tag)
    }
    pub(crate) fn canonical(&self) -> Value {
        self.configured.canonical()
    }
    pub(crate) fn needs_data(&self) -> bool {
        self.configured.data().is_some()
    }
    pub(crate) fn streams(&self, seed: u64) -> Streams {
        Streams::new(self.configured.stream_key(), seed)
    }
    pub(crate) fn try_build<R: Precision>(&self) -> Result<Arc<dyn Problem<R>>, String> {
        let (split, streams) = (SplitSpec::default(), self.streams(0));
        self.configured.build(&WORLD.context(&split, &streams)).map_err(|e| e.0)
    }
    pub(crate) fn build<R: Precision>(&self) -> Arc<dyn Problem<R>> {
        self.try_build().unwrap_or_else(|e| panic!("{}: {e}", self.table))
    }

    /// The start at `seed`.
    pub(crate) fn start<R: Precision>(&self, problem: &dyn Problem<R>, seed: u64) -> Vec<R> {
        let mut x = vec![R::ZERO; problem.layout().len()];
        problem.start(&mut self.streams(seed).rng(Stream::Start), &mut x);
        x
    }

    /// `n` points: by turns anywhere in the domain, and within it at a distance between a millionth and half of its
    /// width from a known minimum. Without a domain, around the start.
    pub(crate) fn points(&self, problem: &dyn Problem<f64>, n: usize) -> Vec<Vec<f64>> {
        let (facts, mut rng) = (problem.facts(), self.streams(1).rng(Stream::Noise));
        let known: Vec<_> = facts.minimisers.iter().chain(facts.traps.iter().map(|t| &t.0)).collect();
        let start = self.start(problem, 1);
        let mut point = |k: usize| {
            let radius = 0.5 * 10f64.powf(-6.0 * rng.random::<f64>());
            let coordinate = |(i, &start): (usize, &f64)| match facts.interval(i) {
                Some((low, high)) if k.is_multiple_of(2) => low + (high - low) * rng.random::<f64>(),
                Some((low, high)) => {
                    (known[k / 2 % known.len()][i] + (high - low) * radius * normal(&mut rng)).clamp(low, high)
                }
                None => start + 0.5 * normal(&mut rng),
            };
            start.iter().enumerate().map(coordinate).collect()
        };
        (0..n).map(&mut point).collect()
    }
}

pub(crate) fn normal(rng: &mut Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// Value and gradient.
pub(crate) fn eval<R: Real>(problem: &dyn Problem<R>, x: &[R], sample: &Sample<'_>) -> (R, Vec<R>) {
    let mut g = vec![R::of(f64::NAN); x.len()];
    let f = problem.eval(x, sample, &mut g, &mut Scratch::new());
    (f, g)
}

/// All examples, at step 1.
pub(crate) fn everything(streams: &Streams) -> Sample<'_> {
    Sample { batch: Batch::All, t: 1, streams }
}

pub(crate) fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

pub(crate) fn distance(a: &[f64], b: &[f64]) -> f64 {
    norm(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>())
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

pub(crate) fn cast<A: Real, B: Real>(x: &[A]) -> Vec<B> {
    x.iter().map(|x| B::of(x.to_f64())).collect()
}
