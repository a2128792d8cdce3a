//! What a [`Pointwise`](crate::Pointwise) rule remembers per scalar: one `Vec` a quantity.
//!
//! Separate vectors, not interleaved pairs: the loop reads whole vectors of each and is about twice as fast
//! at four million parameters (`benches/step.rs`).

use crate::{Real, Visit};

/// A remembered quantity: its name and its value at the start.
pub type Slot = (&'static str, f64);

/// Storage that mirrors the composition of rules: [`Slots`] for one rule, a pair for two.
pub trait Memory<R: Real>: 'static {
    /// The vectors.
    type Vecs: Send;
    /// Mutable slices of one length, one a vector.
    type Lanes<'a>;
    /// Mutable references to one element of each.
    type Cell<'a>;
    /// Vectors of length `n`, filled as the next slots say.
    fn new(n: usize, slots: &mut dyn Iterator<Item = Slot>) -> Self::Vecs;
    /// Slices of the first `n` elements.
    fn lanes(vecs: &mut Self::Vecs, n: usize) -> Self::Lanes<'_>;
    /// The elements at `i`.
    fn cell<'a>(lanes: &'a mut Self::Lanes<'_>, i: usize) -> Self::Cell<'a>;
    /// Visits each vector under the name of the next slot.
    fn visit(vecs: &mut Self::Vecs, slots: &mut dyn Iterator<Item = Slot>, visit: &mut Visit<'_>);
}

/// The element that an update sees.
pub type Cell<'a, M, R> = <M as Memory<R>>::Cell<'a>;

/// `N` remembered quantities, up to 4; more in pairs.
pub struct Slots<const N: usize>;

// By number, since a loop around `each_mut().map()` vectorises only where the compiler happens to inline that.
macro_rules! slots { ($($n:literal: $($x:ident)*;)*) => { $(
    impl<R: Real> Memory<R> for Slots<$n> {
        type Vecs = [Vec<R>; $n];
        type Lanes<'a> = [&'a mut [R]; $n];
        type Cell<'a> = [&'a mut R; $n];
        fn new(n: usize, slots: &mut dyn Iterator<Item = Slot>) -> Self::Vecs {
            std::array::from_fn(|_| vec![R::of(slots.next().map_or(0.0, |s| s.1)); n])
        }
        #[inline(always)]
        fn lanes([$($x),*]: &mut Self::Vecs, _n: usize) -> Self::Lanes<'_> {
            [$(&mut $x[.._n]),*]
        }
        #[inline(always)]
        fn cell<'a>([$($x),*]: &'a mut Self::Lanes<'_>, _i: usize) -> Self::Cell<'a> {
            [$(&mut $x[_i]),*]
        }
        fn visit(vecs: &mut Self::Vecs, slots: &mut dyn Iterator<Item = Slot>, visit: &mut Visit<'_>) {
            for v in vecs {
                visit.vector(slots.next().map_or("?", |s| s.0), v);
            }
        }
    }
)* } }
slots! { 0: ; 1: a; 2: a b; 3: a b c; 4: a b c d; }

impl<R: Real, A: Memory<R>, B: Memory<R>> Memory<R> for (A, B) {
    type Vecs = (A::Vecs, B::Vecs);
    type Lanes<'a> = (A::Lanes<'a>, B::Lanes<'a>);
    type Cell<'a> = (A::Cell<'a>, B::Cell<'a>);
    fn new(n: usize, slots: &mut dyn Iterator<Item = Slot>) -> Self::Vecs {
        (A::new(n, slots), B::new(n, slots))
    }
    #[inline(always)]
    fn lanes(vecs: &mut Self::Vecs, n: usize) -> Self::Lanes<'_> {
        (A::lanes(&mut vecs.0, n), B::lanes(&mut vecs.1, n))
    }
    #[inline(always)]
    fn cell<'a>(lanes: &'a mut Self::Lanes<'_>, i: usize) -> Self::Cell<'a> {
        (A::cell(&mut lanes.0, i), B::cell(&mut lanes.1, i))
    }
    fn visit(vecs: &mut Self::Vecs, slots: &mut dyn Iterator<Item = Slot>, visit: &mut Visit<'_>) {
        A::visit(&mut vecs.0, slots, visit);
        B::visit(&mut vecs.1, slots, visit);
    }
}
