//! What is remembered: saved, loaded, counted.

use crate::common::{Walk, bits, everything, gradients, layout, noise};
use downhill::{Layout, Real, Registry, Role, State, StateError, Values};
use serde_json::{Value, json};

const LR: f64 = 0.01;

fn walk<R: Real>(table: &Value, layout: &Layout) -> Walk<R> {
    Walk::new(table, layout, &noise(0, layout.len()), LR)
}

fn resumes<R: Real>(table: &Value) {
    let g = gradients(107, layout().len());
    let mut first = walk::<R>(table, &layout()).along(&g[..7]);
    let text = serde_json::to_string(&first.save()).unwrap();
    let saved: State = serde_json::from_str(&text).unwrap();
    let mut second = walk::<R>(table, &layout());
    saved.load(&mut *second.optimizer).unwrap_or_else(|e| panic!("{table}: {e}"));
    (second.x, second.t) = (first.x.clone(), first.t);
    let (mut first, mut second) = (first.along(&g[7..]), second.along(&g[7..]));
    assert_eq!(first.bits(), second.bits(), "{table} in {}", R::NAME);
    assert_eq!(bits(&first.readout()), bits(&second.readout()), "{table} in {}: readout", R::NAME);
    assert_eq!(first.save(), second.save(), "{table} in {}: state", R::NAME);
}

#[test]
fn goes_on_bit_for_bit_from_a_state_in_json() {
    for table in everything() {
        resumes::<f32>(&table);
        resumes::<f64>(&table);
    }
}

#[test]
fn the_same_steps_twice_are_the_same_bits() {
    for table in everything() {
        let run = || walk::<f32>(&table, &layout()).along(&gradients(20, layout().len()));
        let (mut a, mut b) = (run(), run());
        assert_eq!((a.bits(), a.save()), (b.bits(), b.save()), "{table}");
    }
}

#[test]
fn refuses_another_method_layout_or_precision() {
    let g = gradients(3, layout().len());
    let names: Vec<_> = Registry::builtin().entries().iter().map(|e| json!({ "name": e.facts.name })).collect();
    for table in &names {
        let state = walk::<f64>(table, &layout()).along(&g).save();
        let stateless = state.iter().count() == 0;
        for other in names.iter().filter(|&other| other != table) {
            let mut other_walk = walk::<f64>(other, &layout());
            let both_stateless = stateless && other_walk.save().iter().count() == 0;
            let result = state.load(&mut *other_walk.optimizer);
            assert!(both_stateless || result.is_err(), "{other} took the state of {table}");
        }
        // A number over all parameters fits any layout; a vector has its block's name, or it would fit any order.
        let number = |v: &Values| matches!(v, Values::U64(_)) || matches!(v, Values::F64(v) if v.len() == 1);
        if state.iter().all(|(name, v)| number(v) && !name.contains("/w/")) {
            continue;
        }
        let narrow = Layout::new().block("w", [4, 2], Role::Hidden).block("b", [4], Role::Bias);
        let error = state.load(&mut *walk::<f64>(table, &narrow).optimizer).expect_err("another layout");
        assert!(matches!(error, StateError::Differs { .. } | StateError::Surplus { .. }), "{table}: {error}");
        let renamed = Layout::new().block("w2", [4, 3], Role::Hidden).block("b", [4], Role::Bias);
        let error = state.load(&mut *walk::<f64>(table, &renamed).optimizer).expect_err("other names");
        assert!(error.to_string().contains("w2"), "{table}: {error}");
        let error = state.load(&mut *walk::<f32>(table, &layout()).optimizer).expect_err("another precision");
        assert!(error.to_string().contains("f32"), "{table}: {error}");
    }
}

/// A vector over several blocks under one name would fit any order of them; one without a name, any other.
#[test]
fn vectors_are_saved_under_the_names_of_their_blocks() {
    for table in everything() {
        let mut walk = walk::<f64>(&table, &layout()).along(&gradients(5, layout().len()));
        for (name, values) in walk.save().iter() {
            assert!(name.split('/').all(|part| !part.is_empty() && part != "?"), "{table}: `{name}`");
            let whole = matches!(values, Values::F64(v) if v.len() == layout().len());
            assert!(!whole, "{table}: `{name}` spans all blocks");
        }
    }
}

#[test]
fn counts_the_bytes_that_it_saves() {
    let size = |v: &Values| match v {
        Values::F32(v) => size_of_val(&v[..]),
        Values::F64(v) => size_of_val(&v[..]),
        Values::U64(v) => size_of_val(&v[..]),
    };
    for table in everything() {
        let mut walk = walk::<f32>(&table, &layout());
        let saved: usize = walk.save().iter().map(|(_, v)| size(v)).sum();
        assert_eq!(State::bytes(&mut *walk.optimizer), saved, "{table}");
    }
    let mut adam = walk::<f32>(&json!({ "name": "adam" }), &Layout::vector(1000));
    assert_eq!(State::bytes(&mut *adam.optimizer), 8000, "two quantities of 4 bytes");
}
