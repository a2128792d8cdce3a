//! All findings, by name.

mod adam_first_steps;
mod clipping_per_tensor;
mod cosine_rises;
mod decay_vanishes;
mod defaults;
mod lbfgs_evaluations;
mod lbfgs_unused_parameter;
mod muon_ratio;
mod muon_vector;
mod rates_above_one;
mod rmsprop_centered;
mod seed_is_global;

use std::fmt;

pub(crate) type Finding = fn(&mut String) -> fmt::Result;

pub(crate) const ALL: &[(&str, Finding)] = &[
    ("decay-vanishes", decay_vanishes::main),
    ("muon-ratio", muon_ratio::main),
    ("muon-vector", muon_vector::main),
    ("lbfgs-unused-parameter", lbfgs_unused_parameter::main),
    ("lbfgs-evaluations", lbfgs_evaluations::main),
    ("rmsprop-centered", rmsprop_centered::main),
    ("seed-is-global", seed_is_global::main),
    ("clipping-per-tensor", clipping_per_tensor::main),
    ("adam-first-steps", adam_first_steps::main),
    ("rates-above-one", rates_above_one::main),
    ("cosine-rises", cosine_rises::main),
    ("defaults", defaults::main),
];

/// What a panic says, without printing it.
pub(crate) fn panic_of(run: impl FnOnce()) -> Option<String> {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
    std::panic::set_hook(print);
    let panic = done.err()?;
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
}
