//! The cells of recurrent layers.

use super::recurrence::Cell;
use crate::activation::{sigmoid, tanh};
use downhill::Real;
use downhill::isa::{Kernel, dispatch};

/// `h = tanh(a)` (Elman 1990).
pub(crate) struct Plain;

impl<R: Real> Cell<R> for Plain {
    fn gates(&self) -> usize {
        1
    }
    fn remembers(&self) -> bool {
        false
    }
    fn forward(&self, gates: &mut [R], _: &[R], _: &mut [R], out: &mut [R]) {
        dispatch(Tanh { gates, out });
    }
    fn backward(&self, gates: &mut [R], _: &[R], _: &[R], d_out: &[R], _: &mut [R]) {
        gates.iter_mut().zip(d_out).for_each(|(h, &d)| *h = d * (R::ONE - *h * *h));
    }
}

struct Tanh<'a, R> {
    gates: &'a mut [R],
    out: &'a mut [R],
}

impl<R: Real> Kernel for Tanh<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (gate, out) in self.gates.iter_mut().zip(self.out) {
            *gate = R::of(tanh(gate.to_f64()));
            *out = *gate;
        }
    }
}

/// Long short-term memory (Hochreiter & Schmidhuber 1997; forget gates of Gers et al. 2000, with 1 added, so that cells
/// remember at the start):
///
/// ```text
/// c' = sigmoid(f + 1) c + sigmoid(i) tanh(g),  h = sigmoid(o) tanh(c')
/// ```
///
/// The gates stand in the order i, f, g, o, as in torch.
pub(crate) struct Lstm;

impl<R: Real> Cell<R> for Lstm {
    fn gates(&self) -> usize {
        4
    }
    fn remembers(&self) -> bool {
        true
    }
    fn forward(&self, gates: &mut [R], before: &[R], memory: &mut [R], out: &mut [R]) {
        dispatch(There { gates: split(gates), before, memory, out });
    }
    fn backward(&self, gates: &mut [R], before: &[R], memory: &[R], d_out: &[R], d_memory: &mut [R]) {
        dispatch(Back { gates: split(gates), before, memory, d_out, d_memory });
    }
}

fn split<R>(gates: &mut [R]) -> [&mut [R]; 4] {
    let quarter = gates.len() / 4;
    let (i, rest) = gates.split_at_mut(quarter);
    let (f, rest) = rest.split_at_mut(quarter);
    let (g, o) = rest.split_at_mut(quarter);
    [i, f, g, o]
}

struct There<'a, R> {
    gates: [&'a mut [R]; 4],
    before: &'a [R],
    memory: &'a mut [R],
    out: &'a mut [R],
}

impl<R: Real> Kernel for There<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let ([i, f, g, o], n) = (self.gates, self.out.len());
        let (i, f, g, o) = (&mut i[..n], &mut f[..n], &mut g[..n], &mut o[..n]);
        let (before, memory) = (&self.before[..n], &mut self.memory[..n]);
        for k in 0..n {
            let (input, forget) = (sigmoid(i[k].to_f64()), sigmoid(f[k].to_f64() + 1.0));
            let (news, open) = (tanh(g[k].to_f64()), sigmoid(o[k].to_f64()));
            let c = forget * before[k].to_f64() + input * news;
            (i[k], f[k], g[k], o[k]) = (R::of(input), R::of(forget), R::of(news), R::of(open));
            memory[k] = R::of(c);
            self.out[k] = R::of(open * tanh(c));
        }
    }
}

struct Back<'a, R> {
    gates: [&'a mut [R]; 4],
    before: &'a [R],
    memory: &'a [R],
    d_out: &'a [R],
    d_memory: &'a mut [R],
}

impl<R: Real> Kernel for Back<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let ([i, f, g, o], n) = (self.gates, self.d_out.len());
        let (i, f, g, o) = (&mut i[..n], &mut f[..n], &mut g[..n], &mut o[..n]);
        let (before, memory, d_memory) = (&self.before[..n], &self.memory[..n], &mut self.d_memory[..n]);
        for k in 0..n {
            let [input, forget, news, open] = [i[k], f[k], g[k], o[k]].map(R::to_f64);
            let (d, c) = (self.d_out[k].to_f64(), tanh(memory[k].to_f64()));
            let d_c = d_memory[k].to_f64() + d * open * (1.0 - c * c);
            i[k] = R::of(d_c * news * input * (1.0 - input));
            f[k] = R::of(d_c * before[k].to_f64() * forget * (1.0 - forget));
            g[k] = R::of(d_c * input * (1.0 - news * news));
            o[k] = R::of(d * c * open * (1.0 - open));
            d_memory[k] = R::of(d_c * forget);
        }
    }
}
