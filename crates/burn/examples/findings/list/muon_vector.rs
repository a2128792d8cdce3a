//! Muon on a Linear with a bias.

use super::panic_of;
use burn::nn::LinearConfig;
use burn::optim::{GradientsParams, MuonConfig};
use burn::tensor::{Device, Tensor};
use std::fmt::{self, Write};

pub(crate) fn main(out: &mut String) -> fmt::Result {
    let device = Device::flex().autodiff();
    let linear = LinearConfig::new(3, 2).init(&device);
    let loss = linear.forward(Tensor::<2>::ones([4, 3], &device)).mean();
    let grads = GradientsParams::from_grads(loss.backward(), &linear);
    let panic = panic_of(|| drop(MuonConfig::new().init().step(0.02, linear, grads)));
    writeln!(out, "a Linear with a bias: {}", panic.map_or("stepped".into(), |text| format!("panics, {text}")))
}
