//! Parameter groups: by role, by name, for rates and for decay.

use crate::common::{Walk, configure, everything, gradients, layout, noise, wrappers};
use downhill::Registry;
use serde_json::{Value, json};
use std::ops::Range;

fn with_groups(table: &Value, groups: Value) -> Value {
    let mut table = table.clone();
    table["groups"] = groups;
    table
}

/// The bits of one block after five steps.
fn block(table: &Value, lr: f64, name: &str) -> Vec<u64> {
    block_along(table, lr, name, &gradients(5, layout().len()))
}

fn block_along(table: &Value, lr: f64, name: &str, gradients: &[Vec<f64>]) -> Vec<u64> {
    let end = Walk::<f64>::new(table, &layout(), &noise(0, layout().len()), lr).along(gradients);
    end.bits()[range(name)].to_vec()
}

fn range(name: &str) -> Range<usize> {
    layout().blocks().iter().find(|b| b.name == name).unwrap().range.clone()
}

/// Whether a block's path depends on the gradients of that block alone, as it does unless a method looks at the whole.
fn separate(table: &Value) -> bool {
    let mut other = gradients(5, layout().len());
    other.iter_mut().for_each(|g| g[range("w")].fill(0.5));
    block_along(table, 0.5, "b", &other) == block(table, 0.5, "b")
}

#[test]
fn a_group_has_its_own_rate() {
    for table in everything() {
        let separate = separate(&table);
        for group in [json!([{ "role": "bias", "lr_scale": 0.25 }]), json!([{ "name": "b", "lr_scale": 0.25 }])] {
            let grouped = with_groups(&table, group);
            assert_ne!(block(&grouped, 0.5, "b"), block(&table, 0.5, "b"), "{grouped}");
            if separate {
                assert_eq!(block(&grouped, 0.5, "b"), block(&table, 0.125, "b"), "{grouped}");
                assert_eq!(block(&grouped, 0.5, "w"), block(&table, 0.5, "w"), "{grouped}");
            }
        }
    }
}

#[test]
fn a_group_is_exempt_from_decay() {
    let exempt = json!([{ "role": "bias", "decay": 0.0 }]);
    for entry in Registry::builtin().entries() {
        let plain = json!({ "name": entry.facts.name });
        for wrapper in wrappers().into_iter().filter(|w| w.get("lambda").is_some()) {
            let wrapped = json!({ "name": entry.facts.name, "wrap": [wrapper] });
            if configure(&wrapped).build::<f64>(&layout()).is_err() {
                continue; // Methods that search along the gradient take no penalty beside it.
            }
            // The method's own decay, if it has one, is exempt in both.
            let (wrapped, plain) = (with_groups(&wrapped, exempt.clone()), with_groups(&plain, exempt.clone()));
            if separate(&plain) {
                assert_eq!(block(&wrapped, 0.5, "b"), block(&plain, 0.5, "b"), "{wrapped}");
            }
            assert_ne!(block(&wrapped, 0.5, "w"), block(&plain, 0.5, "w"), "{wrapped}");
        }
    }
}

#[test]
fn a_groups_decay_replaces_the_coefficient() {
    for name in ["l1", "l2", "decay"] {
        let with = |lambda: f64| json!({ "name": "sgd", "wrap": [{ "name": name, "lambda": lambda }] });
        let replaced = with_groups(&with(0.5), json!([{ "name": "w", "decay": 0.25 }]));
        assert_eq!(block(&replaced, 0.5, "w"), block(&with(0.25), 0.5, "w"), "{name}");
    }
    let adamw = |decay: f64| json!({ "name": "adamw", "decay": decay });
    let replaced = with_groups(&adamw(0.5), json!([{ "name": "w", "decay": 0.25 }]));
    assert_eq!(block(&replaced, 0.5, "w"), block(&adamw(0.25), 0.5, "w"));
}

#[test]
fn a_group_without_a_block_is_an_error_that_lists_the_blocks() {
    let table = with_groups(&json!({ "name": "sgd" }), json!([{ "role": "embedding" }]));
    let error = Registry::builtin().configure(&table).unwrap().build::<f64>(&layout()).err().unwrap().to_string();
    assert!(error.contains("no block has role embedding") && error.contains("b (bias)"), "{error}");
}
