//! Attention.

use super::super::leaders::LANES;
use super::{Buffers, Layer, Shape};
use crate::activation::exp;
use crate::rng::Rng;
use downhill::Real;
use downhill::gemm::Into;
use downhill::isa::{Kernel, dispatch};

/// What each place sees of itself and the places before it, head by head:
///
/// ```text
/// out_i = sum over j <= i of p_ij v_j,  p_ij = exp(q_i.k_j / sqrt(size)) / sum over l <= i of exp(q_i.k_l / sqrt(size))
/// ```
///
/// (Vaswani et al. 2017, arXiv:1706.03762.) The input holds all queries, then all keys, then all values; the units of a
/// head stand side by side in each. It has no parameters: affine layers before and behind it do.
pub(crate) struct Attention {
    /// Of the output.
    shape: Shape,
    heads: usize,
}

impl Attention {
    /// To that shape, from three times as many units, which `heads` divides.
    pub(crate) fn new(shape: Shape, heads: usize) -> Self {
        Attention { shape, heads }
    }
}

impl<R: Real> Layer<R> for Attention {
    fn output(&self) -> Option<Shape> {
        Some(self.shape)
    }
    /// Of each head `p_ij` by `i`, then `j`, as far as `j <= i`, and room for as many slopes.
    fn kept(&self) -> usize {
        let places = self.shape.places;
        self.heads * places * (places + 1)
    }
    fn forward(&self, _: &[R], at: Buffers<'_, R>, _: &mut Option<Rng>) {
        dispatch(There(Heads::new(self, at)));
    }
    fn backward(&self, _: Into, _: &[R], at: Buffers<'_, R>, _: &mut [R]) {
        dispatch(Back(Heads::new(self, at)));
    }
}

struct Heads<'a, R> {
    examples: usize,
    places: usize,
    /// Of all heads.
    units: usize,
    /// Units a head.
    size: usize,
    /// Queries, keys, values.
    input: &'a mut [R],
    p: &'a mut [R],
    /// `s_ij`.
    slopes: &'a mut [R],
    output: &'a mut [R],
}

impl<'a, R: Real> Heads<'a, R> {
    fn new(layer: &Attention, at: Buffers<'a, R>) -> Self {
        let Shape { units, places } = layer.shape;
        let (p, slopes) = at.kept.split_at_mut(at.kept.len() / 2);
        let (examples, size) = (at.examples, units / layer.heads);
        Heads { examples, places, units, size, input: at.input, p, slopes, output: at.output }
    }

    /// Calls `many` and `one` for each head and each piece of examples.
    #[inline(always)]
    fn each(mut self, many: impl Fn(&mut Self, usize, usize), one: impl Fn(&mut Self, usize, usize)) {
        let whole = self.examples / LANES * LANES;
        for head in 0..self.units / self.size {
            (0..whole).step_by(LANES).for_each(|at| many(&mut self, head, at));
            (whole..self.examples).for_each(|at| one(&mut self, head, at));
        }
    }

    /// Where unit `u` of part 0, 1 or 2 stands at a place, in the input.
    #[inline(always)]
    fn at(&self, part: usize, u: usize, place: usize) -> usize {
        ((part * self.units + u) * self.places + place) * self.examples
    }
    /// Where it stands in the output.
    #[inline(always)]
    fn out(&self, u: usize, place: usize) -> usize {
        (u * self.places + place) * self.examples
    }
    /// Where `p_ij` of a head stands.
    #[inline(always)]
    fn pair(&self, head: usize, i: usize, j: usize) -> usize {
        (head * self.places * (self.places + 1) / 2 + i * (i + 1) / 2 + j) * self.examples
    }
    #[inline(always)]
    fn scale(&self) -> f64 {
        1.0 / (self.size as f64).sqrt()
    }
}

/// `N` neighbours.
#[inline(always)]
fn take<R: Real, const N: usize>(x: &[R], at: usize) -> [R; N] {
    let x = &x[at..at + N];
    std::array::from_fn(|i| x[i])
}

struct There<'a, R>(Heads<'a, R>);

impl<R: Real> Kernel for There<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        self.0.each(|heads, head, at| heads.see::<LANES>(head, at), |heads, head, at| heads.see::<1>(head, at));
    }
}

struct Back<'a, R>(Heads<'a, R>);

impl<R: Real> Kernel for Back<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        self.0.each(|heads, head, at| heads.pull::<LANES>(head, at), |heads, head, at| heads.pull::<1>(head, at));
    }
}

impl<R: Real> Heads<'_, R> {
    #[inline(always)]
    fn see<const N: usize>(&mut self, head: usize, at: usize) {
        let units = head * self.size..(head + 1) * self.size;
        let scale = R::of(self.scale());
        for i in 0..self.places {
            let mut largest = [R::of(f64::NEG_INFINITY); N];
            for j in 0..=i {
                let mut sum = [R::ZERO; N];
                for u in units.clone() {
                    let q: [R; N] = take(self.input, self.at(0, u, i) + at);
                    let k: [R; N] = take(self.input, self.at(1, u, j) + at);
                    for n in 0..N {
                        sum[n] += q[n] * k[n];
                    }
                }
                let pair = self.pair(head, i, j) + at;
                let p = &mut self.p[pair..pair + N];
                for n in 0..N {
                    p[n] = sum[n] * scale;
                    largest[n] = largest[n].larger(p[n]);
                }
            }
            let mut total = [0.0; N];
            for j in 0..=i {
                let pair = self.pair(head, i, j) + at;
                let p = &mut self.p[pair..pair + N];
                for n in 0..N {
                    let e = exp((p[n] - largest[n]).to_f64());
                    p[n] = R::of(e);
                    total[n] += e;
                }
            }
            let share = total.map(|total| R::of(1.0 / total));
            for j in 0..=i {
                let pair = self.pair(head, i, j) + at;
                let p = &mut self.p[pair..pair + N];
                for n in 0..N {
                    p[n] *= share[n];
                }
            }
            for u in units.clone() {
                let mut sum = [R::ZERO; N];
                for j in 0..=i {
                    let p: [R; N] = take(self.p, self.pair(head, i, j) + at);
                    let v: [R; N] = take(self.input, self.at(2, u, j) + at);
                    for n in 0..N {
                        sum[n] += p[n] * v[n];
                    }
                }
                let out = self.out(u, i) + at;
                self.output[out..out + N].copy_from_slice(&sum);
            }
        }
    }

    /// With `d_i` the gradient by `out_i`: `s_ij = p_ij (d_i.v_j - sum over l of p_il d_i.v_l) / sqrt(size)`, and those by
    /// values, queries and keys are `sum_i p_ij d_i`, `sum_j s_ij k_j`, `sum_i s_ij q_i`, each in the place of what nobody
    /// needs any more.
    #[inline(always)]
    fn pull<const N: usize>(&mut self, head: usize, at: usize) {
        let units = head * self.size..(head + 1) * self.size;
        let (places, scale) = (self.places, R::of(self.scale()));
        for i in 0..places {
            let mut mean = [R::ZERO; N];
            for j in 0..=i {
                let mut sum = [R::ZERO; N];
                for u in units.clone() {
                    let d: [R; N] = take(self.output, self.out(u, i) + at);
                    let v: [R; N] = take(self.input, self.at(2, u, j) + at);
                    for n in 0..N {
                        sum[n] += d[n] * v[n];
                    }
                }
                let pair = self.pair(head, i, j) + at;
                let p: [R; N] = take(self.p, pair);
                for n in 0..N {
                    mean[n] += p[n] * sum[n];
                }
                self.slopes[pair..pair + N].copy_from_slice(&sum);
            }
            for j in 0..=i {
                let pair = self.pair(head, i, j) + at;
                let p: [R; N] = take(self.p, pair);
                let s = &mut self.slopes[pair..pair + N];
                for n in 0..N {
                    s[n] = p[n] * (s[n] - mean[n]) * scale;
                }
            }
        }
        for u in units {
            for j in 0..places {
                let mut sum = [R::ZERO; N];
                for i in j..places {
                    let p: [R; N] = take(self.p, self.pair(head, i, j) + at);
                    let d: [R; N] = take(self.output, self.out(u, i) + at);
                    for n in 0..N {
                        sum[n] += p[n] * d[n];
                    }
                }
                let v = self.at(2, u, j) + at;
                self.input[v..v + N].copy_from_slice(&sum);
            }
            // The gradient by the queries waits where that by the output was.
            for i in 0..places {
                let mut sum = [R::ZERO; N];
                for j in 0..=i {
                    let s: [R; N] = take(self.slopes, self.pair(head, i, j) + at);
                    let k: [R; N] = take(self.input, self.at(1, u, j) + at);
                    for n in 0..N {
                        sum[n] += s[n] * k[n];
                    }
                }
                let out = self.out(u, i) + at;
                self.output[out..out + N].copy_from_slice(&sum);
            }
            for j in 0..places {
                let mut sum = [R::ZERO; N];
                for i in j..places {
                    let s: [R; N] = take(self.slopes, self.pair(head, i, j) + at);
                    let q: [R; N] = take(self.input, self.at(0, u, i) + at);
                    for n in 0..N {
                        sum[n] += s[n] * q[n];
                    }
                }
                let k = self.at(1, u, j) + at;
                self.input[k..k + N].copy_from_slice(&sum);
            }
            for i in 0..places {
                let waiting: [R; N] = take(self.output, self.out(u, i) + at);
                let q = self.at(0, u, i) + at;
                self.input[q..q + N].copy_from_slice(&waiting);
            }
        }
    }
}
