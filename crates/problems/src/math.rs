//! Elementary functions through `libm`, in `f64`: the same bits on every platform, whatever its C library.
//!
//! Plain functions rather than methods: `x.sin()` on an `f64` would silently be the platform's.

use crate::Rng;
use downhill::Real;
use rand::RngExt as _;
use std::f64::consts::TAU;

/// The sine.
pub(crate) fn sin<R: Real>(x: R) -> R {
    R::of(libm::sin(x.to_f64()))
}

/// The cosine.
pub(crate) fn cos<R: Real>(x: R) -> R {
    R::of(libm::cos(x.to_f64()))
}

/// The exponential.
pub(crate) fn exp<R: Real>(x: R) -> R {
    R::of(libm::exp(x.to_f64()))
}

/// The arc tangent.
pub(crate) fn atan<R: Real>(x: R) -> R {
    R::of(libm::atan(x.to_f64()))
}

/// The natural logarithm.
pub(crate) fn ln<R: Real>(x: R) -> R {
    R::of(libm::log(x.to_f64()))
}

/// The power, of a number `>= 0`.
pub(crate) fn pow<R: Real>(x: R, exponent: R) -> R {
    R::of(libm::pow(x.to_f64(), exponent.to_f64()))
}

/// A draw from [0, 1).
pub fn uniform(rng: &mut Rng) -> f64 {
    rng.random()
}

/// A draw from the standard normal distribution (Box & Muller 1958), the same bits on every platform.
pub fn normal(rng: &mut Rng) -> f64 {
    let (radius, angle) = (1.0 - uniform(rng), TAU * uniform(rng));
    libm::sqrt(-2.0 * libm::log(radius)) * libm::cos(angle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Stream, Streams};

    #[test]
    fn normal_has_the_moments_of_a_normal_distribution() {
        let mut rng = Streams::new("math", 0).rng(Stream::Noise);
        let n = 100_000;
        let draws: Vec<f64> = (0..n).map(|_| normal(&mut rng)).collect();
        // Standard errors of the moments: sqrt((E z^2k - (E z^k)^2) / n); five of them are allowed.
        for (power, expected, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
            let moment = draws.iter().map(|z| z.powi(power)).sum::<f64>() / f64::from(n);
            let error = (variance / f64::from(n)).sqrt();
            assert!((moment - expected).abs() < 5.0 * error, "moment {power}: {moment}");
        }
    }
}
