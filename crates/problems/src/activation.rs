//! Activation functions, on an `exp` and a `tanh` of our own.
//!
//! Plain multiplications, additions and divisions in `f64`, no branch, no `mul_add`, no table: the loops around them
//! vectorise, and give the same bits on every instruction set and platform.

use downhill::Real;
use downhill::isa::{Kernel, dispatch};
use serde::{Deserialize, Serialize};
use std::f64::consts::LOG2_E;

/// `1/k!` for `k` = 12 and 13, 10 and 11, down to 2 and 3: Taylor's series of `(e^r - 1 - r) / r^2`, whose rest is
/// below 1e-17 for `|r| <= ln 2 / 2`.
const SERIES: [[f64; 2]; 6] = [
    [1.0 / 479001600.0, 1.0 / 6227020800.0],
    [1.0 / 3628800.0, 1.0 / 39916800.0],
    [1.0 / 40320.0, 1.0 / 362880.0],
    [1.0 / 720.0, 1.0 / 5040.0],
    [1.0 / 24.0, 1.0 / 120.0],
    [1.0 / 2.0, 1.0 / 6.0],
];
/// `ln 2` in two parts (Cody and Waite): the first ends in 21 zero bits, so that its product with a whole number
/// below 2^11 is exact.
const LN2: (f64, f64) = (0.6931471803691238, 1.9082149292705877e-10);
/// Adding it to a number of size below 2^51 rounds that to a whole number, which stands in the lowest bits.
const ROUND: f64 = 6755399441055744.0; // 1.5 * 2^52

/// `(q, n)` with `e^x = 2^n (1 + q)` and `|q| < 1/2`; `n` as bits to be added to a number's exponent.
#[inline(always)]
fn split_exp(x: f64) -> (f64, u64) {
    let shifted = x * LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN2.0) - n * LN2.1;
    let (r2, mut even, mut odd) = (r * r, 0.0, 0.0); // two chains, for the processor to run side by side
    for [c, d] in SERIES {
        (even, odd) = (even * r2 + c, odd * r2 + d);
    }
    (r + r2 * (even + r * odd), shifted.to_bits() << 52)
}

/// `e^x` within 1 ulp (2 ulp once rounded to `f32`: see the tests); 0 below -708, infinite above 709.78; NaN for NaN.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    let (q, n) = split_exp(x);
    let y = f64::from_bits((1.0 + q).to_bits().wrapping_add(n));
    let y = if x < -708.0 { 0.0 } else { y };
    let y = if x > 709.782712893384 { f64::INFINITY } else { y };
    if x.is_nan() { x } else { y }
}

/// `tanh x` within 3 ulp; odd, 1 at infinity, NaN for NaN.
#[inline(always)]
pub(crate) fn tanh(x: f64) -> f64 {
    // With y = -2|x|: tanh |x| = (1 - e^y) / (1 + e^y), where e^y - 1 = 2^n q + (2^n - 1) does not cancel.
    let y = -2.0 * x.abs();
    let y = if y < -60.0 { -60.0 } else { y };
    let (q, n) = split_exp(y);
    let power = f64::from_bits(1f64.to_bits().wrapping_add(n));
    let less_one = power * q + (power - 1.0);
    let y = (-less_one / (2.0 + less_one)).copysign(x);
    if x.is_nan() { x } else { y }
}

/// `1 / (1 + e^-x)`.
#[inline(always)]
pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// What a hidden unit does with its input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// `max(0, z)`; its slope at 0 is 0.
    #[default]
    Relu,
    /// `z`, and `0.3 z` where that is larger, as Keras has it (Maas, Hannun & Ng 2013); its slope at 0 is 0.3.
    Leaky,
    /// The hyperbolic tangent.
    Tanh,
    /// `z/2 (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3)))`: the tanh form of Hendrycks and Gimpel (arXiv:1606.08415),
    /// torch's `approximate='tanh'`, not its default.
    Gelu,
}

impl Activation {
    /// Replaces every input in `z` by its activation and writes the derivative there to `slope`.
    pub(crate) fn apply<R: Real>(self, z: &mut [R], slope: &mut [R]) {
        debug_assert_eq!(z.len(), slope.len());
        dispatch(Apply { activation: self, z, slope });
    }
}

struct Apply<'a, R> {
    activation: Activation,
    z: &'a mut [R],
    slope: &'a mut [R],
}

impl<R: Real> Kernel for Apply<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        match self.activation {
            Activation::Relu => each(self.z, self.slope, relu),
            Activation::Leaky => each(self.z, self.slope, leaky),
            Activation::Tanh => each(self.z, self.slope, |z: R| in_f64(z, hyperbolic)),
            Activation::Gelu => each(self.z, self.slope, |z: R| in_f64(z, gelu)),
        }
    }
}

#[inline(always)]
fn each<R: Real>(z: &mut [R], slope: &mut [R], f: impl Fn(R) -> (R, R)) {
    for (z, slope) in z.iter_mut().zip(slope) {
        (*z, *slope) = f(*z);
    }
}

#[inline(always)]
fn in_f64<R: Real>(z: R, f: impl Fn(f64) -> (f64, f64)) -> (R, R) {
    let (value, slope) = f(z.to_f64());
    (R::of(value), R::of(slope))
}

#[inline(always)]
fn relu<R: Real>(z: R) -> (R, R) {
    // `z <= 0` and not `z > 0`: a NaN must stay one.
    if z <= R::ZERO { (R::ZERO, R::ZERO) } else { (z, R::ONE) }
}

#[inline(always)]
fn leaky<R: Real>(z: R) -> (R, R) {
    let below = R::of(0.3);
    if z <= R::ZERO { (below * z, below) } else { (z, R::ONE) }
}

#[inline(always)]
fn hyperbolic(z: f64) -> (f64, f64) {
    let a = tanh(z);
    (a, 1.0 - a * a)
}

#[inline(always)]
fn gelu(z: f64) -> (f64, f64) {
    const C: f64 = 0.7978845608028654; // sqrt(2/pi)
    const CUBIC: f64 = 0.044715;
    let t = tanh(C * (z + CUBIC * z * z * z));
    (0.5 * z * (1.0 + t), 0.5 * (1.0 + t) + 0.5 * z * (1.0 - t * t) * C * (1.0 + 3.0 * CUBIC * z * z))
}

#[cfg(test)]
mod tests {
    use super::*;
    use downhill::isa::Isa;

    /// How many `f32` lie between two, counting over zero.
    fn ulps32(a: f32, b: f32) -> u32 {
        let order = |x: f32| (x.to_bits() as i32 ^ ((x.to_bits() as i32 >> 31) & i32::MAX)) as i64;
        order(a).abs_diff(order(b)) as u32
    }
    fn ulps64(a: f64, b: f64) -> u64 {
        let order = |x: f64| i128::from(x.to_bits() as i64 ^ ((x.to_bits() as i64 >> 63) & i64::MAX));
        order(a).abs_diff(order(b)) as u64
    }
    /// Every 101st `f32`, of all exponents and both signs, with infinities and NaN.
    fn sweep() -> impl Iterator<Item = f32> {
        let ends = [0.0, -0.0, 1.0, -1.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, f32::MAX, f32::MIN];
        (0..u32::MAX).step_by(101).map(f32::from_bits).chain(ends)
    }

    #[test]
    fn within_2_ulp_of_libm_in_f32() {
        type Pair = (&'static str, fn(f64) -> f64, fn(f32) -> f32);
        let pairs: [Pair; 2] = [("exp", exp, libm::expf), ("tanh", tanh, libm::tanhf)];
        for (name, ours, theirs) in pairs {
            for x in sweep() {
                let (a, b) = (ours(x.into()) as f32, theirs(x));
                assert!(a.is_nan() && b.is_nan() || ulps32(a, b) <= 2, "{name}({x:e}) = {a:e}, libm says {b:e}");
            }
        }
    }

    #[test]
    fn accurate_in_f64() {
        let mut worst = [0; 2];
        for i in 0..4_000_000 {
            let x = (i as f64 - 2e6) * 3.541592e-4; // -708.3 to 708.3
            if x > -708.0 {
                worst[0] = worst[0].max(ulps64(exp(x), libm::exp(x)));
            }
            for x in [x * 0.03, x * 1e-6, x * 1e-200] {
                worst[1] = worst[1].max(ulps64(tanh(x), libm::tanh(x)));
            }
        }
        // Against libm, which is itself within 1 (exp) and 2 (tanh) ulp.
        assert!(worst[0] <= 1 && worst[1] <= 3, "{worst:?}");
        assert_eq!(
            [exp(0.0), exp(-1e9), exp(1e9), tanh(0.0), tanh(1e9), tanh(-1e9)],
            [1.0, 0.0, f64::INFINITY, 0.0, 1.0, -1.0]
        );
        assert!(exp(f64::NAN).is_nan() && tanh(f64::NAN).is_nan());
    }

    #[test]
    fn same_bits_on_every_instruction_set() {
        for activation in [Activation::Relu, Activation::Leaky, Activation::Tanh, Activation::Gelu] {
            let on = |isa: Isa| {
                isa.limit();
                let mut z: Vec<f32> = (0..1003).map(|i| (i as f32 - 500.0) * 0.0173).collect();
                let mut slope = vec![0.0; z.len()];
                activation.apply(&mut z, &mut slope);
                Isa::Avx512.limit();
                z.extend(slope);
                z.into_iter().map(f32::to_bits).collect::<Vec<_>>()
            };
            for isa in Isa::available() {
                assert_eq!(on(isa), on(Isa::Baseline), "{activation:?} {isa:?}");
            }
        }
    }

    #[test]
    fn slopes_are_derivatives() {
        for activation in [Activation::Relu, Activation::Leaky, Activation::Tanh, Activation::Gelu] {
            let at = |z: f64| {
                let (mut z, mut slope) = ([z], [0.0]);
                activation.apply(&mut z, &mut slope);
                (z[0], slope[0])
            };
            for i in -300..300 {
                let (z, h) = (i as f64 * 0.021 + 0.003, 1e-5);
                let central = (at(z + h).0 - at(z - h).0) / (2.0 * h);
                assert!((at(z).1 - central).abs() < 1e-9, "{activation:?} at {z}: {} and {central}", at(z).1);
            }
            assert!(at(f64::NAN).0.is_nan());
        }
    }
}
