//! The blocks that transformers are made of.

use super::super::init::Init;
use super::{Affine, Attention, Body, Norm, Residual, Sequence, Units};
use crate::activation::Activation;
use downhill::{Real, Role};

impl<R: Real> Body<R> {
    /// Causal attention, then a perceptron four times as wide, each behind a norm and around a skip, as in GPT-2 (Radford et
    /// al. 2019). `heads` divides the units.
    pub(crate) fn push_block(&mut self, heads: usize, init: Init) {
        let shape = self.shape();
        let dense = |layers: &mut Sequence<R>, units| {
            layers.push(Affine::new(layers.shape(), units, Role::Hidden, Some(init)));
        };
        let mut see = Sequence::new(shape);
        see.push(Norm(shape));
        dense(&mut see, 3 * shape.units);
        see.push(Attention::new(shape, heads));
        dense(&mut see, shape.units);
        self.push(Residual(see));

        let mut think = Sequence::new(shape);
        think.push(Norm(shape));
        dense(&mut think, 4 * shape.units);
        think.push(Units::new(think.shape(), Activation::Gelu));
        dense(&mut think, shape.units);
        self.push(Residual(think));
    }
}
