//! Symbols and places as vectors.

use super::super::init::Init;
use super::super::rows::Input;
use super::{Buffers, First, Layer, Parameter, Reader, Shape};
use crate::rng::Rng;
use downhill::gemm::Into;
use downhill::{Real, Role};

/// A vector for each symbol: data are rows of symbols' numbers, a place each.
pub(crate) struct Embedding {
    symbols: usize,
    shape: Shape,
    init: Init,
}

impl Embedding {
    /// Of so many symbols, at the places of a row, in `shape.units` numbers each.
    pub(crate) fn new(symbols: usize, shape: Shape, init: Init) -> Self {
        Embedding { symbols, shape, init }
    }

    /// Calls `f` for each symbol of some rows: with it, and with where its vector's first number stands in the output.
    fn each<R: Real>(&self, input: &Input<'_, R>, mut f: impl FnMut(usize, usize)) {
        // Symbols are dense rows: a network refuses others when it is built.
        if let Input::Dense(rows) = input {
            let (places, n) = (self.shape.places, rows.len() / self.shape.places);
            for place in 0..places {
                (0..n).for_each(|i| f(rows[i * places + place].to_f64() as usize, place * n + i));
            }
        }
    }
}

impl<R: Real> Reader<R> for Embedding {
    fn parameters(&self) -> Vec<Parameter> {
        let start = First::Drawn(self.init, [self.symbols, self.shape.units]);
        let shape = vec![self.symbols, self.shape.units];
        vec![Parameter { stem: "embedding", shape, role: Role::Embedding, start }]
    }
    fn shape(&self) -> Shape {
        self.shape
    }
    fn read(&self, x: &[R], input: &Input<'_, R>, out: &mut [R]) {
        let (units, columns) = (self.shape.units, out.len() / self.shape.units);
        self.each(input, |symbol, column| {
            let vector = &x[symbol * units..(symbol + 1) * units];
            out[column..].iter_mut().step_by(columns).zip(vector).for_each(|(out, &x)| *out = x);
        });
    }
    fn gradient(&self, into: Into, input: &Input<'_, R>, delta: &[R], g: &mut [R]) {
        if into == Into::Replace {
            g.fill(R::ZERO);
        }
        let (units, columns) = (self.shape.units, delta.len() / self.shape.units);
        self.each(input, |symbol, column| {
            let vector = &mut g[symbol * units..(symbol + 1) * units];
            vector.iter_mut().zip(delta[column..].iter().step_by(columns)).for_each(|(g, &delta)| *g += delta);
        });
    }
}

/// A vector added at each place, the same for all examples.
pub(crate) struct Places {
    shape: Shape,
    init: Init,
}

impl Places {
    /// Of that shape.
    pub(crate) fn new(shape: Shape, init: Init) -> Self {
        Places { shape, init }
    }
}

impl<R: Real> Layer<R> for Places {
    fn parameters(&self) -> Vec<Parameter> {
        let Shape { units, places } = self.shape;
        let start = First::Drawn(self.init, [places, units]);
        vec![Parameter { stem: "places", shape: vec![places, units], role: Role::Embedding, start }]
    }
    fn output(&self) -> Option<Shape> {
        None
    }
    fn forward(&self, x: &[R], at: Buffers<'_, R>, _: &mut Option<Rng>) {
        let Shape { units, places } = self.shape;
        for (i, row) in at.input.chunks_exact_mut(at.examples).enumerate() {
            let by = x[i % places * units + i / places];
            row.iter_mut().for_each(|x| *x += by);
        }
    }
    fn backward(&self, into: Into, _: &[R], at: Buffers<'_, R>, g: &mut [R]) {
        let Shape { units, places } = self.shape;
        for (i, row) in at.input.chunks_exact(at.examples).enumerate() {
            let (g, sum) = (&mut g[i % places * units + i / places], R::of(downhill::real::sum(row, |d| d)));
            *g = if into == Into::Add { *g + sum } else { sum };
        }
    }
}
