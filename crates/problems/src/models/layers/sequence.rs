//! Layers one behind the other.

use super::{Buffers, Layer, Parameter, Shape};
use crate::rng::Rng;
use downhill::Real;
use downhill::gemm::Into;
use std::ops::Range;

/// Layers, each on what the one before it made, in one arena: the input, then for each layer what it keeps and what it
/// makes. Gradients take the places of values.
pub(crate) struct Sequence<R> {
    steps: Vec<Step<R>>,
    input: Shape,
    /// In the arena, in numbers an example.
    output: Range<usize>,
    shape: Shape,
    arena: usize,
    parameters: usize,
}

struct Step<R> {
    layer: Box<dyn Layer<R>>,
    /// Its parameters.
    x: Range<usize>,
    /// Where it works in the arena, in numbers an example.
    input: Range<usize>,
    kept: Range<usize>,
    output: Range<usize>,
}

impl<R: Real> Sequence<R> {
    /// Of no layer, on that input.
    pub(crate) fn new(input: Shape) -> Self {
        let len = input.len();
        Sequence { steps: vec![], input, output: 0..len, shape: input, arena: len, parameters: 0 }
    }

    /// With one more layer behind the others.
    pub(crate) fn push(&mut self, layer: impl Layer<R> + 'static) {
        self.push_boxed(Box::new(layer));
    }

    /// As [`push`](Self::push).
    pub(super) fn push_boxed(&mut self, layer: Box<dyn Layer<R>>) {
        let count: usize = layer.parameters().iter().map(|p| p.shape.iter().product::<usize>()).sum();
        let (x, input) = (self.parameters..self.parameters + count, self.output.clone());
        let kept = self.arena..self.arena + layer.kept();
        let output = kept.end..kept.end + layer.output().map_or(0, Shape::len);
        if let Some(shape) = layer.output() {
            (self.shape, self.output) = (shape, output.clone());
        }
        (self.parameters, self.arena) = (x.end, output.end);
        self.steps.push(Step { layer, x, input, kept, output });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
    /// What comes out.
    pub(crate) fn shape(&self) -> Shape {
        self.shape
    }
    /// The same numbers as units and places of another shape, for the layers that follow.
    pub(crate) fn reshape(&mut self, shape: Shape) {
        debug_assert_eq!(shape.len(), self.shape.len());
        self.shape = shape;
    }
    /// The number of parameters.
    pub(crate) fn len(&self) -> usize {
        self.parameters
    }
    /// Numbers an example in the arena.
    pub(crate) fn arena(&self) -> usize {
        self.arena
    }
    pub(crate) fn parameters(&self) -> Vec<Parameter> {
        self.steps.iter().flat_map(|step| step.layer.parameters()).collect()
    }
    pub(crate) fn is_noisy(&self) -> bool {
        self.steps.iter().any(|step| step.layer.is_noisy())
    }

    /// The input in an arena.
    pub(crate) fn input<'a>(&self, examples: usize, arena: &'a mut [R]) -> &'a mut [R] {
        &mut arena[..examples * self.input.len()]
    }
    /// What came out.
    pub(crate) fn output<'a>(&self, examples: usize, arena: &'a mut [R]) -> &'a mut [R] {
        &mut arena[examples * self.output.start..examples * self.output.end]
    }
    /// Both, of layers that do not work in place alone.
    pub(crate) fn ends<'a>(&self, examples: usize, arena: &'a mut [R]) -> (&'a [R], &'a mut [R]) {
        let (before, output) = arena.split_at_mut(examples * self.output.start);
        (&before[..examples * self.input.len()], &mut output[..examples * self.output.len()])
    }

    /// From the input to the output.
    pub(crate) fn forward(&self, x: &[R], examples: usize, arena: &mut [R], masks: &mut Option<Rng>) {
        for step in &self.steps {
            step.layer.forward(&x[step.x.clone()], step.buffers(examples, arena, true), masks);
        }
    }

    /// From the gradient by the output, in its place, to that by the parameters, and in the input's place to that by the
    /// input, if it is `wanted`.
    pub(crate) fn backward(&self, into: Into, x: &[R], examples: usize, arena: &mut [R], g: &mut [R], wanted: bool) {
        for step in self.steps.iter().rev() {
            let at = step.buffers(examples, arena, wanted || step.x.start > 0);
            step.layer.backward(into, &x[step.x.clone()], at, &mut g[step.x.clone()]);
        }
    }
}

impl<R: Real> Step<R> {
    fn buffers<'a>(&self, examples: usize, arena: &'a mut [R], wanted: bool) -> Buffers<'a, R> {
        let (before, kept) = arena.split_at_mut(examples * self.kept.start);
        let (kept, output) = kept.split_at_mut(examples * self.kept.len());
        Buffers {
            examples,
            input: &mut before[examples * self.input.start..examples * self.input.end],
            kept,
            output: &mut output[..examples * self.output.len()],
            wanted,
        }
    }
}
