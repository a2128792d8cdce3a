//! What problems and optimizers are called: their names, and what of them is not default.

use crate::lab::Lab;
use crate::trial::Trial;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// `mlp/digits hidden=[64]`: family, data, and the knobs that are not default.
pub fn problem_label(table: &Value, lab: &Lab) -> String {
    let fields = table.as_object().cloned().unwrap_or_default();
    let (name, data) = (fields.get("name").cloned(), fields.get("data").cloned());
    let mut bare = Map::from_iter(name.map(|n| ("name".to_owned(), n)));
    bare.extend(data.clone().map(|d| ("data".to_owned(), d)));
    let defaults = lab.families.configure(&Value::Object(bare)).map(|c| c.canonical()).unwrap_or_default();
    let configured = lab.families.configure(table).ok();
    let data = configured.as_ref().and_then(|c| c.data()).map(|d| format!("/{}", d.name())).unwrap_or_default();
    label(&fields, &data, &defaults)
}

/// `adam beta2=0.99`, `rmsprop preset=tf1`: name, convention, and the hyperparameters that are not its defaults.
pub fn optimizer_label(table: &Value, lab: &Lab) -> String {
    let fields = table.as_object().cloned().unwrap_or_default();
    let bare = fields.iter().filter(|(key, _)| *key == "name" || *key == "preset");
    let bare = Value::Object(bare.map(|(key, value)| (key.clone(), value.clone())).collect());
    let mut defaults = lab.optimizers.configure(&bare).map(|c| c.canonical()).unwrap_or_default();
    defaults.as_object_mut().and_then(|defaults| defaults.remove("preset"));
    label(&fields, "", &defaults)
}

fn label(fields: &Map<String, Value>, data: &str, defaults: &Value) -> String {
    let mut label = fields.get("name").and_then(Value::as_str).unwrap_or("?").to_owned() + data;
    for (key, value) in fields {
        if key != "name" && key != "data" && defaults.get(key) != Some(value) {
            label.push_str(&format!(" {}", phrase(key, value)));
        }
    }
    label
}

/// `beta2=0.99`, `clip-global(norm=1.0)`, `penalty(l2=0.001)`.
fn phrase(key: &str, value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let named = fields.get("name").and_then(Value::as_str).unwrap_or(key);
            let rest: Vec<_> = fields.iter().filter(|(k, _)| *k != "name").map(|(k, v)| phrase(k, v)).collect();
            if rest.is_empty() { named.to_owned() } else { format!("{named}({})", rest.join(" ")) }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().map(|v| phrase(key, v)).collect::<Vec<_>>().join(" ")
        }
        Value::String(text) => format!("{key}={text}"),
        other => format!("{key}={other}"),
    }
}

/// Labels of trials that share their tables, made once a table.
pub(crate) struct Labels<'l> {
    lab: &'l Lab,
    known: HashMap<*const Value, (Arc<Value>, String)>,
}

impl<'l> Labels<'l> {
    pub(crate) fn new(lab: &'l Lab) -> Self {
        Labels { lab, known: HashMap::new() }
    }

    /// [`problem_label`].
    pub(crate) fn problem(&mut self, trial: &Trial) -> &str {
        self.label(&trial.problem, problem_label)
    }

    /// [`optimizer_label`].
    pub(crate) fn optimizer(&mut self, trial: &Trial) -> &str {
        self.label(&trial.optimizer, optimizer_label)
    }

    fn label(&mut self, table: &Arc<Value>, label: fn(&Value, &Lab) -> String) -> &str {
        // The table is kept, so that its address is its own.
        let make = || (table.clone(), label(table, self.lab));
        &self.known.entry(Arc::as_ptr(table)).or_insert_with(make).1
    }
}
