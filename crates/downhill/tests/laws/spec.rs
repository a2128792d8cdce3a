//! Tables and facts agree: names, fields, ranges, messages.

use crate::common::{configure, everything, layout, wrappers};
use downhill::{Hyper, Registry, SpecError};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn error(table: Value) -> String {
    let SpecError(message) = Registry::builtin().configure(&table).err().unwrap_or_else(|| panic!("{table} was taken"));
    message
}

/// The facts name the fields, each default lies in its range, and each field has a description.
fn agree(what: &str, hypers: &[Hyper], fields: &Value) {
    let names: BTreeSet<_> = hypers.iter().map(|h| h.name).collect();
    let fields_named: BTreeSet<_> =
        fields.as_object().unwrap().keys().map(String::as_str).filter(|k| *k != "name").collect();
    assert_eq!(names, fields_named, "{what}: facts and fields");
    for h in hypers {
        assert!(h.range.contains(&fields[h.name]), "{what}: `{}` = {} is not {}", h.name, fields[h.name], h.range);
        assert!(!h.doc.is_empty(), "{what}: `{}`", h.name);
    }
}

#[test]
fn facts_are_the_fields_of_the_struct() {
    let registry = Registry::builtin();
    for entry in registry.entries() {
        let f = &entry.facts;
        agree(f.name, f.hypers, &configure(&json!({ "name": f.name })).canonical());
        assert!(f.grid.0 <= f.lr && f.lr <= f.grid.1, "{}: the default rate is not in the grid", f.name);
        let texts = [f.formula, f.source, f.convention, f.failure, entry.family];
        assert!(texts.iter().all(|text| !text.is_empty()), "{}: {texts:?}", f.name);
    }
    for (entry, table) in registry.wrappers().iter().zip(wrappers()) {
        let canonical = configure(&json!({ "name": "sgd", "wrap": [table] })).canonical();
        agree(entry.facts.name, entry.facts.hypers, &canonical["wrap"][0]);
        let texts = [entry.facts.formula, entry.facts.source, entry.facts.convention];
        assert!(texts.iter().all(|text| !text.is_empty()), "{}: {texts:?}", entry.facts.name);
    }
}

/// The page is written from the facts, and so is every default grid: both would change unseen.
#[test]
fn the_page_has_each_rate_and_grid() {
    let page = include_str!("../../../../docs/optimizers.md");
    for entry in Registry::builtin().entries() {
        let f = &entry.facts;
        let section = page.split_once(&format!("### {}\n", f.name)).expect(f.name).1;
        let line = section.lines().find_map(|line| line.strip_prefix("- learning rate: ")).expect(f.name);
        let numbers: Vec<f64> = line.split([' ', ',']).filter_map(|word| word.parse().ok()).collect();
        assert_eq!(numbers, [f.lr, f.grid.0, f.grid.1], "{}: `downhill report` writes docs/optimizers.md", f.name);
    }
}

/// The convention names whose it is. A preset is a table of known fields that changes something; it can be named together with other fields.
#[test]
fn presets_are_tables_of_their_own() {
    const KNOWN: [&str; 6] = ["paper", "torch", "optax", "tf1", "burn", "authors"];
    for entry in Registry::builtin().entries() {
        let f = &entry.facts;
        assert!(KNOWN.contains(&f.preset), "{}: {}", f.name, f.preset);
        assert!(f.convention.contains(f.preset.trim_end_matches('s')), "{}: {}: {}", f.name, f.preset, f.convention);
        let default = configure(&json!({ "name": f.name })).canonical();
        assert_eq!(configure(&json!({ "name": f.name, "preset": f.preset })).canonical(), default);
        for preset in f.presets {
            assert!(KNOWN.contains(&preset.name) && preset.name != f.preset, "{}: {}", f.name, preset.name);
            let configured = configure(&json!({ "name": f.name, "preset": preset.name }));
            let canonical = configured.canonical();
            assert_eq!(canonical["preset"], preset.name);
            assert!(preset.fields().iter().all(|(key, value)| canonical[key] == *value), "{canonical}");
            assert!(preset.fields().iter().any(|(key, value)| default[key] != *value), "{canonical} is the default");
            assert_eq!(configured.facts.lr, preset.lr.unwrap_or(f.lr));
        }
    }
    let table = json!({ "name": "adam", "preset": "burn", "beta2": 0.5 });
    let both = configure(&table).canonical();
    assert_eq!((&both["eps"], &both["beta2"]), (&json!(1e-5), &json!(0.5)));
    assert_eq!(
        error(json!({ "name": "adam", "preset": "keras" })),
        "optimizer `adam`: `preset` is \"keras\", allowed is one of `torch`, `tf1`, `burn`"
    );
}

#[test]
fn names_are_unique_and_in_kebab_case() {
    let registry = Registry::builtin();
    let names = registry.entries().iter().map(|e| e.facts.name).chain(registry.wrappers().iter().map(|w| w.facts.name));
    let mut seen = BTreeSet::new();
    for name in names {
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{name}");
        assert!(seen.insert(name), "{name} twice");
    }
}

#[test]
fn the_canonical_table_configures_the_same_method() {
    for table in everything() {
        let canonical = configure(&table).canonical();
        assert_eq!(configure(&canonical).canonical(), canonical, "{table}");
    }
}

#[test]
fn an_unknown_field_lists_the_fields() {
    for entry in Registry::builtin().entries() {
        let message = error(json!({ "name": entry.facts.name, "beta9": 0.5 }));
        assert!(message.contains(entry.facts.name) && message.contains("`beta9`"), "{message}");
        assert!(entry.facts.hypers.iter().all(|h| message.contains(&format!("`{}`", h.name))), "{message}");
    }
    for mut wrapper in wrappers() {
        wrapper["beta9"] = json!(1.0);
        let message = error(json!({ "name": "sgd", "wrap": [wrapper] }));
        assert!(message.contains("unknown field `beta9`, "), "{message}");
    }
}

#[test]
fn a_value_out_of_its_range_names_the_range() {
    let message = error(json!({ "name": "adam", "beta2": 1.5 }));
    assert_eq!(message, "optimizer `adam`: `beta2` is 1.5, allowed is 0 <= value < 1");
    let message = error(json!({ "name": "sgd", "wrap": { "name": "clip-norm", "norm": 0.0 } }));
    assert_eq!(message, "wrapper `clip-norm`: `norm` is 0.0, allowed is value > 0");
}

#[test]
fn an_unknown_name_offers_the_nearest() {
    assert!(error(json!({ "name": "adma" })).contains("did you mean `adam`?"));
    assert!(error(json!({ "name": "sgd", "wrap": { "name": "clip-nrm" } })).contains("did you mean `clip-norm`?"));
    assert!(error(json!({ "beta1": 0.9 })).contains("`name` is missing"));
}

#[test]
fn a_wrapper_without_its_value_says_which() {
    let message = error(json!({ "name": "sgd", "wrap": { "name": "ema" } }));
    assert_eq!(message, "wrapper `ema`: missing field `decay`");
    assert!(configure(&json!({ "name": "sgd" })).build::<f32>(&layout()).is_ok());
}

/// A line search along a gradient with a penalty, over values without it, would see a slope that does not fit them.
#[test]
fn what_changes_the_gradient_goes_around_no_method_that_asks_for_others() {
    let build = |table: Value| configure(&table).build::<f64>(&layout()).map(drop).map_err(|e| e.0);
    let (l2, sam) = (json!({ "name": "l2", "lambda": 0.1 }), json!({ "name": "sam" }));
    for (table, expected) in [
        (json!({ "name": "l-bfgs", "wrap": [l2] }), "`l-bfgs` asks for: put a penalty into the problem"),
        (json!({ "name": "saga", "wrap": [l2] }), "`saga` asks for: put a penalty into the problem"),
        (json!({ "name": "sgd", "wrap": [l2, sam] }), "`sam` asks for: name `l2` after `sam`"),
    ] {
        assert_eq!(build(table), Err(format!("`l2` changes the gradient, but not those that {expected}")));
    }
    assert_eq!(build(json!({ "name": "sgd", "wrap": [sam, l2] })), Ok(()));
    assert_eq!(build(json!({ "name": "l-bfgs", "wrap": [{ "name": "decay", "lambda": 0.1 }] })), Ok(()));
}
