//! The two scalars: `f32` and `f64`.

use crate::isa::{Kernel, dispatch};
use crate::{AnyMethod, AnyWrapper, Layout, Optimizer, Refusal, Values};
use std::fmt::{Debug, Display};
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// A floating-point scalar, `f32` or `f64`.
///
/// Only what formulas need, all of it exact IEEE 754 operations (no `mul_add`), so that the same formula
/// gives the same bits on every instruction set.
pub trait Real:
    sealed::Sealed
    + Copy
    + Default
    + Debug
    + Display
    + PartialOrd
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
{
    /// `"f32"` or `"f64"`.
    const NAME: &'static str;
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
    /// The distance from 1 to the next number.
    const EPSILON: f64;

    /// The nearest scalar.
    fn of(x: f64) -> Self;
    /// Exact.
    fn to_f64(self) -> f64;
    /// The square root, correctly rounded.
    fn sqrt(self) -> Self;
    /// The absolute value.
    fn abs(self) -> Self;
    /// The cube root of a number `>= 0`, within a few units in the last place; 0 where a denormal number is near.
    fn cbrt(self) -> Self;
    /// -1, 0 or 1; a zero for both zeros (unlike [`f64::signum`]) and NaN for NaN.
    fn sign(self) -> Self;
    /// The larger of two, NaN if either is (unlike [`f64::max`], which would hide it).
    fn larger(self, other: Self) -> Self;
    /// The smaller of two, NaN if either is.
    fn smaller(self, other: Self) -> Self;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;

    #[doc(hidden)]
    fn norm(x: &[Self]) -> f64;
    #[doc(hidden)]
    fn wrap(values: &[Self]) -> Values;
    #[doc(hidden)]
    fn unwrap(values: &Values) -> Option<&[Self]>;
    #[doc(hidden)]
    fn build(method: &dyn AnyMethod, layout: &Layout) -> Result<Box<dyn Optimizer<Self>>, Refusal>;
    #[doc(hidden)]
    fn enclose(wrapper: &dyn AnyWrapper, inner: Box<dyn Optimizer<Self>>, layout: &Layout) -> Box<dyn Optimizer<Self>>;
}

macro_rules! real { ($($t:ident $guess:ident $iterations:literal $values:ident $build:ident $wrap:ident)*) => { $(
    impl Real for $t {
        const NAME: &'static str = stringify!($t);
        const ZERO: Self = 0.0;
        const ONE: Self = 1.0;
        const EPSILON: f64 = $t::EPSILON as f64;
        #[inline(always)] fn of(x: f64) -> Self { x as $t }
        #[inline(always)] fn to_f64(self) -> f64 { f64::from(self) }
        #[inline(always)] fn sqrt(self) -> Self { self.sqrt() }
        #[inline(always)] fn abs(self) -> Self { self.abs() }
        #[inline(always)] fn cbrt(self) -> Self {
            // An eighth, so that three times as much is finite.
            let x = 0.125 * self;
            let mut root = $guess(x);
            for _ in 0..$iterations {
                let cube = root * root * root;
                root *= (cube + 2.0 * x) / (2.0 * cube + x);
            }
            // Neither 0, infinity nor NaN has a third of its exponent; what is too small for one has no root to speak of.
            if x.is_normal() { 2.0 * root } else if x < 1.0 { 0.0 } else { x }
        }
        #[inline(always)] fn sign(self) -> Self { if self > 0.0 { 1.0 } else if self < 0.0 { -1.0 } else { self } }
        // A NaN of its own, not `self` again: "this or the old value" becomes a masked store, which is slow.
        #[inline(always)] fn larger(self, other: Self) -> Self {
            let larger = if self > other { self } else { other };
            if self.is_nan() { Self::NAN } else { larger }
        }
        #[inline(always)] fn smaller(self, other: Self) -> Self {
            let smaller = if self < other { self } else { other };
            if self.is_nan() { Self::NAN } else { smaller }
        }
        #[inline(always)] fn is_finite(self) -> bool { self.is_finite() }
        // Compiled here and once, whatever the crate that asks: each step of a trial does.
        fn norm(x: &[Self]) -> f64 { dispatch(Squares(x)).sqrt() }
        fn wrap(values: &[Self]) -> Values { Values::$values(values.to_vec()) }
        fn unwrap(values: &Values) -> Option<&[Self]> { match values { Values::$values(v) => Some(v), _ => None } }
        fn build(method: &dyn AnyMethod, layout: &Layout) -> Result<Box<dyn Optimizer<Self>>, Refusal> { method.$build(layout) }
        fn enclose(wrapper: &dyn AnyWrapper, inner: Box<dyn Optimizer<Self>>, layout: &Layout) -> Box<dyn Optimizer<Self>> {
            wrapper.$wrap(inner, layout)
        }
    }
)* } }
real!(f32 third32 2 F32 build32 wrap32   f64 third64 3 F64 build64 wrap64);

/// Nearly the cube root: a third of the exponent and, as its bits follow below it, of the fraction. The numbers are two
/// thirds of the exponent's bias, less what makes the error, 5 bits, the same on both sides. Halley's iterations
/// triple the bits. A loop around this vectorises, unlike one around a library's function.
#[inline(always)]
fn third32(x: f32) -> f32 {
    f32::from_bits(x.to_bits() / 3 + 709_958_130)
}

/// As [`third32`].
#[inline(always)]
fn third64(x: f64) -> f64 {
    f64::from_bits(u64::from((x.to_bits() >> 32) as u32 / 3 + 715_094_163) << 32)
}

/// The Euclidean norm, accumulated in `f64` over fixed blocks in a fixed order.
///
/// The order does not depend on the machine, so neither do the bits.
pub fn norm<R: Real>(x: &[R]) -> f64 {
    R::norm(x)
}

struct Squares<'a, R>(&'a [R]);
impl<R: Real> Kernel for Squares<'_, R> {
    type Output = f64;
    #[inline(always)]
    fn run(self) -> f64 {
        sum(self.0, |x| x * x)
    }
}

/// The sum of `f(x)`, accumulated in `f64` in eight lanes over a fixed order.
#[inline(always)]
pub fn sum<R: Real>(x: &[R], f: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; 8];
    let (chunks, rest) = x.as_chunks::<8>();
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += f(x.to_f64());
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane += f(x.to_f64());
    }
    lanes.iter().sum()
}

/// The inner product, accumulated in `f64` in eight lanes over a fixed order.
pub fn dot<R: Real>(a: &[R], b: &[R]) -> f64 {
    struct Dot<'a, R>(&'a [R], &'a [R]);
    impl<R: Real> Kernel for Dot<'_, R> {
        type Output = f64;
        #[inline(always)]
        fn run(self) -> f64 {
            let mut lanes = [0.0; 8];
            let (a, a_rest) = self.0.as_chunks::<8>();
            let (b, b_rest) = self.1.as_chunks::<8>();
            for (a, b) in a.iter().zip(b) {
                for (lane, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
                    *lane += a.to_f64() * b.to_f64();
                }
            }
            for (lane, (a, b)) in lanes.iter_mut().zip(a_rest.iter().zip(b_rest)) {
                *lane += a.to_f64() * b.to_f64();
            }
            lanes.iter().sum()
        }
    }
    dispatch(Dot(a, b))
}
