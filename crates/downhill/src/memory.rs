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

/// `N` remembered quantities.
pub struct Slots<const N: usize>;

impl<R: Real, const N: usize> Memory<R> for Slots<N> {
    type Vecs = [Vec<R>; N];
    type Lanes<'a> = [&'a mut [R]; N];
    type Cell<'a> = [&'a mut R; N];
    fn new(n: usize, slots: &mut dyn Iterator<Item = Slot>) -> [Vec<R>; N] {
        std::array::from_fn(|_| vec![R::of(slots.next().map_or(0.0, |s| s.1)); n])
    }
    #[inline(always)]
    fn lanes(vecs: &mut [Vec<R>; N], n: usize) -> [&mut [R]; N] {
        vecs.each_mut().map(|v| &mut v[..n])
    }
    #[inline(always)]
    fn cell<'a>(lanes: &'a mut [&mut [R]; N], i: usize) -> [&'a mut R; N] {
        lanes.each_mut().map(|l| &mut l[i])
    }
    fn visit(vecs: &mut [Vec<R>; N], slots: &mut dyn Iterator<Item = Slot>, visit: &mut Visit<'_>) {
        for v in vecs {
            visit.vector(slots.next().map_or("?", |s| s.0), v);
        }
    }
}

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
