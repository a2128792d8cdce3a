//! Facts are complete, and mistakes in a table are answered with the choices.

use crate::cases::{case, cases};
use downhill_problems::{Families, SplitSpec, Streams, World};
use serde_json::json;
use std::collections::BTreeSet;

#[test]
fn every_family_says_what_it_is() {
    let mut names = BTreeSet::new();
    for entry in Families::builtin().entries() {
        let facts = entry.facts;
        assert!(names.insert(facts.name), "two families are named {}", facts.name);
        assert!(facts.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{}", facts.name);
        for text in [facts.formula, facts.source, facts.teaches] {
            assert!(text.len() > 3 && text.trim() == text, "{}: {text:?}", facts.name);
        }
        assert!(!facts.tags.is_empty(), "{}", facts.name);
    }
    assert!(names.len() >= 26);
}

/// Fields of tables that no [`downhill::Range`] describes: texts, lists, and what is a word or a table.
const WITHOUT_RANGE: [&str; 9] =
    ["name", "data", "hidden", "channels", "norm", "init", "penalty", "gradient_noise", "corruption"];

#[test]
fn hypers_are_the_fields() {
    for case in cases() {
        let canonical = case.canonical();
        let fields: BTreeSet<_> = canonical.as_object().unwrap().keys().map(String::as_str).collect();
        let fields: BTreeSet<_> = fields.into_iter().filter(|f| !WITHOUT_RANGE.contains(f)).collect();
        assert_eq!(fields, case.family.hypers.iter().map(|h| h.name).collect(), "{}", case.table);
    }
}

#[test]
fn an_unknown_knob_is_answered_with_the_choices() {
    for case in cases() {
        let mut table = case.table.clone();
        table["no-such-knob"] = json!(1);
        let error = Families::builtin().configure(&table).err().unwrap().0;
        assert!(error.contains(case.family.name) && error.contains("no-such-knob"), "{error}");
        for hyper in case.family.hypers {
            assert!(error.contains(&format!("`{}`", hyper.name)), "{error}");
        }
    }
}

#[test]
fn a_knob_out_of_range_is_answered_with_the_range() {
    for (table, words) in [
        (json!({ "name": "ellipsoid", "dim": 1 }), "`dim` is 1, allowed is a whole number >= 2"),
        (json!({ "name": "ravine", "kappa": 0.0 }), "`kappa` is 0.0, allowed is value > 0"),
        (json!({ "name": "beale", "start": "anywhere" }), "expected `customary` or `random`"),
        (json!({ "name": "sphere", "dim": -1 }), "-1"),
        (json!({ "name": "quadratic", "spectrum": "flat" }), "`log-uniform`"),
        (json!({ "name": "sphere", "gradient_noise": { "jitter": -1.0 } }), "`gradient_noise.jitter` is -1"),
        (json!({ "name": "sphere", "gradient_noise": { "index": 1.0 } }), "allowed is value > 1"),
        (json!({ "name": "sphere", "gradient_noise": { "law": "stable", "index": 2.5 } }), "allowed is 1 < value <= 2"),
        (json!({ "name": "sphere", "gradient_noise": { "law": "cauchy" } }), "`student`"),
        (json!({ "name": "mlp", "norm": "batch" }), "expected `none` or `layer`"),
        (
            json!({ "name": "mlp", "corruption": { "label_noise": 1.5 } }),
            "`corruption.label_noise` is 1.5, allowed is 0",
        ),
        (
            json!({ "name": "mlp", "corruption": { "imbalance": 0.5 } }),
            "`corruption.imbalance` is 0.5, allowed is value >= 1",
        ),
        (json!({ "name": "mlp", "corruption": { "decades": -1.0 } }), "`corruption.decades` is -1, allowed is 0"),
        (json!({ "name": "sphere", "corruption": { "decades": 1.0 } }), "but this problem takes none"),
        (json!({ "name": "sfere" }), "did you mean `sphere`?"),
    ] {
        let error = Families::builtin().configure(&table).err().unwrap().0;
        assert!(error.contains(words), "{table}: {error}");
    }
}

#[test]
fn knobs_that_contradict_are_answered_with_what_is_allowed() {
    for (table, words) in [
        (json!({ "name": "quadratic", "kappa": 0.5 }), "`kappa` is 0.5, allowed is value >= 1"),
        (json!({ "name": "saddles", "kappa": 0.1 }), "`kappa` is 0.1, allowed is value >= 1"),
        (json!({ "name": "autoencoder", "data": "iris", "loss": "bernoulli" }), "allowed are numbers from 0 to 1"),
        (json!({ "name": "linear", "corruption": { "imbalance": 2.0 } }), "but the targets are numbers"),
        (json!({ "name": "recurrent", "data": "iris" }), "the data is no text"),
        (json!({ "name": "transformer", "heads": 3 }), "`width` is 32, allowed are multiples of `heads`, which is 3"),
        (json!({ "name": "modular", "share": 1.0 }), "`share` is 1, which makes 529 of 529 pairs"),
        (json!({ "name": "recurrent", "corruption": { "label_noise": 0.1 } }), "`corruption` knows no texts"),
        (json!({ "name": "autoencoder", "hidden": [] }), "allowed are one or more widths"),
        (json!({ "name": "factorisation", "known": 1.0 }), "`known` is 1, allowed is 0 < value < 1"),
        (json!({ "name": "conv", "data": "wine" }), "rows of 13 numbers"),
        (json!({ "name": "conv", "channels": [4, 0] }), "`channels`: layer 2"),
        (json!({ "name": "conv", "kernel": 9, "padding": "valid" }), "a window of 9 pixels does not fit into 8"),
        (json!({ "name": "beale", "gradient_noise": { "covariance": "hessian" } }), "allowed is \"isotropic\""),
    ] {
        let configured = Families::builtin().configure(&table).unwrap();
        let (split, streams, world) = (SplitSpec::default(), Streams::new("knobs", 0), World::new());
        let error = configured.build::<f64>(&world.context(&split, &streams)).err().unwrap().0;
        assert!(error.contains(words), "{table}: {error}");
    }
}

#[test]
fn knobs_that_do_not_fit_are_answered_with_what_does() {
    for (table, words) in [
        (json!({ "name": "shekel", "holes": 6 }), "`holes` is 6, allowed are 5, 7 and 10"),
        (json!({ "name": "watson", "dim": 32 }), "`dim` is 32, allowed are 2 to 31"),
        (json!({ "name": "gulf", "residuals": 101 }), "`residuals` is 101, allowed are 3 to 100"),
        (json!({ "name": "chebyquad", "dim": 9 }), "`residuals` is 8, allowed are 9 and more, as `dim` is 9"),
        (json!({ "name": "michalewicz", "dim": 11 }), "`dim` is 11, known are the minima of up to 10 coordinates"),
    ] {
        let error = case(&Families::builtin(), table.clone()).try_build::<f64>().err().unwrap();
        assert!(error.contains(words), "{table}: {error}");
    }
}

#[test]
fn facts_are_the_same_in_both_precisions() {
    for case in cases() {
        assert_eq!(case.build::<f32>().facts(), case.build::<f64>().facts(), "{}", case.table);
    }
}

#[test]
fn domains_fit_the_dimension() {
    for case in cases() {
        let problem = case.build::<f64>();
        let (facts, n) = (problem.facts(), problem.layout().len());
        assert!([0, 1, n].contains(&facts.domain.len()), "{}: {:?}", case.table, facts.domain);
        assert!(facts.domain.iter().all(|(low, high)| low < high), "{}: {:?}", case.table, facts.domain);
        assert_eq!(facts.domain.is_empty(), facts.minimum.is_none(), "{}: pictures need both", case.table);
        assert!(facts.lower_bound.is_none_or(|b| facts.minimum.is_none_or(|m| b <= m)), "{}", case.table);
    }
}

/// Moré, Garbow & Hillstrom 1981 number their problems in `source`, after "no.".
#[test]
fn the_collection_is_complete() {
    let mut numbers = Vec::new();
    for entry in Families::builtin().entries().iter().filter(|entry| entry.facts.tags.contains(&"mgh")) {
        let said = entry.facts.source.split_once("Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), no. ").unwrap().1;
        numbers.extend(said.split(" and ").map(|no| no.parse::<u32>().unwrap()));
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=35).collect::<Vec<_>>());
}
