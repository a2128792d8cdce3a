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
        // Without an eps, a number that no root can notice makes 0/0 a 0.
        let outside = if inside || eps == 0.0 { f64::from(f32::MIN_POSITIVE) } else { eps };
        Root { inside: R::of(if inside { eps } else { 0.0 }), outside: R::of(outside) }
    }
    /// Of a mean or a sum of squares.
    #[inline(always)]
    pub fn of(self, v: R) -> R {
        (v + self.inside).sqrt() + self.outside
    }
}
