//! Centered RMSProp divides by the root of `mean of g^2 - (mean of g)^2`, which rounding can make negative.

use burn::optim::{Optimizer, RmsPropConfig};
use burn::tensor::{Device, Tensor};
use std::fmt::{self, Write};

pub(crate) fn main(out: &mut String) -> fmt::Result {
    let device = Device::flex();
    let rmsprop = RmsPropConfig::new().with_centered(true).build();
    for g in [0.1_f32, 0.2, 0.5] {
        let (mut x, mut state) = (Tensor::<1>::from_floats([1.0], &device), None);
        let first = (1..=5_000).find(|_| {
            let (moved, next) = rmsprop.step(1e-3, x.clone(), Tensor::from_floats([g], &device), state.take());
            (x, state) = (moved, next);
            x.clone().into_scalar::<f32>().is_nan()
        });
        let said = first.map_or("no NaN in 5000 steps".into(), |t| format!("NaN at step {t}"));
        writeln!(out, "a gradient of {g} at every step: {said}")?;
    }
    Ok(())
}
