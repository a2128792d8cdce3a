//! Scales from the diagonal of the Hessian.

use crate::{Purpose, Real, Step};

mod adahessian;
mod sophia;
mod sophia_g;
mod sophia_h;

// In the order of their discovery.
optimizers! {
    adahessian::AdaHessian,
    sophia_h::SophiaH,
    sophia_g::SophiaG,
}

/// A random direction, and the Hessian along it.
struct Probe<R> {
    z: Vec<R>,
    hz: Vec<R>,
    /// Keep only the signs of the noise: Rademacher's distribution.
    signs: bool,
}

impl<R: Real> Probe<R> {
    fn new(n: usize, signs: bool) -> Self {
        Probe { z: vec![R::ZERO; n], hz: vec![R::ZERO; n], signs }
    }

    fn ask(&mut self, x: &[R], step: &mut Step<'_, R>) {
        step.noise(Purpose::Probe, &mut self.z);
        if self.signs {
            self.z.iter_mut().for_each(|z| *z = if *z < R::ZERO { -R::ONE } else { R::ONE });
        }
        step.hessian_vector(x, &self.z, &mut self.hz);
    }
}
