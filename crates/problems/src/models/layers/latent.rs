//! A code that is drawn.

use super::{Buffers, Layer, Parameter, Sequence, Shape};
use crate::activation::exp;
use crate::math::normal;
use crate::rng::Rng;
use downhill::Real;
use downhill::gemm::Into;
use rand_chacha::rand_core::SeedableRng;

/// A code drawn for each example, through a decoder (Kingma & Welling 2014, arXiv:1312.6114):
///
/// ```text
/// out = [decode(z), m, h],  z = m + e^(h/2) noise,  noise ~ N(0, 1)
/// ```
///
/// of the input `[m, h]`, the means of the code and the logarithms of its variances, which come out, too, because the loss
/// is about them. Training steps draw from their masks; measures draw the same noise every time, from a stream of its own.
pub(crate) struct Latent<R> {
    code: usize,
    decoder: Sequence<R>,
}

impl<R: Real> Latent<R> {
    /// The decoder begins with the code.
    pub(crate) fn new(code: usize, decoder: Sequence<R>) -> Self {
        Latent { code, decoder }
    }
}

impl<R: Real> Layer<R> for Latent<R> {
    fn parameters(&self) -> Vec<Parameter> {
        self.decoder.parameters()
    }
    fn output(&self) -> Option<Shape> {
        Some(Shape::flat(self.decoder.shape().len() + 2 * self.code))
    }
    /// The noise, and the decoder's arena.
    fn kept(&self) -> usize {
        self.code + self.decoder.arena()
    }
    fn is_noisy(&self) -> bool {
        true
    }
    fn forward(&self, x: &[R], at: Buffers<'_, R>, masks: &mut Option<Rng>) {
        let (n, codes) = (at.examples, at.examples * self.code);
        let (noise, arena) = at.kept.split_at_mut(codes);
        let mut still = Rng::seed_from_u64(0);
        let rng = masks.as_mut().unwrap_or(&mut still);
        noise.iter_mut().for_each(|noise| *noise = R::of(normal(rng)));
        let (m, h) = at.input.split_at(codes);
        let z = self.decoder.input(n, arena);
        for (z, ((&m, &h), &noise)) in z.iter_mut().zip(m.iter().zip(h).zip(&*noise)) {
            *z = m + deviation(h) * noise;
        }
        self.decoder.forward(x, n, arena, masks);
        let (decoded, passed) = at.output.split_at_mut(n * self.decoder.shape().len());
        decoded.copy_from_slice(self.decoder.output(n, arena));
        passed.copy_from_slice(at.input);
    }
    fn backward(&self, into: Into, x: &[R], at: Buffers<'_, R>, g: &mut [R]) {
        let (n, codes) = (at.examples, at.examples * self.code);
        let (noise, arena) = at.kept.split_at_mut(codes);
        let (decoded, passed) = at.output.split_at(n * self.decoder.shape().len());
        self.decoder.output(n, arena).copy_from_slice(decoded);
        self.decoder.backward(into, x, n, arena, g, true);
        let ((m, h), (by_m, by_h)) = (at.input.split_at_mut(codes), passed.split_at(codes));
        for (i, &delta) in self.decoder.input(n, arena).iter().enumerate() {
            m[i] = by_m[i] + delta;
            h[i] = by_h[i] + R::of(0.5) * delta * noise[i] * deviation(h[i]);
        }
    }
}

/// `e^(h/2)`.
fn deviation<R: Real>(h: R) -> R {
    R::of(exp(0.5 * h.to_f64()))
}
