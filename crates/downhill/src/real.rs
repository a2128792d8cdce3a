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
    /// -1, 0 or 1; 0 for both zeros (unlike [`f64::signum`]) and NaN for NaN.
    fn sign(self) -> Self;
    /// The larger of two, NaN if either is (unlike [`f64::max`], which would hide it).
    fn larger(self, other: Self) -> Self;
    /// The smaller of two, NaN if either is.
    fn smaller(self, other: Self) -> Self;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;

    #[doc(hidden)]
    fn wrap(values: &[Self]) -> Values;
    #[doc(hidden)]
    fn unwrap(values: &Values) -> Option<&[Self]>;
    #[doc(hidden)]
    fn build(method: &dyn AnyMethod, layout: &Layout) -> Result<Box<dyn Optimizer<Self>>, Refusal>;
    #[doc(hidden)]
    fn enclose(wrapper: &dyn AnyWrapper, inner: Box<dyn Optimizer<Self>>, layout: &Layout) -> Box<dyn Optimizer<Self>>;
}

macro_rules! real { ($($t:ident $values:ident $build:ident $wrap:ident)*) => { $(
    impl Real for $t {
        const NAME: &'static str = stringify!($t);
        const ZERO: Self = 0.0;
        const ONE: Self = 1.0;
        const EPSILON: f64 = $t::EPSILON as f64;
        #[inline(always)] fn of(x: f64) -> Self { x as $t }
        #[inline(always)] fn to_f64(self) -> f64 { f64::from(self) }
        #[inline(always)] fn sqrt(self) -> Self { self.sqrt() }
        #[inline(always)] fn abs(self) -> Self { self.abs() }
        #[inline(always)] fn sign(self) -> Self {
            // Comparisons and a sum, so that the loop around it vectorises; `self * 0` carries a NaN through.
            Self::from(self > 0.0) - Self::from(self < 0.0) + if self.is_nan() { self } else { 0.0 }
        }
        #[inline(always)] fn larger(self, other: Self) -> Self { if self > other || self.is_nan() { self } else { other } }
        #[inline(always)] fn smaller(self, other: Self) -> Self { if self < other || self.is_nan() { self } else { other } }
        #[inline(always)] fn is_finite(self) -> bool { self.is_finite() }
        fn wrap(values: &[Self]) -> Values { Values::$values(values.to_vec()) }
        fn unwrap(values: &Values) -> Option<&[Self]> { match values { Values::$values(v) => Some(v), _ => None } }
        fn build(method: &dyn AnyMethod, layout: &Layout) -> Result<Box<dyn Optimizer<Self>>, Refusal> { method.$build(layout) }
        fn enclose(wrapper: &dyn AnyWrapper, inner: Box<dyn Optimizer<Self>>, layout: &Layout) -> Box<dyn Optimizer<Self>> {
            wrapper.$wrap(inner, layout)
        }
    }
)* } }
real!(f32 F32 build32 wrap32   f64 F64 build64 wrap64);

/// The Euclidean norm, accumulated in `f64` over fixed blocks in a fixed order.
///
/// The order does not depend on the machine, so neither do the bits.
pub fn norm<R: Real>(x: &[R]) -> f64 {
    struct Squares<'a, R>(&'a [R]);
    impl<R: Real> Kernel for Squares<'_, R> {
        type Output = f64;
        #[inline(always)]
        fn run(self) -> f64 {
            sum(self.0, |x| x * x)
        }
    }
    dispatch(Squares(x)).sqrt()
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
