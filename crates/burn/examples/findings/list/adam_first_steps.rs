//! Under a constant gradient Adam's every step is as long as the learning rate. burn's bias corrections are powers in
//! f32, and `1 - beta2^t` keeps few digits of them while t is small.

use burn::optim::{AdamConfig, Optimizer};
use burn::tensor::{Device, Tensor};
use std::fmt::{self, Write};

pub(crate) fn main(out: &mut String) -> fmt::Result {
    let device = Device::flex();
    let adam = AdamConfig::new().with_epsilon(0.0).build();
    let mut state = None;
    let mut worst = 0.0_f64;
    for t in 1..=100 {
        let (x, next) = adam.step(1.0, Tensor::<1>::zeros([1], &device), Tensor::ones([1], &device), state.take());
        state = next;
        let off = (f64::from(-x.into_scalar::<f32>()) - 1.0).abs();
        worst = worst.max(off);
        if [1, 2, 3, 5, 10].contains(&t) {
            writeln!(out, "step {t}: off by {off:.1e} of its length")?;
        }
    }
    writeln!(out, "largest of 100: {worst:.1e}; f32 rounds by 6.0e-8")
}
