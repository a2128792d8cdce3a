//! A decay beside the step multiplies by `1 - lr decay`, a number that f32 holds in steps of 6e-8.

use burn::optim::{AdamConfig, AdamWConfig, Optimizer};
use burn::tensor::{Device, Tensor};
use std::fmt::{self, Write};

const DECAY: f64 = 1e-4; // burn's default

/// Where a step from the point leads, with that gradient.
type Step<'a> = Box<dyn FnMut(Tensor<1>, Tensor<1>) -> Tensor<1> + 'a>;

/// One of burn's optimizers.
fn burns(optimizer: impl Optimizer, lr: f64) -> Step<'static> {
    let mut state = None;
    Box::new(move |x, g| {
        let (x, next) = optimizer.step(lr, x, g, state.take());
        state = next;
        x
    })
}

/// Adam's direction, to which the decay is added before the learning rate multiplies both.
fn added(lr: f64) -> Step<'static> {
    let mut direction = burns(AdamConfig::new().build(), 1.0);
    Box::new(move |x, g| x.clone() + (direction(x.zeros_like(), g) - x * DECAY) * lr)
}

/// The last point of 20000 steps from 1 under the same noise as gradient, and the sum of all points.
fn walk(mut step: Step) -> (f64, f64) {
    let device = Device::flex();
    let (mut x, mut sum) = (Tensor::<1>::from_floats([1.0], &device), 0.0);
    for t in 1..=20_000 {
        let noise = 2.0 * (f64::from(t).sin() * 43_758.5).rem_euclid(1.0) as f32 - 1.0;
        sum += f64::from(x.clone().into_scalar::<f32>());
        x = step(x, Tensor::from_floats([noise], &device));
    }
    (x.into_scalar::<f32>().into(), sum)
}

pub(crate) fn main(out: &mut String) -> fmt::Result {
    for lr in [1e-3, 3e-4, 1e-4] {
        let (without, _) = walk(burns(AdamConfig::new().build(), lr));
        let (with, sum) = walk(burns(AdamWConfig::new().build(), lr));
        let (within, _) = walk(added(lr));
        let [adamw, added, exact] = [without - with, without - within, lr * DECAY * sum];
        writeln!(out, "lr {lr:.0e}: pulled by {adamw:.2e}; added to the direction {added:.2e}; exactly {exact:.2e}")?;
    }
    Ok(())
}
