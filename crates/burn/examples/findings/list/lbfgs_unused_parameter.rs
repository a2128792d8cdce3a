//! L-BFGS on a module of which a part takes no part in the loss.

use super::panic_of;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{GradientsParams, LBFGSConfig};
use burn::tensor::{Device, Tensor};
use std::fmt::{self, Write};

#[derive(Module, Debug)]
struct Two {
    used: Linear,
    unused: Linear,
}

pub(crate) fn main(out: &mut String) -> fmt::Result {
    let device = Device::flex().autodiff();
    let linear = || LinearConfig::new(3, 2).init(&device);
    let two = Two { used: linear(), unused: linear() };
    let closure = |two: Two| {
        let loss = two.used.forward(Tensor::<2>::ones([4, 3], &device)).square().mean();
        let value: f64 = loss.clone().into_scalar();
        (value, GradientsParams::from_grads(loss.backward(), &two))
    };
    let panic = panic_of(|| drop(LBFGSConfig::new().init().step(1.0, two, closure)));
    let said = panic.map_or("stepped".into(), |text| {
        let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        format!("panics\n  {}", lines.join("\n  "))
    });
    writeln!(out, "a Linear that takes no part in the loss: {said}")
}
