//! Which problems thresholds are set on, and which are held out: fixed before a trial of the latter was run.

use crate::plant::Bench;
use anyhow::Result;
use serde_json::{Value, json};

/// The problems of one half, by what is planted in them. Each has a name for the page and a table.
pub(crate) struct Half {
    /// Functions with one valley, and steps.
    pub smooth: Vec<(&'static str, Value, u64)>,
    /// Models on data, and epochs.
    pub models: Vec<(&'static str, Value, u64)>,
    /// Models so small that they cannot follow the data, and the size that can; epochs.
    pub tiny: Vec<(&'static str, Value, Value, u64)>,
    /// Functions with minima of different depth.
    pub traps: Vec<&'static str>,
    /// Functions that start where it is flat.
    pub flat: Vec<&'static str>,
    /// Networks that are large for few data, the share of it that they see, and epochs.
    pub large: Vec<(&'static str, Value, f64, u64)>,
}

/// Problems on which thresholds are set.
pub(crate) fn known() -> Half {
    Half {
        smooth: vec![
            ("ellipsoid", random("ellipsoid"), 1000),
            ("rosenbrock", random("rosenbrock"), 3000),
            ("rotated-quadratic", json!({ "name": "rotated-quadratic", "start": "random", "kappa": 100.0 }), 1000),
            ("chained-rosenbrock", random("chained-rosenbrock"), 3000),
            ("sum-squares", random("sum-squares"), 1000),
            ("noisy-quadratic", json!({ "name": "noisy-quadratic" }), 1000),
        ],
        models: vec![
            ("softmax/digits", json!({ "name": "softmax", "data": "digits" }), 30),
            ("mlp/breast_cancer", json!({ "name": "mlp", "data": "breast_cancer", "hidden": [[16]] }), 30),
            ("mlp/digits", json!({ "name": "mlp", "data": "digits", "hidden": [[32]] }), 30),
            ("linear/diabetes", json!({ "name": "linear", "data": "diabetes" }), 30),
            ("logistic/breast_cancer", json!({ "name": "logistic", "data": "breast_cancer" }), 30),
        ],
        tiny: vec![(
            "mlp/digits",
            json!({ "name": "mlp", "data": "digits", "hidden": [[1]] }),
            json!({ "name": "mlp", "data": "digits", "hidden": [[32]] }),
            30,
        )],
        traps: vec![
            "himmelblau",
            "hills",
            "styblinski-tang",
            "rastrigin",
            "three-hump-camel",
            "six-hump-camel",
            "levy",
            "freudenstein-roth",
        ],
        flat: vec!["plateau", "monkey-saddle"],
        large: vec![
            ("mlp/breast_cancer", json!({ "name": "mlp", "data": "breast_cancer", "hidden": [[128, 128]] }), 0.2, 300),
            ("mlp/wine", json!({ "name": "mlp", "data": "wine", "hidden": [[128, 128]] }), 0.2, 300),
            ("mlp/iris", json!({ "name": "mlp", "data": "iris", "hidden": [[128, 128]] }), 0.2, 300),
            (
                "mlp/diabetes",
                json!({ "name": "mlp", "data": "diabetes", "loss": "squared", "hidden": [[128, 128]] }),
                0.2,
                300,
            ),
        ],
    }
}

/// Problems that were run once, after thresholds were set.
pub(crate) fn held_out() -> Half {
    Half {
        smooth: vec![
            ("trid", random("trid"), 1000),
            ("zakharov", random("zakharov"), 1000),
            ("hager", random("hager"), 1000),
            ("dixon-price", random("dixon-price"), 1000),
            ("wood", random("wood"), 3000),
            ("booth", random("booth"), 1000),
        ],
        models: vec![
            ("svm/digits", json!({ "name": "svm", "data": "digits" }), 30),
            ("softmax/wine", json!({ "name": "softmax", "data": "wine" }), 30),
            (
                "mlp/digit_images tanh",
                json!({ "name": "mlp", "data": "digit_images", "hidden": [[24]], "activation": "tanh" }),
                30,
            ),
            ("softmax/coriolanus", json!({ "name": "softmax", "data": "coriolanus" }), 5),
        ],
        tiny: vec![(
            "mlp/digit_images tanh",
            json!({ "name": "mlp", "data": "digit_images", "hidden": [[1]], "activation": "tanh" }),
            json!({ "name": "mlp", "data": "digit_images", "hidden": [[24]], "activation": "tanh" }),
            30,
        )],
        traps: vec!["ackley", "griewank", "bohachevsky", "goldstein-price", "mccormick"],
        flat: vec!["easom", "strict-saddle"],
        large: vec![
            ("mlp/digit_images", json!({ "name": "mlp", "data": "digit_images", "hidden": [[128]] }), 0.1, 300),
            ("mlp/letter", json!({ "name": "mlp", "data": "letter", "hidden": [[64]] }), 0.02, 150),
            ("mlp/coriolanus", json!({ "name": "mlp", "data": "coriolanus", "hidden": [[64]] }), 0.1, 60),
        ],
    }
}

fn random(name: &str) -> Value {
    json!({ "name": name, "start": "random" })
}

/// Plants every cause in the problems of a half.
///
/// # Errors
/// If a problem's table is wrong, or threads cannot be started.
pub(crate) fn plant(half: &Half, bench: &mut Bench) -> Result<()> {
    for (name, problem, steps) in &half.smooth {
        bench.rates(name, problem, ("steps", *steps))?;
    }
    for (name, problem, epochs) in &half.models {
        bench.rates(name, problem, ("epochs", *epochs))?;
        bench.penalties(name, problem, *epochs)?;
    }
    for (name, tiny, model, epochs) in &half.tiny {
        bench.tiny(name, tiny, model, *epochs)?;
    }
    for name in &half.traps {
        bench.traps(name)?;
    }
    for name in &half.flat {
        bench.flat(name)?;
    }
    for (name, problem, share, epochs) in &half.large {
        bench.large(name, problem, *share, *epochs)?;
    }
    Ok(())
}
