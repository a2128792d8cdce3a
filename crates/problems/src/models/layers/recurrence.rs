//! Recurrent layers.

use super::super::init::Init;
use super::super::rows::Input;
use super::affine;
use super::{Buffers, First, Layer, Parameter, Shape};
use crate::rng::Rng;
use downhill::gemm::Into;
use downhill::{Real, Role};

/// What a recurrent unit does with its gates, `[gates, units, examples]` before, `[units, examples]` of its memory and its
/// output.
pub(crate) trait Cell<R>: Send + Sync {
    /// Numbers that the matrix gives to each unit.
    fn gates(&self) -> usize;
    /// Whether a unit remembers more than its output.
    fn remembers(&self) -> bool;
    /// The gates become what [`backward`](Cell::backward) needs; the memory and the output are written.
    fn forward(&self, gates: &mut [R], before: &[R], memory: &mut [R], out: &mut [R]);
    /// The gates become the gradient by what the matrix gave, `d_memory`, the gradient by the memory from later moments,
    /// that by the memory before.
    fn backward(&self, gates: &mut [R], before: &[R], memory: &[R], d_out: &[R], d_memory: &mut [R]);
}

/// One cell for all moments, each moment a place, from nothing:
///
/// ```text
/// (h_t, c_t) = cell(w [x_t; h_(t-1)] + b, c_(t-1)),  h_0 = c_0 = 0
/// ```
///
/// The outputs are all `h_t`; the gradient goes back through all moments of the row, and no further.
pub(crate) struct Recurrence<C> {
    input: Shape,
    units: usize,
    cell: C,
    init: Init,
}

impl<C> Recurrence<C> {
    /// Of so many units.
    pub(crate) fn new(input: Shape, units: usize, cell: C, init: Init) -> Self {
        Recurrence { input, units, cell, init }
    }
}

/// The parts of what is kept, a moment behind the other.
struct Kept<'a, R> {
    /// `[x_t; h_(t-1)]`.
    z: &'a mut [R],
    gates: &'a mut [R],
    /// Of all moments and the one before the first.
    memory: &'a mut [R],
    /// Work space: an output, or the gradients by output and memory.
    work: [&'a mut [R]; 2],
}

impl<C> Recurrence<C> {
    /// Numbers a moment: of `z`, gates, memory.
    fn sizes<R: Real>(&self) -> [usize; 3]
    where
        C: Cell<R>,
    {
        let memory = if self.cell.remembers() { self.units } else { 0 };
        [self.input.units + self.units, self.cell.gates() * self.units, memory]
    }

    fn split<'a, R: Real>(&self, kept: &'a mut [R], examples: usize) -> Kept<'a, R>
    where
        C: Cell<R>,
    {
        let ([z, gates, memory], moments) = (self.sizes(), self.input.places * examples);
        let (z, rest) = kept.split_at_mut(z * moments);
        let (gates, rest) = rest.split_at_mut(gates * moments);
        let (memory, rest) = rest.split_at_mut(memory * (moments + examples));
        let (first, second) = rest.split_at_mut(self.units * examples);
        Kept { z, gates, memory, work: [first, second] }
    }
}

/// The rows of one moment, out of `[rows, places, examples]`.
fn moment<R>(x: &[R], places: usize, examples: usize, t: usize) -> impl Iterator<Item = &[R]> {
    x.chunks_exact(places * examples).map(move |row| &row[t * examples..(t + 1) * examples])
}

/// The same, to write.
fn moment_mut<R>(x: &mut [R], places: usize, examples: usize, t: usize) -> impl Iterator<Item = &mut [R]> {
    x.chunks_exact_mut(places * examples).map(move |row| &mut row[t * examples..(t + 1) * examples])
}

impl<R: Real, C: Cell<R>> Layer<R> for Recurrence<C> {
    fn parameters(&self) -> Vec<Parameter> {
        let [inputs, outputs, _] = self.sizes();
        let start = First::Drawn(self.init, [outputs, inputs]);
        let w = Parameter { stem: "cell", shape: vec![outputs, inputs], role: Role::Hidden, start };
        vec![w, Parameter { stem: "b", shape: vec![outputs], role: Role::Bias, start: First::Constant(0.0) }]
    }
    fn output(&self) -> Option<Shape> {
        Some(Shape { units: self.units, ..self.input })
    }
    fn kept(&self) -> usize {
        let [z, gates, memory] = self.sizes();
        (z + gates + memory) * self.input.places + memory + 2 * self.units
    }
    fn forward(&self, x: &[R], at: Buffers<'_, R>, _: &mut Option<Rng>) {
        let ([inputs, outputs, memory], places, n) = (self.sizes(), self.input.places, at.examples);
        let (w, b) = x.split_at(inputs * outputs);
        let kept = self.split(at.kept, n);
        let out = &mut *kept.work[0];
        out.fill(R::ZERO);
        kept.memory[..memory * n].fill(R::ZERO);
        for t in 0..places {
            let z = &mut kept.z[t * inputs * n..(t + 1) * inputs * n];
            let (x, h) = z.split_at_mut(self.input.units * n);
            x.chunks_exact_mut(n).zip(moment(at.input, places, n, t)).for_each(|(to, from)| to.copy_from_slice(from));
            h.copy_from_slice(out);
            let gates = &mut kept.gates[t * outputs * n..(t + 1) * outputs * n];
            affine::forward(&Input::Hidden(z), w, b, gates);
            let (before, after) = kept.memory[t * memory * n..(t + 2) * memory * n].split_at_mut(memory * n);
            self.cell.forward(gates, before, after, out);
            moment_mut(at.output, places, n, t)
                .zip(out.chunks_exact(n))
                .for_each(|(to, from)| to.copy_from_slice(from));
        }
    }
    fn backward(&self, mut into: Into, x: &[R], at: Buffers<'_, R>, g: &mut [R]) {
        let ([inputs, outputs, memory], places, n) = (self.sizes(), self.input.places, at.examples);
        let w = &x[..inputs * outputs];
        let (g_w, g_b) = g.split_at_mut(inputs * outputs);
        let kept = self.split(at.kept, n);
        let [d_out, d_memory] = kept.work;
        d_out.fill(R::ZERO);
        d_memory.fill(R::ZERO);
        for t in (0..places).rev() {
            for (to, from) in d_out.chunks_exact_mut(n).zip(moment(at.output, places, n, t)) {
                to.iter_mut().zip(from).for_each(|(to, &from)| *to += from);
            }
            let gates = &mut kept.gates[t * outputs * n..(t + 1) * outputs * n];
            let (before, after) = kept.memory[t * memory * n..(t + 2) * memory * n].split_at(memory * n);
            self.cell.backward(gates, before, after, d_out, d_memory);
            let z = &mut kept.z[t * inputs * n..(t + 1) * inputs * n];
            affine::gradient(into, &Input::Hidden(z), gates, g_w, g_b);
            affine::pull_back(gates, w, [outputs, inputs], z);
            let (d_x, d_h) = z.split_at(self.input.units * n);
            d_out.copy_from_slice(d_h);
            if at.wanted {
                let rows = moment_mut(at.input, places, n, t).zip(d_x.chunks_exact(n));
                rows.for_each(|(to, from)| to.copy_from_slice(from));
            }
            into = Into::Add;
        }
    }
}
