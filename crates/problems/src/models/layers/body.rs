//! All layers of a network, from the data to the outputs.

use super::super::rows::Input;
use super::{First, Layer, Parameter, Reader, Sequence, Shape};
use crate::rng::Rng;
use downhill::gemm::Into;
use downhill::{Layout, Real};
use std::collections::BTreeMap;

/// Columns that go through the layers together: enough for the matrix kernels, few enough for the caches.
const COLUMNS: usize = 4096;
/// The most examples, and the fewest.
const CHUNK: [usize; 2] = [256, 16];

/// What reads the data, and the layers behind it.
pub(crate) struct Body<R> {
    reader: Box<dyn Reader<R>>,
    layers: Sequence<R>,
    /// The most places of a layer.
    places: usize,
}

impl<R: Real> Body<R> {
    /// One layer.
    pub(crate) fn new(reader: impl Reader<R> + 'static) -> Self {
        let shape = reader.shape();
        Body { reader: Box::new(reader), layers: Sequence::new(shape), places: shape.places }
    }
    /// One more layer.
    pub(crate) fn push(&mut self, layer: impl Layer<R> + 'static) {
        self.layers.push(layer);
        self.places = self.places.max(self.layers.shape().places);
    }
    /// Units of all places, side by side at one.
    pub(crate) fn flatten(&mut self) {
        self.layers.reshape(Shape::flat(self.layers.shape().len()));
    }
    /// What comes out.
    pub(crate) fn shape(&self) -> Shape {
        self.layers.shape()
    }
    /// Whether the outputs are linear in the parameters: one layer does it all.
    pub(crate) fn is_linear(&self) -> bool {
        self.layers.is_empty()
    }
    /// Whether training steps draw masks.
    pub(crate) fn is_noisy(&self) -> bool {
        self.layers.is_noisy()
    }
    /// Examples that go through together.
    pub(crate) fn chunk(&self) -> usize {
        let [most, fewest] = CHUNK;
        (COLUMNS / self.places).next_multiple_of(fewest).clamp(fewest, most)
    }

    /// The blocks, numbered where there are several of a name.
    pub(crate) fn layout(&self) -> Layout {
        let parameters = self.parameters();
        let (mut all, mut seen) = (BTreeMap::<&str, usize>::new(), BTreeMap::<&str, usize>::new());
        parameters.iter().for_each(|p| *all.entry(p.stem).or_default() += 1);
        parameters.iter().fold(Layout::new(), |layout, Parameter { stem, shape, role, .. }| {
            let number = seen.entry(stem).or_default();
            *number += 1;
            let name = if all[stem] == 1 { (*stem).to_owned() } else { format!("{stem}{number}") };
            layout.block(name, shape.clone(), *role)
        })
    }

    /// The first parameters, drawn in their order.
    pub(crate) fn start(&self, rng: &mut Rng, mut x: &mut [R]) {
        for Parameter { shape, start, .. } in self.parameters() {
            let (block, rest) = std::mem::take(&mut x).split_at_mut(shape.iter().product());
            match start {
                First::Constant(value) => block.fill(R::of(value)),
                First::Drawn(init, fans) => init.draw(rng, fans, block),
            }
            x = rest;
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.reader.parameters().into_iter().chain(self.layers.parameters()).collect()
    }
    /// Parameters of the reader.
    fn first(&self, x: &[R]) -> usize {
        x.len() - self.layers.len()
    }

    /// Numbers an example in the arena of [`forward`](Self::forward).
    pub(crate) fn arena(&self) -> usize {
        self.layers.arena()
    }
    /// Fills the arena.
    pub(crate) fn forward(&self, x: &[R], input: &Input<'_, R>, arena: &mut [R], masks: &mut Option<Rng>) {
        let examples = arena.len() / self.arena();
        let (first, rest) = x.split_at(self.first(x));
        self.reader.read(first, input, self.layers.input(examples, arena));
        self.layers.forward(rest, examples, arena, masks);
    }
    /// From the gradient by the outputs, in their place, to that by the parameters.
    pub(crate) fn backward(&self, into: Into, x: &[R], input: &Input<'_, R>, arena: &mut [R], g: &mut [R]) {
        let examples = arena.len() / self.arena();
        let first = self.first(x);
        let (g_first, g_rest) = g.split_at_mut(first);
        self.layers.backward(into, &x[first..], examples, arena, g_rest, first > 0);
        self.reader.gradient(into, input, self.layers.input(examples, arena), g_first);
    }
    /// What came out.
    pub(crate) fn output<'a>(&self, arena: &'a mut [R]) -> &'a mut [R] {
        self.layers.output(arena.len() / self.arena(), arena)
    }
    /// What the reader made, which must not be changed in place, and what came out.
    pub(crate) fn ends<'a>(&self, arena: &'a mut [R]) -> (&'a [R], &'a mut [R]) {
        self.layers.ends(arena.len() / self.arena(), arena)
    }
}
