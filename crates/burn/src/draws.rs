//! The randomness of one evaluation: the trial's own, never burn's.

use burn::tensor::{Device, Tensor, TensorData};
use downhill_problems::{Rng, Sample, Stream, normal};
use rand::Rng as _;

/// What a module may draw in one evaluation, from the trial's streams at its step.
///
/// burn's `nn::Dropout`, `Tensor::random` and its noise layers draw from one generator of the whole process, so that
/// trials side by side would take each other's numbers; a module of a [`BurnFamily`](crate::BurnFamily) that uses them
/// in training is refused when its problem is built. While a module is measured nothing is random.
#[derive(Debug)]
pub struct Draws {
    device: Device,
    /// Of dropout and of noise; none while measuring.
    streams: Option<[Rng; 2]>,
    asked: bool,
}

impl Draws {
    /// Those of a training step.
    pub(crate) fn of(sample: &Sample<'_>, device: &Device) -> Self {
        let at = |stream| sample.streams.at(stream, sample.t);
        Draws { device: device.clone(), streams: Some([at(Stream::Dropout), at(Stream::Noise)]), asked: false }
    }

    /// None: for measures.
    pub(crate) fn none(device: &Device) -> Self {
        Draws { device: device.clone(), streams: None, asked: false }
    }

    /// Whether anything was drawn.
    pub(crate) fn asked(&self) -> bool {
        self.asked
    }

    /// Whether this is a training step, and not a measure.
    pub fn training(&self) -> bool {
        self.streams.is_some()
    }

    /// Each element kept with probability `1 - rate` and then counted `1 / (1 - rate)` fold (Srivastava et al. 2014,
    /// inverted); everything kept while measuring. `rate` is in `[0, 1)`; nothing is drawn for 0.
    pub fn dropout<const D: usize>(&mut self, x: Tensor<D>, rate: f64) -> Tensor<D> {
        let Some([rng, _]) = self.streams.as_mut().filter(|_| rate > 0.0) else { return x };
        self.asked = true;
        let (below, kept) = ((rate * 2f64.powi(32)) as u32, (1.0 / (1.0 - rate)) as f32);
        let shape = x.shape();
        let mask: Vec<f32> =
            (0..shape.num_elements()).map(|_| if rng.next_u32() < below { 0.0 } else { kept }).collect();
        let mask = Tensor::from_data(TensorData::new(mask, shape), &x.device());
        x * mask
    }

    /// Standard normal numbers; zeros, their mean, while measuring.
    pub fn normal<const D: usize>(&mut self, shape: [usize; D]) -> Tensor<D> {
        let Some([_, rng]) = &mut self.streams else { return Tensor::zeros(shape, &self.device) };
        self.asked = true;
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| normal(rng) as f32).collect();
        Tensor::from_data(TensorData::new(values, shape), &self.device)
    }
}
