//! burn's engines for graphics cards: as the processor's up to rounding, or refused with the reason.

mod common;

use common::*;
use downhill::{Optimizer, State};
use downhill_burn::Backend;
use serde_json::json;
use std::io::Write;

/// Past the capture of output: nobody shall think that this was tested.
fn skipped(why: &str) {
    writeln!(std::io::stderr(), "SKIPPED: {why}").expect("stderr is open");
}

#[test]
fn a_card_computes_what_the_processor_does_or_is_refused() {
    let mut cards = Backend::ALL.iter().copied().filter(|backend| !PROCESSORS.contains(backend)).peekable();
    if cards.peek().is_none() {
        skipped("no engine for graphics cards is compiled in; `--features wgpu` has one");
    }
    for backend in cards {
        if !Backend::found().contains(&backend) {
            let adam = registry(backend).configure(&json!({ "name": "burn/adam" })).expect("a known name");
            let refusal = adam.build::<f32>(&layout()).err().expect("no device, no optimizer").0;
            assert!(refusal.starts_with(&format!("backend `{backend}` finds no device on this machine")), "{refusal}");
            skipped(&refusal);
            continue;
        }
        for name in names() {
            let here = path(&registry(backend), name, json!({}), &layout(), 20);
            let there = path(&registry(Backend::Flex), name, json!({}), &layout(), 20);
            let apart = apart(&wide(&here), &wide(&there));
            assert!(apart < 1e-3, "{name} on {backend}: {apart:e}");

            let fresh = || build::<f32>(&registry(backend), name, json!({}), &layout());
            let (mut saved, mut x) = (fresh(), start::<f32>(layout().len()));
            walk(&mut *saved, &mut x, 0, 5, 0.01);
            let state = State::save(&mut *saved);
            let mut loaded: Box<dyn Optimizer<f32>> = fresh();
            state.load(&mut *loaded).expect("its own state");
            assert_eq!(State::save(&mut *loaded), state, "{name} on {backend}");
        }
    }
}

#[test]
#[cfg(not(feature = "wgpu"))]
fn an_engine_that_is_not_compiled_in_says_how_to_have_it() {
    let error = "wgpu".parse::<Backend>().expect_err("not compiled in").to_string();
    assert_eq!(
        error,
        "backend `wgpu` is not compiled in: `cargo build -p runner --features wgpu` has it; here: flex, ndarray"
    );
}
