//! Every layer's gradients are the derivatives of its outputs.

use super::*;
use crate::math::normal;
use crate::models::{Activation, Init};
use crate::{Stream, Streams};
use serde::Deserialize;

/// A layer with its input's shape, by name.
type Case = (&'static str, Shape, Box<dyn Layer<f64>>);

fn cases() -> Vec<Case> {
    let mut all: Vec<Case> = vec![];
    let mut add = |name, units, places, layer: Box<dyn Layer<f64>>| all.push((name, Shape { units, places }, layer));
    let shape = |units, places| Shape { units, places };
    add("affine", 4, 3, Box::new(Affine::new(shape(4, 3), 5, Role::Hidden, None)));
    for activation in [Activation::Relu, Activation::Leaky, Activation::Tanh, Activation::Gelu] {
        add("units", 4, 2, Box::new(Units::new(shape(4, 2), activation)));
    }
    add("norm", 5, 2, Box::new(Norm(shape(5, 2))));
    add("places", 3, 4, Box::new(Places::new(shape(3, 4), Init::He)));
    add("last", 3, 4, Box::new(Last::new(shape(3, 4), 2)));
    add("plain recurrence", 3, 4, Box::new(Recurrence::new(shape(3, 4), 5, Plain, Init::He)));
    add("lstm", 3, 4, Box::new(Recurrence::new(shape(3, 4), 5, Lstm, Init::He)));
    add("attention", 12, 5, Box::new(Attention::new(shape(4, 5), 2)));
    let mut inner = Sequence::new(shape(3, 1));
    inner.push(Units::new(shape(3, 1), Activation::Tanh));
    inner.push(Affine::new(shape(3, 1), 3, Role::Hidden, None));
    add("mirror", 5, 1, Box::new(Mirror::new(5, inner, Init::He)));
    let mut decoder = Sequence::new(shape(2, 1));
    decoder.push(Affine::new(shape(2, 1), 3, Role::Hidden, None));
    decoder.push(Units::new(shape(3, 1), Activation::Tanh));
    add("latent", 4, 1, Box::new(Latent::new(2, decoder)));
    let mut inner = Sequence::new(shape(3, 2));
    inner.push(Norm(shape(3, 2)));
    inner.push(Affine::new(shape(3, 2), 4, Role::Hidden, None));
    inner.push(Units::new(shape(4, 2), Activation::Tanh));
    inner.push(Affine::new(shape(4, 2), 3, Role::Hidden, None));
    add("residual", 3, 2, Box::new(Residual(inner)));
    for (side, size, stride, padding) in
        [(5, 3, 1, Padding::Same), (6, 4, 2, Padding::Same), (5, 2, 1, Padding::Valid), (7, 3, 2, Padding::Valid)]
    {
        let window = Window::new(side, size, stride, padding).expect("it fits");
        add("conv", 2, side * side, Box::new(Conv::new(2, window, 3, Init::He, 0.0)));
        let places = window.count * window.count;
        add("transposed", 3, places, Box::new(Transposed::new(3, window, 2, Init::He)));
        add("pool", 2, side * side, Box::new(MaxPool::new(2, window)));
    }
    all
}

/// Random parameters and input, and what a random sum of the outputs is there.
struct Probe {
    sequence: Sequence<f64>,
    examples: usize,
    x: Vec<f64>,
    input: Vec<f64>,
    weights: Vec<f64>,
}

impl Probe {
    /// The arena after the way there.
    fn forward(&self) -> Vec<f64> {
        let mut arena = vec![f64::NAN; self.examples * self.sequence.arena()];
        self.sequence.input(self.examples, &mut arena).copy_from_slice(&self.input);
        self.sequence.forward(&self.x, self.examples, &mut arena, &mut None);
        arena
    }
    fn sum(&self) -> f64 {
        let mut arena = self.forward();
        self.sequence.output(self.examples, &mut arena).iter().zip(&self.weights).map(|(f, w)| f * w).sum()
    }
    /// Its gradients by the parameters and by the input.
    fn gradients(&self, into: Into, g: &mut [f64]) -> Vec<f64> {
        let mut arena = self.forward();
        self.sequence.output(self.examples, &mut arena).copy_from_slice(&self.weights);
        self.sequence.backward(into, &self.x, self.examples, &mut arena, g, true);
        self.sequence.input(self.examples, &mut arena).to_vec()
    }
    fn slope(&mut self, at: impl Fn(&mut Self) -> &mut f64) -> f64 {
        let (h, middle) = (1e-5, *at(self));
        let mut value = |by: f64| {
            *at(self) = middle + by;
            self.sum()
        };
        let slope = (8.0 * (value(h) - value(-h)) - (value(2.0 * h) - value(-2.0 * h))) / (12.0 * h);
        *at(self) = middle;
        slope
    }
}

#[test]
fn gradients_are_derivatives() {
    for (name, shape, layer) in cases() {
        let examples = 19; // as many as a vectorised loop takes together, and a few more
        let mut rng = Streams::new(name, 0).rng(Stream::Noise);
        let mut draw = |n: usize| (0..n).map(|_| 0.7 * normal(&mut rng)).collect::<Vec<f64>>();
        let mut sequence = Sequence::new(shape);
        sequence.push_boxed(layer);
        let (x, input) = (draw(sequence.len()), draw(examples * shape.len()));
        let weights = draw(examples * sequence.shape().len());
        let mut probe = Probe { sequence, examples, x, input, weights };

        let mut g = vec![f64::NAN; probe.x.len()];
        let by_input = probe.gradients(Into::Replace, &mut g);
        let close = |found: f64, slope: f64| (found - slope).abs() <= 1e-7 * slope.abs().max(1.0);
        for (i, &found) in g.iter().enumerate() {
            let slope = probe.slope(|p| &mut p.x[i]);
            assert!(close(found, slope), "{name}: {found}, {slope} at parameter {i}");
        }
        for (i, &found) in by_input.iter().enumerate() {
            let slope = probe.slope(|p| &mut p.input[i]);
            assert!(close(found, slope), "{name}: {found}, {slope} at input {i}");
        }
        let mut twice = g.clone();
        probe.gradients(Into::Add, &mut twice);
        assert!(twice.iter().zip(&g).all(|(twice, g)| (twice - 2.0 * g).abs() <= 1e-12 * g.abs().max(1.0)), "{name}");
    }
}

/// `<transpose(y), x> = <y, conv(x)>` with the same weights, whatever the window.
#[test]
fn a_transposed_convolution_is_the_adjoint_of_one() {
    for (side, size, stride) in [(7, 4, 2), (6, 4, 1), (14, 4, 2), (5, 3, 3)] {
        for padding in [Padding::Same, Padding::Valid] {
            let window = Window::new(side, size, stride, padding).expect("it fits");
            let mut rng = Streams::new("adjoint", 0).rng(Stream::Noise);
            let mut draw = |n: usize| (0..n).map(|_| normal(&mut rng)).collect::<Vec<f64>>();
            // Weights [3, 2, size, size] of both, without offsets.
            let (image, places, w) = (2 * side * side, 3 * window.count * window.count, draw(6 * size * size));
            let (x, y) = (draw(image), draw(places));
            let through = |layer: Box<dyn Layer<f64>>, input: &[f64], shape: Shape, offsets: usize| {
                let mut sequence = Sequence::new(shape);
                sequence.push_boxed(layer);
                let mut arena = vec![0.0; sequence.arena()];
                sequence.input(1, &mut arena).copy_from_slice(input);
                sequence.forward(&[w.clone(), vec![0.0; offsets]].concat(), 1, &mut arena, &mut None);
                sequence.output(1, &mut arena).to_vec()
            };
            let shape = |units, places| Shape { units, places };
            let conv = through(Box::new(Conv::new(2, window, 3, Init::He, 0.0)), &x, shape(2, side * side), 3);
            let back = Box::new(Transposed::new(3, window, 2, Init::He));
            let back = through(back, &y, shape(3, window.count * window.count), 2);
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            let (one, other) = (dot(&back, &x), dot(&y, &conv));
            assert!((one - other).abs() < 1e-12 * one.abs().max(1.0), "{window:?}: {one}, {other}");
        }
    }
}

/// One layer of torch, made by `scripts/layers_golden.py`.
#[derive(Deserialize)]
struct Golden {
    layer: String,
    side: Option<usize>,
    size: Option<usize>,
    stride: Option<usize>,
    padding: Option<Padding>,
    x: Vec<f64>,
    input: Vec<f64>,
    output: Vec<f64>,
    weights: Vec<f64>,
    by_parameters: Vec<f64>,
    by_input: Vec<f64>,
}

impl Golden {
    fn build(&self) -> (Shape, Box<dyn Layer<f64>>) {
        let shape = |units, places| Shape { units, places };
        let window = || {
            let sizes = [self.side, self.size, self.stride].map(|n| n.expect("a window"));
            Window::new(sizes[0], sizes[1], sizes[2], self.padding.expect("a window")).expect("it fits")
        };
        match &*self.layer {
            "conv" => (shape(2, window().side.pow(2)), Box::new(Conv::new(2, window(), 2, Init::He, 0.0))),
            "pool" => (shape(2, window().side.pow(2)), Box::new(MaxPool::new(2, window()))),
            "norm" => (shape(6, 2), Box::new(Norm(shape(6, 2)))),
            "plain" => (shape(3, 5), Box::new(Recurrence::new(shape(3, 5), 4, Plain, Init::He))),
            "lstm" => (shape(3, 5), Box::new(Recurrence::new(shape(3, 5), 4, Lstm, Init::He))),
            "attention" => (shape(18, 4), Box::new(Attention::new(shape(6, 4), 2))),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn values_and_gradients_are_those_of_torch() {
    let all: Vec<Golden> = serde_json::from_str(include_str!("../../../tests/layers/torch.json")).expect("golden file");
    assert_eq!(all.len(), 8);
    for golden in all {
        let (shape, layer) = golden.build();
        let mut sequence = Sequence::new(shape);
        sequence.push_boxed(layer);
        let (x, input, weights) = (golden.x.clone(), golden.input.clone(), golden.weights.clone());
        let probe = Probe { sequence, examples: 3, x, input, weights };
        let mut g = vec![f64::NAN; probe.x.len()];
        let by_input = probe.gradients(Into::Replace, &mut g);
        let output = probe.sequence.output(3, &mut probe.forward()).to_vec();
        for (what, found, expected) in [
            ("output", output, &golden.output),
            ("gradient by the parameters", g, &golden.by_parameters),
            ("gradient by the input", by_input, &golden.by_input),
        ] {
            assert_eq!(found.len(), expected.len(), "{} {what}", golden.layer);
            for (found, expected) in found.iter().zip(expected) {
                let off = (found - expected).abs();
                assert!(off <= 1e-12 * expected.abs().max(1.0), "{} {what}: {found}, not {expected}", golden.layer);
            }
        }
    }
}
