//! How often L-BFGS calls its closure in one step.

use burn::module::{Module, Param};
use burn::optim::{GradientsParams, LBFGSConfig};
use burn::tensor::{Device, Tensor};
use std::fmt::{self, Write};

#[derive(Module, Debug)]
struct Point {
    x: Param<Tensor<1>>,
}

pub(crate) fn main(out: &mut String) -> fmt::Result {
    let device = Device::flex().autodiff();
    for max_iter in [1, 3] {
        let point = Point { x: Param::from_tensor(Tensor::from_floats([3.0, -2.0], &device)) };
        let mut calls = 0;
        let config = LBFGSConfig::new().with_max_iter(max_iter).with_max_eval(Some(100));
        config.init().step(0.1, point, |point: Point| {
            calls += 1;
            let loss = (point.x.val().square() * Tensor::from_floats([1.0, 10.0], &device)).sum();
            let value: f64 = loss.clone().into_scalar();
            (value, GradientsParams::from_grads(loss.backward(), &point))
        });
        writeln!(out, "max_iter {max_iter}, no line search: {calls} evaluations; torch: {max_iter}")?;
    }
    Ok(())
}
