//! Which output of an example leads, for many examples at once.

use downhill::Real;

/// Examples that a vectorised loop takes together.
pub(crate) const LANES: usize = 16;

/// The largest output of each of `N` neighbouring examples.
pub(crate) struct Leaders<R, const N: usize> {
    /// Minus infinity if all are NaN.
    pub(crate) largest: [R; N],
    /// The first class that has it, by the sign of a single output; none of them if all are NaN.
    pub(crate) class: [u32; N],
}

impl<R: Real, const N: usize> Leaders<R, N> {
    /// Of the examples from number `at` on; `f` is `[outputs, examples]`.
    #[inline(always)]
    pub(crate) fn of(f: &[R], examples: usize, at: usize) -> Self {
        let (mut largest, mut class) = ([R::of(f64::NEG_INFINITY); N], [u32::MAX; N]);
        for (j, f) in (0..).zip(f.chunks_exact(examples)) {
            let f = &f[at..at + N];
            for i in 0..N {
                let leads = f[i] > largest[i];
                largest[i] = if leads { f[i] } else { largest[i] };
                class[i] = if leads { j } else { class[i] };
            }
        }
        if f.len() == examples {
            for i in 0..N {
                class[i] += u32::from(class[i] == 0 && largest[i] > R::ZERO);
            }
        }
        Leaders { largest, class }
    }
}
