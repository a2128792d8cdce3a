//! Clipping to a norm, with two parameters.

use burn::grad_clipping::GradientClippingConfig;
use burn::module::{Module, Param};
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, Tensor};
use std::fmt::{self, Write};

#[derive(Module, Debug)]
struct Two {
    a: Param<Tensor<1>>,
    b: Param<Tensor<1>>,
}

pub(crate) fn main(out: &mut String) -> fmt::Result {
    let device = Device::flex().autodiff();
    let zero = || Param::from_tensor(Tensor::<1>::zeros([1], &device));
    let two = Two { a: zero(), b: zero() };
    let mut grads = GradientsParams::new();
    grads.register(two.a.id, Tensor::<1>::from_floats([3.0], &Device::flex()));
    grads.register(two.b.id, Tensor::<1>::from_floats([4.0], &Device::flex()));
    let sgd = SgdConfig::new().with_gradient_clipping(Some(GradientClippingConfig::Norm(1.0)));
    let two = sgd.init().step(1.0, two, grads);
    let [a, b] = [two.a, two.b].map(|x| -x.val().into_scalar::<f32>());
    writeln!(
        out,
        "gradient (3, 4), Norm(1.0): ({a:.2}, {b:.2}), norm {:.3}; torch's clip_grad_norm_: (0.60, 0.80), norm 1",
        a.hypot(b)
    )
}
