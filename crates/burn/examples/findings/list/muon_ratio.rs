//! Muon's factor sqrt(max(1, rows / columns)) means [out, in]; burn's Linear keeps its weight as [in, out].

use burn::nn::LinearConfig;
use burn::optim::{MuonConfig, Optimizer};
use burn::tensor::{Device, Tensor, TensorData};
use std::fmt::{self, Write};

pub(crate) fn main(out: &mut String) -> fmt::Result {
    let device = Device::flex();
    for (inputs, outputs) in [(784, 100), (100, 784)] {
        let weight = LinearConfig::new(inputs, outputs).init(&device).weight.val();
        let shape = weight.dims();
        let noise = (0..inputs * outputs).map(|i| ((i as f64).sin() * 43_758.5).fract() as f32).collect::<Vec<_>>();
        let gradient = Tensor::<2>::from_data(TensorData::new(noise, shape), &device);
        let (moved, _) = MuonConfig::new().build().step::<2>(1.0, weight.clone(), gradient, None);
        // All singular values of the direction are near 1: its norm is about the root of their number.
        let norm: f32 = (moved - weight).square().sum().sqrt().into_scalar();
        let scale = f64::from(norm) / (inputs.min(outputs) as f64).sqrt();
        let factor = (outputs as f64 / inputs as f64).max(1.0).sqrt();
        writeln!(
            out,
            "{inputs} inputs, {outputs} outputs, weight {shape:?}: singular values {scale:.1}, by the formula {factor:.1}"
        )?;
    }
    Ok(())
}
