//! A seed belongs to the process: whoever draws in between changes what a seeded training starts from.

use burn::nn::LinearConfig;
use burn::tensor::{Device, Distribution, Tensor};
use std::fmt::{self, Write};

fn start(between: impl FnOnce()) -> f32 {
    let device = Device::flex();
    device.seed(42);
    let linear = LinearConfig::new(3, 2).init(&device);
    between();
    linear.weight.val().sum().into_scalar() // parameters are lazy: drawn here
}

pub(crate) fn main(out: &mut String) -> fmt::Result {
    let other = || {
        let draw = || drop(Tensor::<1>::random([1], Distribution::Default, &Device::flex()));
        std::thread::spawn(draw).join().expect("drawing does not panic");
    };
    let (alone, again, disturbed) = (start(|| ()), start(|| ()), start(other));
    writeln!(out, "seed 42, alone twice: the same start: {}", alone == again)?;
    writeln!(out, "seed 42, another thread draws one number: the same start: {}", alone == disturbed)
}
