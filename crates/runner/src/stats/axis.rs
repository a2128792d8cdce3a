//! What a study compares: the part of a trial's text along which the members of a group differ.

use crate::rows::Spec;
use serde_json::{Map, Value};

/// What a study compares. Trials that differ in nothing but this, learning rate and seed form a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Everything but the problem: optimizers with their settings.
    Optimizer,
    /// Learning rates; none is chosen, all are shown.
    LearningRate,
    /// A key of the problem's or the optimizer's table, of the sampling, or of the trial itself.
    Key(String),
}

/// A trial's text without seed, learning rate and data digest, taken apart along an axis.
pub(super) struct Parts {
    /// The problem's table.
    pub(super) problem: Value,
    /// The optimizer's table and all that is left; null if that is the axis.
    pub(super) setting: Value,
    /// Where on the axis the trial lies; null if its text has no such key.
    pub(super) at: Value,
}

impl Axis {
    /// From the key `compare` of a study.
    pub fn parse(text: &str) -> Self {
        match text {
            "optimizer" => Axis::Optimizer,
            "lr" => Axis::LearningRate,
            key => Axis::Key(key.to_owned()),
        }
    }

    /// In words.
    pub fn name(&self) -> &str {
        match self {
            Axis::Optimizer => "optimizer",
            Axis::LearningRate => "learning rate",
            Axis::Key(key) => key,
        }
    }

    pub(super) fn apart(&self, spec: &Spec) -> Parts {
        let mut fields: Map<String, Value> = spec.parse().unwrap_or_default();
        let lr = fields.remove("lr").unwrap_or_default();
        let mut problem = fields.remove("problem").unwrap_or_default();
        fields.retain(|key, _| key != "seed" && key != "data");
        if let Some(sampling) = fields.get_mut("sampling").filter(|s| s["order"] == "full") {
            // The batch size is without effect there.
            sampling["batch"] = "all".into();
        }
        let (at, setting) = match self {
            Axis::Optimizer => (Value::Object(fields), Value::Null),
            Axis::LearningRate => (lr, Value::Object(fields)),
            Axis::Key(key) => (take(key, &mut problem, &mut fields).unwrap_or_default(), Value::Object(fields)),
        };
        Parts { problem, setting, at }
    }

    /// One value of the axis, in words.
    pub(super) fn label(&self, at: &Value) -> String {
        match (self, at) {
            (Axis::Key(key), Value::Null) => format!("no {key}"),
            (Axis::Key(key), at) => phrase(key, at),
            (_, at) => at.to_string(),
        }
    }
}

/// Removes a key from the first table that has it: problem, optimizer, sampling, the trial itself.
fn take(key: &str, problem: &mut Value, fields: &mut Map<String, Value>) -> Option<Value> {
    let from = |table: Option<&mut Value>| table?.as_object_mut()?.remove(key);
    from(Some(problem))
        .or_else(|| from(fields.get_mut("optimizer")))
        .or_else(|| from(fields.get_mut("sampling")))
        .or_else(|| fields.remove(key))
}

/// `batch=32`, `penalty(l2=0.001)`, `cosine(end=0.1)`; zeros inside a table are left out.
pub(super) fn phrase(key: &str, value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let named = fields.get("name").and_then(Value::as_str).unwrap_or(key);
            let told = fields.iter().filter(|(k, v)| *k != "name" && v.as_f64() != Some(0.0));
            let inner: Vec<_> = told.map(|(k, v)| phrase(k, v)).collect();
            if inner.is_empty() { named.to_owned() } else { format!("{named}({})", inner.join(" ")) }
        }
        Value::String(text) => format!("{key}={text}"),
        other => format!("{key}={other}"),
    }
}
