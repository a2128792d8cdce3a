//! Where eps stands.

use crate::Real;

/// `sqrt(v) + eps`, or `sqrt(v + eps)`: what a gradient is divided by.
#[derive(Clone, Copy, Debug)]
pub struct Root<R> {
    inside: R,
    outside: R,
}

impl<R: Real> Root<R> {
    /// With `eps` inside or outside the root.
    pub fn new(eps: f64, inside: bool) -> Self {
        let (inside, outside) = if inside { (eps, 0.0) } else { (0.0, eps) };
        Root { inside: R::of(inside), outside: R::of(outside) }
    }
    /// Of a mean or a sum of squares; 1 in place of 0, so that 0/0 is 0.
    #[inline(always)]
    pub fn of(self, v: R) -> R {
        let root = (v + self.inside).sqrt() + self.outside;
        if root == R::ZERO { R::ONE } else { root }
    }
}
